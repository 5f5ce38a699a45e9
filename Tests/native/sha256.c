// SPDX-License-Identifier: GPL-2.0-or-later
/* SHA-256 (FIPS 180-4), for the tests alone. The constants are computed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "assemble.h"

static uint32_t k[64], initial[8];

/* The first 32 bits of the fraction of a root of the n-th prime. */
static void compute_constants(void)
{
	int prime = 1;

	for (int n = 0; n < 64; n++) {
		bool is_prime;

		do {
			prime++;
			is_prime = true;
			for (int d = 2; d * d <= prime; d++)
				if (prime % d == 0)
					is_prime = false;
		} while (!is_prime);
		long double cube = cbrtl((long double)prime), square = sqrtl((long double)prime);

		k[n] = (uint32_t)((cube - floorl(cube)) * 4294967296.0L);
		if (n < 8)
			initial[n] = (uint32_t)((square - floorl(square)) * 4294967296.0L);
	}
}

static uint32_t turn(uint32_t v, int n)
{
	return v >> n | v << (32 - n);
}

static void block(uint32_t h[8], const uint8_t *p)
{
	uint32_t w[64], s[8];

	for (int n = 0; n < 16; n++)
		w[n] = (uint32_t)p[4 * n] << 24 | (uint32_t)p[4 * n + 1] << 16 |
		       (uint32_t)p[4 * n + 2] << 8 | p[4 * n + 3];
	for (int n = 16; n < 64; n++)
		w[n] = w[n - 16] + w[n - 7] +
		       (turn(w[n - 15], 7) ^ turn(w[n - 15], 18) ^ w[n - 15] >> 3) +
		       (turn(w[n - 2], 17) ^ turn(w[n - 2], 19) ^ w[n - 2] >> 10);
	memcpy(s, h, sizeof(s));
	for (int n = 0; n < 64; n++) {
		uint32_t t1 = s[7] + (turn(s[4], 6) ^ turn(s[4], 11) ^ turn(s[4], 25)) +
			      ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[n] + w[n];
		uint32_t t2 = (turn(s[0], 2) ^ turn(s[0], 13) ^ turn(s[0], 22)) +
			      ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

		memmove(s + 1, s, 7 * sizeof(*s));
		s[4] += t1;
		s[0] = t1 + t2;
	}
	for (int n = 0; n < 8; n++)
		h[n] += s[n];
}

int sha256(const void *data, size_t length, uint8_t digest[32])
{
	const uint8_t *p = data;
	uint8_t last[128] = { 0 };
	size_t left = length, tail;
	uint32_t h[8];

	if (!k[0])
		compute_constants();
	memcpy(h, initial, sizeof(h));
	for (; left >= 64; left -= 64, p += 64)
		block(h, p);
	memcpy(last, p, left);
	last[left] = 0x80;
	tail = left < 56 ? 64 : 128;
	for (int n = 0; n < 8; n++)
		last[tail - 1 - n] = (uint8_t)((uint64_t)length * 8 >> 8 * n);
	for (size_t n = 0; n < tail; n += 64)
		block(h, last + n);
	for (int n = 0; n < 32; n++)
		digest[n] = (uint8_t)(h[n / 4] >> (24 - 8 * (n % 4)));
	return 0;
}
