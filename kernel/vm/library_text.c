// SPDX-License-Identifier: GPL-2.0-or-later
/* Texts from numbers and bytes: error names, addresses. The same on every machine. */
#include "text.h"

/*
 * By number, as most machines have them; a machine's own numbers play no part. Sixteen names in a
 * row, one behind the other: half the size of a table.
 */
static const char *const errors[] = {
	"\0EPERM\0ENOENT\0ESRCH\0EINTR\0EIO\0ENXIO\0E2BIG\0ENOEXEC\0EBADF\0ECHILD\0"
	"EAGAIN\0ENOMEM\0EACCES\0EFAULT\0ENOTBLK",
	"EBUSY\0EEXIST\0EXDEV\0ENODEV\0ENOTDIR\0EISDIR\0EINVAL\0ENFILE\0EMFILE\0ENOTTY\0"
	"ETXTBSY\0EFBIG\0ENOSPC\0ESPIPE\0EROFS\0EMLINK",
	"EPIPE\0EDOM\0ERANGE\0EDEADLK\0ENAMETOOLONG\0ENOLCK\0ENOSYS\0ENOTEMPTY\0ELOOP\0\0"
	"ENOMSG\0EIDRM\0ECHRNG\0EL2NSYNC\0EL3HLT\0EL3RST",
	"ELNRNG\0EUNATCH\0ENOCSI\0EL2HLT\0EBADE\0EBADR\0EXFULL\0ENOANO\0EBADRQC\0"
	"EBADSLT\0\0EBFONT\0ENOSTR\0ENODATA\0ETIME\0ENOSR",
	"ENONET\0ENOPKG\0EREMOTE\0ENOLINK\0EADV\0ESRMNT\0ECOMM\0EPROTO\0EMULTIHOP\0"
	"EDOTDOT\0EBADMSG\0EOVERFLOW\0ENOTUNIQ\0EBADFD\0EREMCHG\0ELIBACC",
	"ELIBBAD\0ELIBSCN\0ELIBMAX\0ELIBEXEC\0EILSEQ\0ERESTART\0ESTRPIPE\0EUSERS\0"
	"ENOTSOCK\0EDESTADDRREQ\0EMSGSIZE\0EPROTOTYPE\0ENOPROTOOPT\0EPROTONOSUPPORT\0"
	"ESOCKTNOSUPPORT\0EOPNOTSUPP",
	"EPFNOSUPPORT\0EAFNOSUPPORT\0EADDRINUSE\0EADDRNOTAVAIL\0ENETDOWN\0ENETUNREACH\0"
	"ENETRESET\0ECONNABORTED\0ECONNRESET\0ENOBUFS\0EISCONN\0ENOTCONN\0ESHUTDOWN\0"
	"ETOOMANYREFS\0ETIMEDOUT\0ECONNREFUSED",
	"EHOSTDOWN\0EHOSTUNREACH\0EALREADY\0EINPROGRESS\0ESTALE\0EUCLEAN\0ENOTNAM\0"
	"ENAVAIL\0EISNAM\0EREMOTEIO\0EDQUOT\0ENOMEDIUM\0EMEDIUMTYPE\0ECANCELED\0ENOKEY\0"
	"EKEYEXPIRED",
	"EKEYREVOKED\0EKEYREJECTED\0EOWNERDEAD\0ENOTRECOVERABLE\0ERFKILL\0EHWPOISON",
};
#define ERRORS_COUNT 134u

/* From 512 on: the kernel's own, which its events show all the same. */
#define FIRST_INTERNAL 512u
static const char *const internal_errors[] = {
	"ERESTARTSYS\0ERESTARTNOINTR\0ERESTARTNOHAND\0ENOIOCTLCMD\0"
	"ERESTART_RESTARTBLOCK\0EPROBE_DEFER\0EOPENSTALE\0ENOPARAM\0\0EBADHANDLE\0"
	"ENOTSYNC\0EBADCOOKIE\0ENOTSUPP\0ETOOSMALL\0ESERVERFAULT\0EBADTYPE",
	"EJUKEBOX\0EIOCBQUEUED\0ERECALLCONFLICT\0ENOGRACE",
};
#define INTERNAL_ERRORS_COUNT 20u

