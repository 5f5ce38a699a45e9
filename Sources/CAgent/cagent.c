/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cagent.h"
#include <unistd.h>
void cagent_hello(const void *p, uint32_t n) { write(1, p, n); }
