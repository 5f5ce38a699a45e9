// SPDX-License-Identifier: GPL-2.0-or-later
/* The device and the rings; the ioctl numbers are made with this architecture's encoding. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "cagent.h"
#include "system.h"

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
		result = (int)cagent_syscall(SYS_ioctl, (long)file, request, (long)argument);
	while (result == -EINTR);
	return result;
}

int cagent_open_device(void)
{
	return cagent_open_as(KTAP_DEVICE, O_RDWR);
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
	return cagent_map_memory(length, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED,
				 program, offset, error);
}

void cagent_unmap(void *address, size_t length)
{
	cagent_syscall(SYS_munmap, (long)address, (long)length);
}

void *cagent_map_memory(size_t length, int protection, int flags, int file, uint64_t offset,
			int *error)
{
	/* On 32-bit boards the kernel takes the offset in units of 4096 bytes. */
#ifdef SYS_mmap2
	long address = cagent_syscall(SYS_mmap2, 0L, (long)length, (long)protection, (long)flags,
				      (long)file, (long)(offset >> 12));
#else
	long address = cagent_syscall(SYS_mmap, 0L, (long)length, (long)protection, (long)flags,
				      (long)file, (long)offset);
#endif

	/* The last page of the address space is none: these are errno values. */
	*error = (unsigned long)address > -4096ul ? (int)address : 0;
	return *error ? NULL : (void *)address;
}
