// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The per-CPU rings. Space is reserved with a local cmpxchg, so an interrupt may reserve in
 * the middle of a reservation. The reader sees a new head only when every header below it
 * stands (BUSY or DISCARD): otherwise it could take bytes of the previous lap for a record. So the
 * outermost reservation on the CPU publishes the head for all that interrupted it.
 *
 * Nothing is read back from the shared pages but the reader's tail, which is checked; a
 * lying reader spoils the contents of its own rings and nothing else.
 */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>

#include "compat/mm.h"
#include "ring.h"

static size_t ktap_consumer_bytes(void)
{
	return PAGE_ALIGN(nr_cpu_ids * sizeof(struct ktap_consumer));
}

size_t ktap_rings_bytes(u32 size)
{
	return ktap_consumer_bytes() +
	       (size_t)nr_cpu_ids * (PAGE_SIZE + size + sizeof(struct ktap_ring));
}

int ktap_rings_new(struct ktap_rings *rings, u32 size)
{
	unsigned int cpu;

	rings->count = nr_cpu_ids;
	rings->bytes = ktap_rings_bytes(size);
	rings->consumer_bytes = ktap_consumer_bytes();
	rings->consumers = vmalloc_user(rings->consumer_bytes);
	rings->rings = kvcalloc(rings->count, sizeof(*rings->rings), GFP_KERNEL);
	if (!rings->consumers || !rings->rings)
		goto fail;
	for (cpu = 0; cpu < rings->count; cpu++) {
		struct ktap_ring *ring = &rings->rings[cpu];
		u8 *area = vmalloc_user(PAGE_SIZE + size);

		if (!area)
			goto fail;
		ring->producer = (struct ktap_producer *)area;
		ring->producer->size = size;
		ring->producer->page = PAGE_SIZE;
		ring->data = area + PAGE_SIZE;
		ring->size = size;
		ring->consumer = &rings->consumers[cpu];
	}
	return 0;
fail:
	ktap_rings_free(rings);
	return -ENOMEM;
}

void ktap_rings_free(struct ktap_rings *rings)
{
	unsigned int cpu;

	if (rings->rings)
		for (cpu = 0; cpu < rings->count; cpu++)
			vfree(rings->rings[cpu].producer);
	kvfree(rings->rings);
	vfree(rings->consumers);
	memset(rings, 0, sizeof(*rings));
}

int ktap_rings_map(struct ktap_rings *rings, struct vm_area_struct *vma)
{
	const unsigned int shift = KTAP_RING_SHIFT - PAGE_SHIFT;
	unsigned long bytes = vma->vm_end - vma->vm_start;
	unsigned long slot = vma->vm_pgoff >> shift;
	struct ktap_ring *ring;

	if (!(vma->vm_flags & VM_SHARED) || vma->vm_pgoff & ((1ul << shift) - 1))
		return -EINVAL;
	if (vma->vm_flags & VM_EXEC)
		return -EPERM;
	if (slot == 0) {
		if (bytes > rings->consumer_bytes)
			return -EINVAL;
		ktap_vm_flags_mod(vma, VM_DONTCOPY, VM_MAYEXEC);
		return remap_vmalloc_range(vma, rings->consumers, 0);
	}
	if (slot > rings->count)
		return -EINVAL;
	ring = &rings->rings[slot - 1];
	if (bytes > PAGE_SIZE + ring->size)
		return -EINVAL;
	if (vma->vm_flags & VM_WRITE)
		return -EPERM;
	ktap_vm_flags_mod(vma, VM_DONTCOPY, VM_MAYWRITE | VM_MAYEXEC);
	return remap_vmalloc_range(vma, ring->producer, 0);
}

/* The reader's position, or `head` where it claims one that cannot be. */
static u32 ktap_ring_tail(const struct ktap_ring *ring, u32 head)
{
	/* Acquire: what the reader read before it moved the tail is read before we overwrite it. */
	u32 tail = smp_load_acquire(&ring->consumer->tail);

	return head - tail > ring->size || tail & 7 ? head : tail;
}

static u32 ktap_ring_used(const struct ktap_ring *ring)
{
	u32 head = READ_ONCE(ring->reserved);

	return head - ktap_ring_tail(ring, head);
}

