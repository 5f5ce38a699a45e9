/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory mappings: what differs between kernel versions. */
#ifndef KTAP_COMPAT_MM_H
#define KTAP_COMPAT_MM_H

#include <linux/mm.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void ktap_vm_flags_mod(struct vm_area_struct *vma, unsigned long set,
				     unsigned long clear)
{
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
}
#else
static inline void ktap_vm_flags_mod(struct vm_area_struct *vma, unsigned long set,
				     unsigned long clear)
{
	vm_flags_mod(vma, set, clear);
}
#endif

#endif
