# SPDX-License-Identifier: GPL-2.0-or-later
ktap-run script.ktapb -- known-calls-32 getppid 20
ktap-run script.ktapb -- known-calls getppid 20
ktap-run open.ktapb -- known-calls-32 open
