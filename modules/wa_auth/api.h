/* C API of wa_auth for modules that send requests of their own.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_AUTH_API_H
#define WA_AUTH_API_H

#include "../ksr_compat.h"

#include "../lib/wa_sv.h"

/* Texts of a request within a dialog, as its receiver sees them. */
enum wa_own_text
{
	WA_OWN_METHOD,
	WA_OWN_HEADERS, /* further header lines, each with CR LF */
	WA_OWN_CALL_ID,
	WA_OWN_LOCAL, /* From and To: display name and URI */
	WA_OWN_LOCAL_TAG,
	WA_OWN_REMOTE,
	WA_OWN_REMOTE_TAG,
	WA_OWN_TARGET,		/* Request-URI */
	WA_OWN_HOP,			/* where it is sent to, a URI; "" = the target */
	WA_OWN_SERVER_NAME, /* for SNI and the certificate; "" = as the message in
						   work has it */
	WA_OWN_ACCOUNT,		/* "number:15550001111" or "trunk:NAME" */
	WA_OWN_TEXTS
};

typedef struct wa_own
{
	wa_sv_t text[WA_OWN_TEXTS];
	unsigned cseq;
	struct socket_info *socket; /* NULL: what the hop's transport has */
} wa_own_t;

typedef struct wa_auth_api
{
	/** Sends the request; a 401 or 407 is answered as the account, with the next
	 * CSeq, by whichever process gets it. What comes of it is logged where it is
	 * no 2xx. Copies all texts. A SIP worker, or a process that may open
	 * connections. Returns 0, WA_ENOMEM, or WA_EIO (tm refuses). */
	int (*request)(const wa_own_t *r);
} wa_auth_api_t;

typedef int (*bind_wa_auth_f)(wa_auth_api_t *api);

/** mod_init. Returns 0 or -1. */
static inline int wa_auth_load(wa_auth_api_t *api)
{
	bind_wa_auth_f bind =
			(bind_wa_auth_f)(void (*)(void))find_export("bind_wa_auth", 0, 0);

	if(bind == NULL) {
		LM_ERR("load wa_auth.so before this module\n");
		return -1;
	}
	return bind(api);
}

#endif
