// SPDX-License-Identifier: GPL-2.0-or-later
/* The envelope of a bundle: trailer, header, section table, digest. */
#include "loader.h"

#define HEADER_SIZE 64u
#define ENTRY_SIZE 24u
#define TRAILER_SIZE 16u
#define DIGEST 24u /* where it stands in the header */
#define DIGEST_SIZE 32u

static bool zeros(const uint8_t *from, const uint8_t *to)
{
	while (from < to)
		if (*from++)
			return false;
	return true;
}

static int check_header(const uint8_t *data, size_t length, uint64_t *signed_length,
			struct ktap_diagnostic *d)
{
	if (length < HEADER_SIZE || memcmp(data, KTAP_BUNDLE_MAGIC, 8))
		return ktap_refuse(d, -EBADMSG, "this is not a ktap bundle");
	if (ktap_le16(data + 8) != KTAP_BUNDLE_MAJOR)
		return ktap_refuse(d, -EBADMSG,
				   "the bundle has format version %u, this program reads version %u",
				   ktap_le16(data + 8), KTAP_BUNDLE_MAJOR);
	*signed_length = ktap_le64(data + 16);
	if (*signed_length < HEADER_SIZE || *signed_length % 8 || *signed_length > KTAP_MAX_BUNDLE)
		return ktap_refuse(d, -EBADMSG, "the bundle states an impossible length");
	return 0;
}

int ktap_bundle_open(const void *bundle, size_t length, struct ktap_envelope *envelope,
		     struct ktap_diagnostic *d)
{
	const uint8_t *data = bundle, *trailer;
	uint64_t signed_length, cms_length;
	int error;

	memset(envelope, 0, sizeof(*envelope));
	if (length > KTAP_MAX_BUNDLE)
		return ktap_refuse(d, -EBADMSG, "the bundle is longer than %u bytes",
				   KTAP_MAX_BUNDLE);
	error = check_header(data, length, &signed_length, d);
	if (error)
		return error;
	if (length < signed_length + TRAILER_SIZE)
		return ktap_refuse(d, -EBADMSG, "the bundle is truncated");
	trailer = data + length - TRAILER_SIZE;
	cms_length = ktap_le32(trailer);
	if (memcmp(trailer + 8, KTAP_TRAILER_MAGIC, 8) || ktap_le32(trailer + 4))
		return ktap_refuse(d, -EBADMSG,
				   "the bundle has no trailer at its end: it is truncated, lengthened or damaged");
	if (signed_length + cms_length + TRAILER_SIZE != length)
		return ktap_refuse(d, -EBADMSG, "the bundle's length is not what its header and trailer state");
	envelope->signed_length = (size_t)signed_length;
	envelope->cms_length = (size_t)cms_length;
	envelope->cms = cms_length ? data + signed_length : NULL;
	if (cms_length && zeros(data + DIGEST, data + DIGEST + DIGEST_SIZE))
		return ktap_refuse(d, -EBADMSG, "the bundle is signed but states no digest");
	return 0;
}

/*
 * SHA-256 with the header's digest field as zeros, on a copy: the data may be read-only. A bundle whose
 * maker computed none states zeros; ktap_bundle_open() wants that to be unsigned.
 */
static int check_digest(const uint8_t *data, size_t length, const struct ktap_home *home,
			uint8_t digest[DIGEST_SIZE], struct ktap_diagnostic *d)
{
	uint8_t *copy;
	int error;

	memcpy(digest, data + DIGEST, DIGEST_SIZE);
	if (!home->sha256)
		return 0;
	copy = ktap_alloc(length);
	if (!copy)
		return ktap_refuse(d, -ENOMEM, "out of memory");
	memcpy(copy, data, length);
	memset(copy + DIGEST, 0, DIGEST_SIZE);
	error = home->sha256(copy, length, digest);
	ktap_free(copy);
	if (error)
		return ktap_refuse(d, error, "the digest cannot be computed");
	if (memcmp(digest, data + DIGEST, DIGEST_SIZE) &&
	    !zeros(data + DIGEST, data + DIGEST + DIGEST_SIZE))
		return ktap_refuse(d, -EBADMSG, "the bundle's digest is wrong: it was damaged or changed");
	return 0;
}

/* The section table: ascending kinds, each section right behind the one before it. */
static int find_sections(const uint8_t *data, size_t length, struct ktap_sections *sections,
			 struct ktap_diagnostic *d)
{
	uint32_t count = ktap_le32(data + 12), n;
	uint64_t end = HEADER_SIZE + (uint64_t)ENTRY_SIZE * count;

	if (count < KTAP_SECTION_LAST - 1 || count > KTAP_SECTION_LAST || end > length)
		return ktap_refuse(d, -EBADMSG, "the bundle has %u sections, not %u or %u", count,
				   KTAP_SECTION_LAST - 1, KTAP_SECTION_LAST);
	for (n = 0; n < count; n++) {
		const uint8_t *entry = data + HEADER_SIZE + (size_t)ENTRY_SIZE * n;
		uint32_t kind = ktap_le32(entry);
		uint64_t offset = ktap_le64(entry + 8), bytes = ktap_le64(entry + 16);

		/* All are there but perhaps the last: so the n-th has kind n + 1. */
		if (kind != n + 1)
			return ktap_refuse(d, -EBADMSG, "section %u has kind %u where %u belongs", n,
					   kind, n + 1);
		if (ktap_le32(entry + 4))
			return ktap_refuse(d, -EBADMSG, "section %u has a reserved field that is not 0",
					   n);
		if (offset != end || bytes > length - offset)
			return ktap_refuse(d, -EBADMSG, "section %u is not where it belongs", n);
		end = (offset + bytes + 7) & ~7ull;
		if (end > length || !zeros(data + offset + bytes, data + end))
			return ktap_refuse(d, -EBADMSG, "the padding behind section %u is not zero", n);
		sections->data[kind] = data + offset;
		sections->length[kind] = (uint32_t)bytes;
	}
	if (end != length)
		return ktap_refuse(d, -EBADMSG, "the signed part has bytes behind its last section");
	return 0;
}

int ktap_bundle_sections(const uint8_t *data, size_t length, const struct ktap_home *home,
			 struct ktap_sections *sections, struct ktap_diagnostic *d)
{
	uint64_t signed_length;
	int error;

	memset(sections, 0, sizeof(*sections));
	error = check_header(data, length, &signed_length, d);
	if (error)
		return error;
	if (signed_length != length)
		return ktap_refuse(d, -EBADMSG, "the signed part is not as long as its header states");
	if (ktap_le64(data + 56))
		return ktap_refuse(d, -EBADMSG, "the header has a reserved field that is not 0");
	error = check_digest(data, length, home, sections->sha256, d);
	if (error)
		return error;
	return find_sections(data, length, sections, d);
}

const uint8_t *ktap_text_bytes(const struct ktap_sections *sections, const uint8_t *reference,
			       uint32_t *length)
{
	uint32_t offset = ktap_le32(reference), bytes = ktap_le32(reference + 4);
	uint32_t size = sections->length[KTAP_SECTION_TEXT];

	if (offset > size || bytes > size - offset)
		return NULL;
	*length = bytes;
	return sections->data[KTAP_SECTION_TEXT] + offset;
}
