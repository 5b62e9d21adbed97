/* All of Meta's settings that can be written, as an answer of Meta has them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * wa_settings_json.h reads what calls need, with the password; this adds what
 * only a comparison with the wanted state needs. No secret in it.
 */
#ifndef WA_CALLING_H
#define WA_CALLING_H

#include "wa_hours.h"
#include "wa_number.h"
#include "wa_sv.h"

#define WA_CALLING_PARAMS_SIZE 2048

typedef struct wa_calling
{
	bool calling, sip;
	bool found;			/* a server entry of ours is there: */
	unsigned n_servers; /* of all apps */
	char hostname[WA_HOST_SIZE];
	uint16_t port;
	char params[WA_CALLING_PARAMS_SIZE]; /* request_uri_user_params, JSON, "" = none */
	enum wa_srtp srtp;
	unsigned codecs;
	/* Meta's defaults where its answer says nothing */
	bool icon_hidden, callback, webhook;
	wa_hours_t hours;
} wa_calling_t;

/** Reads Meta's answer; whose entry is ours, and how strict: wa_settings_parse().
 * Returns as that does, `*out` untouched and `why` set on failure. */
int wa_calling_parse(wa_calling_t *out, wa_sv_t json, wa_sv_t app_id, wa_sv_t hostname,
		char *why, size_t size);

/** The parameters as "name=value;...", by name, for comparison and for people.
 * Returns 0 or WA_ETOOLONG. */
int wa_calling_params_text(const char *params, char *out, size_t size);

#endif
