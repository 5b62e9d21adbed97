/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_pack.h"

#include <stddef.h>
#include <string.h>

#include "wa_err.h"
#include "wa_record.h"

enum
{
	S_DIGITS,
	S_PHONE_NUMBER_ID,
	S_WABA_ID,
	S_APP_ID,
	S_HOSTNAME,
	S_TRUNK,
	S_TGRP,
	S_CONTEXT,
	S_SYNC_ERROR,
	S_SEALED,
	N_STRINGS
};

enum
{
	F_CALLING = 1,
	F_SIP = 2,
	F_SDES = 4,
	F_PASSWORD = 8,
	F_ROTATING = 16
};

typedef struct head
{
	uint64_t version;
	int64_t password_since;
	int64_t synced;
	uint16_t port;
	uint8_t codecs;
	uint8_t flags;
	uint8_t len[N_STRINGS]; /* of the strings that follow, in this order */
} head_t;

_Static_assert(WA_PACK_MAX
					   >= sizeof(head_t) + WA_DIGITS_SIZE
												 + 3 * WA_ID_SIZE + WA_HOST_SIZE
												 + WA_NAME_SIZE
												 + 2 * WA_PARAM_SIZE
												 + WA_ERROR_SIZE + 256,
		"WA_PACK_MAX does not hold the longest record");

uint32_t wa_pack_layout(void)
{
	return (uint32_t)(sizeof(head_t) << 16 | offsetof(head_t, len) << 8
					  | N_STRINGS);
}

static void list_strings(const wa_number_t *n, wa_sv_t sealed, wa_sv_t *s)
{
	s[S_DIGITS] = wa_sv_from(n->digits);
	s[S_PHONE_NUMBER_ID] = wa_sv_from(n->phone_number_id);
	s[S_WABA_ID] = wa_sv_from(n->waba_id);
	s[S_APP_ID] = wa_sv_from(n->app_id);
	s[S_HOSTNAME] = wa_sv_from(n->hostname);
	s[S_TRUNK] = wa_sv_from(n->trunk);
	s[S_TGRP] = wa_sv_from(n->tgrp);
	s[S_CONTEXT] = wa_sv_from(n->context);
	s[S_SYNC_ERROR] = wa_sv_from(n->sync_error);
	s[S_SEALED] = sealed;
}

int wa_pack_number(
		const wa_number_t *n, wa_sv_t sealed, uint8_t *out, size_t size)
{
	wa_sv_t s[N_STRINGS];
	size_t o = sizeof(head_t);
	head_t h;

	memset(&h, 0, sizeof(h)); /* padding too: records are compared as bytes */
	h.version = n->version;
	h.password_since = n->password_since;
	h.synced = n->synced;
	h.port = n->port;
	h.codecs = (uint8_t)n->codecs;
	h.flags = (uint8_t)((n->calling_enabled ? F_CALLING : 0)
						| (n->sip_enabled ? F_SIP : 0)
						| (n->srtp == WA_SRTP_SDES ? F_SDES : 0)
						| (n->has_password ? F_PASSWORD : 0)
						| (n->rotating ? F_ROTATING : 0));
	list_strings(n, sealed, s);
	for(size_t i = 0; i < N_STRINGS; i++) {
		if(s[i].len > UINT8_MAX || o + s[i].len > size)
			return WA_ETOOLONG;
		h.len[i] = (uint8_t)s[i].len;
		if(s[i].len > 0)
			memcpy(out + o, s[i].s, s[i].len);
		o += s[i].len;
	}
	memcpy(out, &h, sizeof(h));
	return (int)o;
}

/* Views of the strings of a packed record. */
static int find_strings(
		const uint8_t *packed, size_t len, head_t *h, wa_sv_t *s)
{
	size_t o = sizeof(*h);

	if(len < sizeof(*h))
		return WA_EPARSE;
	memcpy(h, packed, sizeof(*h));
	for(size_t i = 0; i < N_STRINGS; i++) {
		if(h->len[i] > len - o)
			return WA_EPARSE;
		s[i] = (wa_sv_t){(const char *)packed + o, h->len[i]};
		o += h->len[i];
	}
	return 0;
}

