/* Random bytes from the kernel.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * OpenSSL's RAND_bytes() must not be used for what has to be unique: Kamailio's
 * tls module puts its own generator behind it, seeded before the fork, so that
 * all processes draw the same bytes (nonces of AES-GCM among them).
 */
#ifndef WA_RANDOM_H
#define WA_RANDOM_H

#include <stddef.h>

/** Fills `buf` from getrandom(2). In any process; returns 0 or WA_EIO. */
int wa_random(void *buf, size_t len);

#endif
