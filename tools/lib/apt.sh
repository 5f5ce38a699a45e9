# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packages of a board's Debian architecture, through a private apt configuration: the machine's own
# architectures, lists and installed packages stay untouched. Sourced after common.sh and load_board.

# The mirror that this machine takes its Debian packages from; the repository names none.
debian_mirror() {
	local f
	for f in /etc/apt/sources.list.d/*.sources; do
		[ -r "$f" ] || continue
		# deb822: the first stanza of the suite that is not the security one.
		awk -v RS= '/Suites:[^\n]*bookworm( |\n|$)/ && match($0, /(^|\n)URIs: *[^ \n]+/) {
			s = substr($0, RSTART, RLENGTH); sub(/.*URIs: */, "", s); print s; exit }' "$f"
	done | head -1 | grep . && return
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
		sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) bookworm .*/\2/p' | head -1 | grep . && return
	die "no Debian 12 mirror in this machine's apt sources"
}

private_apt() {
	local tool=$1
	shift
	"$tool" -o Dir::Etc::sourcelist="$APT_DIR/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::State="$APT_DIR/state" -o Dir::State::status="$APT_DIR/status" \
		-o Dir::Cache="$APT_DIR/cache" -o APT::Architecture=amd64 \
		-o APT::Architectures::="$DEBIAN_ARCH" -o APT::Architectures::=amd64 \
		-o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# Fetch the lists of the board's architecture.
apt_update() {
	local mirror
	mirror=$(debian_mirror)
	mkdir -p "$APT_DIR"/{state/lists/partial,cache/archives/partial}
	: >"$APT_DIR/status"
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	local suite
	for suite in bookworm $DEBIAN_SUITE; do
		echo "deb [signed-by=$keyring arch=$DEBIAN_ARCH,amd64] $mirror $suite main"
	done | sort -u >"$APT_DIR/sources.list"
	private_apt apt-get -qq update
}

# usage: apt_field PACKAGE FIELD: one field of the newest version of a package
apt_field() { private_apt apt-cache show "$1" | sed -n "s/^$2: //p" | head -1; }
