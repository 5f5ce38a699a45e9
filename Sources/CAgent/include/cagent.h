/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CAGENT_H
#define CAGENT_H
#endif
