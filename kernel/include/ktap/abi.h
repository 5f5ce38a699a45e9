/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTAP_ABI_H
#define KTAP_ABI_H
#endif
