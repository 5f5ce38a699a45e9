/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Valid bundles to mutate: between them they use every instruction. */
#ifndef SEEDS_H
#define SEEDS_H

#include "assemble.h"

/* The n-th seed, or NULL behind the last. */
struct assembly *seed_assembly(unsigned int n);

#endif
