// SPDX-License-Identifier: GPL-2.0-or-later
/* The stacks of the kernel and of the current process. */
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>
#include <linux/uaccess.h>

#include "compat/stack.h"
#include "events.h"
#include "instance.h"
#include "library.h"
#include "module.h"

/* What the script asked for, within what there can be. */
static u32 bounded(s64 wanted, s64 least)
{
	return clamp_t(s64, wanted, least, KTAP_MAX_FRAMES);
}

#ifdef CONFIG_STACKTRACE

/* Widens the addresses, which stand at the beginning, in place. */
static void widen(u64 *frames, unsigned int count)
{
	const unsigned long *narrow = (const unsigned long *)frames;

	if (sizeof(unsigned long) < sizeof(u64))
		while (count--) {
			unsigned long frame = narrow[count];

			barrier(); /* the same bytes in two types */
			frames[count] = frame;
		}
}

unsigned int ktap_stack_from(struct pt_regs *regs, u64 frames[KTAP_STACK_ROOM])
{
	unsigned int count = ktap_stack_walk(regs, (unsigned long *)frames, KTAP_STACK_ROOM);
	unsigned int above;

	widen(frames, count);
	above = ktap_frames_above(instruction_pointer(regs), frames, count);
	memmove(frames, frames + above, (count - above) * sizeof(*frames));
	return count - above;
}

/* The frames in front of where the event happened: the module's, then those of the kernel's tracing. */
static unsigned int own_frames(const struct ktap_event *event, const u64 *frames,
			       unsigned int count)
{
	unsigned int own = 0;

	while (own < count && within_module(frames[own], THIS_MODULE))
		own++;
	return own + ktap_events_tracing_frames(event, frames + own, count - own);
}

u32 ktap_library_stack(struct ktap_exec *x, s64 depth, s64 skip, struct ktap_value *result)
{
	const struct ktap_event *event = ktap_dispatch_event(x);
	u32 most = bounded(depth, 1), leave = bounded(skip, 0);
	unsigned int count, own = 0;
	const u64 *taken = NULL;
	struct pt_regs *regs;
	u64 frames[KTAP_STACK_ROOM];

	if (!ktap_events_sampled(event, &taken, &count, &regs)) {
		count = stack_trace_save((unsigned long *)frames,
					 min(most + leave + KTAP_OWN_FRAMES, KTAP_STACK_ROOM),
					 0);
		widen(frames, count);
		own = own_frames(event, frames, count);
	} else if (!taken) {
		count = user_mode(regs) ? 0 : ktap_stack_from(regs, frames);
	}
	own = min(own + leave, count);
	return ktap_exec_stack(x, KTAP_STACK_KERNEL, (taken ?: frames) + own,
			       min(count - own, most), result);
}

#else

unsigned int ktap_stack_from(struct pt_regs *regs, u64 frames[KTAP_STACK_ROOM])
{
	return 0;
}

u32 ktap_library_stack(struct ktap_exec *x, s64 depth, s64 skip, struct ktap_value *result)
{
	return ktap_exec_fail(x, KTAP_ERROR_UNAVAILABLE, KTAP_LIB_STACK, 0);
}

#endif

/* The pointer to the innermost frame of user code, and the widths and places in it. */
struct walk {
	u64 frame;
	int next, back; /* from the frame pointer: the outer frame pointer and the return address */
	unsigned int word; /* bytes */
	bool by_next; /* the return address stands in the outer frame */
};

static bool user_walk(struct pt_regs *regs, struct walk *w)
{
#if defined(CONFIG_X86_64)
	/* Code of 32 bits has its own segment. */
	unsigned int word = regs->cs == __USER32_CS ? 4 : 8;

	*w = (struct walk){ regs->bp, 0, word, word, false };
#elif defined(CONFIG_X86)
	*w = (struct walk){ regs->bp, 0, 4, 4, false };
#elif defined(CONFIG_ARM64)
	if (compat_user_mode(regs))
		*w = (struct walk){ regs->regs[11], -4, 0, 4, false };
	else
		*w = (struct walk){ regs->regs[29], 0, 8, 8, false };
#elif defined(CONFIG_ARM)
	*w = (struct walk){ regs->ARM_fp, -4, 0, 4, false };
#elif defined(CONFIG_RISCV)
	*w = (struct walk){ frame_pointer(regs), -2 * (int)sizeof(long), -(int)sizeof(long),
			    sizeof(long), false };
#elif defined(CONFIG_PPC64)
	if (test_tsk_thread_flag(current, TIF_32BIT))
		*w = (struct walk){ regs->gpr[1], 0, 4, 4, true };
	else
		*w = (struct walk){ regs->gpr[1], 0, 16, 8, true };
#elif defined(CONFIG_PPC)
	*w = (struct walk){ regs->gpr[1], 0, 4, 4, true };
#else
	return false;
#endif
	return w->frame != 0;
}

static bool read_word(u64 address, unsigned int word, u64 *value)
{
	u32 narrow;

	if (address != (unsigned long)address || address & (word - 1))
		return false;
	if (word == sizeof(*value))
		return !copy_from_user_nofault(value, (const void __user *)(unsigned long)address,
					       word);
	if (copy_from_user_nofault(&narrow, (const void __user *)(unsigned long)address, word))
		return false;
	*value = narrow;
	return true;
}

/* By frame pointers: code without them gives the innermost frame alone, or a wrong one behind it. */
static unsigned int walk_user(struct pt_regs *regs, u64 *frames, unsigned int most)
{
	unsigned int count = 0;
	struct walk w;
	u64 next, back;

	frames[count++] = instruction_pointer(regs);
	if (!user_walk(regs, &w))
		return count;
	while (count < most && read_word(w.frame + w.next, w.word, &next)) {
		if (!read_word((w.by_next ? next : w.frame) + w.back, w.word, &back) || !back)
			break;
		frames[count++] = back;
		if (next <= w.frame) /* the stack grows downwards: outer frames lie higher */
			break;
		w.frame = next;
	}
	return count;
}

u32 ktap_library_ustack(struct ktap_exec *x, s64 depth, s64 skip, struct ktap_value *result)
{
	u32 most = bounded(depth, 1), leave = bounded(skip, 0);
	unsigned int count = 0;
	u64 frames[KTAP_MAX_FRAMES];

	if (current->mm && !(current->flags & PF_KTHREAD))
		count = walk_user(task_pt_regs(current), frames, min(most + leave, KTAP_MAX_FRAMES));
	leave = min(leave, count);
	return ktap_exec_stack(x, KTAP_STACK_USER, frames + leave, min(count - leave, most), result);
}
