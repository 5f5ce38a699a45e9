# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A board's kernel built from Debian's source package. Sourced after common.sh, apt.sh and load_board.

# What modules are built with; the rest of a built tree is a gigabyte.
readonly KEEP_FOR_MODULES=(Makefile Kbuild .config Module.symvers arch include scripts tools)

# usage: build_kernel WORK: fills WORK/root
build_kernel() {
	local work=$1 tree log=$1/log release part
	note "downloading the source of Linux $KERNEL_SERIES"
	(cd "$work/deb" && private_apt apt-get -qq download "linux-source-$KERNEL_SERIES" "busybox-static:$DEBIAN_ARCH")
	dpkg --fsys-tarfile "$work"/deb/busybox-static_* | tar x -C "$work/root" ./bin/busybox
	dpkg -x "$work"/deb/linux-source-* "$work/deb"
	tar x -C "$work" -f "$work/deb/usr/src/linux-source-$KERNEL_SERIES.tar.xz"
	tree=$work/linux-source-$KERNEL_SERIES
	note "building it for $BOARD: some minutes"
	(
		cd "$tree"
		export ARCH CROSS_COMPILE
		make allnoconfig
		scripts/kconfig/merge_config.sh -m .config "$BOARD_DIR/$KERNEL_CONFIG"
		make olddefconfig
		make -j"$(nproc)" bzImage modules_prepare
	) >"$log" 2>&1 || { tail -n 30 "$log" >&2; die "the kernel of $BOARD does not build"; }
	# What the configuration asks for and the kernel does not have would go unnoticed.
	while read -r part; do
		grep -qxF "$part" "$tree/.config" || note "the kernel has no $part"
	done < <(grep '^CONFIG_' "$BOARD_DIR/$KERNEL_CONFIG")

	release=$(cat "$tree/include/config/kernel.release")
	echo "${release%-"$KERNEL_FLAVOUR"}" >"$work/root/abi"
	mkdir -p "$work/root/boot" "$work/root/lib/modules" "$work/root/usr/src/linux-headers-$release"
	cp "$tree/arch/$ARCH/boot/bzImage" "$work/root/boot/vmlinuz"
	cp "$tree/vmlinux.symvers" "$tree/Module.symvers"
	for part in "${KEEP_FOR_MODULES[@]}"; do
		mv "$tree/$part" "$work/root/usr/src/linux-headers-$release/"
	done
	find "$work/root/usr/src" -name '*.o' ! -path '*/scripts/*' -delete
}
