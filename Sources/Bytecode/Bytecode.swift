// SPDX-License-Identifier: GPL-2.0-or-later

// The program image of ktap and the .ktapb bundle. This module is compiled into the compiler and,
// as Embedded Swift, into the board's agent: no Foundation, no existentials, typed throws.
// The C headers of kernel/include/ktap are the authority for every number here.
