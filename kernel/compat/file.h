/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening files: what differs between kernel versions. */
#ifndef KTAP_COMPAT_FILE_H
#define KTAP_COMPAT_FILE_H

#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/version.h>

/* Opens a file below the root of a mount. */
static inline struct file *ktap_open_below(struct vfsmount *mount, const char *name, int flags)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 12, 0)
	return file_open_root(mount->mnt_root, mount, name, flags, 0);
#else
	return file_open_root(&(struct path){ .mnt = mount, .dentry = mount->mnt_root }, name,
			      flags, 0);
#endif
}

#endif
