// SPDX-License-Identifier: GPL-2.0-or-later
/* The device /dev/ktap: the version, and loading programs. */
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "ioctls.h"
#include "module.h"

void ktap_message(const struct ktap_ioc_message *to, const char *text)
{
	size_t length = strlen(text);
	void __user *p = u64_to_user_ptr(to->address);

	if (!to->address || !to->size)
		return;
	length = min_t(size_t, length, to->size - 1);
	/* The errno says enough when the buffer turns out to be none. */
	if (copy_to_user(p, text, length) || put_user('\0', (char __user *)p + length))
		return;
}

static long ktap_version(void __user *argument)
{
	struct ktap_ioc_version version = {
		.abi = KTAP_ABI_VERSION,
		.bundle_major = KTAP_BUNDLE_MAJOR,
		.bundle_minor = KTAP_BUNDLE_MINOR,
		.flags = (READ_ONCE(ktap_enforce) ? KTAP_VERSION_ENFORCE : 0) |
			 (ktap_allow_modify ? KTAP_VERSION_ALLOW_MODIFY : 0),
		.cpus = nr_cpu_ids,
		.release = KTAP_RELEASE,
	};

	return copy_to_user(argument, &version, sizeof(version)) ? -EFAULT : 0;
}

static long ktap_device_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	switch (command) {
	case KTAP_IOC_VERSION:
		return ktap_version((void __user *)argument);
	case KTAP_IOC_LOAD:
		return ktap_load((void __user *)argument);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations ktap_device_operations = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = ktap_device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice ktap_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ktap",
	.fops = &ktap_device_operations,
	.mode = 0600, /* packaging opens it to a group */
};

int __init ktap_device_init(void)
{
	return misc_register(&ktap_device);
}

void ktap_device_exit(void)
{
	misc_deregister(&ktap_device);
}
