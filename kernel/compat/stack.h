/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walking the kernel's stack from given registers: what differs between architectures. */
#ifndef KTAP_COMPAT_STACK_H
#define KTAP_COMPAT_STACK_H

#include <linux/ptrace.h>
#include <linux/stacktrace.h>

#if defined(CONFIG_ARM) && defined(CONFIG_STACKTRACE)

#include <asm/memory.h>
#include <asm/stacktrace.h>

struct ktap_walk {
	unsigned long *frames;
	unsigned int count, most;
};

static int ktap_walk_frame(struct stackframe *frame, void *data)
{
	struct ktap_walk *walk = data;

	/* Where an interrupt came before a function had saved its lr, the kernel's walk ends anywhere. */
	if (frame->pc < MODULES_VADDR || frame->pc & (IS_ENABLED(CONFIG_THUMB2_KERNEL) ? 0 : 3))
		return 1;
	walk->frames[walk->count++] = frame->pc;
	return walk->count == walk->most;
}

/* The frames from where the registers say. */
static inline unsigned int ktap_stack_walk(struct pt_regs *regs, unsigned long *frames,
					   unsigned int most)
{
	struct ktap_walk walk = { frames, 0, most };
	struct stackframe frame;

	arm_get_current_stackframe(regs, &frame);
	walk_stackframe(&frame, ktap_walk_frame, &walk);
	/* There, and in assembly code that says nothing of its frame, the caller is in lr. */
	if (walk.count == 1 && most > 1 && !user_mode(regs)) {
		arm_get_current_stackframe(regs, &frame);
		frame.pc = regs->ARM_lr;
		walk_stackframe(&frame, ktap_walk_frame, &walk);
	}
	return walk.count;
}

#elif defined(CONFIG_STACKTRACE)

/* The frames of the caller, among which those from where the registers say are. */
static inline unsigned int ktap_stack_walk(struct pt_regs *regs, unsigned long *frames,
					   unsigned int most)
{
	return stack_trace_save(frames, most, 0);
}

#endif

#endif
