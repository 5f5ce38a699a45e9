/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAGENT_SIGNALS_H
#define CAGENT_SIGNALS_H

/* Number of signals received that ask us to end: the second one breaks every wait. */
int cagent_end_signals(void);
/* Where a handler returns to on x86, and the flag that says so. */
void cagent_sigreturn(void);
#define CAGENT_SA_RESTORER 0x04000000ul
/* The dispositions that were before cagent_catch_signals(), for a child about to exec. */
void cagent_restore_signals(void);

#endif
