// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Strings and bytes of kernel and user memory for the script. Every read is one that cannot fault
 * anything in. A string is first measured in small pieces on the stack, then read into a string of its length:
 * so no buffer is needed, which something that interrupts might use too.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <net/sock.h>

#include "instance.h"
#include "library.h"

#define PIECE 64u

/* Whose memory a read is from. */
enum space { USER, KERNEL };

static bool peek(enum space space, void *to, unsigned long from, size_t length)
{
	if (space == USER)
		return !copy_from_user_nofault(to, (const void __user *)from, length);
	return !copy_from_kernel_nofault(to, (const void *)from, length);
}

/* The same over page boundaries, none of which is crossed in one piece. */
static bool read_all(enum space space, char *to, unsigned long from, size_t length)
{
	size_t done, piece;

	for (done = 0; done < length; done += piece) {
		piece = min_t(size_t, length - done, PAGE_SIZE - offset_in_page(from + done));
		if (!peek(space, to + done, from + done, piece))
			return false;
	}
	return true;
}

/* Whether the address can be one of the space at all: the other one's is not for this read. */
static bool is_address(enum space space, u64 address)
{
	if (address != (unsigned long)address || !address)
		return false;
	if (space == USER)
		/* A kernel thread runs in the memory of whatever process ran before it. */
		return current->mm && !(current->flags & PF_KTHREAD);
	return address >= TASK_SIZE_MAX;
}

static u32 make_string(struct ktap_exec *x, enum space space, unsigned long from, size_t length,
		       const char *piece, struct ktap_value *result)
{
	struct ktap_string *s;

	result->kind = KTAP_KIND_STR;
	result->bits = 0;
	if (!length)
		return 0;
	s = ktap_exec_string(x, length);
	if (!s)
		return KTAP_ERROR_ARENA;
	if (piece)
		memcpy(s->bytes, piece, length);
	else if (!read_all(space, s->bytes, from, length))
		result->kind = KTAP_KIND_NIL;
	if (result->kind == KTAP_KIND_STR)
		result->bits = (unsigned long)s;
	return 0;
}

static u32 read_string(struct ktap_exec *x, enum space space, u64 address,
		       struct ktap_value *result)
{
	const struct ktap_instance *i = ktap_exec_owner(x);
	size_t limit = i->info->string_limit, length = 0, size, found;
	unsigned long from = address;
	char piece[PIECE];

	result->kind = KTAP_KIND_NIL;
	result->bits = 0;
	if (!is_address(space, address))
		return 0;
	do {
		size = min3((size_t)PIECE, limit - length,
			    (size_t)(PAGE_SIZE - offset_in_page(from + length)));
		if (!peek(space, piece, from + length, size))
			return 0;
		found = strnlen(piece, size);
		length += found;
	} while (found == size && length < limit);
	return make_string(x, space, from, length, length <= size ? piece : NULL, result);
}

u32 ktap_library_user_string(struct ktap_exec *x, u64 address, struct ktap_value *result)
{
	struct ktap_instance *i = ktap_exec_owner(x);
	u32 code = read_string(x, USER, address, result);

	if (!code && result->kind == KTAP_KIND_NIL && address)
		atomic_long_inc(&i->unread);
	return code;
}

u32 ktap_library_kernel_string(struct ktap_exec *x, u64 address, struct ktap_value *result)
{
	return read_string(x, KERNEL, address, result);
}

u32 ktap_library_kernel_bytes(struct ktap_exec *x, u64 address, s64 length,
			      struct ktap_value *result)
{
	const struct ktap_instance *i = ktap_exec_owner(x);

	result->kind = KTAP_KIND_NIL;
	result->bits = 0;
	if (length < 0)
		return ktap_exec_fail(x, KTAP_ERROR_ARGUMENT, 2, 0);
	if (length > i->info->string_limit)
		return ktap_exec_fail(x, KTAP_ERROR_STRING, length, i->info->string_limit);
	if (!is_address(KERNEL, address))
		return 0;
	return make_string(x, KERNEL, address, length, NULL, result);
}

u32 ktap_library_int(struct ktap_exec *x, u64 address, s64 bytes, bool user,
		     struct ktap_value *result)
{
	enum space space = user ? USER : KERNEL;
	s64 size = bytes ? abs(bytes) : (s64)sizeof(long);
	struct ktap_instance *i = ktap_exec_owner(x);
	union {
		u8 b;
		u16 h;
		u32 w;
		u64 d;
	} value;
	u64 number;

	result->kind = KTAP_KIND_NIL;
	result->bits = 0;
	if (size != 1 && size != 2 && size != 4 && size != 8)
		return ktap_exec_fail(x, KTAP_ERROR_ARGUMENT, 2, 0);
	if (!is_address(space, address))
		return 0;
	if (!read_all(space, (char *)&value, address, size)) {
		if (user)
			atomic_long_inc(&i->unread);
		return 0;
	}
	number = size == 1 ? value.b : size == 2 ? value.h : size == 4 ? value.w : value.d;
	if (bytes < 0 && size < 8)
		number = (s64)(number << (64 - 8 * size)) >> (64 - 8 * size);
	result->kind = KTAP_KIND_INT;
	result->bits = number;
	return 0;
}

u32 ktap_library_sock_address(u64 sock, bool local, struct ktap_value *result)
{
	const struct sock_common *common = (const struct sock_common *)(unsigned long)sock;
	const __be32 *field = local ? &common->skc_rcv_saddr : &common->skc_daddr;
	unsigned short family;
	u32 address;

	result->kind = KTAP_KIND_NIL;
	result->bits = 0;
	if (!is_address(KERNEL, sock) ||
	    !peek(KERNEL, &family, (unsigned long)&common->skc_family, sizeof(family)) ||
	    (family != AF_INET && family != AF_INET6) ||
	    !peek(KERNEL, &address, (unsigned long)field, sizeof(address)))
		return 0;
	result->kind = KTAP_KIND_INT;
	result->bits = address;
	return 0;
}
