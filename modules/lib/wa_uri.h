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

/** The same parameters where a PBX or a proxy has moved them behind the host:
 * `params` is what follows the first ";" there. Fills what the user part had
 * not. Returns 0, WA_EPARSE or WA_ETOOLONG (`out` is then as it was). */
int wa_uri_params_parse(wa_sv_t params, wa_uri_user_t *out);

/** Writes the digits of an E.164 number: "+" or "00" in front and the visual
 * separators "-", ".", "(", ")" and space (RFC 3966) are taken off.
 * Returns 0 or WA_EPARSE (no number, below 7 or above 15 digits, or a leading
 * zero, which says that it is not international). */
int wa_uri_e164(wa_sv_t text, char digits[WA_DIGITS_SIZE]);

/** Writes `digits` (E.164, no "+") as a PBX wants them: "+15550001111",
 * "15550001111", or national: `prefix` and what follows `country`; a number of
 * another country gets "00" in front. Returns 0 or WA_ETOOLONG. */
int wa_uri_format(wa_sv_t digits, enum wa_number_format format, wa_sv_t country,
		wa_sv_t prefix, char *out, size_t size);

/** The way back: what a PBX with this format has sent, as E.164 digits. "+" and
 * "00" are international in any format. Returns 0 or WA_EPARSE. */
int wa_uri_from_pbx(wa_sv_t text, enum wa_number_format format, wa_sv_t country,
		wa_sv_t prefix, char digits[WA_DIGITS_SIZE]);

/** Writes the user part of a URI with its trunk group again: names and values
 * escaped. `tgrp` or `context` empty: left out. Returns the length or
 * WA_ETOOLONG. */
int wa_uri_write_group(const wa_uri_user_t *user, char *out, size_t size);

/** Whether `name` is in `list` (names, commas between, "*" at an end stands for
 * any rest; "-" and "_" are the same). */
bool wa_uri_header_listed(wa_sv_t list, wa_sv_t name);

/** Whether `text` is a business-scoped user id: a country and a dot before
 * letters, digits, ".", "_" and "-", such as "US.13491208655302741918". */
bool wa_uri_is_bsuid(wa_sv_t text);

/** What the user part of a callee or a caller is. `out` gets the digits of a
 * number, or a BSUID as it came; it is "" for WA_IDENTITY_NONE. */
enum wa_identity wa_uri_identity(wa_sv_t text, char out[WA_BSUID_SIZE]);

#endif
