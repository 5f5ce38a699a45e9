/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ioctl numbers of abi.h, made with this architecture's encoding. */
#ifndef KTAP_IOCTLS_H
#define KTAP_IOCTLS_H

#ifdef __KERNEL__
#include <linux/ioctl.h>
#else
#include <sys/ioctl.h>
#endif

#include <ktap/abi.h>

#define KTAP_IOC_VERSION _IOR(KTAP_IOCTL_MAGIC, KTAP_NR_VERSION, struct ktap_ioc_version)
#define KTAP_IOC_LOAD _IOWR(KTAP_IOCTL_MAGIC, KTAP_NR_LOAD, struct ktap_ioc_load)
#define KTAP_IOC_ATTACH _IOWR(KTAP_IOCTL_MAGIC, KTAP_NR_ATTACH, struct ktap_ioc_attach)
#define KTAP_IOC_START _IO(KTAP_IOCTL_MAGIC, KTAP_NR_START)
#define KTAP_IOC_STOP _IO(KTAP_IOCTL_MAGIC, KTAP_NR_STOP)
#define KTAP_IOC_STATUS _IOR(KTAP_IOCTL_MAGIC, KTAP_NR_STATUS, struct ktap_ioc_status)
#define KTAP_IOC_EVENT _IOWR(KTAP_IOCTL_MAGIC, KTAP_NR_EVENT, struct ktap_ioc_event)
#define KTAP_IOC_SYMBOL _IOWR(KTAP_IOCTL_MAGIC, KTAP_NR_SYMBOL, struct ktap_ioc_symbol)
#define KTAP_IOC_NARROW _IOWR(KTAP_IOCTL_MAGIC, KTAP_NR_NARROW, struct ktap_ioc_narrow)

#endif
