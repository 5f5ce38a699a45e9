# SPDX-License-Identifier: GPL-2.0-or-later
# Four programs at once on overlapping events while a fifth comes and goes; each sees all of the known calls.
for name in script globs raw all; do
	ktap-run -v $name.ktapb >$name.out 2>$name.err &
	programs="$programs $!"
done
for name in script globs raw all; do
	until grep -q . $name.err 2>/dev/null; do sleep 0.1; done
	grep -v tracing $name.err
done
sleep 1
( while [ ! -e stop ]; do ktap-run -q fifth.ktapb || echo "the fifth: $?"; echo >>rounds; done ) &
fifth=$!
for i in 1 2 3 4 5 6; do known-calls getppid 500; sleep 0.5; done
until [ "$(cat rounds | wc -l)" -ge 8 ]; do sleep 0.2; done
touch stop
wait $fifth
kill -INT $programs
wait
for name in script globs raw all; do
	cat $name.out
	sed -n 's/.* handled, \(.* dropped\); .*/\1/p' $name.err
done
