/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAGENT_H
#define CAGENT_H
#include <stdint.h>
void cagent_hello(const void *p, uint32_t n);
#endif
