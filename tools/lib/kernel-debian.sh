# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A board's kernel as Debian built it. Sourced after common.sh, apt.sh and load_board.

# Prints the newest ABI of the board's series and flavour, as 6.1.0-50.
debian_abi() {
	local abi
	abi=$(apt_field "linux-headers-$KERNEL_FLAVOUR:$DEBIAN_ARCH" Depends |
		sed -n "s/.*linux-headers-\($KERNEL_SERIES\.[^ ]*\)-$KERNEL_FLAVOUR .*/\1/p")
	[ -n "$abi" ] || die "this mirror has no $KERNEL_SERIES kernel of flavour $KERNEL_FLAVOUR for $DEBIAN_ARCH"
	echo "$abi"
}

# usage: fetch_kernel ABI WORK FINAL: fills WORK/root, which will be moved to FINAL
fetch_kernel() {
	local abi=$1 work=$2 final=$3 version deb
	version=$(apt_field "linux-headers-$abi-common" Version)
	note "downloading kernel $abi-$KERNEL_FLAVOUR ($version), its headers and busybox"
	(cd "$work/deb" && private_apt apt-get -qq download \
		"linux-headers-$abi-common=$version" "linux-kbuild-$KERNEL_SERIES:amd64=$version" \
		"linux-headers-$abi-$KERNEL_FLAVOUR:$DEBIAN_ARCH=$version" \
		"$(private_apt apt-cache show "linux-image-$KERNEL_FLAVOUR:$DEBIAN_ARCH" |
			sed -n "s/^Depends: \(linux-image-${abi}[^ ]*\) .*/\1/p" | head -1):$DEBIAN_ARCH" \
		"busybox-static:$DEBIAN_ARCH")
	note "unpacking"
	for deb in "$work"/deb/linux-headers-* "$work"/deb/linux-kbuild-*; do
		dpkg -x "$deb" "$work/root"
	done
	# Of the modules only the guest's channels to the host are needed.
	dpkg --fsys-tarfile "$work"/deb/linux-image-* | tar x -C "$work/root" --wildcards \
		'./boot/*' '*/kernel/drivers/virtio/*' '*/kernel/drivers/char/virtio_console.ko'
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
