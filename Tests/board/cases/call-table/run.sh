# SPDX-License-Identifier: GPL-2.0-or-later
# As on a kernel that does not tell of its system calls: by the table that the module was built with.
ktap-run open_fields.ktapb -- known-calls open
ktap-run raw_and_named.ktapb -- known-calls open
ktap-run -v getppid.ktapb -- known-calls getppid 1000
ktap-run write.ktapb -- known-calls strings
ktap-run bad-call.ktapb
