# SPDX-License-Identifier: GPL-2.0-or-later
for i in 1 2 3 4 5 6; do ktap-run --duration 3s script.ktapb & done
sleep 1; ls / >/dev/null
wait
