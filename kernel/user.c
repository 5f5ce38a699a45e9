// SPDX-License-Identifier: GPL-2.0-or-later
/* What each user holds: a number of programs and their memory, bounded by module parameters. */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "module.h"

struct ktap_user {
	struct list_head list;
	kuid_t uid;
	unsigned int programs;
	size_t memory;
	unsigned int refused_programs, refused_memory; /* by either limit */
};

static LIST_HEAD(ktap_users);
static DEFINE_MUTEX(ktap_users_lock);

static struct ktap_user *ktap_user_find(kuid_t uid)
{
	struct ktap_user *user;

	list_for_each_entry (user, &ktap_users, list)
		if (uid_eq(user->uid, uid))
			return user;
	user = kzalloc(sizeof(*user), GFP_KERNEL);
	if (user) {
		user->uid = uid;
		list_add(&user->list, &ktap_users);
	}
	return user;
}

struct ktap_user *ktap_user_get(kuid_t uid)
{
	struct ktap_user *user;

	mutex_lock(&ktap_users_lock);
	user = ktap_user_find(uid);
	if (!user) {
		user = ERR_PTR(-ENOMEM);
	} else if (user->programs < READ_ONCE(ktap_max_programs)) {
		user->programs++;
	} else {
		user->refused_programs++;
		if (!user->programs) {
			list_del(&user->list);
			kfree(user);
		}
		user = ERR_PTR(-ERANGE);
	}
	mutex_unlock(&ktap_users_lock);
	return user;
}

int ktap_user_charge(struct ktap_user *user, size_t bytes)
{
	size_t limit = READ_ONCE(ktap_max_memory);
	int error = 0;

	mutex_lock(&ktap_users_lock);
	if (user->memory > limit || bytes > limit - user->memory)
		error = -ENOMEM;
	else
		user->memory += bytes;
	user->refused_memory += error != 0;
	mutex_unlock(&ktap_users_lock);
	return error;
}

void ktap_user_put(struct ktap_user *user, size_t charged)
{
	mutex_lock(&ktap_users_lock);
	user->memory -= charged;
	if (!--user->programs) {
		list_del(&user->list);
		kfree(user);
	}
	mutex_unlock(&ktap_users_lock);
}

void ktap_users_show(struct seq_file *seq, kuid_t uid, bool all)
{
	const struct ktap_user *user;

	mutex_lock(&ktap_users_lock);
	list_for_each_entry (user, &ktap_users, list) {
		if (!all && !uid_eq(user->uid, uid))
			continue;
		seq_printf(seq,
			   "user %u: %u of %u programs (max_programs), %zu of %lu bytes (max_memory); refused: %u by max_programs, %u by max_memory\n",
			   from_kuid_munged(&init_user_ns, user->uid), user->programs,
			   READ_ONCE(ktap_max_programs), user->memory, READ_ONCE(ktap_max_memory),
			   user->refused_programs, user->refused_memory);
	}
	mutex_unlock(&ktap_users_lock);
}
