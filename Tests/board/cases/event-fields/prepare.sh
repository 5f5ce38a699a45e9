# SPDX-License-Identifier: GPL-2.0-or-later
for script in kernel named; do
	"$KTAPC" build $script.kp -o "$OUT/$script.ktapb" --key "$KEY" --cert "$CERT" || exit 1
done
cp kernel.kp compare.awk "$OUT"
