// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The keyring .ktap: the end-entity certificates that may sign bundles, compiled into the module
 * (certificates.S) and sealed when it is loaded. A signature is first held against the one canonical
 * encoding; only then the kernel's parser sees it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <keys/asymmetric-type.h>
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/key.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/verification.h>

#include <ktapcms.h>

#include "module.h"

/* DER certificates, one after the other; discarded after init. */
extern __initconst const u8 ktap_certificates[], ktap_certificates_end[];

static struct key *ktap_keyring;

/* The keyring takes no key but those of ktap_signature_init(), which bypasses this. */
static int ktap_keyring_sealed(struct key *keyring, const struct key_type *type,
			       const union key_payload *payload, struct key *restriction_key)
{
	return -EPERM;
}

/* Bytes of the DER SEQUENCE that begins at p, or 0. Certificates have two bytes of length. */
static size_t __init ktap_der_length(const u8 *p, size_t left)
{
	size_t length;

	if (left < 4 || p[0] != 0x30 || p[1] != 0x82)
		return 0;
	length = 4 + (p[2] << 8 | p[3]);
	return length <= left ? length : 0;
}

static void __init ktap_keyring_add(const u8 *der, size_t length)
{
	key_ref_t key = key_create_or_update(
		make_key_ref(ktap_keyring, true), "asymmetric", NULL, der, length,
		(KEY_POS_ALL & ~KEY_POS_SETATTR) | KEY_USR_VIEW | KEY_USR_READ,
		KEY_ALLOC_NOT_IN_QUOTA | KEY_ALLOC_BYPASS_RESTRICTION);

	if (IS_ERR(key)) {
		pr_err("a signing certificate cannot be used on this kernel: error %ld\n",
		       PTR_ERR(key));
		return;
	}
	pr_info("bundles may be signed by '%s'\n", key_ref_to_ptr(key)->description);
	key_ref_put(key);
}

int __init ktap_signature_init(void)
{
	struct key_restriction *restriction = kzalloc(sizeof(*restriction), GFP_KERNEL);
	const u8 *p = ktap_certificates;

	if (!restriction)
		return -ENOMEM;
	restriction->check = ktap_keyring_sealed;
	ktap_keyring = keyring_alloc(".ktap", GLOBAL_ROOT_UID, GLOBAL_ROOT_GID, current_cred(),
				     (KEY_POS_ALL & ~KEY_POS_SETATTR) | KEY_USR_VIEW |
					     KEY_USR_READ | KEY_USR_SEARCH,
				     KEY_ALLOC_NOT_IN_QUOTA, restriction, NULL);
	if (IS_ERR(ktap_keyring)) {
		kfree(restriction);
		return PTR_ERR(ktap_keyring);
	}
	while (p < ktap_certificates_end) {
		size_t length = ktap_der_length(p, ktap_certificates_end - p);

		if (!length) {
			pr_err("the compiled-in certificates are not DER\n");
			break;
		}
		ktap_keyring_add(p, length);
		p += length;
	}
	/* Nobody writes to it any more, the module included. */
	down_write(&ktap_keyring->sem);
	ktap_keyring->perm &= ~(KEY_POS_WRITE | KEY_POS_LINK);
	up_write(&ktap_keyring->sem);
	return 0;
}

void ktap_signature_exit(void)
{
	key_put(ktap_keyring);
}

int ktap_signature_check(const void *bundle, const struct ktap_envelope *envelope, const char **why)
{
	int error;

	if (ktap_cms_check(envelope->cms, envelope->cms_length)) {
		*why = "the signature is not canonical";
		return -EKEYREJECTED;
	}
	error = verify_pkcs7_signature(bundle, envelope->signed_length, envelope->cms,
				       envelope->cms_length, ktap_keyring,
				       VERIFYING_UNSPECIFIED_SIGNATURE, NULL, NULL);
	switch (error) {
	case 0:
		return 0;
	case -ENOMEM:
		*why = "no memory to check the signature";
		return error;
	case -ENOKEY:
		*why = "the signer is unknown to this kernel";
		return error;
	case -ENOPKG:
		*why = "this kernel cannot check the signature's algorithm";
		return -ENOKEY;
	default:
		*why = "the signature does not match the bundle";
		return -EKEYREJECTED;
	}
}

/* The common name in a Name in DER: what stands behind the OID 2.5.4.3, up to 127 bytes. */
static size_t ktap_common_name(const u8 *name, size_t length, const u8 **text)
{
	static const u8 oid[] = { 0x06, 0x03, 0x55, 0x04, 0x03 };
	size_t n;

	for (n = 0; n + sizeof(oid) + 2 <= length; n++) {
		const u8 *value = name + n + sizeof(oid);

		if (memcmp(name + n, oid, sizeof(oid)))
			continue;
		if (value[1] < 0x80 && n + sizeof(oid) + 2 + value[1] <= length) {
			*text = value + 2;
			return value[1];
		}
	}
	return 0;
}

void ktap_signature_signer(const struct ktap_envelope *envelope, char *text, size_t size)
{
	const u8 *name = NULL;
	struct ktap_cms cms;
	size_t length;
	char *c;

	if (ktap_cms_parse(envelope->cms, envelope->cms_length, &cms))
		return;
	length = ktap_common_name(envelope->cms + cms.issuer, cms.issuer_length, &name);
	scnprintf(text, size, "%.*s (serial %*phN)", (int)min_t(size_t, length, 48), name,
		  (int)cms.serial_length, envelope->cms + cms.serial);
	/* It goes to the log, and to whoever asks which programs run. */
	for (c = text; *c; c++)
		if (!isascii(*c) || !isprint(*c))
			*c = '?';
}
