/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signing certificates, gathered by keys/collect.sh; read by signature.c at init. */
#include <linux/init.h>
#include <linux/linkage.h>

	__INITRODATA

	.globl ktap_certificates
ktap_certificates:
	.incbin KTAP_CERTIFICATES
	.globl ktap_certificates_end
ktap_certificates_end:
