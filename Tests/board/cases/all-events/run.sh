# SPDX-License-Identifier: GPL-2.0-or-later
# Every event of the kernel, on an idle and on a busy board, for 10 s each: the board answers, what is lost is
# counted, and the end is clean.
try() { # WHAT SCRIPT
	rm -f stop answers
	while [ ! -e stop ]; do echo >>answers; usleep 100000; done &
	begin=$(cut -d. -f1 /proc/uptime)
	ktap-run -v --duration 10 "$2.ktapb" >out 2>err
	echo "$1 $2: $?"
	took=$(($(cut -d. -f1 /proc/uptime) - begin))
	touch stop
	wait $!
	[ "$(wc -l <answers)" -ge 20 ] && echo "the board answers" || echo "only $(wc -l <answers) answers in $took s"
	[ $took -lt 90 ] || echo "it took $took s"
	sed -n 's/^\([0-9]*\) events: \([0-9]*\) handled, \([0-9]*\) missed, \([0-9]*\) throttled, \([0-9]*\) dropped; \([0-9]*\) rec.*/\1 \2 \3 \4 \5 \6/p' err >counts
	read -r hits handled missed throttled dropped lost <counts
	[ "$hits" = $((handled + missed + throttled + dropped)) ] && [ "$hits" -gt 500 ] && echo "the counts agree" || cat err
	[ "$2" = counted ] || [ "$lost" = 0 ] || [ "$dropped" -gt 0 ] || cat err
	grep -c '^kinds' out
}
try idle counted
try idle printed
for i in 1 2; do while :; do known-calls getppid 5000; ls -l /bin >/dev/null; done & work="$work $!"; done
try busy counted
try busy printed
kill $work
wait
ktap-run --duration 1 counted.ktapb >out && echo "and again"
