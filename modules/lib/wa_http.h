/* The head of an HTTP/1 request, as far as a page of figures needs it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_HTTP_H
#define WA_HTTP_H

#include "wa_sv.h"

#define WA_HTTP_HEAD_MAX 4096

/* Views into what arrived. */
typedef struct wa_http_request
{
	wa_sv_t method;
	wa_sv_t path;  /* without the query */
	wa_sv_t query; /* what follows the "?" */
	wa_sv_t host;  /* header Host */
	wa_sv_t site;  /* header Sec-Fetch-Site: where a browser says it comes from */
} wa_http_request_t;

/** Reads what has arrived so far. Returns 0, WA_ENOENT (more is to come), WA_EPARSE
 * or WA_ETOOLONG. */
int wa_http_head(wa_sv_t text, wa_http_request_t *out);

/** Cuts the next name=value off a query and decodes both. Returns 0, WA_ENOENT at
 * the end, WA_EPARSE (a broken %XX, or %00) or WA_ETOOLONG. */
int wa_http_param(wa_sv_t *query, char *name, size_t name_size, char *value,
		size_t value_size);

/** The host of a Host header, without its port. */
wa_sv_t wa_http_host(wa_sv_t header);

#endif