int wa_unpack_number(
		const uint8_t *packed, size_t len, wa_number_t *out, wa_sv_t *sealed)
{
	wa_sv_t s[N_STRINGS];
	head_t h;

	if(find_strings(packed, len, &h, s) < 0)
		return WA_EPARSE;
	/* no memset: every member is set, and arrays end with their NUL */
	if(wa_sv_copy(out->digits, sizeof(out->digits), s[S_DIGITS]) < 0
			|| wa_sv_copy(out->phone_number_id, sizeof(out->phone_number_id),
					   s[S_PHONE_NUMBER_ID])
					   < 0
			|| wa_sv_copy(out->waba_id, sizeof(out->waba_id), s[S_WABA_ID]) < 0
			|| wa_sv_copy(out->app_id, sizeof(out->app_id), s[S_APP_ID]) < 0
			|| wa_sv_copy(out->hostname, sizeof(out->hostname), s[S_HOSTNAME])
					   < 0
			|| wa_sv_copy(out->trunk, sizeof(out->trunk), s[S_TRUNK]) < 0
			|| wa_sv_copy(out->tgrp, sizeof(out->tgrp), s[S_TGRP]) < 0
			|| wa_sv_copy(out->context, sizeof(out->context), s[S_CONTEXT]) < 0
			|| wa_sv_copy(out->sync_error, sizeof(out->sync_error),
					   s[S_SYNC_ERROR])
					   < 0)
		return WA_EPARSE;
	out->version = h.version;
	out->password_since = (time_t)h.password_since;
	out->synced = (time_t)h.synced;
	out->port = h.port;
	out->codecs = h.codecs;
	out->calling_enabled = h.flags & F_CALLING;
	out->sip_enabled = h.flags & F_SIP;
	out->srtp = h.flags & F_SDES ? WA_SRTP_SDES : WA_SRTP_DTLS;
	out->has_password = h.flags & F_PASSWORD;
	out->rotating = h.flags & F_ROTATING;
	if(sealed != NULL)
		*sealed = s[S_SEALED];
	return 0;
}

wa_sv_t wa_pack_digits(const uint8_t *packed, size_t len)
{
	wa_sv_t s[N_STRINGS];
	head_t h;

	if(find_strings(packed, len, &h, s) < 0)
		return (wa_sv_t){NULL, 0};
	return s[S_DIGITS];
}

/* A length in two bytes, and the text. Returns the new offset, 0 = too long. */
static size_t add_text(uint8_t *out, size_t size, size_t o, wa_sv_t v)
{
	uint16_t len = (uint16_t)v.len;

	if(v.len > UINT16_MAX || o + sizeof(len) + v.len > size)
		return 0;
	memcpy(out + o, &len, sizeof(len));
	if(v.len > 0)
		memcpy(out + o + sizeof(len), v.s, v.len);
	return o + sizeof(len) + v.len;
}

static bool take_text(wa_sv_t *rest, wa_sv_t *v)
{
	uint16_t len;

	if(rest->len < sizeof(len))
		return false;
	memcpy(&len, rest->s, sizeof(len));
	if(len > rest->len - sizeof(len))
		return false;
	*v = (wa_sv_t){rest->s + sizeof(len), len};
	*rest = (wa_sv_t){v->s + len, rest->len - sizeof(len) - len};
	return true;
}

int wa_pack_trunk(const wa_trunk_t *t, uint8_t *out, size_t size)
{
	char text[WA_RECORD_VALUE_SIZE];
	size_t o = add_text(out, size, 0, wa_sv_from(t->name));
	const char *name;

	for(size_t i = 0; o > 0
					  && (name = wa_record_field(WA_RECORD_TRUNK, i, NULL))
								 != NULL;
			i++) {
		if(wa_record_trunk_text(t, i, text, sizeof(text)) < 0)
			return WA_ETOOLONG;
		o = add_text(out, size, o, wa_sv_from(name));
		if(o > 0)
			o = add_text(out, size, o, wa_sv_from(text));
	}
	return o > 0 ? (int)o : WA_ETOOLONG;
}

int wa_unpack_trunk(const uint8_t *packed, size_t len, wa_trunk_t *out)
{
	wa_sv_t rest = {(const char *)packed, len}, name, bad;
	wa_pair_t pairs[WA_RECORD_FIELDS_MAX];
	size_t n = 0;

	if(!take_text(&rest, &name))
		return WA_EPARSE;
	for(; rest.len > 0; n++)
		if(n == WA_RECORD_FIELDS_MAX || !take_text(&rest, &pairs[n].name)
				|| !take_text(&rest, &pairs[n].value))
			return WA_EPARSE;
	if(wa_record_read_trunk(name, pairs, n, out, &bad) < 0 || bad.len > 0)
		return WA_EPARSE;
	return 0;
}
