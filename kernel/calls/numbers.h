/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What collect.sh reads the numbers of system calls from. */
#include <asm/unistd.h>