bool ktap_rings_readable(const struct ktap_rings *rings)
{
	unsigned int cpu;

	for (cpu = 0; cpu < rings->count; cpu++) {
		const struct ktap_ring *ring = &rings->rings[cpu];
		u32 head = smp_load_acquire(&ring->producer->head);
		u32 tail = ktap_ring_tail(ring, head);
		const u32 *length = (const u32 *)(ring->data + (tail & (ring->size - 1)));

		if (head != tail && !(READ_ONCE(*length) & KTAP_RECORD_BUSY))
			return true;
	}
	return false;
}

u64 ktap_rings_lost(const struct ktap_rings *rings)
{
	unsigned int cpu;
	u64 lost = 0;

	for (cpu = 0; cpu < rings->count; cpu++)
		lost += (unsigned long)local_read(&rings->rings[cpu].lost);
	return lost;
}

void ktap_ring_lose(struct ktap_rings *rings)
{
	struct ktap_ring *ring;

	preempt_disable();
	ring = &rings->rings[raw_smp_processor_id()];
	local_inc(&ring->lost);
	WRITE_ONCE(ring->producer->lost, (u32)local_read(&ring->lost));
	preempt_enable();
}

/* Makes the reservations so far visible, unless one that this one interrupted will do it. */
static void ktap_ring_publish(struct ktap_ring *ring)
{
	u32 head;

	if (ring->nest > 1) {
		ring->nest--;
		return;
	}
	do {
		ring->nest = 1;
		barrier();
		head = READ_ONCE(ring->reserved);
		/* Release: the headers stand before the reader sees the head. */
		smp_store_release(&ring->producer->head, head);
		barrier();
		WRITE_ONCE(ring->nest, 0);
		barrier();
		/* An interrupt before nest was 0 left its publishing to us. */
	} while (head != READ_ONCE(ring->reserved));
}

void *ktap_ring_reserve(struct ktap_rings *rings, u16 kind, u16 site, u32 payload_length,
			bool *never)
{
	const u32 length = sizeof(struct ktap_record) + payload_length;
	struct ktap_record *record = NULL;
	struct ktap_ring *ring;
	u32 head, pad;
	u64 ns;

	preempt_disable();
	ring = &rings->rings[raw_smp_processor_id()];
	/* Half the ring always finds room once the reader has caught up, padding included. */
	*never = payload_length > ring->size / 2 - sizeof(*record);
	if (*never)
		goto out;
	WRITE_ONCE(ring->nest, ring->nest + 1);
	barrier();
	do {
		u32 position;

		head = READ_ONCE(ring->reserved);
		position = head & (ring->size - 1);
		pad = ring->size - position < length ? ring->size - position : 0;
		if (ring->size - (head - ktap_ring_tail(ring, head)) < pad + length)
			goto full;
		/* Read in the loop, so that times never run backwards within a ring. */
		ns = ktime_get_mono_fast_ns();
	} while (cmpxchg_local(&ring->reserved, head, head + pad + length) != head);
	if (pad) {
		/* Padding may be as short as 8 bytes: only its length is written. */
		record = (struct ktap_record *)(ring->data + (head & (ring->size - 1)));
		record->length = pad | KTAP_RECORD_DISCARD;
	}
	record = (struct ktap_record *)(ring->data + ((head + pad) & (ring->size - 1)));
	record->length = length | KTAP_RECORD_BUSY;
	record->kind = kind;
	record->site = site;
	record->ns = ns;
full:
	ktap_ring_publish(ring);
out:
	preempt_enable();
	return record ? record + 1 : NULL;
}

bool ktap_ring_commit(struct ktap_rings *rings, void *payload)
{
	struct ktap_record *record = (struct ktap_record *)payload - 1;
	unsigned int cpu = raw_smp_processor_id();
	struct ktap_ring *ring = &rings->rings[cpu];

	/* The thread may have been moved to another CPU since it reserved. */
	for (cpu = 0; (u8 *)payload < ring->data || (u8 *)payload >= ring->data + ring->size; cpu++)
		ring = &rings->rings[cpu];
	smp_store_release(&record->length, record->length & ~KTAP_RECORD_BUSY);
	return ktap_ring_used(ring) >= ring->size / 4;
}
