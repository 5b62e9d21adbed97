/* The head of an HTTP/1 request, as far as a page of figures needs it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_HTTP_H
#define WA_HTTP_H

#include "wa_sv.h"

#define WA_HTTP_HEAD_MAX 4096

/** Reads what has arrived so far. `method` and `path` (without a query) are views
 * into it. Returns 0, WA_ENOENT (more is to come), WA_EPARSE or WA_ETOOLONG. */
int wa_http_head(wa_sv_t text, wa_sv_t *method, wa_sv_t *path);

#endif
