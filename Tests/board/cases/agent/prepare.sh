# SPDX-License-Identifier: GPL-2.0-or-later
set -e
for script in *.kp; do
	set --
	# The second word looks like a number but is wanted as a string.
	[ "$script" != arguments.kp ] || set -- --arg 0=int --arg 1=str --arg 2=int:-20..20
	"$KTAPC" build "$script" -o "$OUT/${script%.kp}.ktapb" --key "$KEY" --cert "$CERT" "$@"
done
