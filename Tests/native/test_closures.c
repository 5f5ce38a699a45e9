// SPDX-License-Identifier: GPL-2.0-or-later
/* Closures: what they close over, how long they live. */
#include "run.h"

void test_closures(void)
{
}
