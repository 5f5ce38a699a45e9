// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of addresses. A program without the capability ADDRESSES sees hashed kernel addresses; it
 * is told the names of those that it has seen, and of no others.
 */
#include <linux/fs.h>
#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "compat/context.h"
#include "events.h"
#include "instance.h"
#include "library.h"
#include "module.h"

/*
 * "name+0x12 [module]"; its length, or 0 when the kernel has no name for the address. A return address
 * stands behind its call, which may be the last instruction of a function.
 */
static size_t name_of(unsigned long address, bool returns, char text[KSYM_SYMBOL_LEN])
{
	char *size, *module;

	if (returns)
		snprintf(text, KSYM_SYMBOL_LEN, "%pB", (void *)address);
	/* The entry code of ARM makes its functions' return addresses itself: no call stands there. */
	if (!returns || !strncmp(text, "__entry_text_start+", 19))
		sprint_symbol(text, address);
	if (text[0] == '0' && text[1] == 'x')
		return 0;
	/* "name+0x12/0x40 [module]" */
	size = strrchr(text, '/');
	if (size) {
		module = strchr(size, ' ');
		if (module)
			memmove(size, module, strlen(module) + 1);
		else
			*size = '\0';
	}
	return strlen(text);
}

static u32 make_text(struct ktap_exec *x, const char *text, size_t length,
		     struct ktap_value *result)
{
	const struct ktap_instance *i = ktap_exec_owner(x);
	struct ktap_string *s;

	length = min_t(size_t, length, i->info->string_limit);
	s = ktap_exec_string(x, length);
	if (!s)
		return KTAP_ERROR_ARENA;
	memcpy(s->bytes, text, length);
	result->kind = KTAP_KIND_STR;
	result->bits = (unsigned long)s;
	return 0;
}

static u32 make_number(struct ktap_exec *x, u64 address, struct ktap_value *result)
{
	char text[20];

	return make_text(x, text, scnprintf(text, sizeof(text), "0x%llx", address), result);
}

u32 ktap_library_ksym(struct ktap_exec *x, u64 address, struct ktap_value *result)
{
	struct ktap_instance *i = ktap_exec_owner(x);
	unsigned long real = ktap_events_seen(i, address);
	bool handler = ktap_dispatch_runs(x);
	size_t length = 0;
	char *text;
	u32 code;

	if (!real)
		return make_number(x, address, result);
	/* The buffer of this level is a handler's alone. */
	text = handler ? ktap_events_buffer(ktap_dispatch_event(x)) : kmalloc(KSYM_SYMBOL_LEN, GFP_KERNEL);
	if (text)
		length = name_of(real, false, text);
	code = length ? make_text(x, text, length, result) : make_number(x, address, result);
	if (!handler)
		kfree(text);
	return code;
}

/*
 * The mapping of an address is looked up where the lock of the mappings can be had without waiting
 * and given back: with interrupts on. Elsewhere the address itself is the answer. Not by the wrappers
 * of mmap_lock.h: they are events themselves, and drag 600 bytes along.
 */
static size_t mapping_of(unsigned long address, char *text, size_t size)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	size_t length = 0;

	if (!mm || current->flags & PF_KTHREAD || IS_ENABLED(CONFIG_PREEMPT_RT) ||
	    irqs_disabled() || in_hardirq() || in_serving_softirq() || !down_read_trylock(&mm->mmap_lock))
		return 0;
	vma = find_vma(mm, address);
	if (vma && vma->vm_start <= address && vma->vm_file)
		length = scnprintf(text, size, "%pD+0x%llx", vma->vm_file,
				   (u64)(address - vma->vm_start) +
					   ((u64)vma->vm_pgoff << PAGE_SHIFT));
	up_read(&mm->mmap_lock);
	return length;
}

u32 ktap_library_usym(struct ktap_exec *x, u64 address, struct ktap_value *result)
{
	char text[96];
	size_t length = 0;

	if (address == (unsigned long)address)
		length = mapping_of(address, text, sizeof(text));
	return length ? make_text(x, text, length, result) : make_number(x, address, result);
}

int ktap_library_symbol(struct ktap_instance *i, struct ktap_ioc_symbol *io)
{
	char *text;
	u64 address;
	int space = ktap_program_frame(i->program, io->stack, io->frame, &address);

	if (space != KTAP_STACK_KERNEL)
		return -ENOENT;
	text = kmalloc(KSYM_SYMBOL_LEN, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	space = name_of(address, io->frame > 0, text) ? 0 : -ENOENT;
	if (!space)
		strscpy_pad(io->name, text, sizeof(io->name));
	kfree(text);
	return space;
}
