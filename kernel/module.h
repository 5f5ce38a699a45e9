/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module's parameters, and what its files share beside the instance. */
#ifndef KTAP_MODULE_H
#define KTAP_MODULE_H

#include <linux/types.h>
#include <linux/uidgid.h>

#include <ktap/abi.h>
#include <ktapvm.h>

#ifndef KTAP_RELEASE
#define KTAP_RELEASE "0.5.0"
#endif

/* Module parameters, main.c; docs/kernel-abi.md describes them. */
extern bool ktap_enforce;
extern bool ktap_allow_modify;
extern unsigned long ktap_max_memory;
extern unsigned int ktap_max_programs;
extern unsigned int ktap_cpu_share; /* percent; ktap_share_ns and ktap_burst_ns come of it */
extern unsigned int ktap_sample_min_us; /* shortest period of what is sampled by a clock */
/* ns of a CPU that a program may use in KTAP_SHARE_WINDOW on average; ULONG_MAX: no bound. */
extern unsigned long ktap_share_ns;
/* ns that it may use at once after it was idle: the share of KTAP_SHARE_BURST windows. */
extern unsigned long ktap_burst_ns;

#define KTAP_SHARE_WINDOW_MS 100
#define KTAP_SHARE_BURST 10

/* What the virtual machine asks of the kernel, home.c. */
extern const struct ktap_home ktap_kernel_home;

/* Execution contexts of probes, dispatch.c. */
int ktap_dispatch_init(void);
void ktap_dispatch_exit(void);
/* Whether x is the context of a handler that runs now on this CPU, and the event that it handles or NULL. */
bool ktap_dispatch_runs(const struct ktap_exec *x);
const struct ktap_event *ktap_dispatch_event(const struct ktap_exec *x);

/* The keyring, signature.c. */
int ktap_signature_init(void);
void ktap_signature_exit(void);
/*
 * Checks the signature that envelope says the bundle has. 0, or EKEYREJECTED, ENOKEY, ENOMEM
 * with a sentence in *why. Process context.
 */
int ktap_signature_check(const void *bundle, const struct ktap_envelope *envelope,
			 const char **why);
/* Who made a signature that has been checked: the issuer and serial number of the certificate. */
void ktap_signature_signer(const struct ktap_envelope *envelope, char *text, size_t size);

/* The device, device.c. */
int ktap_device_init(void);
void ktap_device_exit(void);

/* The calls on a program's descriptor, program.c: gives a new descriptor for the instance. */
struct ktap_instance;
int ktap_program_descriptor(struct ktap_instance *i);

/* Loading, load.c: the LOAD call. A descriptor, 0 for a check, or a negative errno. */
long ktap_load(void __user *argument);

/* Copies a sentence to the caller's buffer, cut to its size; a bad address is the caller's problem. */
void ktap_message(const struct ktap_ioc_message *to, const char *text);

/*
 * What one user holds, user.c. ktap_user_get() takes one of the user's program slots; an error
 * pointer says -ERANGE when all are taken, -ENOMEM without memory. charge fails with -ENOMEM when the
 * bytes would exceed max_memory. Process context.
 */
struct ktap_user *ktap_user_get(kuid_t uid);
int ktap_user_charge(struct ktap_user *user, size_t bytes);
void ktap_user_put(struct ktap_user *user, size_t charged);
/* One line for a user who has programs, or for all of them. */
struct seq_file;
void ktap_users_show(struct seq_file *seq, kuid_t uid, bool all);

/* The folder /proc/ktap, status.c: which programs run, which events there are. */
int ktap_status_init(void);
void ktap_status_exit(void);

#endif
