# SPDX-License-Identifier: GPL-2.0-or-later
# The case samples once more, with two CPUs.
set -e
for script in ../samples/*.kp; do
	name=${script##*/}
	"$KTAPC" build "$script" -o "$OUT/${name%.kp}.ktapb" --key "$KEY" --cert "$CERT"
done
cp ../samples/run.sh "$OUT/all.sh"
