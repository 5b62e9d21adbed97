/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_rotation.h"

#define DAY_S 86400
#define SHARE 4 /* up to a quarter of the interval earlier */

/* FNV-1a, and a last mixing: the digits of neighbours differ at their end only.
 * Nobody gains anything by digits that collide. */
static uint64_t spread(wa_sv_t digits)
{
	uint64_t h = 0xcbf29ce484222325u;

	for(size_t i = 0; i < digits.len; i++)
		h = (h ^ (unsigned char)digits.s[i]) * 0x100000001b3u;
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	return h ^ h >> 33;
}

int64_t wa_rotation_after(wa_sv_t digits, unsigned days)
{
	uint64_t whole = (uint64_t)days * DAY_S, share = whole / SHARE;

	return (int64_t)(share == 0 ? 0 : whole - spread(digits) % share);
}
