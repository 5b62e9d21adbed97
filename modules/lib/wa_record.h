/* Redis hash fields <-> wa_number_t and wa_trunk_t.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Two readers: a lenient one for what stands in Redis (a field that cannot be
 * understood is left at its default and named, the rest is used: one bad field
 * must not take a number out of service), and a strict one for what an operator
 * types (the message names the field and says what it should be).
 *
 * Fields of wa:number:<digits> (o = an operator may set it, s = comes with a
 * read of Meta's settings):
 *
 *   phone_number_id waba_id app_id   digits                                o
 *   trunk                            name of a trunk                       o
 *   hostname                         host name                             os
 *   port                             1..65535, default 5061                os
 *   srtp                             DTLS | SDES, default DTLS             os
 *   codecs                           OPUS[,PCMU][,PCMA], Opus always       os
 *   tgrp context                     request_uri_user_params               os
 *   calling sip                      0 | 1, default 0                      os
 *   synced sync_error                seconds since 1970; text               s
 *   rotating                         0 | 1: its password is being changed
 *   password password_since version  sealed text; seconds; counter
 *
 * Fields of wa:trunk:<name>:
 *
 *   gateways   up to 8, separated by spaces: uri[;;weight[;;priority]], where
 *              uri is sip:host[:port][;transport=udp|tcp|tls] or sips:...,
 *              weight is 1..1000, priority 1..99, default 1 each            o
 *   codecs     of OPUS, PCMU, PCMA, G722; default PCMU,PCMA                 o
 *   tgrp context   R-URI parameters that select the trunk                   o
 *   pstn       0 | 1: 1 = leads to the PSTN, which Meta's terms forbid      o
 *   options    0 | 1: its gateways are asked by OPTIONS, default 1          o
 *   format     e164 | digits | national: how numbers are written            o
 *   country    code of national numbers                                     o
 *   prefix     in front of national numbers                                 o
 *   identity   none | pai | rpid: the header that tells the PBX who calls   o
 *   params     none | user | uri: where the PBX gets tgrp and trunk-context o
 *   headers    none, or names (x-...) that reach the PBX; x-wa-meta-*       o
 *   username   digest, either way                                           o
 *   challenge  0 | 1: INVITEs of the PBX are challenged                     o
 *   password   sealed
 *   version    counter
 */
#ifndef WA_RECORD_H
#define WA_RECORD_H

#include "wa_number.h"
#include "wa_sv.h"

#define WA_RECORD_PORT 5061 /* where Meta's settings name none */
#define WA_RECORD_VALUE_SIZE 2720 /* the longest value: 8 gateways */
#define WA_RECORD_FIELDS_MAX 40
/* Header names that reach a PBX unless its trunk says otherwise; "-" stands for
 * "_" too, as Meta mixes them. */
#define WA_RECORD_HEADERS "x-wa-meta-*"

/* Longest "uri;;weight;;priority " */
#define WA_RECORD_GATEWAY_LEN (WA_HOST_SIZE + 64 + 11)

enum wa_record_kind
{
	WA_RECORD_NUMBER = 0,
	WA_RECORD_TRUNK = 1,
	WA_RECORD_WANTED = 2 /* wa:wanted:<digits>: documents, none of the fields here */
};

enum wa_record_flag
{
	WA_RECORD_OPERATOR = 1,
	WA_RECORD_SEEN = 2,
	WA_RECORD_SECRET = 4 /* sealed: stored, never shown */
};

/* One hash field as it stands in a Redis reply or a job. */
typedef struct wa_pair
{
	wa_sv_t name;
	wa_sv_t value;
} wa_pair_t;

/** Name of field `i` of a kind, from 0; NULL after the last. `flags` (may be
 * NULL) gets its wa_record_flag bits. */
const char *wa_record_field(enum wa_record_kind kind, size_t i, unsigned *flags);

/** Lenient. `sealed` gets a view of the sealed password (empty if none), `bad`
 * the name of the first field that was ignored (empty if none); both may be
 * NULL. Unknown fields are no error.
 * Returns 0, or WA_EPARSE when `digits` is no number. */
int wa_record_read_number(wa_sv_t digits, const wa_pair_t *pairs, size_t n,
		wa_number_t *out, wa_sv_t *sealed, wa_sv_t *bad);

/** Lenient; a gateway that cannot be understood is left out.
 * Returns 0, or WA_EPARSE when `name` is no trunk name. */
int wa_record_read_trunk(wa_sv_t name, const wa_pair_t *pairs, size_t n,
		wa_trunk_t *out, wa_sv_t *bad);

/** Text of field `i` as it is stored, with a NUL; "" for a text field that is
 * empty. The password is not in these structs and gives "".
 * Returns 0, WA_ENOENT (no such field) or WA_ETOOLONG. */
int wa_record_number_text(
		const wa_number_t *rec, size_t i, char *out, size_t size);
int wa_record_trunk_text(
		const wa_trunk_t *rec, size_t i, char *out, size_t size);

/** Strict: checks one field of an operator's input and writes the text to
 * store; an empty value (the field is to be removed) stays empty.
 * Returns 0, WA_ENOENT (no such field), WA_EAUTH (not the operator's to set),
 * or another wa_err; then `err` names the field and says why. */
int wa_record_check(enum wa_record_kind kind, wa_sv_t name, wa_sv_t value,
		char *out, size_t size, char *err, size_t errsize);

/** E.164 digits with or without a leading '+': 5 to 15, the first not 0.
 * Returns 0 and the digits without '+', or WA_EPARSE. */
int wa_record_digits(wa_sv_t text, wa_sv_t *digits);

/** 1 to 63 of [A-Za-z0-9._-]. */
bool wa_record_is_trunk_name(wa_sv_t name);

#endif
