/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Library functions that need a kernel: memory, symbols, stacks. Each takes the verified arguments
 * and gives 0 or an error code, as struct ktap_home.library does. Any context but NMI.
 */
#ifndef KTAP_KERNEL_LIBRARY_H
#define KTAP_KERNEL_LIBRARY_H

#include <ktap/abi.h>
#include <ktapvm.h>

struct ktap_instance;

/* library_memory.c */
u32 ktap_library_user_string(struct ktap_exec *x, u64 address, struct ktap_value *result);
u32 ktap_library_kernel_string(struct ktap_exec *x, u64 address, struct ktap_value *result);
u32 ktap_library_kernel_bytes(struct ktap_exec *x, u64 address, s64 length,
			      struct ktap_value *result);
/* bytes: 1, 2, 4, 8, negative of a signed one; 0: a long. */
u32 ktap_library_int(struct ktap_exec *x, u64 address, s64 bytes, bool user,
		     struct ktap_value *result);
/* The local (or else the remote) IPv4 address of a struct sock. */
u32 ktap_library_sock_address(u64 sock, bool local, struct ktap_value *result);

/* library_symbols.c */
u32 ktap_library_ksym(struct ktap_exec *x, u64 address, struct ktap_value *result);
u32 ktap_library_usym(struct ktap_exec *x, u64 address, struct ktap_value *result);
/* Answers KTAP_NR_SYMBOL. Process context. 0 or -ENOENT. */
int ktap_library_symbol(struct ktap_instance *i, struct ktap_ioc_symbol *io);

/* library_stack.c */

/* Room for the frames of this module and of the way to it, which the script does not see. */
#define KTAP_OWN_FRAMES 32u
#define KTAP_STACK_ROOM (KTAP_MAX_FRAMES + KTAP_OWN_FRAMES)

struct pt_regs;

/* The kernel's stack from where the registers say that it was; their frame still stands. Any context. */
unsigned int ktap_stack_from(struct pt_regs *regs, u64 frames[KTAP_STACK_ROOM]);
u32 ktap_library_stack(struct ktap_exec *x, s64 depth, s64 skip, struct ktap_value *result);
u32 ktap_library_ustack(struct ktap_exec *x, s64 depth, s64 skip, struct ktap_value *result);

/*
 * library_modify.c: the functions that change the kernel. new: what an instance needs for them, if its
 * program has any; kfree() of instance->changes gives it back. run: from its irq_work. lost: calls in
 * handlers that found the queue full.
 */
u32 ktap_library_change(struct ktap_exec *x, u32 id, const struct ktap_value *args, u32 count);
int ktap_changes_new(struct ktap_instance *i);
void ktap_changes_run(struct ktap_instance *i);
u32 ktap_changes_lost(const struct ktap_instance *i);

#endif
