/* One law of G.711 in the other.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A PBX that moves from one to the other in the middle of a call (a transfer)
 * gets and sends the one it has, rtpengine and Meta go on as before.
 */
#ifndef WA_G711_H
#define WA_G711_H

#include <stddef.h>
#include <stdint.h>

#include "wa_number.h"

/** Is `a` one law and `b` the other? */
int wa_g711_converts(enum wa_codec a, enum wa_codec b);

/** Octets of PCMU become PCMA or the other way round, in place; from any other
 * codec, or to it, nothing is done. */
void wa_g711_convert(uint8_t *p, size_t len, enum wa_codec from, enum wa_codec to);

#endif
