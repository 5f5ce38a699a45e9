// SPDX-License-Identifier: GPL-2.0-or-later
/* The descriptions of opcodes and library functions, once for all files of the module. */
#include "internal.h"

#ifdef __KERNEL__
const struct ktap_opcode_info ktap_opcode_infos[] = { KTAP_OPCODE_INFOS };
const struct ktap_library_info ktap_library_infos[] = { KTAP_LIBRARY_INFOS };
#endif
