/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Context tests: what differs between kernel versions. */
#ifndef KTAP_COMPAT_CONTEXT_H
#define KTAP_COMPAT_CONTEXT_H

#include <linux/preempt.h>

#ifndef in_hardirq /* before 5.11 */
#define in_hardirq() in_irq()
#endif

#endif
