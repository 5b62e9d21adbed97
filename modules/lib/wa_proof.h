/* appsecret_proof: that whoever sends a token also knows the app's secret.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_PROOF_H
#define WA_PROOF_H

#include <stddef.h>

#include "wa_sv.h"

#define WA_PROOF_SIZE 65 /* SHA-256 in hex, NUL */

/** HMAC-SHA256 of the token with the secret as key, in hex. Returns 0 or
 * WA_ENOMEM (`out` is then ""). */
int wa_proof(char out[WA_PROOF_SIZE], wa_sv_t secret, wa_sv_t token);

#endif
