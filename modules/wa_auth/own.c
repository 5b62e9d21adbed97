/* Requests of our own within a dialog, and the answer to their challenge.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All that the request is made of goes along with its transaction, as one block
 * of shared memory: the 407 may come to any worker.
 */
#include "../ksr_compat.h"

#include "own.h"

#include <kamailio/core/xavp.h>

#include "../lib/wa_buf.h"
#include "../lib/wa_err.h"
#include "account.h"
#include "challenge.h"

#define HEADERS_SIZE (2 * CHALLENGE_HEADER_SIZE)

typedef struct own
{
	wa_own_t r; /* its texts lie behind this struct */
	int answers;
	enum account_kind kind;
	wa_sv_t account;
} own_t;

/* To tm an empty text is one without a pointer. */
static str text_of(const own_t *own, enum wa_own_text which)
{
	return own->r.text[which].len > 0 ? KSR_STR(own->r.text[which])
									  : (str){NULL, 0};
}

/* "number:1555..." or "trunk:pbx" */
static int read_account(own_t *own)
{
	wa_sv_t rest = own->r.text[WA_OWN_ACCOUNT], kind = wa_sv_cut(&rest, ':');

	own->kind = wa_sv_eq(kind, WA_SV("trunk")) ? ACCOUNT_TRUNK : ACCOUNT_NUMBER;
	own->account = rest;
	return own->kind == ACCOUNT_TRUNK || wa_sv_eq(kind, WA_SV("number"))
				   ? 0
				   : WA_EPARSE;
}

static own_t *copy_of(const wa_own_t *r)
{
	size_t size = sizeof(own_t);
	own_t *own;
	char *at;

	for(int i = 0; i < WA_OWN_TEXTS; i++)
		size += r->text[i].len;
	own = shm_malloc(size);
	if(own == NULL) {
		SHM_MEM_ERROR;
		return NULL;
	}
	*own = (own_t){.r = *r};
	at = (char *)(own + 1);
	for(int i = 0; i < WA_OWN_TEXTS; i++) {
		if(r->text[i].len > 0)
			memcpy(at, r->text[i].s, r->text[i].len);
		own->r.text[i].s = at;
		at += r->text[i].len;
	}
	return own;
}

/* What tls looks at when it opens a connection (its xavp_cfg), as the script
 * sets it in route/target.cfg. "" removes it. */
static void set_server_name(str name)
{
	str list = str_init("tls"), member = str_init("server_name");

	xavp_rm_by_name(&list, 1, NULL);
	if(name.len > 0 && xavp_set_child_sval(&list, &member, &name) < 0)
		LM_ERR("out of memory: the peer's name cannot be checked\n");
}

static void completed(
		struct cell *t, int type, struct tmcb_params *ps);

/* On success the transaction owns `own`, which may be gone already. */
static int send_own(own_t *own, wa_sv_t credentials)
{
	char mem[HEADERS_SIZE];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));
	str method = text_of(own, WA_OWN_METHOD), headers;
	bool named = own->r.text[WA_OWN_SERVER_NAME].len > 0;
	uac_req_t req;
	dlg_t d;
	int ret;

	wa_buf_put(&b, own->r.text[WA_OWN_HEADERS]);
	wa_buf_put(&b, credentials);
	if(wa_buf_check(&b) < 0)
		return WA_ETOOLONG;
	headers = (str){mem, (int)b.len};
	memset(&d, 0, sizeof(d));
	d.id.call_id = text_of(own, WA_OWN_CALL_ID);
	d.id.loc_tag = text_of(own, WA_OWN_LOCAL_TAG);
	d.id.rem_tag = text_of(own, WA_OWN_REMOTE_TAG);
	d.loc_uri = text_of(own, WA_OWN_LOCAL);
	d.rem_uri = text_of(own, WA_OWN_REMOTE);
	d.rem_target = text_of(own, WA_OWN_TARGET);
	d.dst_uri = text_of(own, WA_OWN_HOP);
	/* tm sends with the number after this one */
	d.loc_seq.value = own->r.cseq - 1;
	d.loc_seq.is_set = 1;
	d.state = DLG_CONFIRMED;
	d.send_sock = own->r.socket;
	set_uac_req(&req, &method, &headers, NULL, &d,
			TMCB_LOCAL_COMPLETED | TMCB_DESTROY, completed, own);
	if(named)
		set_server_name(text_of(own, WA_OWN_SERVER_NAME));
	ret = auth_tmb.t_request_within(&req);
	if(named)
		set_server_name((str){NULL, 0});
	return ret < 0 ? WA_EIO : 0;
}