void ktap_put_text(struct ktap_text_out *t, const char *text)
{
	while (*text)
		ktap_put(t, *text++);
}

void ktap_put_number(struct ktap_text_out *t, uint32_t value, uint32_t width, char pad)
{
	char digits[10];
	uint32_t count = 0;

	do {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	for (; width > count; width--)
		ktap_put(t, pad);
	while (count)
		ktap_put(t, digits[--count]);
}

/* At most four hexadecimal digits, at least `width`. */
static void put_hex(struct ktap_text_out *t, uint32_t value, uint32_t width)
{
	uint32_t shift;

	for (shift = 16; shift;) {
		shift -= 4;
		if (shift < 4 * width || value >> shift)
			ktap_put(t, "0123456789abcdef"[value >> shift & 15]);
	}
}

static const char *name_in(const char *const *rows, uint32_t n)
{
	const char *name = rows[n / 16];

	for (n %= 16; n; n--)
		name += strlen(name) + 1;
	return name;
}

static void put_error(struct ktap_text_out *t, int64_t number)
{
	uint64_t size = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	const char *name = "";
	char decimal[KTAP_DECIMAL];
	uint32_t length, n;

	if (size < ERRORS_COUNT)
		name = name_in(errors, (uint32_t)size);
	else if (size >= FIRST_INTERNAL && size < FIRST_INTERNAL + INTERNAL_ERRORS_COUNT)
		name = name_in(internal_errors, (uint32_t)size - FIRST_INTERNAL);
	ktap_put_text(t, name);
	if (*name)
		return;
	length = ktap_decimal(number, decimal);
	for (n = 0; n < length; n++)
		ktap_put(t, decimal[n]);
}

static void put_ip4(struct ktap_text_out *t, const uint8_t bytes[4])
{
	uint32_t n;

	for (n = 0; n < 4; n++) {
		if (n)
			ktap_put(t, '.');
		ktap_put_number(t, bytes[n], 1, '0');
	}
}

/* RFC 5952: the first of the longest runs of zero words is "::"; an IPv4 address is written as one. */
static void put_ip6(struct ktap_text_out *t, const struct ktap_string *s)
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
			ktap_put_text(t, "::");
			n += longest - 1;
			continue;
		}
		if (n && n != from + longest)
			ktap_put(t, ':');
		put_hex(t, words[n], 1);
	}
	if (mapped) {
		ktap_put(t, ':');
		put_ip4(t, bytes + 12);
	}
}

static void put_mac(struct ktap_text_out *t, const struct ktap_string *s)
{
	uint32_t n;

	if (s->length != 6)
		return;
	for (n = 0; n < 6; n++) {
		if (n)
			ktap_put(t, ':');
		put_hex(t, (uint8_t)s->bytes[n], 2);
	}
}

static void put_hex64(struct ktap_text_out *t, uint64_t value)
{
	uint32_t shift = 60;

	ktap_put_text(t, "0x");
	while (shift && !(value >> shift))
		shift -= 4;
	for (;; shift -= 4) {
		put_hex(t, (uint32_t)(value >> shift) & 15, 1);
		if (!shift)
			break;
	}
}

static void put_answer(struct ktap_text_out *t, uint32_t id, const struct ktap_value *args)
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
	case KTAP_LIB_HEX:
		return put_hex64(t, args[0].bits);
	default:
		return ktap_put_time(t, ktap_str(args[0].bits), (int64_t)args[1].bits);
	}
}

uint32_t ktap_text_call(struct ktap_exec *x, uint32_t id, const struct ktap_value *args,
			struct ktap_value *result)
{
	uint32_t limit = x->program->info.string_limit, code;
	struct ktap_text_out text = { NULL, 0 };
	struct ktap_string *string;

	result->kind = KTAP_KIND_STR;
	put_answer(&text, id, args);
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
	put_answer(&text, id, args);
	result->bits = ktap_str_bits(string);
	return 0;
}
