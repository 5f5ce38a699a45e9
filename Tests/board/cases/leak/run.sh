# SPDX-License-Identifier: GPL-2.0-or-later
# 50 times load, run, unload leaks nothing: memory and slabs against the values after the fifth.
measure() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	sleep 1
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^(SUnreclaim|VmallocUsed|Percpu|KernelStack):/ { print $1, $2 }' /proc/meminfo >$1.meminfo
	awk 'NR > 2 { print $1, $3 * $4 / 1024 }' /proc/slabinfo >$1.slabinfo
}
# usage: compare FILE KIB: what grew by more than KIB
compare() {
	awk -v most=$2 'FNR == NR { old[$1] = $2; next }
		$1 in old && $2 - old[$1] > most { print "grew:", $1, old[$1], "->", $2, "KiB"; grew = 1 }
		END { exit grew }' before.$1 after.$1 && echo "$1 steady"
}
cycle() {
	insmod /lib/ktap/ktapvm.ko || echo "no insmod"
	ktap-run -q script.ktapb -- ls -R /etc /home >/dev/null 2>>losses || echo "no run"
	rmmod ktapvm || echo "no rmmod"
}
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
compare meminfo 100
compare slabinfo 44
insmod /lib/ktap/ktapvm.ko
chgrp ktap /dev/ktap; chmod 660 /dev/ktap
