/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rings of a program: one for each possible CPU, written by that CPU alone, mapped by the
 * reader. record.h and abi.h describe what the reader sees.
 */
#ifndef KTAP_RING_H
#define KTAP_RING_H

#include <linux/types.h>
#include <asm/local.h>

#include <ktap/abi.h>

struct ktap_instance;
struct vm_area_struct;

struct ktap_ring {
	/* Bytes reserved, modulo 2^32; producer->head follows when the records' headers stand. */
	u32 reserved;
	unsigned int nest; /* reservations under way on this CPU: an interrupt may nest one */
	u32 size; /* of data: a power of two */
	struct ktap_producer *producer; /* the page before data; read-only for the reader */
	u8 *data;
	const struct ktap_consumer *consumer; /* written by the reader: never trusted */
	local_t lost; /* records that found no room */
};

struct ktap_rings {
	unsigned int count; /* nr_cpu_ids */
	size_t bytes; /* of all areas together */
	struct ktap_consumer *consumers; /* vmalloc_user() area, `count` entries */
	size_t consumer_bytes;
	struct ktap_ring *rings; /* `count` of them */
};

/* Makes rings of `size` bytes a CPU; 0 or -ENOMEM. Process context. */
int ktap_rings_new(struct ktap_rings *rings, u32 size);
/* What ktap_rings_new() will take, in bytes. */
size_t ktap_rings_bytes(u32 size);
/* No mapping and no writer may be left. Accepts zeroed rings. Process context. */
void ktap_rings_free(struct ktap_rings *rings);
/* Maps consumers or a ring as abi.h says; 0 or a negative errno. */
int ktap_rings_map(struct ktap_rings *rings, struct vm_area_struct *vma);
/* True when the reader would find a finished record. */
bool ktap_rings_readable(const struct ktap_rings *rings);
/* Records lost so far, of all CPUs. */
u64 ktap_rings_lost(const struct ktap_rings *rings);

/*
 * Reserves a record on this CPU and returns its payload, or NULL when there is no room (the caller
 * counts) or never will be (*never is set). Any context but NMI.
 */
void *ktap_ring_reserve(struct ktap_rings *rings, u16 kind, u16 site, u32 payload_length,
			bool *never);
/* Counts a record as lost on this CPU. Any context but NMI. */
void ktap_ring_lose(struct ktap_rings *rings);
/* Publishes a reserved record; true when its ring is at least a quarter full. Any CPU. */
bool ktap_ring_commit(struct ktap_rings *rings, void *payload);

#endif
