/* Requests of our own within a dialog, and the answer to their challenge.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_AUTH_OWN_H
#define WA_AUTH_OWN_H

#include "wa_auth.h"

#include "api.h"

/** See wa_auth_api_t.request. */
int own_request(const wa_own_t *r);

int bind_wa_auth(wa_auth_api_t *api);

#endif
