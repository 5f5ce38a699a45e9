# SPDX-License-Identifier: GPL-2.0-or-later
set -e
for f in script ../error-division/good; do
	"$KTAPC" build "$f.kp" -o "$OUT/$(basename "$f").ktapb" --key "$KEY" --cert "$CERT"
done
