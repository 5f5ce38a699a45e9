// SPDX-License-Identifier: GPL-2.0-or-later
/* Texts from numbers and bytes: error names, addresses, dates. The same on every machine. */
#include "internal.h"

/* By number, as most machines have them; a machine's own numbers play no part. */
static const char errors[][16] = {
	"", "EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO", "E2BIG", "ENOEXEC", "EBADF", "ECHILD",
	"EAGAIN", "ENOMEM", "EACCES", "EFAULT", "ENOTBLK", "EBUSY", "EEXIST", "EXDEV", "ENODEV", "ENOTDIR",
	"EISDIR", "EINVAL", "ENFILE", "EMFILE", "ENOTTY", "ETXTBSY", "EFBIG", "ENOSPC", "ESPIPE", "EROFS",
	"EMLINK", "EPIPE", "EDOM", "ERANGE", "EDEADLK", "ENAMETOOLONG", "ENOLCK", "ENOSYS", "ENOTEMPTY",
	"ELOOP", "", "ENOMSG", "EIDRM", "ECHRNG", "EL2NSYNC", "EL3HLT", "EL3RST", "ELNRNG", "EUNATCH",
	"ENOCSI", "EL2HLT", "EBADE", "EBADR", "EXFULL", "ENOANO", "EBADRQC", "EBADSLT", "", "EBFONT",
	"ENOSTR", "ENODATA", "ETIME", "ENOSR", "ENONET", "ENOPKG", "EREMOTE", "ENOLINK", "EADV", "ESRMNT",
	"ECOMM", "EPROTO", "EMULTIHOP", "EDOTDOT", "EBADMSG", "EOVERFLOW", "ENOTUNIQ", "EBADFD", "EREMCHG",
	"ELIBACC", "ELIBBAD", "ELIBSCN", "ELIBMAX", "ELIBEXEC", "EILSEQ", "ERESTART", "ESTRPIPE", "EUSERS",
	"ENOTSOCK", "EDESTADDRREQ", "EMSGSIZE", "EPROTOTYPE", "ENOPROTOOPT", "EPROTONOSUPPORT",
	"ESOCKTNOSUPPORT", "EOPNOTSUPP", "EPFNOSUPPORT", "EAFNOSUPPORT", "EADDRINUSE", "EADDRNOTAVAIL",
	"ENETDOWN", "ENETUNREACH", "ENETRESET", "ECONNABORTED", "ECONNRESET", "ENOBUFS", "EISCONN", "ENOTCONN",
	"ESHUTDOWN", "ETOOMANYREFS", "ETIMEDOUT", "ECONNREFUSED", "EHOSTDOWN", "EHOSTUNREACH", "EALREADY",
	"EINPROGRESS", "ESTALE", "EUCLEAN", "ENOTNAM", "ENAVAIL", "EISNAM", "EREMOTEIO", "EDQUOT", "ENOMEDIUM",
	"EMEDIUMTYPE", "ECANCELED", "ENOKEY", "EKEYEXPIRED", "EKEYREVOKED", "EKEYREJECTED", "EOWNERDEAD",
	"ENOTRECOVERABLE", "ERFKILL", "EHWPOISON",
};

