/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the envelope (bundle.c) and the sections' contents (loader.c). */
#ifndef KTAP_LOADER_H
#define KTAP_LOADER_H

#include "internal.h"

struct ktap_sections {
	const uint8_t *data[KTAP_SECTION_LAST + 1];
	uint32_t length[KTAP_SECTION_LAST + 1];
	uint8_t sha256[32]; /* of the signed part */
};

/* Finds the sections of the signed part, in canonical form only, and checks the digest. */
int ktap_bundle_sections(const uint8_t *data, size_t length, const struct ktap_home *home,
			 struct ktap_sections *sections, struct ktap_diagnostic *diagnostic);

/* The bytes of a text reference, or NULL when it leaves the TEXT section. */
const uint8_t *ktap_text_bytes(const struct ktap_sections *sections, const uint8_t *reference,
			       uint32_t *length);

/* The steps of loading that check as they fill in; the arrays of p are reserved. */
int ktap_load_names(struct ktap_program *p, const struct ktap_sections *s, char *texts,
		    struct ktap_diagnostic *d);
int ktap_load_policy(struct ktap_program *p, const struct ktap_sections *s,
		     struct ktap_diagnostic *d);

#endif
