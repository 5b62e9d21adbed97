/* wa_auth.stats and wa_auth.reload.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "wa_auth.h"

#include <time.h>

#include <openssl/crypto.h>

#include "../ksr_rpc.h"
#include "../lib/wa_auth_header.h"
#include "../lib/wa_err.h"
#include "../lib/wa_uri.h"
#include "shared.h"
#include "wait.h"

static const char *const stats_doc[2] = {
		"Challenges answered, sent and verified; state of the nonce table", 0};
static const char *const reload_doc[2] = {
		"Reads the keys that sign nonces from their file again", 0};

static int add_nonces(rpc_t *rpc, void *top)
{
	wa_replay_stats_t s;
	wa_seal_ring_t keys;
	unsigned n;
	void *nonces;

	shared_replay_stats(time(NULL), &s);
	shared_keys(&keys);
	n = (unsigned)keys.n;
	wa_seal_ring_wipe(&keys);
	if(rpc->struct_add(top, "{", "nonces", &nonces) < 0)
		return -1;
	return rpc->struct_add(nonces, "ddddd", "capacity", (int)s.capacity, "used",
			(int)s.used, "evicted", (int)s.evicted, "lifetime",
			auth_conf.nonce_lifetime, "keys", (int)n);
}

static void rpc_stats(rpc_t *rpc, void *ctx)
{
	void *top;
	int err = rpc->add(ctx, "{", &top);

	for(int i = 0; err >= 0 && i < COUNT_ALL; i++)
		err = rpc->struct_add(top, "d", auth_counter_name(i),
				(int)auth_counter_value(i));
	if(err >= 0)
		err = rpc->struct_add(top, "d", "waiting", (int)wait_count());
	if(err >= 0)
		err = add_nonces(rpc, top);
	if(err < 0)
		rpc->fault(ctx, 500, "Out of memory");
}

/* Whether the password opens, and what answers a challenge of our own. */
static const char *try_password(wa_sv_t number)
{
	static const char *const name = "INVITE";
	wa_credentials_t cr;
	wa_secret_t secret;
	char text[512];
	wa_challenge_t ch = {.realm = WA_SV("self"), .nonce = WA_SV("0123456789abcdef"),
			.algorithm = wa_sv_from(wa_alg_name(auth_conf.challenge_alg)),
			.qop = WA_QOP_AUTH, .alg = auth_conf.challenge_alg};
	wa_digest_user_t user = {.username = number, .method = wa_sv_from(name),
			.uri = WA_SV("sip:self"), .nc = 1};
	int err = auth_numbers.password(number, &secret);

	if(err < 0)
		return err == WA_ENOENT ? "there is none" : wa_strerror(err);
	user.password = (wa_sv_t){secret.s, secret.len};
	err = wa_digest_answer(&ch, &user, text, sizeof(text) - 1);
	if(err > 0)
		err = wa_credentials_parse((wa_sv_t){text, (size_t)err}, &cr);
	if(err == 0)
		err = wa_credentials_check(&cr, user.method, user.password, WA_SV(""));
	OPENSSL_cleanse(&secret, sizeof(secret));
	OPENSSL_cleanse(text, sizeof(text));
	return err == 0 ? "" : wa_strerror(err);
}

static const char *last_of(const wa_proven_t *p, enum wa_proof_of of)
{
	if(p->right[of] == 0 && p->wrong[of] == 0)
		return "";
	return p->right[of] >= p->wrong[of] ? "right" : "wrong";
}

static const char *const seen_doc[2] = {
		"When a number's password was last proven right or wrong, in seconds (-1: "
		"not since the start); ours, metas: what was the last of our answers and of "
		"Meta's; self: why it cannot answer a challenge of our own. "
		"Parameter: digits",
		0};

static void rpc_seen(rpc_t *rpc, void *ctx)
{
	char number[WA_DIGITS_SIZE];
	wa_proven_t p;
	str text;
	void *h;

	if(!rpc_text(rpc, ctx, &text) || wa_uri_e164(KSR_SV(&text), number) < 0) {
		rpc->fault(ctx, 400, "digits: the number (in kamcmd: s:15550001111)");
		return;
	}
	shared_proven(wa_sv_from(number), &p);
	if(rpc->add(ctx, "{", &h) == 0)
		rpc->struct_add(h, "ddddsss", "taken_age",
				prove_age(p.right[WA_PROVEN_OURS]), "refused_age",
				prove_age(p.wrong[WA_PROVEN_OURS]), "verified_age",
				prove_age(p.right[WA_PROVEN_METAS]), "wrong_age",
				prove_age(p.wrong[WA_PROVEN_METAS]), "ours", last_of(&p, WA_PROVEN_OURS), "metas",
				last_of(&p, WA_PROVEN_METAS), "self", try_password(wa_sv_from(number)));
}

static void rpc_reload(rpc_t *rpc, void *ctx)
{
	char why[200];
	int err = shared_reload(why, sizeof(why));

	if(err < 0)
		rpc->fault(ctx, err == WA_ENOENT ? 404 : 500, "%s", why);
}

rpc_export_t auth_rpcs[] = {
		{"wa_auth.stats", rpc_stats, (const char **)(uintptr_t)stats_doc, 0},
		{"wa_auth.seen", rpc_seen, (const char **)(uintptr_t)seen_doc, 0},
		{"wa_auth.reload", rpc_reload, (const char **)(uintptr_t)reload_doc, 0},
		{0, 0, 0, 0}};
