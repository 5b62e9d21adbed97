/* Every function of lib/ that allocates, while memory runs out.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "oom.h"
#include "wa_digest.h"
#include "wa_due.h"
#include "wa_err.h"
#include "wa_graph_error.h"
#include "wa_graph_health.h"
#include "wa_graph_list.h"
#include "wa_graph_usage.h"
#include "wa_guard.h"
#include "wa_nonce.h"
#include "wa_proof.h"
#include "wa_seal.h"
#include "wa_settings_json.h"
#include "wa_token.h"

static const wa_seal_ring_t ring = {.keys = {{"k1", {1, 2, 3}}}, .n = 1};

static int digest(void *arg)
{
	wa_digest_in_t in = {.alg = *(enum wa_alg *)arg,
			.username = WA_SV("15550001111"),
			.realm = WA_SV("wa.meta.vc"),
			.password = WA_SV("made-up-password"),
			.method = WA_SV("INVITE"),
			.uri = WA_SV("sip:+16315551111@wa.meta.vc;transport=tls"),
			.nonce = WA_SV("0123456789abcdef"),
			.nc = WA_SV("00000001"),
			.cnonce = WA_SV("0a4f113b"),
			.qop = WA_QOP_AUTH};
	char out[WA_DIGEST_SIZE] = "x";
	int err = wa_digest_response(&in, out);

	if(err < 0)
		assert_string_equal(out, "");
	else if(in.alg == WA_ALG_MD5)
		assert_string_equal(out, "591ed3e2586e5cd6c90fac9c5720704a");
	else
		assert_int_equal(strlen(out), 64);
	return err;
}

static void digest_response(void **state)
{
	static enum wa_alg algs[] = {WA_ALG_MD5, WA_ALG_SHA256, WA_ALG_SHA512_256};

	(void)state;
	for(size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++)
		assert_true(oom_each(digest, &algs[i], 0) > 0);
}

static int answer_and_check(void *arg)
{
	const wa_digest_user_t user = {.username = WA_SV("15550001111"),
			.password = WA_SV("made-up-password"),
			.method = WA_SV("INVITE"),
			.uri = WA_SV("sip:a@b"),
			.nc = 1};
	wa_challenges_t list = {0};
	wa_credentials_t cr;
	char out[512];
	int n;

	(void)arg;
	assert_int_equal(wa_challenges_parse(WA_SV("Digest realm=\"r\", nonce=\"n\", "
											   "qop=\"auth\""), &list), 0);
	n = wa_digest_answer(&list.v[0], &user, out, sizeof(out));
	if(n < 0)
		return n;
	assert_int_equal(wa_credentials_parse((wa_sv_t){out, (size_t)n}, &cr), 0);
	n = wa_credentials_check(&cr, user.method, user.password, (wa_sv_t){0});
	/* out of memory is never a wrong password */
	assert_int_not_equal(n, WA_EAUTH);
	return n;
}

static void digest_answer(void **state)
{
	(void)state;
	assert_true(oom_each(answer_and_check, NULL, 0) > 0);
}

static int nonce(void *arg)
{
	const wa_sv_t realm = WA_SV("r");
	wa_nonce_id_t id;
	wa_nonce_t n;
	int err = wa_nonce_issue(&ring, realm, 1700000000, &n);

	(void)arg;
	if(err < 0)
		return err;
	return wa_nonce_check(&ring, realm, wa_sv_from(n.nonce), wa_sv_from(n.opaque),
			1700000000, 60, &id);
}

static void nonces(void **state)
{
	(void)state;
	(void)oom_each(nonce, NULL, 0);
}

static int seal(void *arg)
{
	const wa_sv_t plain = WA_SV("made-up-password"), aad = WA_SV("here");
	char text[WA_SEAL_TEXT_SIZE];
	wa_secret_t out;
	int err = wa_seal(&ring, plain, aad, text, sizeof(text));

	(void)arg;
	if(err < 0)
		return err;
	err = wa_seal_open(&ring, wa_sv_from(text), aad, &out);
	if(err < 0)
		assert_int_equal(out.len, 0);
	else
		assert_true(wa_sv_eq((wa_sv_t){out.s, out.len}, plain));
	return err;
}

static void sealing(void **state)
{
	(void)state;
	assert_true(oom_each(seal, NULL, 0) > 0);
}

static int token(void *arg)
{
	const wa_sv_t plain = WA_SV("sip:10.0.0.1:5060"), what = WA_SV("rr");
	char text[WA_TOKEN_SIZE], out[WA_TOKEN_PLAIN_MAX], mask[WA_TOKEN_MASK_SIZE];
	int err = wa_token_seal(&ring, what, plain, text, sizeof(text));

	(void)arg;
	if(err < 0)
		return err;
	err = wa_token_open(&ring, what, wa_sv_from(text), out, sizeof(out));
	if(err < 0)
		return err;
	assert_string_equal(out, plain.s);
	return wa_token_mask(&ring, plain, mask);
}

