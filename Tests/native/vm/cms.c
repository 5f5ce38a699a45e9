// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Checks that a signature has the one canonical encoding; see ktapcms.h.
 *
 * The accepted form, every length definite and minimal, nothing before, between or behind:
 *
 *   SEQUENCE
 *     OID signedData
 *     [0] SEQUENCE
 *       INTEGER 1
 *       SET { SEQUENCE { OID sha256 } }
 *       SEQUENCE { OID data }
 *       SET SEQUENCE
 *         INTEGER 1
 *         SEQUENCE { Name issuer, INTEGER serial }
 *         SEQUENCE { OID sha256 }
 *         SEQUENCE { OID rsaEncryption, NULL }  or  SEQUENCE { OID ecdsa-with-SHA256 }
 *         OCTET STRING signature
 */
#include "ktapcms.h"

enum der_tag {
	DER_INTEGER = 0x02,
	DER_OCTET_STRING = 0x04,
	DER_OID = 0x06,
	DER_UTF8_STRING = 0x0c,
	DER_PRINTABLE_STRING = 0x13,
	DER_TELETEX_STRING = 0x14,
	DER_IA5_STRING = 0x16,
	DER_UNIVERSAL_STRING = 0x1c,
	DER_BMP_STRING = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0 = 0xa0
};

#define CMS_MAX_SERIAL 20 /* RFC 5280, 4.1.2.2 */
#define CMS_LEAST_RSA 256
#define CMS_MOST_RSA 1024
#define CMS_P256 32 /* bytes of a scalar */

/* Whole elements, tag and length included. */
static const uint8_t oid_signed_data[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
					   0xf7, 0x0d, 0x01, 0x07, 0x02 };
/* CMSVersion 1, DigestAlgorithmIdentifiers { sha256 }, EncapsulatedContentInfo { data } */
static const uint8_t head[] = {
	0x02, 0x01, 0x01, 0x31, 0x0d, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
	0x02, 0x01, 0x30, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01
};
static const uint8_t version_1[] = { 0x02, 0x01, 0x01 };
static const uint8_t sha256[] = { 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
				  0x01, 0x65, 0x03, 0x04, 0x02, 0x01 };
static const uint8_t rsa[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
			       0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };
static const uint8_t ecdsa[] = { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
				 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };

/* The bytes of an element that are still to be read. */
struct span {
	const uint8_t *at;
	size_t left;
};

static bool skip(struct span *in, const uint8_t *bytes, size_t length)
{
	size_t i;

	if (in->left < length)
		return false;
	for (i = 0; i < length; i++)
		if (in->at[i] != bytes[i])
			return false;
	in->at += length;
	in->left -= length;
	return true;
}

/* Takes an element with this tag off `in`. Lengths to 65535, in their shortest form only. */
static bool take(struct span *in, uint8_t tag, struct span *content)
{
	size_t header = 2;
	size_t length;

	if (in->left < 2 || in->at[0] != tag)
		return false;
	length = in->at[1];
	if (length == 0x81) {
		if (in->left < 3 || in->at[2] < 0x80)
			return false;
		length = in->at[2];
		header = 3;
	} else if (length == 0x82) {
		if (in->left < 4 || in->at[2] == 0)
			return false;
		length = (size_t)in->at[2] << 8 | in->at[3];
		header = 4;
	} else if (length >= 0x80) {
		return false;
	}
	if (in->left - header < length)
		return false;
	content->at = in->at + header;
	content->left = length;
	in->at += header + length;
	in->left -= header + length;
	return true;
}

/* Takes the element that is all there is in `in`. */
static bool take_only(struct span *in, uint8_t tag, struct span *content)
{
	return take(in, tag, content) && in->left == 0;
}

/* Takes a positive INTEGER in its shortest form, its value at most `most` bytes. */
static bool take_positive(struct span *in, size_t most, struct span *content)
{
	const uint8_t *at;

	if (!take(in, DER_INTEGER, content) || content->left == 0)
		return false;
	at = content->at;
	if (at[0] & 0x80)
		return false;
	if (at[0] == 0)
		return content->left >= 2 && (at[1] & 0x80) && content->left <= most + 1;
	return content->left <= most;
}

