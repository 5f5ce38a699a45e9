# SPDX-License-Identifier: GPL-2.0-or-later
# Every damage is refused by the kernel with one errno and one line in its log.
lines() { dmesg | grep -c 'ktapvm: bundle of uid 0 refused'; }
# The log takes ten lines in five seconds: wait until it takes all of these.
sleep 6
before=$(lines)
for n in 1 16 300; do
	ktap-push --check --truncate $n script.ktapb
	ktap-push --check --append $n script.ktapb
done
echo "lines in the log: $(($(lines) - before))"
ktap-push --check --flip-each 200 script.ktapb
ktap-push --check script.ktapb
