# SPDX-License-Identifier: GPL-2.0-or-later
# Every function of the kernel, without a bound of the CPU share and with one.
share=/sys/module/ktapvm/parameters/cpu_share
usual=$(cat $share)
( while [ ! -e stop ]; do known-functions read 300; ls -R /proc/self >/dev/null 2>&1; done ) &
for bound in 100 10; do
	echo $bound >$share
	ktap-run -v --duration 3 everything.ktapb >out 2>&1
	echo "ended with $?"
	grep functions out
	grep -oE '[0-9]+ events: [0-9]+ handled, [0-9]+ missed, [0-9]+ throttled, [0-9]+ dropped' out |
		tr -dc '0-9 \n' | {
		read -r hits handled missed throttled dropped
		[ "$hits" -gt 10000 ] && [ "$hits" = $((handled + missed + throttled + dropped)) ] && echo "the sum is exact"
		[ $bound = 100 ] || [ "$throttled" -gt 0 ] && echo "the share is kept"
	}
done
touch stop
wait
echo "$usual" >$share
echo "alive"
