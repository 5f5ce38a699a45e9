# SPDX-License-Identifier: GPL-2.0-or-later
ktap-run --json script.ktapb -- ktap-calls 20000 2 >out.json
echo "status $?"
tail -n 1 out.json >end
field() { sed "s/.*\"$1\":\"*\([0-9]*\).*/\1/" end; }
sum=$(($(field handled) + $(field missed) + $(field throttled) + $(field dropped)))
[ "$(field hits)" = $sum ] && echo "hits = handled + missed + throttled + dropped"
[ "$(field hits)" = 40000 ] && echo "every call was seen" || cat end
handled=$(field handled)
grep -q "\"values\":\[$handled,$handled\]" out.json && echo "no addition was lost" || { cat end; grep print out.json; }
