# SPDX-License-Identifier: GPL-2.0-or-later
set -e
for f in *.kp; do
	name=$(basename "$f" .kp) rule=
	case $name in
	number) rule='--arg 0=int:1..4194304 --arg 1=int:0..100' ;;
	chosen) rule='--arg 0=str:one,two' ;;
	esac
	# shellcheck disable=SC2086 # options
	"$KTAPC" build "$f" -o "$OUT/$name.ktapb" --key "$KEY" --cert "$CERT" $rule
done
