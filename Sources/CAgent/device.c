// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The device and the rings; the ioctl numbers are made with this architecture's encoding. Where musl's
 * function drags in much that is not needed here, a smaller one takes its place.
 */
#define _GNU_SOURCE /* syscall */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cagent.h"

enum cagent_error cagent_classify(int result)
{
	switch (-result) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return CAGENT_MISSING;
	case EACCES:
		return CAGENT_DENIED;
	case EPERM:
		return CAGENT_NOT_PERMITTED;
	case EINVAL:
		return CAGENT_INVALID;
	case EBADMSG:
	case ENOEXEC:
	case EKEYREJECTED:
	case ENOKEY:
		return CAGENT_REFUSED;
	case EPIPE:
		return CAGENT_BROKEN_PIPE;
	case ENOTTY:
		return CAGENT_UNKNOWN_CALL;
	case EINTR:
		return CAGENT_INTERRUPTED;
	default:
		return CAGENT_OTHER;
	}
}

/* Those that opening, writing, starting a process and the module's calls can give. */
const char *cagent_error_text(int result)
{
	static const struct {
		int code;
		const char *text;
	} texts[] = {
		{ EPERM, "Operation not permitted" },
		{ ENOENT, "No such file or directory" },
		{ EINTR, "Interrupted" },
		{ EIO, "I/O error" },
		{ ENXIO, "No such device or address" },
		{ E2BIG, "Argument list too long" },
		{ ENOEXEC, "Not a program of this machine" },
		{ EBADF, "Not open" },
		{ EAGAIN, "Resource temporarily unavailable" },
		{ ENOMEM, "Out of memory" },
		{ EACCES, "Permission denied" },
		{ EBUSY, "Busy" },
		{ ENODEV, "No such device" },
		{ ENOTDIR, "Not a directory" },
		{ EISDIR, "Is a directory" },
		{ EINVAL, "Invalid argument" },
		{ EMFILE, "Too many open files" },
		{ ETXTBSY, "File is being written" },
		{ EFBIG, "File too large" },
		{ ENOSPC, "No space left on device" },
		{ EROFS, "Read-only file system" },
		{ EPIPE, "Broken pipe" },
		{ ENAMETOOLONG, "Name too long" },
		{ ELOOP, "Too many symbolic links" },
		{ EDQUOT, "Quota exceeded" },
	};
	static char number[] = "error 0000";
	char *digit = number + sizeof(number) - 2;
	unsigned int n;

	for (n = 0; n < sizeof(texts) / sizeof(*texts); n++)
		if (texts[n].code == -result)
			return texts[n].text;
	for (n = (unsigned int)-result; digit > number + 5; n /= 10)
		*digit-- = (char)('0' + n % 10);
	return number;
}

static int cagent_ioctl(int file, unsigned long request, void *argument)
{
	int result;

	do
		result = (int)syscall(SYS_ioctl, file, request, argument);
	while (result < 0 && errno == EINTR);
	return result < 0 ? -errno : result;
}

int cagent_open_device(void)
{
	int file = open(KTAP_DEVICE, O_RDWR | O_CLOEXEC);

	return file < 0 ? -errno : file;
}

int cagent_version(int device, struct ktap_ioc_version *version)
{
	return cagent_ioctl(device,
			    _IOR(KTAP_IOCTL_MAGIC, KTAP_NR_VERSION, struct ktap_ioc_version),
			    version);
}

int cagent_load(int device, struct ktap_ioc_load *load)
{
	return cagent_ioctl(device, _IOWR(KTAP_IOCTL_MAGIC, KTAP_NR_LOAD, struct ktap_ioc_load),
			    load);
}

int cagent_narrow(int program, struct ktap_ioc_narrow *narrow)
{
	return cagent_ioctl(program,
			    _IOWR(KTAP_IOCTL_MAGIC, KTAP_NR_NARROW, struct ktap_ioc_narrow), narrow);
}

int cagent_attach(int program, struct ktap_ioc_attach *attach)
{
	return cagent_ioctl(program,
			    _IOWR(KTAP_IOCTL_MAGIC, KTAP_NR_ATTACH, struct ktap_ioc_attach), attach);
}

int cagent_start(int program)
{
	return cagent_ioctl(program, _IO(KTAP_IOCTL_MAGIC, KTAP_NR_START), NULL);
}

int cagent_stop(int program)
{
	return cagent_ioctl(program, _IO(KTAP_IOCTL_MAGIC, KTAP_NR_STOP), NULL);
}

int cagent_status(int program, struct ktap_ioc_status *status)
{
	return cagent_ioctl(program, _IOR(KTAP_IOCTL_MAGIC, KTAP_NR_STATUS, struct ktap_ioc_status),
			    status);
}

int cagent_event(int program, struct ktap_ioc_event *event)
{
	return cagent_ioctl(program, _IOWR(KTAP_IOCTL_MAGIC, KTAP_NR_EVENT, struct ktap_ioc_event),
			    event);
}

int cagent_symbol(int program, struct ktap_ioc_symbol *symbol)
{
	return cagent_ioctl(program, _IOWR(KTAP_IOCTL_MAGIC, KTAP_NR_SYMBOL, struct ktap_ioc_symbol),
			    symbol);
}

void *cagent_map(int program, uint64_t offset, size_t length, bool writable, int *error)
{
	/* Offsets above 2^32 are handed to the kernel in pages, also on a 32-bit board. */
	void *address = mmap(NULL, length, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED,
			     program, (off_t)offset);

	*error = address == MAP_FAILED ? -errno : 0;
	return address == MAP_FAILED ? NULL : address;
}

void cagent_unmap(void *address, size_t length)
{
	munmap(address, length);
}

size_t cagent_page_size(void)
{
	return getauxval(AT_PAGESZ);
}
