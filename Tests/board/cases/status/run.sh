# SPDX-License-Identifier: GPL-2.0-or-later
ktap-run --duration 6s calls.ktapb >/dev/null 2>calls.err & first=$!
until grep -q 'state *running$' /proc/ktap/programs; do sleep 0.1; done
ktap-run -p $$ calls.ktapb >/dev/null 2>&1 & second=$!
sleep 1
known-calls getppid 100
ktap-run calls.ktapb; echo "third $?"
cat /proc/ktap/programs >shown
ktap-run --status | sed 's/[0-9]//g' >again
sed 's/[0-9]//g' shown | diff - again | grep -c '^[<>] *[^ ]' | sed 's/^[0-4]$/the same/'
cat shown
kill -INT $second; sleep 1
wait $first $second
cat calls.err
cat /proc/ktap/programs
echo "# events"
ktap-run --list 'sched:sched_sw?tch' | tr '\t' ';'
ktap-run --list 'syscalls:sys_*_openat' | tr '\t' ';'
ktap-run --list 'nothing:*'; echo "nothing $?"
ktap-run --list >all; [ "$(wc -l <all)" -gt 800 ] && echo "many"
cut -f 1 all | sort | uniq -d | head -3
# Another user sees none of root's programs.
ktap-run --duration 5s calls.ktapb >/dev/null 2>&1 & first=$!
until grep -q '^program calls' /proc/ktap/programs; do sleep 0.1; done
su user -c 'cat /proc/ktap/programs; ktap-run --status' | cut -d : -f 1
kill -INT $first; wait $first
