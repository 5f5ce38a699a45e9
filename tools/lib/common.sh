# shellcheck shell=bash disable=SC2034 # variables for the scripts that source this
# SPDX-License-Identifier: GPL-2.0-or-later
# What the board tools share: places, messages, locks and the description of a board. Sourced, never run.

KTAP_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Downloads only: safe to delete, everything in it is made again when it is missed.
KTAP_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/ktap
# What is built from this source tree for boards.
KTAP_BUILD=${KTAP_BUILD:-$KTAP_ROOT/.build-board}

# Progress goes to stderr: stdout belongs to results.
note() { echo "${0##*/}: $*" >&2; }
die() { note "$*"; exit "${DIE_STATUS:-1}"; }
# A wrong command line ends with 2, as in ktapc.
usage_error() { note "$*"; note "try '${0##*/} --help'"; exit 2; }

# Print the comment block at the head of the calling script, which is its manual.
print_manual() { sed -n '3,/^[^#]/{/^#/!q;s/^# \{0,1\}//p}' "$0"; }

# Run the rest of this script alone: wait for whoever prepares the same thing.
# usage: take_lock NAME
take_lock() {
	mkdir -p "$KTAP_CACHE/lock"
	exec 9>"$KTAP_CACHE/lock/$1"
	if ! flock -n 9; then
		note "waiting for another run that prepares $1"
		flock 9
	fi
}
drop_lock() { exec 9>&-; }

list_boards() { (cd "$KTAP_ROOT/targets" && for b in */board.conf; do echo "${b%/*}"; done); }

# Read targets/BOARD/board.conf into variables of the same names.
load_board() {
	BOARD=$1
	BOARD_DIR=$KTAP_ROOT/targets/$BOARD
	case $BOARD in
	"" | */* | .*) usage_error "'$BOARD' is not the name of a board" ;;
	esac
	[ -r "$BOARD_DIR/board.conf" ] ||
		DIE_STATUS=2 die "no board '$BOARD' (there are: $(list_boards | paste -sd ' '))"
	KERNEL_CONFIG='' KERNEL_APPEND='' KERNEL_CC='' COMPAT_COMPILE='' QEMU_ACCEL='' AGENT_LIMIT=''
	DEBIAN_SUITE=bookworm
	# shellcheck source=targets/x86_64/board.conf
	. "$BOARD_DIR/board.conf"
	BOARD_BUILD=$KTAP_BUILD/$BOARD
	KERNEL_ROOT=$KTAP_CACHE/kernel/debian-$KERNEL_SERIES-$KERNEL_FLAVOUR
	# Built from source: another configuration is another kernel.
	[ -z "${KERNEL_CONFIG-}" ] || KERNEL_ROOT+=-$(sha256sum <"$BOARD_DIR/$KERNEL_CONFIG" | cut -c1-12)
	# The key by which the private apt configuration is shared: one a foreign architecture and suite.
	APT_DIR=$KTAP_CACHE/apt/$DEBIAN_ARCH
	[ "$DEBIAN_SUITE" = bookworm ] || APT_DIR+=-$DEBIAN_SUITE
}

# usage: outdated FILE FOLDER...: true when FILE is missing or older than a file in one of these folders of
# the project
outdated() {
	local file=$1
	shift
	[ -e "$file" ] || return 0
	(cd "$KTAP_ROOT" && find "$@" -newer "$file" -type f -print -quit | grep -q .)
}
