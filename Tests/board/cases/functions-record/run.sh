# SPDX-License-Identifier: GPL-2.0-or-later
# The same calls are seen by a script and recorded.
ktap-run -v live.ktapb >live.out 2>live.err &
live=$!
until grep -q tracing live.err; do sleep 0.1; done
sleep 0.5
ktap-run --record work.rec probe:ksys_read probe:do_sys_openat2%return 'ftrace:function/vfs_rea? vfs_write |/' -- sh -c '
	known-functions everywhere 200
	known-functions open 50
' 2>record.err
echo "record $?"
kill -INT $live
wait $live
echo "live $?"
cat record.err live.err live.out
echo "@recording"
base64 work.rec
