/* What Meta's replies say of the password that a request was answered with.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "wa_auth.h"

#include <string.h>
#include <time.h>

#include <kamailio/core/parser/msg_parser.h>

#include "../lib/wa_headers.h"
#include "../lib/wa_reason.h"
#include "../lib/wa_uri.h"
#include "shared.h"

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void prove(wa_sv_t number, enum wa_proof_of of, bool right)
{
	shared_prove(number, of, right, now_ms());
}

int prove_age(int64_t at)
{
	int64_t ms = now_ms() - at;

	if(at == 0)
		return -1;
	return ms < 0 ? 0 : ms / 1000 > INT32_MAX ? INT32_MAX : (int)(ms / 1000);
}

/* The number whose password answers in the request on `branch`. */
static bool answered_as(
		const tm_cell_t *t, int branch, char number[WA_DIGITS_SIZE])
{
	const struct retr_buf *rb = &t->uac[branch].request;
	wa_credentials_t cr;
	wa_headers_t walk;
	wa_sv_t name, value;

	if(rb->buffer == NULL || rb->buffer_len <= 0)
		return false;
	wa_headers_begin(&walk, (wa_sv_t){rb->buffer, (size_t)rb->buffer_len});
	while(wa_headers_next(&walk, &name, &value))
		if((wa_sv_ieq(name, WA_SV("Proxy-Authorization"))
				   || wa_sv_ieq(name, WA_SV("Authorization")))
				&& wa_credentials_parse(value, &cr) == 0)
			return wa_uri_e164(cr.username, number) == 0;
	return false;
}

static str warning_of(sip_msg_t *msg)
{
	hdr_field_t *h = NULL;

	if(parse_headers(msg, HDR_EOH_F, 0) == 0)
		for(h = msg->headers; h != NULL; h = h->next)
			if(wa_sv_ieq(KSR_SV(&h->name), WA_SV("Warning")))
				break;
	return h != NULL ? h->body : (str){NULL, 0};
}

/* Meta looks at the password before it looks at the user: what the user did is a
 * proof as good as an answer. Other refusals may have come before. */
void prove_reply(sip_msg_t *msg, const tm_cell_t *t, int branch)
{
	unsigned code = msg->first_line.u.reply.statuscode;
	char number[WA_DIGITS_SIZE];
	const wa_reason_t *r;
	str warning;

	if(code == 100 || code == 401 || code == 407 || branch < 0
			|| branch >= t->nr_of_outgoings || !answered_as(t, branch, number))
		return;
	if(code < 300) {
		prove(wa_sv_from(number), WA_PROVEN_OURS, true);
		return;
	}
	warning = warning_of(msg);
	r = wa_reason_of_meta(
			code, KSR_SV(&msg->first_line.u.reply.reason), KSR_SV(&warning));
	if(strcmp(r->code, "meta_auth") == 0)
		prove(wa_sv_from(number), WA_PROVEN_OURS, false);
	else if(r->class == WA_REASON_USER)
		prove(wa_sv_from(number), WA_PROVEN_OURS, true);
}
