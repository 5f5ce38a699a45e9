# SPDX-License-Identifier: GPL-2.0-or-later
# Random calls on the device: nothing breaks, nothing stays behind, the next program runs.
while :; do ls -R /bin /etc >/dev/null; done & work=$!
while :; do cat /proc/ktap/programs >/dev/null 2>&1; done & shown=$!
ktap-hostile 20 1 prints.ktapb counts.ktapb loops.ktapb
echo "status $?"
kill $work $shown
i=0
until rmmod ktapvm 2>/dev/null; do
	i=$((i + 1))
	[ $i -lt 30 ] || break
	sleep 1
done
[ -e /dev/ktap ] && echo "still in use" || echo "unloaded"
insmod /lib/ktap/ktapvm.ko cpu_share=50
chgrp ktap /dev/ktap; chmod 660 /dev/ktap
ktap-run good.ktapb
