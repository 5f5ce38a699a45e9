# SPDX-License-Identifier: GPL-2.0-or-later
# What the module does after it has come back, at the same addresses perhaps, is no event of the program.
fire=/sys/module/ktaptest/parameters
insmod /lib/ktap/ktaptest.ko
ktap-run -v script.ktapb >out 2>err &
until grep -q tracing err; do sleep 0.1; done
echo 3 >$fire/levels
echo 5 >$fire/everywhere
rmmod ktaptest && echo "unloaded while probed"
insmod /lib/ktap/ktaptest.ko
echo 3 >$fire/levels
kill -INT $!
wait $!
echo "ended with $?"
cat out
dmesg | grep -o 'ktapvm: script: module ktaptest is unloaded, and the probes of .* of its functions end'
rmmod ktaptest && echo "unloaded"
