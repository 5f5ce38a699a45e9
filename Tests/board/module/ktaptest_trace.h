/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tracepoints with a field of every form. What the fields of the n-th event hold follows from n,
 * from 0; each event prints all of it, so that the kernel's own reading can be compared.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ktaptest

#if !defined(KTAPTEST_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KTAPTEST_TRACE_H

#include <linux/tracepoint.h>
#include <linux/version.h>

#ifndef KTAPTEST_ASSIGN
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define KTAPTEST_ASSIGN(to, from) __assign_str(to)
#define KTAPTEST_ASSIGN_RELATIVE(to, from) __assign_rel_str(to)
#else
#define KTAPTEST_ASSIGN(to, from) __assign_str(to, from)
#define KTAPTEST_ASSIGN_RELATIVE(to, from) __assign_rel_str(to, from)
#endif
#endif

TRACE_DEFINE_ENUM(KTAPTEST_RED);
TRACE_DEFINE_ENUM(KTAPTEST_GREEN);
TRACE_DEFINE_ENUM(KTAPTEST_BLUE);

/* All integers, with the signs and widths that C has for them. */
TRACE_EVENT(integers,
	TP_PROTO(unsigned int n),
	TP_ARGS(n),
	TP_STRUCT__entry(
		__field(s8, s8)
		__field(u8, u8)
		__field(s16, s16)
		__field(u16, u16)
		__field(s32, s32)
		__field(u32, u32)
		__field(s64, s64)
		__field(u64, u64)
		__field(bool, yes)
		__field(short, short_)
		__field(long, long_)
		__field(unsigned long, ulong)
		__field(enum ktaptest_colour, colour)
	),
	TP_fast_assign(
		__entry->s8 = -1 - (int)(n % 128);
		__entry->u8 = 255 - n % 128;
		__entry->s16 = -1000 - (int)n;
		__entry->u16 = 65535 - n;
		__entry->s32 = -100000 - (int)n;
		__entry->u32 = 0xffffffffu - n;
		__entry->s64 = -10000000000ll - n;
		__entry->u64 = 0x8000000000000000ull + n;
		__entry->yes = n & 1;
		__entry->short_ = -(int)n;
		__entry->long_ = -2 - (long)n;
		__entry->ulong = n;
		__entry->colour = n % 3 + KTAPTEST_RED;
	),
	TP_printk("s8=%d u8=%u s16=%d u16=%u s32=%d u32=%u s64=%lld u64=%llx yes=%d short_=%d long_=%ld ulong=%lu colour=%d",
		  __entry->s8, __entry->u8, __entry->s16, __entry->u16, __entry->s32, __entry->u32,
		  __entry->s64, __entry->u64, __entry->yes, __entry->short_, __entry->long_,
		  __entry->ulong, __entry->colour)
);

/* An order of fields that leaves gaps, other ones on each architecture. */
TRACE_EVENT(gaps,
	TP_PROTO(unsigned int n),
	TP_ARGS(n),
	TP_STRUCT__entry(
		__field(u8, a)
		__field(u64, b)
		__field(u8, c)
		__field(u16, d)
		__field(u8, e)
		__array(char, text, 5)
		__field(s64, f)
		__field(u8, g)
		__field(u32, h)
	),
	TP_fast_assign(
		__entry->a = n;
		__entry->b = 0x0102030405060708ull + n;
		__entry->c = n + 1;
		__entry->d = 0x1122 + n;
		__entry->e = n + 2;
		memcpy(__entry->text, "five!", 5);
		__entry->f = -1 - (s64)n;
		__entry->g = n + 3;
		__entry->h = 0x11223344 + n;
	),
	TP_printk("a=%u b=%llx c=%u d=%x e=%u text=%.5s f=%lld g=%u h=%x", __entry->a, __entry->b,
		  __entry->c, __entry->d, __entry->e, __entry->text, __entry->f, __entry->g,
		  __entry->h)
);

TRACE_EVENT(texts,
	TP_PROTO(unsigned int n, const char *text, const char *none),
	TP_ARGS(n, text, none),
	TP_STRUCT__entry(
		__field(u32, n)
		__string(located, text)
		__array(char, chars, 16)
		__field(const char *, pointed)
		__string(none, none)
		__field(const char *, wild)
	),
	TP_fast_assign(
		__entry->n = n;
		KTAPTEST_ASSIGN(located, text);
		snprintf(__entry->chars, sizeof(__entry->chars), "chars %u", n);
		__entry->pointed = n & 1 ? "odd" : "even";
		KTAPTEST_ASSIGN(none, none);
		__entry->wild = (const char *)16;
	),
	TP_printk("n=%u located=%s chars=%s pointed=%s none=%s", __entry->n, __get_str(located),
		  __entry->chars, __entry->pointed, __get_str(none))
);

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 17, 0)
TRACE_EVENT(relative,
	TP_PROTO(unsigned int n, const char *text),
	TP_ARGS(n, text),
	TP_STRUCT__entry(
		__field(u8, n)
		__rel_string(text, text)
		__rel_dynamic_array(u16, numbers, 3)
		__field(u8, last)
	),
	TP_fast_assign(
		u16 *numbers = __get_rel_dynamic_array(numbers);

		__entry->n = n;
		KTAPTEST_ASSIGN_RELATIVE(text, text);
		numbers[0] = 65535;
		numbers[1] = n;
		numbers[2] = 2 * n;
		__entry->last = n + 1;
	),
	TP_printk("n=%u text=%s numbers=%u,%u,%u last=%u", __entry->n, __get_rel_str(text),
		  ((u16 *)__get_rel_dynamic_array(numbers))[0],
		  ((u16 *)__get_rel_dynamic_array(numbers))[1],
		  ((u16 *)__get_rel_dynamic_array(numbers))[2], __entry->last)
);
#endif

