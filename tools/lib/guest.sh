# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guest's small system as an initramfs. Sourced after common.sh and load_board.

# True when FILE exists and is newer than every other argument.
is_fresh() {
	local file=$1 other
	shift
	[ -e "$file" ] || return 1
	for other; do
		[ ! "$other" -nt "$file" ] || return 1
	done
}

pack() { (cd "$1" && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0); }

# The part of the initramfs that only depends on the board: BOARD_BUILD/guest/base.cpio.
# Made in a directory of this process and renamed, so that concurrent runs do no harm.
make_guest_base() {
	local base=$BOARD_BUILD/guest/base.cpio src=$KTAP_ROOT/tools/guest
	is_fresh "$base" "$src"/* "$KERNEL_ROOT/complete" "${BASH_SOURCE[0]}" && return
	mkdir -p "$BOARD_BUILD/guest"
	local root
	root=$(mktemp -d "$BOARD_BUILD/guest/tmp.XXXXXX")
	mkdir -p "$root"/{bin,sbin,dev,proc,sys,tmp,root,run,home/user,lib/guest,lib/ktap,etc/guest,usr/bin,usr/sbin}
	cp "$KERNEL_ROOT/bin/busybox" "$root/bin/busybox"
	ln -s busybox "$root/bin/sh"
	find -L "$KERNEL_ROOT/lib/modules" -name 'virtio*.ko' -exec cp {} "$root/lib/guest/" \;
	"${CROSS_COMPILE}gcc" -std=gnu11 -Os -Wall -static -s -o "$root/sbin/board-guest" "$src/board-guest.c"
	install -m 755 "$src/init" "$root/init"
	cat >"$root/etc/passwd" <<-EOF
		root:x:0:0:root:/root:/bin/sh
		user:x:1000:1000:ordinary user:/home/user:/bin/sh
		nobody:x:65534:65534:may nothing:/:/bin/sh
	EOF
	cat >"$root/etc/group" <<-EOF
		root:x:0:
		ktap:x:900:user
		user:x:1000:
		nogroup:x:65534:
	EOF
	echo "$BOARD" >"$root/etc/hostname"
	chmod 1777 "$root/tmp"
	pack "$root" >"$root.cpio"
	mv "$root.cpio" "$base"
	rm -rf "$root"
}

# The program on this side of the channels: KTAP_BUILD/host/board-host.
make_board_host() {
	local src=$KTAP_ROOT/tools/guest out=$KTAP_BUILD/host/board-host
	is_fresh "$out" "$src/board-host.c" "$src/channel.h" && return
	mkdir -p "$KTAP_BUILD/host"
	gcc -std=gnu11 -O1 -Wall -o "$out.$$" "$src/board-host.c"
	mv "$out.$$" "$out"
}
