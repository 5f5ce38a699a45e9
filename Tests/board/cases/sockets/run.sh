# SPDX-License-Identifier: GPL-2.0-or-later
# The addresses of a connection over the loopback interface.
ifconfig lo 127.0.0.1 up
ktap-run -q script.ktapb -- sh -c 'nc -l -p 5000 </dev/null & sleep 1; nc 127.0.0.1 5000 </dev/null; wait' 2>&1
echo "status $?"
