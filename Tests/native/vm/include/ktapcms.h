/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one encoding of a bundle's signature: CMS SignedData (RFC 5652) in DER, detached, one
 * signer named by issuer and serial number, SHA-256, no certificates, no attributes; what
 * `openssl cms -sign -binary -nocerts -noattr -md sha256 -outform DER` writes.
 *
 * General CMS parsers accept many encodings of one signature, and skip bytes that nothing
 * protects. This check comes before them, so that a signature has exactly one accepted form:
 * every bit of it is fixed here, names the key, or is covered by the cryptography.
 */
#ifndef KTAP_CMS_H
#define KTAP_CMS_H

#include <ktap/types.h>

#define KTAP_CMS_MAX_LENGTH 4096u /* bytes; longer ones are refused */

enum ktap_cms_algorithm {
	KTAP_CMS_RSA = 1, /* RSASSA-PKCS1-v1_5, 256 .. 1024 bytes */
	KTAP_CMS_ECDSA = 2 /* P-256: DER SEQUENCE of two INTEGERs */
};

/* What a canonical signature contains; offsets from its first byte, lengths in bytes. */
struct ktap_cms {
	uint32_t algorithm; /* enum ktap_cms_algorithm */
	uint32_t issuer; /* the signer certificate's issuer: the whole Name, tag included */
	uint32_t issuer_length;
	uint32_t serial; /* content of its serial number: big-endian, minimal, positive */
	uint32_t serial_length; /* 1 .. 20 */
	uint32_t signature; /* the signature value */
	uint32_t signature_length;
};

/* 0: cms is canonical and *found is filled; -1: it is not. No state; any context. */
int ktap_cms_parse(const uint8_t *cms, size_t length, struct ktap_cms *found);

/* 0: cms is canonical; -1: it is not. */
int ktap_cms_check(const uint8_t *cms, size_t length);

#endif
