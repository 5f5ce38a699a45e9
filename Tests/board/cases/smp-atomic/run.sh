# SPDX-License-Identifier: GPL-2.0-or-later
ktap-run --json script.ktapb -- ktap-calls 20000 2 >out.json
echo "status $?"
tail -n 1 out.json >end
field() { sed "s/.*\"$1\":\"*\([0-9]*\).*/\1/" end; }
sum=$(($(field handled) + $(field missed) + $(field throttled) + $(field dropped)))
[ "$(field hits)" = $sum ] && echo "hits = handled + missed + throttled + dropped"
[ "$(field hits)" = 40000 ] && echo "every call was seen" || cat end
# The script prints both sums: a JSON array or one text, whatever stands between them.
sums=$(grep "\"print\"" out.json | grep -o "[0-9]\{5\}" | sort -u)
[ "$sums" = "$(field handled)" ] && echo "no addition was lost" || grep print out.json
