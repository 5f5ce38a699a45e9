# SPDX-License-Identifier: GPL-2.0-or-later
ktap-run --json script.ktapb -- ktap-calls 20000 2 >out.json
echo "status $?"
tail -n 1 out.json >end
handled=$(sed 's/.*"handled":"*\([0-9]*\).*/\1/' end)
[ "$handled" -gt 1000 ] && echo "many calls"
grep -q "\"values\":\[$handled,$handled,$handled,0\]" out.json && echo "no value was lost" || { cat end; grep print out.json; }
power="\"buckets\":\[{\"from\":8,\"to\":16,\"count\":$handled}\]"
step="\"buckets\":\[{\"from\":10,\"to\":20,\"count\":$handled}\]"
grep -q "$power}.*$step}" out.json && echo "nor in a bucket" || { cat end; grep print out.json; }
grep -q '"values":\[0,0\]' out.json && echo "all is deleted"
