// SPDX-License-Identifier: GPL-2.0-or-later
/* The descriptor of a program: attach, start, stop, status, names, mmap, poll. */
#include <linux/anon_inodes.h>
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

#include "events.h"
#include "instance.h"
#include "ioctls.h"
#include "library.h"
#include "module.h"

static long ktap_program_attach(struct ktap_instance *i, void __user *argument)
{
	struct ktap_ioc_attach io;
	char message[256] = "";
	int error;

	if (copy_from_user(&io, argument, sizeof(io)))
		return -EFAULT;
	if (io.message.reserved)
		return -EINVAL;
	io.probe = 0;
	io.events = 0;
	error = ktap_instance_attach(i, &io, message, sizeof(message));
	if (error)
		ktap_message(&io.message, message);
	if (copy_to_user(argument, &io, sizeof(io)) && !error)
		error = -EFAULT;
	return error;
}

static long ktap_program_narrow(struct ktap_instance *i, void __user *argument)
{
	struct ktap_ioc_narrow io;
	char message[128] = "";
	int error;

	if (copy_from_user(&io, argument, sizeof(io)))
		return -EFAULT;
	if (io.message.reserved)
		return -EINVAL;
	error = ktap_instance_narrow(i, &io, message, sizeof(message));
	if (error)
		ktap_message(&io.message, message);
	return error;
}

static long ktap_program_status(struct ktap_instance *i, void __user *argument)
{
	struct ktap_ioc_status status;

	ktap_instance_status(i, &status);
	return copy_to_user(argument, &status, sizeof(status)) ? -EFAULT : 0;
}

static long ktap_program_event(struct ktap_instance *i, void __user *argument)
{
	struct ktap_ioc_event event;
	int error;

	if (copy_from_user(&event, argument, sizeof(event)))
		return -EFAULT;
	error = ktap_events_describe(i, &event);
	if (!error && copy_to_user(argument, &event, sizeof(event)))
		error = -EFAULT;
	return error;
}

static long ktap_program_symbol(struct ktap_instance *i, void __user *argument)
{
	struct ktap_ioc_symbol symbol;
	int error;

	if (copy_from_user(&symbol, argument, sizeof(symbol)))
		return -EFAULT;
	error = ktap_library_symbol(i, &symbol);
	if (!error && copy_to_user(argument, &symbol, sizeof(symbol)))
		error = -EFAULT;
	return error;
}

static long ktap_program_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct ktap_instance *i = file->private_data;
	void __user *p = (void __user *)argument;

	switch (command) {
	case KTAP_IOC_NARROW:
		return ktap_program_narrow(i, p);
	case KTAP_IOC_ATTACH:
		return ktap_program_attach(i, p);
	case KTAP_IOC_START:
		return ktap_instance_start(i);
	case KTAP_IOC_STOP:
		return ktap_instance_end(i);
	case KTAP_IOC_STATUS:
		return ktap_program_status(i, p);
	case KTAP_IOC_EVENT:
		return ktap_program_event(i, p);
	case KTAP_IOC_SYMBOL:
		return ktap_program_symbol(i, p);
	default:
		return -ENOTTY;
	}
}

/*
 * The reader has caught up when it calls poll(): from here on the first record arms the flush timer, a
 * quarter of a ring wakes at once (ktap_reader_wake() in home.c).
 */
static __poll_t ktap_program_poll(struct file *file, poll_table *wait)
{
	struct ktap_instance *i = file->private_data;
	__poll_t mask = 0;

	poll_wait(file, &i->readers, wait);
	/* Whoever waits for room looks again: the reader has moved. */
	atomic_inc(&i->polls);
	wake_up(&i->room);
	if (smp_load_acquire(&i->state) == KTAP_STATE_ENDED)
		mask |= EPOLLHUP;
	if (!ktap_rings_readable(&i->rings)) {
		atomic_set(&i->reader, KTAP_READER_IDLE);
		/* Pairs with the barrier in ktap_reader_wake(): one of the two sees the other. */
		smp_mb();
	}
	if (ktap_rings_readable(&i->rings))
		mask |= EPOLLIN | EPOLLRDNORM;
	return mask;
}

static int ktap_program_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct ktap_instance *i = file->private_data;

	return ktap_rings_map(&i->rings, vma);
}

static int ktap_program_release(struct inode *inode, struct file *file)
{
	ktap_instance_release(file->private_data);
	return 0;
}

static const struct file_operations ktap_program_operations = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = ktap_program_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.poll = ktap_program_poll,
	.mmap = ktap_program_mmap,
	.release = ktap_program_release,
	.llseek = noop_llseek,
};

int ktap_program_descriptor(struct ktap_instance *i)
{
	return anon_inode_getfd("[ktap]", &ktap_program_operations, i, O_RDWR | O_CLOEXEC);
}
