#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# collect.sh FILE-OR-FOLDER...: writes the X.509 certificates, DER or PEM, as one run of DER to stdout.
# Of a folder: its files *.x509 *.der *.crt *.cer *.pem in the order of their names.
set -eu

certificate() {
	if grep -q -a -e '-----BEGIN CERTIFICATE-----' "$1"; then
		sed -n '/-----BEGIN CERTIFICATE-----/,/-----END CERTIFICATE-----/p' "$1" |
			sed '/-----/d' | tr -d ' \r\n' | base64 -d
	else
		cat "$1"
	fi
}

for path in "$@"; do
	if [ -d "$path" ]; then
		for file in "$path"/*; do
			case $file in
			*.x509 | *.der | *.crt | *.cer | *.pem) certificate "$file" ;;
			esac
		done
	else
		certificate "$path"
	fi
done
