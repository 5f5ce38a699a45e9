# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A board's kernel as Debian built it. Sourced after common.sh, apt.sh and load_board.

# Prints the newest ABI of the board's series and flavour, as 6.1.0-50.
debian_abi() {
	local abi
	abi=$(private_apt apt-cache show "linux-headers-$KERNEL_FLAVOUR:$DEBIAN_ARCH" |
		sed -n "s/^Depends:.* linux-headers-\($KERNEL_SERIES\.[^ ]*\)-$KERNEL_FLAVOUR .*/\1/p" | head -1)
	[ -n "$abi" ] || die "this mirror has no $KERNEL_SERIES kernel of flavour $KERNEL_FLAVOUR for $DEBIAN_ARCH"
	echo "$abi"
}

# A disk for tests.
DISK_MODULE='*/kernel/drivers/block/brd.ko*'

# usage: image_package ABI: the package of the kernel itself, with its architecture
image_package() {
	private_apt apt-cache show "linux-image-$KERNEL_FLAVOUR:$DEBIAN_ARCH" |
		sed -n "s/^Depends: \(linux-image-$1[^ ]*\) .*/\1:$DEBIAN_ARCH/p" | head -1
}

# usage: unpack_image PACKAGE ROOT PATTERN...
unpack_image() {
	local package=$1 root=$2
	shift 2
	dpkg --fsys-tarfile "$package" | tar x -C "$root" --wildcards "$@"
	# The guest's insmod takes no compressed ones.
	find "$root/lib/modules" -name '*.ko.xz' -exec xz -d {} +
}

# True also for kernels of an own configuration, which have what that says.
has_disk() { [ -n "$KERNEL_CONFIG" ] || find -L "$KERNEL_ROOT/lib/modules" -name brd.ko | grep -q .; }

# A kernel that was fetched before tests wanted a disk gets it.
add_disk() {
	local work
	! has_disk || return 0
	note "adding a disk's module to the kernel"
	apt_update
	work=$(mktemp -d "$KTAP_CACHE/kernel/tmp.XXXXXX")
	(cd "$work" && private_apt apt-get -qq download "$(image_package "$(cat "$KERNEL_ROOT/abi")")")
	unpack_image "$work"/linux-image-* "$(realpath "$KERNEL_ROOT")" "$DISK_MODULE"
	rm -rf "$work"
}

# usage: fetch_kernel ABI WORK FINAL: fills WORK/root, which will be moved to FINAL
fetch_kernel() {
	local abi=$1 work=$2 final=$3 version deb kbuild
	version=$(apt_field "linux-headers-$abi-common" Version)
	# Named after the series, later after the release.
	kbuild=$(apt_field "linux-headers-$abi-$KERNEL_FLAVOUR:$DEBIAN_ARCH" Depends |
		grep -o "linux-kbuild-[^ ,:]*" | head -1)
	note "downloading kernel $abi-$KERNEL_FLAVOUR ($version), its headers and busybox"
	(cd "$work/deb" && private_apt apt-get -qq download \
		"linux-headers-$abi-common=$version" "$kbuild:amd64=$version" \
		"linux-headers-$abi-$KERNEL_FLAVOUR:$DEBIAN_ARCH=$version" \
		"$(image_package "$abi")" \
		"busybox-static:$DEBIAN_ARCH")
	note "unpacking"
	for deb in "$work"/deb/linux-headers-* "$work"/deb/linux-kbuild-*; do
		dpkg -x "$deb" "$work/root"
	done
	# Of the modules only the guest's channels to the host are needed.
	unpack_image "$work"/deb/linux-image-* "$work/root" './boot/*' '*/kernel/drivers/virtio/*' \
		'*/kernel/drivers/char/*virtio*' "$DISK_MODULE"
	dpkg --fsys-tarfile "$work"/deb/busybox-static_* | tar x -C "$work/root" ./bin/busybox
	echo "$abi" >"$work/root/abi"
	# The headers' Makefile includes its source by an absolute path.
	sed -i "s#^include /usr/src/#include $final/usr/src/#" \
		"$work/root/usr/src/linux-headers-$abi-$KERNEL_FLAVOUR/Makefile"
	ln -s "vmlinuz-$abi-$KERNEL_FLAVOUR" "$work/root/boot/vmlinuz"
	if [ "$KERNEL_IMAGE" = vmlinux ]; then
		note "extracting vmlinux"
		"$KTAP_ROOT/tools/lib/extract-vmlinux" "$work/root/boot/vmlinuz" "$work/root/boot/vmlinux"
	fi
}
