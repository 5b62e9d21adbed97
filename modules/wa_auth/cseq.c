/* CSeq of a dialog whose INVITE was sent once more than it was received.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RFC 3261 22.2: the request with credentials has a CSeq one higher. The far
 * end counts on from there, the PBX from its own INVITE: all requests of the PBX
 * in this dialog are raised, the CSeq in replies to them is put back. A CANCEL
 * and the ACK to a failure are made by tm from what was sent, so they fit.
 */
#include "../ksr_compat.h"

#include "wa_auth.h"

#include <stdio.h>

#include <kamailio/core/data_lump.h>
#include <kamailio/core/parser/parse_cseq.h>

#include "../lib/wa_headers.h"

#define CSEQ_MAX 2147483647UL /* RFC 3261 8.1.1.5 */

tm_cell_t *auth_transaction(void)
{
	tm_cell_t *t = auth_tmb.t_gett();

	return t == T_UNDEFINED ? NULL : t;
}

int cseq_of(sip_msg_t *msg, unsigned long *number)
{
	if(parse_headers(msg, HDR_CSEQ_F, 0) < 0 || msg->cseq == NULL
			|| get_cseq(msg) == NULL)
		return -1;
	return wa_sv_ulong(KSR_SV(&get_cseq(msg)->number), CSEQ_MAX, number);
}

/* tm parses a request fully before it clones it: nothing is parsed here, the
 * clone lies in shared memory. */
int cseq_received(const tm_cell_t *t, unsigned long *number)
{
	const sip_msg_t *req = t->uas.request;

	if(req == NULL || req->cseq == NULL || get_cseq(req) == NULL)
		return -1;
	return wa_sv_ulong(KSR_SV(&get_cseq(req)->number), CSEQ_MAX, number);
}

int cseq_sent(const tm_cell_t *t, int branch, unsigned long *number)
{
	const struct retr_buf *rb = &t->uac[branch].request;
	wa_sv_t value;

	if(rb->buffer == NULL || rb->buffer_len <= 0)
		return -1;
	value = wa_headers_find(
			(wa_sv_t){rb->buffer, (size_t)rb->buffer_len}, WA_SV("CSeq"));
	return wa_sv_ulong(wa_sv_cut(&value, ' '), CSEQ_MAX, number);
}

/* The change of an earlier call, or of request_route when this is
 * failure_route; its new number is taken out. */
static struct lump *reuse_lump(sip_msg_t *msg, int offset)
{
	struct lump *l = msg->add_rm;

	while(l != NULL && !(l->op == LUMP_DEL && l->u.offset == offset))
		l = l->next;
	if(l == NULL)
		return NULL;
	for(struct lump *add = l->after; add != NULL; add = add->after)
		if(add->op == LUMP_ADD)
			add->len = 0;
	return l;
}

int cseq_set(sip_msg_t *msg, unsigned long number)
{
	unsigned long now;
	struct lump *l;
	str *old;
	char *text;
	int offset, len;

	if(number > CSEQ_MAX || cseq_of(msg, &now) < 0)
		return -1;
	old = &get_cseq(msg)->number;
	offset = (int)(old->s - msg->buf);
	l = reuse_lump(msg, offset);
	if(l == NULL && now == number)
		return 0;
	if(l == NULL)
		l = del_lump(msg, offset, old->len, HDR_CSEQ_T);
	text = pkg_malloc(12);
	if(l == NULL || text == NULL) {
		PKG_MEM_ERROR;
		goto error;
	}
	len = snprintf(text, 12, "%lu", number);
	if(insert_new_lump_after(l, text, len, HDR_CSEQ_T) == NULL)
		goto error;
	return 0;

error:
	if(text != NULL)
		pkg_free(text);
	return -1;
}

int auth_cseq(sip_msg_t *msg, int offset)
{
	unsigned long number;

	if(offset < 0 || cseq_of(msg, &number) < 0
			|| cseq_set(msg, number + (unsigned long)offset) < 0) {
		LM_ERR("CSeq cannot be raised by %d\n", offset);
		return -1;
	}
	return 1;
}

int auth_cseq_restore(sip_msg_t *msg)
{
	tm_cell_t *t = auth_transaction();
	unsigned long number;

	if(t == NULL || cseq_received(t, &number) < 0) {
		LM_ERR("no request whose CSeq this reply could get\n");
		return -1;
	}
	return cseq_set(msg, number) < 0 ? -1 : 1;
}
