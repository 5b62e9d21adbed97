/* A digit in the body of an INFO.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Two forms are in use, neither by a standard: application/dtmf-relay with
 * "Signal=5" and "Duration=160" lines, and application/dtmf with the digit.
 */
#ifndef WA_DTMF_INFO_H
#define WA_DTMF_INFO_H

#include "wa_sv.h"

#define WA_DTMF_MS 160 /* where the body does not say */

/** Returns 0, WA_EUNSUP (another content type) or WA_EPARSE (no digit, or not
 * one of 0-9 * # A-D; 10 and 11 are * and #). */
int wa_dtmf_info(wa_sv_t type, wa_sv_t body, char *digit, unsigned *ms);

#endif
