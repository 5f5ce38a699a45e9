# SPDX-License-Identifier: GPL-2.0-or-later
# 50 times load, run, unload leaks nothing: memory and slabs against the values after the fifth. Once with the
# module staying, once with the module loaded and unloaded too.
measure() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	sleep 1
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^(SUnreclaim|VmallocUsed|Percpu|KernelStack):/ { print $1, $2 }' /proc/meminfo >$1.meminfo
	awk 'NR > 2 { print $1, $3 * $4 / 1024 }' /proc/slabinfo >$1.slabinfo
}
# usage: compare FILE KIB [EXCUSED]: what grew by more than KIB
compare() {
	awk -v most=$2 -v excused="$3" 'FNR == NR { old[$1] = $2; next }
		$1 in old && $1 != excused && $2 - old[$1] > most { print "grew:", $1, old[$1], "->", $2, "KiB"; grew = 1 }
		END { exit grew }' before.$1 after.$1 && echo "$1 steady"
}
<<<<<<< HEAD
run() { ktap-run -q script.ktapb -- ls -R /etc /home >/dev/null || echo "no run"; }
reload_and_run() {
=======
cycle() {
	insmod /lib/ktap/ktapvm.ko || echo "no insmod"
	ktap-run -q script.ktapb -- ls -R /etc /home >/dev/null 2>>losses || echo "no run"
>>>>>>> main
	rmmod ktapvm || echo "no rmmod"
	insmod /lib/ktap/ktapvm.ko || echo "no insmod"
	run
}
<<<<<<< HEAD
# usage: repeat COMMAND: 50 times, measured after the fifth and the last
repeat() {
	i=0
	while [ $i -lt 50 ]; do
		i=$((i + 1))
		$1
		[ $i != 5 ] || measure before
	done
	measure after
}
# 45 rounds that lost a page each would be 180 KiB, 45 that lost an object of 1 KiB each 45 KiB.
repeat run
=======
# Until IMA has a policy it keeps a copy of every key that the kernel is given, for five minutes.
mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
policy=/sys/kernel/security/ima/policy
[ ! -e $policy ] || echo 'dont_measure fsmagic=0x9fa0' >$policy

rmmod ktapvm
i=0
while [ $i -lt 50 ]; do
	i=$((i + 1))
	cycle
	[ $i != 5 ] || measure before
done
measure after
# 45 rounds that leaked a page each would be 180 KiB.
>>>>>>> main
compare meminfo 100
compare slabinfo 40
repeat reload_and_run
compare meminfo 100
# The kernel's integrity subsystem keeps a copy of each signing certificate (about 1 KiB, here in the cache
# kmalloc-1k) for five minutes or until it has a policy: see ima_queue_key in the cache's alloc_traces.
compare slabinfo 40 kmalloc-1k
chgrp ktap /dev/ktap
chmod 660 /dev/ktap
