# SPDX-License-Identifier: GPL-2.0-or-later
# usage: judge.sh OUTPUT: the live run and two replays of the recording must agree. Entries are sorted: two CPUs
# may have made the first ones in another order.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed -n '/^@recording$/,$p' "$1" | tail -n +2 | base64 -d >"$work/rec" || exit 1
sed -n '/^@recording$/q;p' "$1" >"$work/said"
grep -qx 'record 0' "$work/said" && grep -qx 'live 0' "$work/said" || { cat "$work/said"; exit 1; }
grep -q '[1-9][0-9]* missed\|[1-9][0-9]* dropped\|[1-9][0-9]* records lost' "$work/said" && {
	grep lost "$work/said"
	exit 1
}
grep -v '^record\|^live\|^ktap-run: \|records lost$' "$work/said" | sort >"$work/live"
for n in 1 2; do
	"$KTAPC" run --on sim --events "$work/rec" "$OUT/live.ktapb" >"$work/replay.$n" || exit 1
done
cmp "$work/replay.1" "$work/replay.2" || exit 1
sort "$work/replay.1" | diff "$work/live" - || exit 1
grep -q '"syscalls:sys_enter_getppid"\] = 60[0-9]' "$work/live" || { cat "$work/live"; exit 1; }
grep -q '"/at/end", ' "$work/live" || { cat "$work/live"; exit 1; }
