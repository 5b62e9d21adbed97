/* A decimal fraction in thousandths: "4.3" is 4300.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_MILLI_H
#define WA_MILLI_H

#include <stdint.h>

#include "wa_sv.h"

/** Digits, and a fraction of which three digits count. Returns 0, WA_EPARSE, or
 * WA_ERANGE above a million. */
int wa_milli(wa_sv_t text, int64_t *out);

#endif
