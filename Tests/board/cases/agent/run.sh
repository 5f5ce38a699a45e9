# SPDX-License-Identifier: GPL-2.0-or-later
# What ktap-run prints and how it ends: one line for each check, "not ok" for those that fail.
failed=0
out=/tmp/out
err=/tmp/err

verdict() { # verdict NAME CONDITION...
	name=$1
	shift
	if "$@"; then
		echo "ok $name"
	else
		echo "not ok $name: $*"
		head -n 20 $out $err | sed 's/^/    /'
		failed=1
	fi
}

# status NAME EXPECTED COMMAND...: runs it, keeps its outputs, compares its status
status() {
	name=$1
	expected=$2
	shift 2
	"$@" >$out 2>$err
	verdict "$name: status" [ $? = "$expected" ]
}

prints() { verdict "$1: prints" [ "$(cat $out)" = "$2" ]; }
says() { verdict "$1: says" grep -q -- "$2" $err; }
has() { verdict "$1: has" grep -q -- "$2" $out; }
lacks() { verdict "$1: lacks" [ -z "$(grep -- "$2" $out)" ]; }

tab=$(printf '\t')
status values 0 ktap-run values.ktapb
prints values "hello${tab}42${tab}-1${tab}true${tab}nil
    7|ab   |0xff|A"
verdict "values: says nothing" [ ! -s $err ]

status json 0 ktap-run --json values.ktapb
has json '^{"type":"print","ts":[0-9]*,"cpu":[01],"values":\["hello",42,-1,true,null\]}$'
has json '^{"type":"printf",.*,"text":"    7|ab   |0xff|A\\n"}$'
verdict "json: end is last" [ "$(tail -n 1 $out | cut -c1-23)" = '{"type":"end","exit":0,' ]

status stdin 0 ktap-run - <values.ktapb
has stdin '^hello'
status file 0 ktap-run -o /tmp/file values.ktapb
prints file ""
verdict "file: is written" grep -q '^hello' /tmp/file
status full 5 ktap-run -o /dev/full values.ktapb
says full 'No space left'
status nowhere 2 ktap-run -o /none/x values.ktapb
says nowhere '/none/x'

status arguments 0 ktap-run arguments.ktapb 5 77 -0x10
prints arguments "5${tab}77${tab}-16"
status out-of-range 2 ktap-run arguments.ktapb 5 77 21
says out-of-range 'arguments.ktapb: arg.2. is'
status undeclared 2 ktap-run values.ktapb 5
says undeclared 'values.ktapb: .*argument'

status command 0 ktap-run calls.ktapb -- ls /
has command '^sys_execve -> 0x0$'
has command '^sys_[a-z0-9]*stat[a-z0-9]*(.*: "/bin", '
has command '^sys_exit_group(error_code: 0)$'
# The agent reads its rings by poll(), ls does not.
lacks command 'sys_ppoll'
status nocommand 2 ktap-run calls.ktapb -- /nonexistent
says nocommand '/nonexistent: .*No such file'

status ticks 7 ktap-run ticks.ktapb
prints ticks "tick${tab}1
tick${tab}2
tick${tab}3
end${tab}3"
status stamps 7 ktap-run -T ticks.ktapb
has stamps "^\[ *[0-9]*\.[0-9]\{6\}\] tick${tab}1$"

status table 0 ktap-run table.ktapb
verdict "table: lines" [ "$(wc -l <$out)" = 3006 ]
has table '^  \[3000\] = 3000$'
has table '^           3000 |  *3000$'

status lines 0 ktap-run lines.ktapb
verdict "lines: all" [ "$(wc -l <$out)" = 20000 ]
verdict "lines: last" [ "$(tail -n 1 $out)" = "line 20000 of a text that fills the ring" ]
{ ktap-run lines.ktapb; echo $? >/tmp/code; } 2>$err | head -n 1 >$out
verdict "closed pipe: status" [ "$(cat /tmp/code)" = 141 ]
verdict "closed pipe: says nothing" [ ! -s $err ]

status division 1 ktap-run division.ktapb
prints division before
says division '^division.kp:3: run-time error: division by zero$'
status division-json 1 ktap-run --json division.ktapb
has division-json '"type":"error",.*"file":"division.kp","line":3,"message":"division by zero"'
has division-json '"type":"end","exit":1,.*"errors":1'

status missing 5 ktap-run missing.ktapb
says missing "missing.kp:2: .*sched:sched_nonsense"
status check-missing 5 ktap-run --check missing.ktapb
status check 0 ktap-run --check serve.ktapb
prints check "serve.kp: can be run, 1 event"

status duration 0 ktap-run --duration 300ms serve.ktapb
prints duration bye
for signal in INT TERM; do
	ktap-run serve.ktapb >$out 2>$err &
	sleep 1
	kill -$signal $!
	wait $!
	code=$?
	[ $signal = INT ] && expected=0 || expected=143
	verdict "SIG$signal: status" [ $code = "$expected" ]
	prints "SIG$signal" bye
done
# The reader of the pipe sleeps: the first signal stops the program, the second ends the wait.
{ ktap-run lines.ktapb; echo $? >/tmp/code; } 2>$err | { sleep 3; cat >/dev/null; } &
sleep 1
kill -INT "$(pidof ktap-run)"
usleep 300000
kill -INT "$(pidof ktap-run)"
usleep 300000
verdict "blocked: gone" [ -z "$(pidof ktap-run)" ]
wait
verdict "blocked: status" [ "$(cat /tmp/code)" = 130 ]

# Records of both CPUs come in the order of their times.
status order 0 ktap-run -T --all -o /tmp/file calls.ktapb -- sh -c \
	'(for i in 1 2 3 4 5 6 7 8; do ls /; done) & for i in 1 2 3 4 5 6 7 8; do ls /; done; wait'
verdict "order: sorted" sh -c 'cut -c1-15 /tmp/file | sort -c'
verdict "order: enough" [ "$(wc -l </tmp/file)" -gt 200 ]

ktap-run --json calls.ktapb >/tmp/file 2>$err &
for _ in 1 2 3 4 5 6 7 8; do ls / >/dev/null; done
memory=$(sed -n 's/^Rss\(Anon\|File\):[^0-9]*\([0-9]*\) kB/\2/p' /proc/$!/status | (read -r a; read -r b; echo $((a + b))))
verdict "memory: $memory kB without rings" [ "$memory" -lt 1024 ]
kill -INT $!
wait $!
verdict "memory: status" [ $? = 0 ]

status garbage 4 ktap-run run.sh
says garbage 'run.sh: .*bundle'
status nofile 2 ktap-run none.ktapb
says nofile 'none.ktapb: No such file'
status nopid 2 ktap-run -p 99999 values.ktapb
says nopid 99999
status option 2 ktap-run --nonsense values.ktapb
says option '--nonsense'
echo "all checks done"
exit $failed
