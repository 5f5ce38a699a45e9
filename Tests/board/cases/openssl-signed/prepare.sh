# SPDX-License-Identifier: GPL-2.0-or-later
# The signature is made by openssl and accepted by ktapc and the kernel; ktapc's is accepted by openssl.
set -e
"$KTAPC" build script.kp -o "$OUT/script.ktapb"
"$KTAPC" sign --detach "$OUT/script.ktapb" -o "$OUT/part.bin"
openssl cms -sign -binary -nocerts -noattr -nosmimecap -md sha256 -outform DER \
	-signer "$CERT" -inkey "$KEY" -in "$OUT/part.bin" -out "$OUT/part.cms"
"$KTAPC" attach "$OUT/script.ktapb" "$OUT/part.cms"
"$KTAPC" verify "$OUT/script.ktapb" --trust "$CERT"
"$KTAPC" sign --detach "$OUT/script.ktapb" --key "$KEY" --cert "$CERT" -o "$OUT/ours.cms"
openssl cms -verify -binary -inform DER -in "$OUT/ours.cms" -content "$OUT/part.bin" -certfile "$CERT" -CAfile "$CERT" \
	-purpose any -out /dev/null