/* From 512 on: the kernel's own, which its events show all the same. */
#define FIRST_INTERNAL 512u
static const char internal_errors[][22] = {
	"ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND", "ENOIOCTLCMD", "ERESTART_RESTARTBLOCK",
	"EPROBE_DEFER", "EOPENSTALE", "ENOPARAM", "", "EBADHANDLE", "ENOTSYNC", "EBADCOOKIE", "ENOTSUPP",
	"ETOOSMALL", "ESERVERFAULT", "EBADTYPE", "EJUKEBOX", "EIOCBQUEUED", "ERECALLCONFLICT", "ENOGRACE",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A text under way; without bytes it is only measured. */
struct text {
	char *bytes;
	uint32_t length;
};

static void put(struct text *t, char c)
{
	if (t->bytes)
		t->bytes[t->length] = c;
	t->length++;
}

static void put_text(struct text *t, const char *text)
{
	while (*text)
		put(t, *text++);
}

/* A decimal number with at least so many characters. */
static void put_number(struct text *t, uint32_t value, uint32_t width, char pad)
{
	char digits[10];
	uint32_t count = 0;

	do {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	for (; width > count; width--)
		put(t, pad);
	while (count)
		put(t, digits[--count]);
}

/* At most four hexadecimal digits, at least `width`. */
static void put_hex(struct text *t, uint32_t value, uint32_t width)
{
	uint32_t shift;

	for (shift = 16; shift;) {
		shift -= 4;
		if (shift < 4 * width || value >> shift)
			put(t, "0123456789abcdef"[value >> shift & 15]);
	}
}

static void put_error(struct text *t, int64_t number)
{
	uint64_t size = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	const char *name = "";
	char decimal[KTAP_DECIMAL];
	uint32_t length, n;

	if (size < COUNT(errors))
		name = errors[size];
	else if (size >= FIRST_INTERNAL && size < FIRST_INTERNAL + COUNT(internal_errors))
		name = internal_errors[size - FIRST_INTERNAL];
	put_text(t, name);
	if (*name)
		return;
	length = ktap_decimal(number, decimal);
	for (n = 0; n < length; n++)
		put(t, decimal[n]);
}

static void put_ip4(struct text *t, const uint8_t bytes[4])
{
	uint32_t n;

	for (n = 0; n < 4; n++) {
		if (n)
			put(t, '.');
		put_number(t, bytes[n], 1, '0');
	}
}

/* RFC 5952: the first of the longest runs of zero words is "::"; an IPv4 address is written as one. */
static void put_ip6(struct text *t, const struct ktap_string *s)
{
	uint32_t words[8], from = 8, longest = 1, n, run;
	uint8_t bytes[16];
	bool mapped;

	if (s->length != sizeof(bytes))
		return;
	memcpy(bytes, s->bytes, sizeof(bytes));
	for (n = 0; n < 8; n++)
		words[n] = (uint32_t)bytes[2 * n] << 8 | bytes[2 * n + 1];
	for (n = 0; n < 8; n += run + !run) {
		for (run = 0; n + run < 8 && !words[n + run]; run++)
			;
		if (run > longest) {
			longest = run;
			from = n;
		}
	}
	mapped = from == 0 && longest == 5 && words[5] == 0xffff;
	for (n = 0; n < (mapped ? 6 : 8); n++) {
		if (n == from) {
			put_text(t, "::");
			n += longest - 1;
			continue;
		}
		if (n && n != from + longest)
			put(t, ':');
		put_hex(t, words[n], 1);
	}
	if (mapped) {
		put(t, ':');
		put_ip4(t, bytes + 12);
	}
}

static void put_mac(struct text *t, const struct ktap_string *s)
{
	uint32_t n;

	if (s->length != 6)
		return;
	for (n = 0; n < 6; n++) {
		if (n)
			put(t, ':');
		put_hex(t, (uint8_t)s->bytes[n], 2);
	}
}

/* A moment of UTC. */
struct moment {
	int64_t seconds; /* since 1970 */
	uint32_t ns;
	uint32_t year, month, day; /* month and day from 1 */
	uint32_t day_of_year; /* from 0 */
	uint32_t weekday; /* from 0, Sunday */
	uint32_t hour, minute, second;
};

static uint32_t year_length(uint32_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365;
}

static void find_moment(int64_t ns, struct moment *m)
{
	static const uint8_t lengths[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const int64_t second = 1000000000;
	int32_t days, rest, length;

	m->seconds = ktap_divide(ns, second);
	rest = (int32_t)(ns - m->seconds * second);
	if (rest < 0) {
		m->seconds--;
		rest += (int32_t)second;
	}
	m->ns = (uint32_t)rest;
	/* 64 bits of ns are about 106,752 days. */
	days = (int32_t)ktap_divide(m->seconds, 86400);
	rest = (int32_t)(m->seconds - days * (int64_t)86400);
	if (rest < 0) {
		days--;
		rest += 86400;
	}
	m->hour = (uint32_t)rest / 3600;
	m->minute = (uint32_t)rest / 60 % 60;
	m->second = (uint32_t)rest % 60;
	m->weekday = (uint32_t)(days + 4 + 7 * 20000) % 7;
	/* Years from 1677 to 2262: few enough to go through them. */
	for (m->year = 1970; days < 0; days += (int32_t)year_length(m->year))
		m->year--;
	for (; days >= (int32_t)year_length(m->year); m->year++)
		days -= (int32_t)year_length(m->year);
	m->day_of_year = (uint32_t)days;
	for (m->month = 1;; m->month++) {
		length = lengths[m->month - 1] + (m->month == 2 && year_length(m->year) == 366);
		if (days < length)
			break;
		days -= length;
	}
	m->day = (uint32_t)days + 1;
}

static const char days[][10] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
				 "Thursday", "Friday", "Saturday" };
static const char months[][10] = { "January", "February", "March",     "April",   "May",      "June",
				   "July",    "August",	  "September", "October", "November", "December" };

static void put_name(struct text *t, const char *name, bool whole)
{
	uint32_t n;

	for (n = 0; name[n] && (whole || n < 3); n++)
		put(t, name[n]);
}

static void put_format(struct text *t, const char *format, uint32_t length, const struct moment *m);

/* Formats that stand for others, or NULL. */
static const char *longer_format(char c)
{
	switch (c) {
	case 'F':
		return "%Y-%m-%d";
	case 'T':
		return "%H:%M:%S";
	case 'D':
		return "%m/%d/%y";
	case 'R':
		return "%H:%M";
	default:
		return NULL;
	}
}

static void put_conversion(struct text *t, char c, const struct moment *m)
{
	char decimal[KTAP_DECIMAL];
	uint32_t length, n;

	switch (c) {
	case 'Y':
		return put_number(t, m->year, 4, '0');
	case 'y':
		return put_number(t, m->year % 100, 2, '0');
	case 'm':
		return put_number(t, m->month, 2, '0');
	case 'd':
		return put_number(t, m->day, 2, '0');
	case 'e':
		return put_number(t, m->day, 2, ' ');
	case 'j':
		return put_number(t, m->day_of_year + 1, 3, '0');
	case 'H':
		return put_number(t, m->hour, 2, '0');
	case 'I':
		return put_number(t, (m->hour + 11) % 12 + 1, 2, '0');
	case 'M':
		return put_number(t, m->minute, 2, '0');
	case 'S':
		return put_number(t, m->second, 2, '0');
	case 'N':
		return put_number(t, m->ns, 9, '0');
	case 'p':
		return put_text(t, m->hour < 12 ? "AM" : "PM");
	case 'a':
	case 'A':
		return put_name(t, days[m->weekday], c == 'A');
	case 'b':
	case 'B':
		return put_name(t, months[m->month - 1], c == 'B');
	case 's':
		length = ktap_decimal(m->seconds, decimal);
		for (n = 0; n < length; n++)
			put(t, decimal[n]);
		return;
	case 'z':
		return put_text(t, "+0000");
	case 'Z':
		return put_text(t, "UTC");
	case 'n':
		return put(t, '\n');
	case 't':
		return put(t, '\t');
	case '%':
		return put(t, '%');
	default: /* as it is written */
		put(t, '%');
		put(t, c);
	}
}

static void put_format(struct text *t, const char *format, uint32_t length, const struct moment *m)
{
	const char *longer;
	uint32_t n;

	for (n = 0; n < length; n++) {
		if (format[n] != '%' || n + 1 == length) {
			put(t, format[n]);
			continue;
		}
		longer = longer_format(format[++n]);
		/* One level deep: what it stands for has no such formats. */
		if (longer)
			put_format(t, longer, (uint32_t)strlen(longer), m);
		else
			put_conversion(t, format[n], m);
	}
}

static void put_answer(struct text *t, uint32_t id, const struct ktap_value *args,
		       const struct moment *m)
{
	uint32_t number = (uint32_t)args[0].bits;
	uint8_t bytes[4];

	switch (id) {
	case KTAP_LIB_ERRNAME:
		return put_error(t, (int64_t)args[0].bits);
	case KTAP_LIB_IP4:
		memcpy(bytes, &number, sizeof(bytes));
		return put_ip4(t, bytes);
	case KTAP_LIB_IP6:
		return put_ip6(t, ktap_str(args[0].bits));
	case KTAP_LIB_MAC:
		return put_mac(t, ktap_str(args[0].bits));
	default:
		return put_format(t, ktap_str(args[0].bits)->bytes, ktap_str(args[0].bits)->length, m);
	}
}

uint32_t ktap_text_call(struct ktap_exec *x, uint32_t id, const struct ktap_value *args,
			struct ktap_value *result)
{
	uint32_t limit = x->program->info.string_limit, code;
	struct text text = { NULL, 0 };
	struct ktap_string *string;
	struct moment m = { 0 };

	if (id == KTAP_LIB_STRFTIME)
		find_moment((int64_t)args[1].bits, &m);
	result->kind = KTAP_KIND_STR;
	put_answer(&text, id, args, &m);
	if (!text.length)
		return 0;
	if (text.length > limit)
		return ktap_fail(x, KTAP_ERROR_STRING, text.length, limit);
	code = ktap_charge_bytes(x, text.length);
	if (!code)
		code = ktap_arena_string(x, text.length, &string);
	if (code)
		return code;
	text.bytes = string->bytes;
	text.length = 0;
	put_answer(&text, id, args, &m);
	result->bits = ktap_str_bits(string);
	return 0;
}
