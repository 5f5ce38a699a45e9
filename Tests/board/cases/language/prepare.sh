# SPDX-License-Identifier: GPL-2.0-or-later
# The bundles of Tests/language, unsigned: root may load them.
cases=${KTAPC%/*}/ktap-cases
[ -x "$cases" ] || { echo "no $cases: run 'swift build --product ktap-cases' first"; exit 1; }
"$cases" fill "$OUT"
