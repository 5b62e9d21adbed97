/* wa_auth_ahead(): credentials with a nonce that was given before.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RFC 7616 3.6: a client may send credentials before it is asked. If they are
 * refused, the far end challenges, and all goes on as if nothing had been sent.
 */
#include "../ksr_compat.h"

#include "wa_auth.h"

#include <time.h>

#include <openssl/crypto.h>

#include <kamailio/core/parser/msg_parser.h>

#include "../lib/wa_err.h"
#include "../lib/wa_headers.h"
#include "../lib/wa_uri.h"
#include "shared.h"

bool ahead_sent(const tm_cell_t *t, int branch)
{
	for(int b = 0; b < branch; b++)
		if(t->uac[b].last_received == 401 || t->uac[b].last_received == 407)
			return false;
	return true;
}

static int write_ahead(sip_msg_t *msg, const wa_given_nonce_t *given,
		wa_sv_t username, wa_sv_t password)
{
	const wa_digest_user_t user = {.username = username,
			.password = password,
			.method = KSR_SV(&msg->first_line.u.request.method),
			.uri = KSR_SV(GET_RURI(msg)),
			.nc = given->nc};

	return auth_add_answer(msg,
			given->proxy ? WA_SV("Proxy-Authorization") : WA_SV("Authorization"),
			&given->ch, &user);
}

int auth_ahead(sip_msg_t *msg, wa_sv_t number)
{
	auth_current_t *cur = auth_current(msg);
	wa_given_nonce_t given;
	wa_secret_t secret;
	int err;

	if(wa_uri_e164(number, cur->number) < 0)
		return auth_done(cur, COUNT_NONE, RET_NO_PASSWORD, "no number");
	err = shared_given_take(wa_sv_from(cur->number), time(NULL), &given);
	if(err < 0)
		return auth_done(cur, COUNT_NONE, RET_NO_NONCE, "%s",
				err == WA_EBUSY ? "nonces were refused too often"
								: "no nonce was given lately");
	err = auth_numbers.password(wa_sv_from(cur->number), &secret);
	if(err < 0)
		return auth_done(cur, COUNT_NONE, RET_NO_PASSWORD,
				"password of the number: %s", wa_strerror(err));
	err = write_ahead(msg, &given, wa_sv_from(cur->number),
			(wa_sv_t){secret.s, secret.len});
	OPENSSL_cleanse(&secret, sizeof(secret));
	if(err < 0)
		return auth_done(cur, COUNT_NONE, RET_INTERNAL,
				"credentials cannot be made: %s", wa_strerror(err));
	cur->alg = given.ch.alg;
	return auth_done(
			cur, COUNT_AHEAD, RET_OK, "sent ahead, nonce count %u", given.nc);
}

/* The credentials that the request on `branch` had; those that came ahead have
 * counts from 2 on. */
static bool credentials_of(
		const tm_cell_t *t, int branch, wa_credentials_t *out)
{
	const struct retr_buf *rb = &t->uac[branch].request;
	wa_headers_t walk;
	wa_sv_t name, value;

	if(rb->buffer == NULL || rb->buffer_len <= 0 || !ahead_sent(t, branch))
		return false;
	wa_headers_begin(&walk, (wa_sv_t){rb->buffer, (size_t)rb->buffer_len});
	while(wa_headers_next(&walk, &name, &value))
		if((wa_sv_ieq(name, WA_SV("Proxy-Authorization"))
				   || wa_sv_ieq(name, WA_SV("Authorization")))
				&& wa_credentials_parse(value, out) == 0)
			return out->nc > 1;
	return false;
}

void ahead_refused(const wa_credentials_t *cr)
{
	char number[WA_DIGITS_SIZE];

	if(wa_uri_e164(cr->username, number) < 0)
		return;
	auth_count(COUNT_AHEAD_REFUSED);
	shared_given_refused(wa_sv_from(number), cr->nonce, cr->nc, time(NULL));
}

static void ahead_replied(sip_msg_t *msg, const tm_cell_t *t, int branch)
{
	unsigned code = msg->first_line.u.reply.statuscode;
	wa_credentials_t cr;
	char number[WA_DIGITS_SIZE];

	if(branch < 0 || branch >= t->nr_of_outgoings
			|| !credentials_of(t, branch, &cr)
			|| wa_uri_e164(cr.username, number) < 0)
		return;
	if(code < 300)
		shared_given_taken(wa_sv_from(number), cr.nonce);
	else if(code == 403)
		ahead_refused(&cr);
}

int auth_replied(sip_msg_t *msg)
{
	tm_cell_t *t = auth_transaction();

	if(t == NULL)
		return -1;
	ahead_replied(msg, t, auth_tmb.t_gett_branch());
	prove_reply(msg, t, auth_tmb.t_gett_branch());
	return 1;
}
