# SPDX-License-Identifier: GPL-2.0-or-later
# The samples that trace, each as NAME.ktapb.
for folder in process syscalls sched block memory irq 0.2; do
	for script in ../../../../samples/$folder/*.kp; do
		name=$(basename "$script" .kp)
		[ $folder != 0.2 ] || name=old-$name
		"$KTAPC" build "$script" -o "$OUT/$name.ktapb" --key "$KEY" --cert "$CERT"
	done
done
