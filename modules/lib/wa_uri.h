/* Who is called and by which group: the user part of a SIP URI.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Meta puts request_uri_user_params into the user part of its Request-URI, in
 * the manner of RFC 4904:
 *
 *     sip:+15550001111;tgrp=wacall;trunk-context=byoc.example.com@sip.example.com
 *
 * Kamailio hands over what stands before the "@"; here it is taken apart.
 */
#ifndef WA_URI_H
#define WA_URI_H

#include "wa_number.h"
#include "wa_sv.h"

#define WA_BSUID_SIZE 129 /* a business-scoped user id: no limit is documented */

enum wa_identity
{
	WA_IDENTITY_NONE = 0,
	WA_IDENTITY_E164,
	WA_IDENTITY_BSUID
};

typedef struct wa_uri_user
{
	wa_sv_t user; /* before the first ";", escapes as they came; a view */
	char tgrp[WA_PARAM_SIZE];	 /* unescaped; "" = absent */
	char context[WA_PARAM_SIZE]; /* trunk-context, else context; "" = absent */
} wa_uri_user_t;

/** Takes the user part of a URI apart. Parameters may stand in any order; those
 * with other names are checked for length and passed over. Names count without
 * case, values may be escaped (RFC 3261 25.1).
 * Returns 0; WA_EPARSE (empty user, bad escape, control character, the same
 * parameter twice with different values) or WA_ETOOLONG (a name or a value above
 * 128 octets, Meta's limit); `out` is then empty. */
int wa_uri_user_parse(wa_sv_t userpart, wa_uri_user_t *out);

/** Writes the digits of an E.164 number: "+" or "00" in front and the visual
 * separators "-", ".", "(", ")" and space (RFC 3966) are taken off.
 * Returns 0 or WA_EPARSE (no number, below 7 or above 15 digits, or a leading
 * zero, which says that it is not international). */
int wa_uri_e164(wa_sv_t text, char digits[WA_DIGITS_SIZE]);

/** Whether `text` is a business-scoped user id: a country and a dot before
 * letters, digits, ".", "_" and "-", such as "US.13491208655302741918". */
bool wa_uri_is_bsuid(wa_sv_t text);

/** What the user part of a callee or a caller is. `out` gets the digits of a
 * number, or a BSUID as it came; it is "" for WA_IDENTITY_NONE. */
enum wa_identity wa_uri_identity(wa_sv_t text, char out[WA_BSUID_SIZE]);

#endif
