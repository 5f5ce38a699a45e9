# SPDX-License-Identifier: GPL-2.0-or-later
# Every damage is refused by the kernel with one errno and one line in its log.
lines() { dmesg | grep -c 'ktapvm: bundle of uid 0 refused'; }
before=$(lines)
ktap-push --check --flip-each 200 script.ktapb | tail -n 1
after=$(lines)
# The log's rate limit may have merged some.
[ $((after - before)) -le 200 ] && [ $((after - before)) -gt 0 ] && echo "logged"
for n in 1 16 300; do
	ktap-push --check --truncate $n script.ktapb
	ktap-push --check --append $n script.ktapb
done
ktap-push --check script.ktapb
