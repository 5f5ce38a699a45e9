# SPDX-License-Identifier: GPL-2.0-or-later
# usage: judge.sh OUTPUT
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
cp "$OUT"/*.ktapb "$OUT/list" "$results"
tar xf "$1" -C "$results" || exit 1
"${KTAPC%/*}/ktap-cases" check "$results"
