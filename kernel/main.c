// SPDX-License-Identifier: GPL-2.0-or-later
/* The module: parameters, beginning and end. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/moduleparam.h>

#include "events.h"
#include "instance.h"
#include "module.h"

bool ktap_enforce;
bool ktap_allow_modify;
unsigned long ktap_max_memory = 128ul << 20;
unsigned int ktap_max_programs = 32;
unsigned int ktap_sample_min_us = 100;
unsigned long ktap_share_ns;
unsigned long ktap_burst_ns;
unsigned int ktap_cpu_share = 10;

/* Once on, enforce stays on: root may not quietly take it back before loading something. */
static int ktap_set_enforce(const char *text, const struct kernel_param *kp)
{
	bool value;
	int error = kstrtobool(text ? text : "1", &value);

	if (error)
		return error;
	if (ktap_enforce && !value)
		return -EPERM;
	ktap_enforce = value;
	return 0;
}

static const struct kernel_param_ops ktap_enforce_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = ktap_set_enforce,
	.get = param_get_bool,
};
module_param_cb(enforce, &ktap_enforce_ops, &ktap_enforce, 0644);
MODULE_PARM_DESC(enforce, "refuse unsigned bundles; cannot be turned off again (default: 0)");

module_param_named(allow_modify, ktap_allow_modify, bool, 0444);
MODULE_PARM_DESC(allow_modify, "admit programs that change the kernel (default: 0)");

static void ktap_share_update(void)
{
	const bool bounded = ktap_cpu_share < 100;
	const unsigned long share = ktap_cpu_share * (KTAP_SHARE_WINDOW_MS * 10000ul);

	WRITE_ONCE(ktap_share_ns, bounded ? share : ULONG_MAX);
	WRITE_ONCE(ktap_burst_ns, bounded ? share * KTAP_SHARE_BURST : ULONG_MAX);
}

static int ktap_set_share(const char *text, const struct kernel_param *kp)
{
	int error = param_set_uint_minmax(text, kp, 1, 100);

	if (!error)
		ktap_share_update();
	return error;
}

static const struct kernel_param_ops ktap_share_ops = {
	.set = ktap_set_share,
	.get = param_get_uint,
};
module_param_cb(cpu_share, &ktap_share_ops, &ktap_cpu_share, 0644);
MODULE_PARM_DESC(cpu_share, "percent of a CPU that one program may use on average, 1..100, 100: no "
			    "bound (default: 10)");

module_param_named(max_memory, ktap_max_memory, ulong, 0644);
MODULE_PARM_DESC(max_memory,
		 "bytes that the programs of one user may hold, rings included (default: 128 MiB)");

module_param_named(max_programs, ktap_max_programs, uint, 0644);
MODULE_PARM_DESC(max_programs, "programs that one user may have loaded (default: 32)");

static int ktap_set_sample_min(const char *text, const struct kernel_param *kp)
{
	return param_set_uint_minmax(text, kp, 10, 1000000);
}

static const struct kernel_param_ops ktap_sample_min_ops = {
	.set = ktap_set_sample_min,
	.get = param_get_uint,
};
module_param_cb(sample_min_us, &ktap_sample_min_ops, &ktap_sample_min_us, 0644);
MODULE_PARM_DESC(sample_min_us, "shortest period of profile-N and of the clocks of perf, in "
				"microseconds, 10 or more (default: 100)");

static int __init ktap_init(void)
{
	int error;

	ktap_share_update();
	error = ktap_signature_init();
	if (error)
		return error;
	error = ktap_dispatch_init();
	if (error)
		goto signature;
	error = ktap_instances_init();
	if (error)
		goto dispatch;
	error = ktap_events_init();
	if (error)
		goto instances;
	error = ktap_device_init();
	if (error)
		goto events;
	error = ktap_status_init();
	if (error)
		goto device;
	pr_info("version " KTAP_RELEASE ", %s bundles\n",
		ktap_enforce ? "signed" : "signed and root's unsigned");
	return 0;
device:
	ktap_device_exit();
events:
	ktap_events_exit();
instances:
	ktap_instances_exit();
dispatch:
	ktap_dispatch_exit();
signature:
	ktap_signature_exit();
	return error;
}

static void __exit ktap_exit(void)
{
	ktap_status_exit();
	ktap_device_exit();
	/* Workers may still be freeing programs whose descriptors are closed. */
	ktap_instances_exit();
	ktap_events_exit();
	ktap_dispatch_exit();
	ktap_signature_exit();
}

module_init(ktap_init);
module_exit(ktap_exit);
MODULE_DESCRIPTION("ktap: runs verified, signed tracing programs");
MODULE_LICENSE("GPL");
MODULE_VERSION(KTAP_RELEASE);
