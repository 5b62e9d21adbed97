/* The two laws of G.711: in each other, and in samples.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From one to the other directly nothing is lost but what the finer one has more.
 */
#ifndef WA_G711_H
#define WA_G711_H

#include <stddef.h>
#include <stdint.h>

#include "wa_number.h"

/** Octets of PCMU become PCMA or the other way round, in place. */
void wa_g711_convert(uint8_t *p, size_t len, enum wa_codec from);

/** `n` octets of either law become `n` samples of 16 bits. */
void wa_g711_decode(const uint8_t *in, size_t n, enum wa_codec law, int16_t *out);

/** And back. */
void wa_g711_encode(const int16_t *in, size_t n, enum wa_codec law, uint8_t *out);

#endif