static void tokens(void **state)
{
	(void)state;
	assert_true(oom_each(token, NULL, 0) > 0);
}

/* json-c 0.16 itself goes through NULL when it cannot copy a member's name
 * (json_tokener.c does not look at what strdup() returned), so what is tried is
 * the memory the parser begins with. */
#define TOKENER_ALLOCATIONS 4

static int settings(void *arg)
{
	char why[WA_ERROR_SIZE];
	wa_settings_t s;

	(void)arg;
	return wa_settings_parse(&s, WA_SV("{\"calling\":{\"status\":\"ENABLED\"}}"),
			WA_SV("1"), (wa_sv_t){0}, why, sizeof(why));
}

static int graph_error(void *arg)
{
	wa_graph_error_t e;

	(void)arg;
	return wa_graph_error_parse(&e, WA_SV("{\"error\":{\"code\":190}}"));
}

static int graph_usage(void *arg)
{
	wa_graph_usage_t u;

	(void)arg;
	return wa_graph_usage_parse(&u, WA_SV("{\"call_count\":28}"));
}

static int graph_health(void *arg)
{
	char why[WA_ERROR_SIZE];
	wa_graph_health_t h;

	(void)arg;
	return wa_graph_health_parse(
			&h, WA_SV("{\"health_status\":{\"entities\":[]}}"), why, sizeof(why));
}

static int none(const wa_listed_t *n, void *arg)
{
	(void)n;
	(void)arg;
	return 0;
}

static int graph_list(void *arg)
{
	char after[WA_CURSOR_SIZE], why[WA_ERROR_SIZE];

	(void)arg;
	return wa_graph_list_parse(
			WA_SV("{\"data\":[]}"), none, NULL, after, why, sizeof(why));
}

static void no_memory_for_a_json_parser(void **state)
{
	static const oom_fn parsers[] = {
			settings, graph_error, graph_usage, graph_health, graph_list};

	(void)state;
	for(size_t i = 0; i < sizeof(parsers) / sizeof(parsers[0]); i++) {
		assert_int_equal(parsers[i](NULL), 0);
		for(unsigned at = 1; at <= TOKENER_ALLOCATIONS; at++)
			assert_int_equal(oom_from(parsers[i], NULL, at), WA_ENOMEM);
	}
}

static int proof(void *arg)
{
	char out[WA_PROOF_SIZE];
	int err = wa_proof(out, WA_SV("made-up-secret"), WA_SV("made-up-token"));

	(void)arg;
	assert_int_equal(strlen(out), err == 0 ? WA_PROOF_SIZE - 1 : 0);
	return err;
}

static void proofs(void **state)
{
	(void)state;
	(void)oom_each(proof, NULL, 0);
}

static int deadlines(void *arg)
{
	wa_due_heap_t h = {NULL, 0, 0};
	static wa_due_t d[200];
	int err = 0;

	(void)arg;
	memset(d, 0, sizeof(d));
	for(unsigned i = 0; !err && i < 200; i++) {
		err = wa_due_set(&h, &d[i], 200 - i);
		/* what was set before stays */
		assert_int_equal(wa_due_first(&h) ? wa_due_first(&h)->at : 0,
				err == 0 ? 200 - i : i > 0 ? 201 - i : 0);
	}
	wa_due_free(&h);
	return err;
}

static void no_memory_for_a_deadline(void **state)
{
	(void)state;
	assert_true(oom_each(deadlines, NULL, 1) > 0);
}

static int no_send(void *arg, wa_sv_t url, wa_sv_t msg)
{
	(void)arg;
	(void)url;
	(void)msg;
	return 0;
}

static int guard(void *arg)
{
	const wa_guard_cfg_t cfg = {.max_calls = 4, .poll_ms = 10, .slow_ms = 1000,
			.ack_ms = 1000, .ack_sdes_ms = 1000, .ng_ms = 300};
	const wa_guard_io_t io = {.send = no_send};
	const wa_guard_job_t job = {.kind = WA_GUARD_WATCH, .url = WA_SV("udp:a"),
			.callid = WA_SV("c"), .meta_tag = WA_SV("m"), .pbx_tag = WA_SV("p"),
			.answer = WA_SV("v=0\r\n")};
	wa_guard_stats_t stats = {0};
	wa_guard_t *g = wa_guard_new(&cfg, &io, &stats, 1);
	int err;

	(void)arg;
	if(g == NULL)
		return WA_ENOMEM;
	err = wa_guard_job(g, &job, 0);
	wa_guard_run(g, 1);
	wa_guard_free(g);
	return err;
}

static void guardian(void **state)
{
	(void)state;
	assert_true(oom_each(guard, NULL, 1) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(digest_response),
			cmocka_unit_test(digest_answer),
			cmocka_unit_test(nonces),
			cmocka_unit_test(sealing),
			cmocka_unit_test(tokens),
			cmocka_unit_test(no_memory_for_a_json_parser),
			cmocka_unit_test(proofs),
			cmocka_unit_test(no_memory_for_a_deadline),
			cmocka_unit_test(guardian),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
