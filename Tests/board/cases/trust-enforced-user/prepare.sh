# SPDX-License-Identifier: GPL-2.0-or-later
set -e
for f in *.kp; do "$KTAPC" build "$f" -o "$OUT/signed.ktapb" --key "$KEY" --cert "$CERT"
"$KTAPC" build "$f" -o "$OUT/unsigned.ktapb"
"$KTAPC" build "$f" -o "$OUT/stranger.ktapb" --key "$STRANGER.key" --cert "$STRANGER.crt"; done
