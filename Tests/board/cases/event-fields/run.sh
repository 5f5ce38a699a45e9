# SPDX-License-Identifier: GPL-2.0-or-later
# What ktap sees of the kernel's events, line by line against what the kernel's own tracing prints of the same ones.
tracing=/sys/kernel/tracing
insmod /lib/ktap/brd.ko rd_nr=1 rd_size=1024 2>/dev/null || echo "no disk"
ifconfig lo 127.0.0.1 up
work='
	ls -l /sbin >/dev/null
	cat /nowhere /proc/self/stat >/dev/null 2>&1
	echo from the test >/dev/kmsg
	# Interrupts of the console.
	i=0; while [ $i -lt 20 ]; do echo "line $i of the test" >/dev/console; i=$((i + 1)); done
	ping -c 2 127.0.0.1 >/dev/null
	sleep 1 & kill $!
	(exit 3)
	dd if=/dev/zero of=/dev/ram0 bs=4096 count=4 conv=fsync 2>/dev/null
	i=0; while [ $i -lt 10 ]; do (:) ; i=$((i + 1)); done
	usleep 30000
	wait
'
events=$(sed -n 's/^trace \([a-z_]*:[a-z_]*\) .*/\1/p' kernel.kp)
echo 16384 >$tracing/buffer_size_kb
for event in $events; do
	echo 1 >$tracing/events/$(echo "$event" | tr : /)/enable || echo "no $event"
done
ktap-run -v kernel.ktapb -- sh -c "$work" >raw 2>err
for event in $events; do echo 0 >$tracing/events/$(echo "$event" | tr : /)/enable; done
grep -o 'missed.*' err
# Fields that ktap does not print here, and words around them, are taken out of the kernel's lines.
sed -n 's/^.*-\([0-9]*\) *\[[0-9]*\] [^:]*: \([a-z_]*: .*\)$/\1 \2/p' $tracing/trace | sed '
	/ sched_switch:/ { s/ prev_state=.* ==>//; }
	/ sched_wak/ { s/ success=[0-9]*//; }
	/ softirq_/ { s/ \[action=.*//; }
	/ timer_expire_entry:/ { s/ timer=[^ ]* function=[^ ]*\( \[[a-z_]*\]\)*//; }
	/ hrtimer_start:/ { s/ hrtimer=[^ ]* function=[^ ]*\( \[[a-z_]*\]\)*//; s/ mode=.*//; }
	/ hrtimer_expire_entry:/ { s/ hrtimer=[^ ]* function=[^ ]*\( \[[a-z_]*\]\)*//; }
	/ workqueue_queue_work:/ { s/ work struct=[^ ]* function=[^ ]*\( \[[a-z_]*\]\)*//; }
	/ km[a-z_]*:/ { s/: .* bytes_req/: bytes_req/; s/ gfp_flags=.*//; }
	/ signal_generate:/ { s/ *$//; }
	/ net/ { s/ skbaddr=[^ ]*//; }
' >theirs
grep -v '^0 ' raw | sed 's/ *$//' >ours
sed -i 's/ *$//' theirs
awk -f compare.awk ours theirs
for event in $events; do
	grep -q "^${event#*:}: " /tmp/kinds || echo "none of $event"
done

# Names of values, as the kernel names them, and arguments by their types.
for event in irq/softirq_entry kmem/kmalloc syscalls/sys_enter_openat syscalls/sys_exit_openat; do
	echo 1 >$tracing/events/$event/enable
done
echo >$tracing/trace
ktap-run named.ktapb -- sh -c 'ls -l /sbin /nowhere >/dev/null 2>&1; usleep 20000' >ours
for event in irq/softirq_entry kmem/kmalloc syscalls/sys_enter_openat syscalls/sys_exit_openat; do
	echo 0 >$tracing/events/$event/enable
done
sed -n 's/.*action=\([A-Z_]*\).*/\1/p' $tracing/trace | sort -u >softirqs
sed -n 's/^softirq_entry(vec: \(.*\))/\1/p' ours | sort -u | grep -vxFf softirqs && echo "a softirq of another name"
grep -q '^softirq_entry(vec: [A-Z]' ours || echo "no softirq has a name"
sed -n 's/.*gfp_flags=\([A-Z_|0-9a-z]*\).*/\1/p' $tracing/trace | sort -u >gfps
sed -n 's/.*gfp_flags: \([^,)]*\).*/\1/p' ours | sort -u | grep -vxFf gfps && echo "flags of another name"
grep -q 'gfp_flags: GFP_KERNEL' ours || echo "no flags have names"
[ -s gfps ] && [ -s softirqs ] && echo "names are the kernel's"
sed -n 's/.* sys_openat(\(dfd: [^,]*\),.*, \(flags: [^,]*, mode: .*\))/open \1, \2/p' $tracing/trace |
	sed 's/dfd: ffffffff\([0-9a-f]\{8\}\)/dfd: \1/' >theirs
sed -n 's/.* sys_openat -> 0x\(ffffffff\)*\(.*\)/back 0x\2/p' $tracing/trace >>theirs
sort theirs -o theirs
grep -E '^(open|back)' ours | sort | uniq -c >counted
sort theirs | uniq -c >all
awk 'FILENAME == ARGV[1] { line = $0; sub(/^ *[0-9]+ /, "", line); n[line] = $1; next }
	{ line = $0; sub(/^ *[0-9]+ /, "", line); if ($1 > n[line]) print "not the kernel'"'"'s: " $0; else same++ }
	END { print (same > 2 ? "arguments are the kernel'"'"'s" : "too few calls") }' all counted
