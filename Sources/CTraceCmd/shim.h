/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading trace.dat, as Debian's libtracecmd and libtraceevent do it. */
#include <trace-cmd.h>
