/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KTAP_VM_H
#define KTAP_VM_H
#endif
