# SPDX-License-Identifier: GPL-2.0-or-later
# Each part begins the work late enough for the program to be there, and knows how many calls it makes.
echo "# refused"
ktap-run -p 4000000 calls.ktapb; echo "no process $?"
ktap-run -C 9 calls.ktapb; echo "no cpu $?"
echo 0 >/sys/devices/system/cpu/cpu1/online
ktap-run -C 1 calls.ktapb; echo "offline $?"
echo 1 >/sys/devices/system/cpu/cpu1/online
ktap-run --children calls.ktapb; echo "whose $?"
ktap-run --cgroup /tmp calls.ktapb; echo "no cgroup $?"
ktap-run --cgroup /nowhere calls.ktapb; echo "no folder $?"
echo "# pid"
sh -c 'sleep 2; exec known-calls getppid 100' & pid=$!
ktap-run -p $pid calls.ktapb; echo "pid $?"
sh -c 'sleep 2; known-calls getppid 100; exit' & pid=$!
ktap-run -p $pid calls.ktapb; echo "not its children $?"
sleep 100 & pid=$!
{ sleep 1; kill -9 $pid; } &
ktap-run -p $pid calls.ktapb; echo "killed $?"
sleep 100 & pid=$!
{ sleep 1; kill -9 $pid; } &
ktap-run -p $pid timer.ktapb; echo "timer $?"
sleep 100 & pid=$!
ktap-run --duration 300ms -p $pid calls.ktapb; echo "outlives the program $?"
kill $pid
echo "# children"
sh -c 'sh -c "sleep 2; exec known-calls getppid 9" & sleep 2; known-calls children 5; known-calls orphan 3; wait; exit' & pid=$!
ktap-run -p $pid --children calls.ktapb; echo "children $?"
sh -c 'sh -c "sleep 2; known-calls getppid 4; exit" & exec sleep 1' & pid=$!
ktap-run -p $pid --children calls.ktapb; echo "outlived by a child $?"
echo "# cpu"
ktap-run -C 1 calls.ktapb -- known-calls everywhere 50
ktap-run calls.ktapb -- known-calls everywhere 50
echo "# command"
ktap-run first.ktapb -- known-calls getppid
echo "# cgroup"
mkdir -p /tmp/groups
mount -t cgroup2 none /tmp/groups || exit
mkdir -p /tmp/groups/one/inner /tmp/groups/two
sh -c 'echo $$ >/tmp/groups/one/cgroup.procs; sleep 2; exec known-calls getppid 20' &
sh -c 'echo $$ >/tmp/groups/one/inner/cgroup.procs; sleep 2; exec known-calls getppid 3' &
sh -c 'echo $$ >/tmp/groups/two/cgroup.procs; sleep 2; exec known-calls getppid 40' &
ktap-run --duration 4s --cgroup /tmp/groups/one calls.ktapb; echo "cgroup $?"
wait
umount /tmp/groups
