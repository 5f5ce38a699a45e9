# SPDX-License-Identifier: GPL-2.0-or-later
# A reader that is too slow loses records; each is counted and the end says so.
ktap-run --json script.ktapb >out.json & agent=$!
sleep 1
kill -STOP $agent
ls -lR /bin /etc  >/dev/null
ls -lR /bin /etc  >/dev/null
kill -CONT $agent
sleep 1
kill -INT $agent
wait $agent
echo "status $?"
tail -n 1 out.json >end
sed 's/.*"lost":"*\([0-9]*\).*/\1/' end | awk '$1 > 0 { print "lost is counted" }'
field() { sed "s/.*\"$1\":\"*\([0-9]*\).*/\1/" end; }
sum=$(($(field handled) + $(field missed) + $(field throttled) + $(field dropped)))
[ "$(field hits)" = $sum ] && echo "hits = handled + missed + throttled + dropped" || cat end
