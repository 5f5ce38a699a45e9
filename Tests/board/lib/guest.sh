#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the guest: all cases below /cases in the order of their names. For each it writes to stdout
#   @case NAME, the output in base64, @log, the new lines of the kernel log in base64, @end STATUS
cd /cases || exit 1
seen=$(dmesg | wc -l)
for name in *; do
	cd "/cases/$name" || exit 1
	user=root timeout=60
	. ./guest.conf
	chown -R "$user" .
	echo "@case $name"
	# A file and not a pipe: what a case leaves in the background must not hold us.
	timeout -s KILL "$timeout" su -s /bin/sh "$user" -c 'PATH=/bin:/sbin:/usr/bin:/usr/sbin exec sh ./run.sh' >/tmp/output 2>&1 </dev/null
	status=$?
	base64 </tmp/output
	echo @log
	dmesg | tail -n +$((seen + 1)) | base64
	seen=$(dmesg | wc -l)
	echo "@end $status"
done
