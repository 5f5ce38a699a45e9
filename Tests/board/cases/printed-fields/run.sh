# SPDX-License-Identifier: GPL-2.0-or-later
ktap-run -q script.ktapb -- dd if=/dev/zero of=/dev/null bs=16 count=20 2>&1 | grep -E '^(read|numbers|script)'
