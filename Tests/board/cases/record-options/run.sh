# SPDX-License-Identifier: GPL-2.0-or-later
# How --record is used and refused, and what it says about events that it could not keep.
ktap-run --record; echo "no file: $?"
ktap-run --record x.rec; echo "no events: $?"
ktap-run --record x.rec sched:sched_swich; echo "no such event: $?"
ktap-run --record x.rec 'nothing'; echo "no event: $?"
[ -e x.rec ] && echo "a file was made"
ktap-run --record /nowhere/x.rec 'sched:*'; echo "no such folder: $?"
chmod 666 /dev/ktap
su -s /bin/sh user -c 'ktap-run --record /tmp/user.rec "sched:*"'; echo "not root: $?"
chmod 660 /dev/ktap

ktap-run --record - --duration 300ms 'sched:*' raw_syscalls:sys_enter >all.rec; echo "for a while: $?"
head -c 7 all.rec; echo
echo started >log
ktap-run --json -T -v --record - 'syscalls:*_getppid' -- ktap-calls 1000 >calls.rec 2>>log
echo "of a command: $?"
cat log

# The agent does not read for a while: a hit that finds no room is lost.
mkfifo go
sh -c 'read x <go; exec ktap-calls 20000' &
work=$!
ktap-run --record lost.rec -p $work syscalls:sys_enter_getppid 2>lost.err &
agent=$!
sleep 1
kill -STOP $agent
echo >go
wait $work
kill -CONT $agent
wait $agent
echo "lost: $?"
sed 's/[0-9]\{4,\}/many/g' lost.err
