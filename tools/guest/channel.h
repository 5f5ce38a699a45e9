/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What board-host (this machine) and board-guest (first child of the guest's init) say to each
 * other. Four virtio-serial ports, all raw bytes; the numbers are the ports' `nr`.
 *
 * CONTROL carries text lines. Guest to host: "up" once the command is started; "exit STATUS OUT ERR LOG"
 * when it has ended: its status as a shell gives it, then how many bytes were written to each of the other
 * ports, so that the host knows when it has seen everything. Host to guest: the number of a signal.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

enum channel {
	CHANNEL_CONTROL = 1,
	CHANNEL_OUT = 2,
	CHANNEL_ERR = 3,
	CHANNEL_LOG = 4, /* the kernel log, after the command */
	CHANNELS = 4
};

#endif
