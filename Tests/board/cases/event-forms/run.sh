# SPDX-License-Identifier: GPL-2.0-or-later
# A module's tracepoints with fields of every form, against what the kernel's own tracing says of the same events,
# and the coming and going of the module.
tracing=/sys/kernel/tracing
fire=/sys/module/ktaptest/parameters
# A program's worker lets go of the module a little after the program's end.
take_out() { until rmmod ktaptest 2>/dev/null; do sleep 0.1; done; echo "the module can go"; }
set_up() { insmod /lib/ktap/ktaptest.ko || exit 1; }

ktap-run later.ktapb
echo "before the module: $?"
set_up

echo 1 >$tracing/events/ktaptest/enable
ktap-run forms.ktapb -- sh -c "echo 300 >$fire/forms" >ours 2>err || cat err
sed -n 's/.*: \([a-z]*: .*\)$/\1/p' $tracing/trace >all
grep -E '^(integers|gaps|texts|arrays|first|second): ' all | sed 's/(null)//' >theirs
sed -i 's/(null)//' ours
cmp ours theirs && echo "the same $(wc -l <ours) lines" || { diff ours theirs | head -20; }
if [ -e $tracing/events/ktaptest/relative ]; then
	echo >$tracing/trace
	ktap-run relative.ktapb -- sh -c "echo 300 >$fire/forms" >ours
	sed -n 's/.*: \(relative: .*\)$/\1/p' $tracing/trace >theirs
	[ -s ours ] && cmp ours theirs || { diff ours theirs | head -20; }
fi
echo 0 >$tracing/events/ktaptest/enable

ktap-run numbers.ktapb -- sh -c "echo 100 >$fire/forms"
ktap-run shown.ktapb -- sh -c "echo 6 >$fire/forms"
ktap-run --json shown.ktapb -- sh -c "echo 2 >$fire/forms" | grep -o '"fields":{.*}'
ktap-run array.ktapb
echo "an array as a whole: $?"

# While a program is attached, the module stays; afterwards it can go.
ktap-run -v --duration 3 later.ktapb 2>err &
until grep -q tracing err 2>/dev/null; do sleep 0.1; done
rmmod ktaptest 2>/dev/null && echo "the module went while it was traced"
echo 7 >$fire/forms
wait
take_out
# *:* takes what is there when it starts; a module that comes later is not its.
ktap-run -v --duration 4 glob.ktapb 2>err
grep -c "no event matches 'ktaptest:second'" err
set_up
ktap-run -v --duration 4 glob.ktapb 2>err &
until grep -q tracing err 2>/dev/null; do sleep 0.1; done
rmmod ktaptest 2>/dev/null && echo "the module went while it was traced"
echo 9 >$fire/forms
wait
take_out
