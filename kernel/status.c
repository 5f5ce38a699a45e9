// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/ktap/programs: which programs are loaded, whose they are, how they fare. A user sees his own, with
 * CAP_SYS_ADMIN all. /proc/ktap/events: what this kernel lets scripts trace.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/math64.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/timekeeping.h>

#include "events.h"
#include "instance.h"
#include "module.h"

struct view {
	struct seq_file *seq;
	kuid_t uid;
	bool all;
};

static const char *const states[] = {
	[KTAP_STATE_LOADED] = "loaded",	    [KTAP_STATE_ATTACHED] = "attached",
	[KTAP_STATE_RUNNING] = "running",   [KTAP_STATE_STOPPING] = "stopping",
	[KTAP_STATE_ENDED] = "ended",
};

/* The events of the script, as it names them. */
static void show_events(struct seq_file *seq, const struct ktap_instance *i)
{
	u32 n, shown = 0;

	seq_printf(seq, "  events    %u attached", READ_ONCE(i->event_count));
	for (n = 0; n < i->info->probe_count; n++) {
		const struct ktap_probe_info *probe = ktap_program_probe(i->program, n);

		if (probe->kind != KTAP_PROBE_EVENT)
			continue;
		if (++shown > 8) {
			seq_puts(seq, ", ...");
			break;
		}
		seq_printf(seq, "%s %s", shown == 1 ? ":" : ",", probe->event.bytes);
	}
	seq_putc(seq, '\n');
}

static void show_narrowing(struct seq_file *seq, const struct ktap_instance *i)
{
	if (!i->pid && i->cpu < 0 && !i->command && !i->cgroup)
		return;
	seq_puts(seq, "  only      ");
	if (i->pid)
		seq_printf(seq, "pid %d%s ", i->pid, i->children ? " and its children" : "");
	if (i->command)
		seq_printf(seq, "command %d ", i->command);
	if (i->cpu >= 0)
		seq_printf(seq, "cpu %d ", i->cpu);
	if (i->cgroup)
		seq_puts(seq, "a cgroup");
	seq_putc(seq, '\n');
}

/* Parts of a whole in tenths of a percent. */
static void show_share(struct seq_file *seq, struct ktap_instance *i)
{
	u64 elapsed = i->started ? ktime_get_mono_fast_ns() - i->started : 0;
	u64 thousandths = div64_u64(ktap_instance_time(i) * 1000, elapsed ?: 1);

	seq_printf(seq, "  cpu       %llu.%llu %% of one CPU since START; cpu_share %u %% of each\n",
		   div_u64(thousandths, 10), thousandths - div_u64(thousandths, 10) * 10,
		   ktap_cpu_share);
}

static void show_error(struct seq_file *seq, const struct ktap_ioc_status *status)
{
	if (status->error.code)
		seq_printf(seq, "  errors    1: line %u: %s\n", status->error.line,
			   ktap_error_text(status->error.code));
	else
		seq_puts(seq, "  errors    0\n");
}

static void show_program(struct ktap_instance *i, void *context)
{
	const struct view *view = context;
	struct seq_file *seq = view->seq;
	struct ktap_ioc_status status;

	if (!view->all && !uid_eq(i->uid, view->uid))
		return;
	ktap_instance_status(i, &status);
	seq_printf(seq, "\nprogram %s\n", i->info->name.bytes);
	seq_printf(seq, "  state     %s%s\n", states[status.state],
		   status.state == KTAP_STATE_RUNNING && !status.live ? ", top-level code" : "");
	seq_printf(seq, "  identity  %*phN\n", 8, i->info->sha256);
	seq_printf(seq, "  by        uid %u, %s[%d]\n", from_kuid_munged(&init_user_ns, i->uid),
		   i->comm, i->owner);
	seq_printf(seq, "  signer    %s\n", i->signer[0] ? i->signer : "none");
	seq_printf(seq, "  since     %ptT UTC, %lld s\n", &i->loaded,
		   ktime_get_real_seconds() - i->loaded);
	show_events(seq, i);
	show_narrowing(seq, i);
	seq_printf(seq,
		   "  hits      %llu = %llu handled + %llu missed + %llu throttled + %llu dropped\n",
		   status.hits, status.handled, status.missed, status.throttled, status.dropped);
	seq_printf(seq, "  lost      %llu records, %llu of them over limit rate (%u); %u changes\n",
		   status.lost_records, status.over_rate, i->info->event_rate, status.lost_changes);
	show_error(seq, &status);
	seq_printf(seq, "  memory    %llu bytes, and %zu of rings\n", status.memory,
		   i->rings.bytes);
	show_share(seq, i);
}

static int show_programs(struct seq_file *seq, void *unused)
{
	struct view view = {
		.seq = seq,
		.uid = seq->file->f_cred->uid,
		.all = file_ns_capable(seq->file, &init_user_ns, CAP_SYS_ADMIN),
	};

	seq_printf(seq, "ktapvm " KTAP_RELEASE ": enforce %d, allow_modify %d, cpu_share %u\n",
		   READ_ONCE(ktap_enforce), ktap_allow_modify, ktap_cpu_share);
	ktap_users_show(seq, view.uid, view.all);
	ktap_instances_visit(show_program, &view);
	return 0;
}

static int show_all_events(struct seq_file *seq, void *unused)
{
	return ktap_events_list(seq);
}

static struct proc_dir_entry *folder;

int __init ktap_status_init(void)
{
	folder = proc_mkdir("ktap", NULL);
	if (folder && proc_create_single("programs", 0444, folder, show_programs) &&
	    proc_create_single("events", 0444, folder, show_all_events))
		return 0;
	ktap_status_exit();
	return -ENOMEM;
}

void ktap_status_exit(void)
{
	if (folder)
		proc_remove(folder);
	folder = NULL;
}