TRACE_EVENT(arrays,
	TP_PROTO(unsigned int n),
	TP_ARGS(n),
	TP_STRUCT__entry(
		__array(u8, bytes, 6)
		__array(s16, shorts, 3)
		__array(int, ints, 2)
		__array(unsigned long, longs, 2)
		__array(u64, quads, 2)
	),
	TP_fast_assign(
		memset(__entry->bytes, 200, sizeof(__entry->bytes));
		__entry->bytes[5] = n;
		__entry->shorts[0] = -1;
		__entry->shorts[1] = n;
		__entry->shorts[2] = -300;
		__entry->ints[0] = -(int)n;
		__entry->ints[1] = n;
		__entry->longs[0] = n;
		__entry->longs[1] = 3 * n;
		__entry->quads[0] = 1ull << 40;
		__entry->quads[1] = n;
	),
	TP_printk("bytes=%u,%u shorts=%d,%d,%d ints=%d,%d longs=%lu,%lu quads=%llu,%llu",
		  __entry->bytes[0], __entry->bytes[5], __entry->shorts[0], __entry->shorts[1],
		  __entry->shorts[2], __entry->ints[0], __entry->ints[1], __entry->longs[0],
		  __entry->longs[1], __entry->quads[0], __entry->quads[1])
);

/* Arrays whose length is another one each time: n % 4 elements. */
TRACE_EVENT(dynamic,
	TP_PROTO(unsigned int n),
	TP_ARGS(n),
	TP_STRUCT__entry(
		__field(u32, n)
		__dynamic_array(int, ints, n % 4)
		__dynamic_array(u64, quads, 1)
		__dynamic_array(u8, bytes, 2)
		__dynamic_array(char, text, 4)
	),
	TP_fast_assign(
		unsigned int i;

		__entry->n = n;
		for (i = 0; i < n % 4; i++)
			((int *)__get_dynamic_array(ints))[i] = -(int)(n + i);
		*(u64 *)__get_dynamic_array(quads) = 0x100000000ull + n;
		((u8 *)__get_dynamic_array(bytes))[0] = 255;
		((u8 *)__get_dynamic_array(bytes))[1] = n;
		memcpy(__get_dynamic_array(text), "four", 4);
	),
	TP_printk("n=%u count=%d", __entry->n, __get_dynamic_array_len(ints) / 4)
);

TRACE_EVENT(names,
	TP_PROTO(unsigned int n),
	TP_ARGS(n),
	TP_STRUCT__entry(
		__field(int, colour)
		__field(unsigned long, flags)
		__field(u32, shade)
		__field(int, sign)
	),
	TP_fast_assign(
		__entry->colour = n % 4;
		__entry->flags = n % 16;
		__entry->shade = n % 4;
		__entry->sign = n & 1 ? -1 : 2;
	),
	TP_printk("colour=%s flags=%s shade=%s sign=%s",
		  __print_symbolic(__entry->colour, { KTAPTEST_RED, "red" },
				   { KTAPTEST_GREEN, "green" }, { KTAPTEST_BLUE, "blue" }),
		  __print_flags(__entry->flags, "|", { 1 << 0, "A" }, { (unsigned long)(1u << 1), "B" },
				{ 0x4UL, "C" }),
		  __print_symbolic(__entry->shade & 1, { 0, "light" }, { 1, "dark" }),
		  __print_symbolic(__entry->sign, { -1, "minus" }, { 2, "plus" }))
);

DECLARE_EVENT_CLASS(one_number,
	TP_PROTO(unsigned int n),
	TP_ARGS(n),
	TP_STRUCT__entry(
		__field(u32, n)
	),
	TP_fast_assign(
		__entry->n = n;
	),
	TP_printk("n=%u", __entry->n)
);

/* Of one class: each must be told from the other. */
DEFINE_EVENT(one_number, first, TP_PROTO(unsigned int n), TP_ARGS(n));
DEFINE_EVENT(one_number, second, TP_PROTO(unsigned int n), TP_ARGS(n));

/* From the task, from a soft and from a hard interrupt: 0, 1, 2. */
TRACE_EVENT(level,
	TP_PROTO(int level, unsigned int n),
	TP_ARGS(level, n),
	TP_STRUCT__entry(
		__field(int, level)
		__field(u32, n)
	),
	TP_fast_assign(
		__entry->level = level;
		__entry->n = n;
	),
	TP_printk("level=%d n=%u", __entry->level, __entry->n)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE ktaptest_trace
#include <trace/define_trace.h>
