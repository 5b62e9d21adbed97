/* Meta's answer to GET /<phone number id>/settings (meta-calling.md 1.2).
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Read as leniently as the known answers differ: port may be an integer, a
 * string or absent, app_id an integer or a string, members that nobody has
 * documented are passed over, null counts as absent. A member that is used and
 * has another type is an error that names it.
 */
#ifndef WA_SETTINGS_JSON_H
#define WA_SETTINGS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wa_number.h"
#include "wa_sv.h"

#define WA_SETTINGS_JSON_MAX (1024 * 1024)
#define WA_SETTINGS_PORT 5061 /* where Meta connects when no port was written */

/* restrictions.restrictions_list[].type */
enum wa_restriction
{
	WA_RESTRICTED_BUSINESS = 1, /* RESTRICTED_BUSINESS_INITIATED_CALLING */
	WA_RESTRICTED_USER = 2,		/* RESTRICTED_USER_INITIATED_CALLING */
	WA_RESTRICTED_OTHER = 4		/* a type that is new to us */
};

typedef struct wa_settings
{
	bool calling_enabled;
	bool sip_enabled;
	enum wa_srtp srtp; /* DTLS when Meta's answer does not say */
	unsigned codecs;   /* Opus, and what additional_codecs adds */

	unsigned restricted;	 /* enum wa_restriction bits */
	time_t restricted_until; /* the latest of them, 0 = Meta does not say */
	char restriction[WA_ERROR_SIZE]; /* reason of the first, printable */

	unsigned n_servers; /* entries of all apps */
	bool found;			/* one of them is ours: the rest is filled */
	size_t server;		/* which one it is, from 0 */
	char hostname[WA_HOST_SIZE];
	uint16_t port;
	char tgrp[WA_PARAM_SIZE];
	char context[WA_PARAM_SIZE]; /* "trunk-context", or Meta's "context" */
	wa_secret_t password;		 /* len 0: not in the answer */
} wa_settings_t;

/** Reads `json`. Ours among several server entries is the one that `app_id`
 * wrote (one password per number and app: an entry that names another app is
 * never ours). Where the entry names no app, or `app_id` is empty, it is the one
 * with `hostname`, else the only one there is.
 *
 *     wa_settings_t s;
 *     char why[WA_ERROR_SIZE];
 *     int err = wa_settings_parse(&s, body, app, host, why, sizeof(why));
 *     ...
 *     OPENSSL_cleanse(&s, sizeof(s));
 *
 * Returns 0, or with `*out` untouched and `why` naming the member:
 * WA_ETOOLONG (above 1 MiB, or a value longer than we store), WA_EPARSE (no
 * JSON, no "calling", or a text that cannot be what it should), WA_ETYPE,
 * WA_ERANGE (port), WA_EUNSUP (an unknown key exchange), WA_ENOMEM. */
int wa_settings_parse(wa_settings_t *out, wa_sv_t json, wa_sv_t app_id,
		wa_sv_t hostname, char *why, size_t size);

#endif