static bool is_string(uint8_t tag)
{
	switch (tag) {
	case DER_UTF8_STRING:
	case DER_PRINTABLE_STRING:
	case DER_TELETEX_STRING:
	case DER_IA5_STRING:
	case DER_UNIVERSAL_STRING:
	case DER_BMP_STRING:
		return true;
	default:
		return false;
	}
}

/*
 * Takes a Name: SEQUENCE OF SET OF SEQUENCE { OID, string }. Its bytes must equal those of the
 * certificate, which the key look-up compares; walking it fixes where the serial number begins.
 */
static bool take_name(struct span *in)
{
	struct span name, set, attribute, value;

	if (!take(in, DER_SEQUENCE, &name) || name.left == 0)
		return false;
	while (name.left) {
		if (!take(&name, DER_SET, &set) || set.left == 0)
			return false;
		while (set.left) {
			if (!take(&set, DER_SEQUENCE, &attribute) ||
			    !take(&attribute, DER_OID, &value) || value.left == 0 ||
			    attribute.left == 0 || !is_string(attribute.at[0]) ||
			    !take_only(&attribute, attribute.at[0], &value))
				return false;
		}
	}
	return true;
}

/* An ECDSA signature value: SEQUENCE { INTEGER r, INTEGER s }, both positive. */
static bool is_ecdsa_value(struct span value)
{
	struct span pair, integer;

	return take_only(&value, DER_SEQUENCE, &pair) && take_positive(&pair, CMS_P256, &integer) &&
	       take_positive(&pair, CMS_P256, &integer) && pair.left == 0;
}

static bool parse_signer(struct span *signer, const uint8_t *cms, struct ktap_cms *found)
{
	struct span id, serial, value;

	if (!skip(signer, version_1, sizeof(version_1)) || !take(signer, DER_SEQUENCE, &id))
		return false;
	found->issuer = (uint32_t)(id.at - cms);
	if (!take_name(&id))
		return false;
	found->issuer_length = (uint32_t)(id.at - cms) - found->issuer;
	if (!take_positive(&id, CMS_MAX_SERIAL, &serial) || serial.left > CMS_MAX_SERIAL || id.left)
		return false;
	found->serial = (uint32_t)(serial.at - cms);
	found->serial_length = (uint32_t)serial.left;

	if (!skip(signer, sha256, sizeof(sha256)))
		return false;
	if (skip(signer, rsa, sizeof(rsa)))
		found->algorithm = KTAP_CMS_RSA;
	else if (skip(signer, ecdsa, sizeof(ecdsa)))
		found->algorithm = KTAP_CMS_ECDSA;
	else
		return false;

	if (!take_only(signer, DER_OCTET_STRING, &value))
		return false;
	found->signature = (uint32_t)(value.at - cms);
	found->signature_length = (uint32_t)value.left;
	if (found->algorithm == KTAP_CMS_ECDSA)
		return is_ecdsa_value(value);
	return value.left >= CMS_LEAST_RSA && value.left <= CMS_MOST_RSA;
}

int ktap_cms_parse(const uint8_t *cms, size_t length, struct ktap_cms *found)
{
	struct span in = { cms, length };
	struct span info, explicit, data, signers, signer;

	if (length > KTAP_CMS_MAX_LENGTH)
		return -1;
	if (!take_only(&in, DER_SEQUENCE, &info) ||
	    !skip(&info, oid_signed_data, sizeof(oid_signed_data)) ||
	    !take_only(&info, DER_CONTEXT_0, &explicit) ||
	    !take_only(&explicit, DER_SEQUENCE, &data) || !skip(&data, head, sizeof(head)) ||
	    !take_only(&data, DER_SET, &signers) ||
	    !take_only(&signers, DER_SEQUENCE, &signer) || !parse_signer(&signer, cms, found))
		return -1;
	return 0;
}

int ktap_cms_check(const uint8_t *cms, size_t length)
{
	struct ktap_cms found;

	return ktap_cms_parse(cms, length, &found);
}