static int write_credentials(const own_t *own, const account_t *a,
		const sip_msg_t *rpl, int code, char header[CHALLENGE_HEADER_SIZE],
		const char **why)
{
	wa_sv_t reply = {rpl->buf, (size_t)rpl->len};
	wa_digest_user_t user = {.username = wa_sv_from(a->username),
			.password = account_password(a),
			.method = own->r.text[WA_OWN_METHOD],
			.uri = own->r.text[WA_OWN_TARGET]};
	const wa_challenge_t *ch;
	wa_challenges_t list;
	int ret;

	ch = challenge_find(reply, code,
			own->kind == ACCOUNT_NUMBER ? KSR_SV(&auth_conf.answer_realm)
										: WA_SV(""),
			account_password(a), &list, why);
	if(ch == NULL)
		return WA_EAUTH;
	*why = "the credentials were refused";
	if(own->answers > 0
			&& (!ch->stale || own->answers >= auth_conf.max_answers))
		return WA_EAUTH;
	user.nc = challenge_count(own->kind, a, ch, code);
	ret = challenge_write(challenge_answered_by(code), ch, &user, header);
	*why = wa_strerror(ret);
	return ret;
}

/* The header line with the answer, or what stands in its way in `*why`. */
static int write_answer(const own_t *own, const sip_msg_t *rpl, int code,
		char header[CHALLENGE_HEADER_SIZE], const char **why)
{
	account_t account;
	int ret = account_open(own->kind, own->account, &account);

	*why = "there is no account";
	if(ret == 0)
		ret = write_credentials(own, &account, rpl, code, header, why);
	account_wipe(&account);
	return ret;
}

/* True: the request is out once more, and owns `own`. */
static bool answer(own_t *own, const sip_msg_t *rpl, int code, const char **why)
{
	char header[CHALLENGE_HEADER_SIZE];
	int len = write_answer(own, rpl, code, header, why);

	if(len < 0) {
		auth_count(COUNT_ANSWER_REFUSED);
		return false;
	}
	own->answers++;
	own->r.cseq++;
	len = send_own(own, (wa_sv_t){header, (size_t)len});
	auth_count(len < 0 ? COUNT_ANSWER_FAILED : COUNT_ANSWERED);
	*why = wa_strerror(len);
	return len == 0;
}

static void report(const own_t *own, int code, const char *why)
{
	LM_WARN("%.*s of ours, Call-ID %.*s: %d%s%s\n",
			WA_SV_ARG(own->r.text[WA_OWN_METHOD]),
			WA_SV_ARG(own->r.text[WA_OWN_CALL_ID]), code,
			why[0] != '\0' ? ", " : "", why);
}

/* In the process that has the final reply, or the timer that has given up; and
 * when the transaction goes. */
static void completed(
		struct cell *t KSR_UNUSED, int type, struct tmcb_params *ps)
{
	own_t *own = *ps->param;
	const char *why = "";

	if(own == NULL)
		return;
	if(type == TMCB_DESTROY) {
		*ps->param = NULL;
		shm_free(own);
		return;
	}
	if(ps->code < 300)
		return;
	if(ps->rpl != FAKED_REPLY && (ps->code == 401 || ps->code == 407)) {
		*ps->param = NULL;
		if(answer(own, ps->rpl, ps->code, &why))
			return;
		*ps->param = own;
	}
	report(own, ps->code, why);
}

int own_request(const wa_own_t *r)
{
	own_t *own = copy_of(r);
	int err;

	if(own == NULL)
		return WA_ENOMEM;
	err = read_account(own);
	if(err == 0)
		err = send_own(own, WA_SV(""));
	if(err < 0)
		shm_free(own);
	return err;
}

int bind_wa_auth(wa_auth_api_t *api)
{
	api->request = own_request;
	return 0;
}
