# SPDX-License-Identifier: GPL-2.0-or-later
# The scripts of this case, and the sample that makes flame graphs.
set -e
for script in ../samples/*.kp ../../../../samples/profiling/profile.kp; do
	name=${script##*/}
	case $script in *profiling*) name=flames.kp ;; esac
	"$KTAPC" build "$script" -o "$OUT/${name%.kp}.ktapb" --key "$KEY" --cert "$CERT"
done
