# SPDX-License-Identifier: GPL-2.0-or-later
# usage: judge.sh OUTPUT: the live run and two replays of the recording must agree.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed -n '/^@recording$/,$p' "$1" | tail -n +2 | base64 -d >"$work/rec" || exit 1
sed -n '/^@recording$/q;p' "$1" >"$work/said"
grep -qx 'record 0' "$work/said" && grep -qx 'live 0' "$work/said" || { cat "$work/said"; exit 1; }
grep -q '[1-9][0-9]* missed\|[1-9][0-9]* dropped\|[1-9][0-9]* records lost' "$work/said" && {
	cat "$work/said"
	exit 1
}
grep -v '^record\|^live\|^ktap-run: \|records lost$' "$work/said" | sort >"$work/live"
for n in 1 2; do
	"$KTAPC" run --on sim --events "$work/rec" "$OUT/live.ktapb" >"$work/replay.$n" || exit 1
done
cmp "$work/replay.1" "$work/replay.2" || exit 1
sort "$work/replay.1" | diff "$work/live" - || exit 1
# Two processes read 1, 2, ... 200 bytes; every process begins and ends in the same way.
grep -qx 'reads	400	40200	2	400' "$work/live" || { cat "$work/live"; exit 1; }
grep -qx 'probe:ksys_read	400' "$work/live" || { cat "$work/live"; exit 1; }
grep -qx -- '-2	-100	-2	50' "$work/live" || { cat "$work/live"; exit 1; }
grep -qx 'do_sys_openat2(result: -2, dfd: -100) -> 0xfffffffffffffffe' "$work/live" || { cat "$work/live"; exit 1; }
