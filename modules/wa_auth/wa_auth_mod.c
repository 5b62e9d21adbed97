/* wa_auth: answers Meta's challenge, challenges and verifies Meta.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "wa_auth.h"

#include <limits.h>

#include "../lib/wa_err.h"
#include "own.h"
#include "shared.h"
#include "wait.h"

#include <kamailio/core/route.h>

MODULE_VERSION

auth_conf_t auth_conf = {
		.answer_realm = {"", 0},
		.max_answers = 2,
		.nonce_lifetime = 60,
		.max_tries = 3,
		.max_wrong = 100,
};
tm_api_t auth_tmb;
wa_numbers_api_t auth_numbers;

static char *algorithms = "SHA-256,MD5";
static char *challenge_algorithm = "MD5";
static char *trunk_algorithms = "MD5";
static char *nonce_secret_file = "";
static int replay_size = 4096;
static int tries_window = 300;
static int tries_size = 1024;
static int max_waiting = 1000;
static int given_size = 1024;
static int given_lifetime = 60;
static int given_pause = 600;
static cmd_function drop_replies;

void auth_drop_replies(sip_msg_t *msg)
{
	drop_replies(msg, NULL, NULL);
}

static int ki_answer(sip_msg_t *msg, str *digits)
{
	return auth_answer(msg, KSR_SV(digits));
}

static int ki_answer_trunk(sip_msg_t *msg, str *trunk)
{
	return auth_answer_trunk(msg, KSR_SV(trunk));
}

static int ki_challenge(sip_msg_t *msg, str *realm)
{
	return auth_challenge(msg, KSR_SV(realm));
}

static int ki_verify(sip_msg_t *msg, str *realm)
{
	return auth_verify(msg, KSR_SV(realm));
}

static int ki_verify_trunk(sip_msg_t *msg, str *realm, str *trunk)
{
	return auth_verify_trunk(msg, KSR_SV(realm), KSR_SV(trunk));
}

static int with_text(
		sip_msg_t *msg, char *param, int (*act)(sip_msg_t *, str *))
{
	str s;

	if(fixup_get_svalue(msg, (gparam_t *)param, &s) < 0) {
		LM_ERR("the parameter has no value\n");
		return -1;
	}
	return act(msg, &s);
}

static int w_answer(sip_msg_t *msg, char *digits, char *p2 KSR_UNUSED)
{
	return with_text(msg, digits, ki_answer);
}

static int w_answer_trunk(sip_msg_t *msg, char *trunk, char *p2 KSR_UNUSED)
{
	return with_text(msg, trunk, ki_answer_trunk);
}

static int ki_ahead(sip_msg_t *msg, str *digits)
{
	return auth_ahead(msg, KSR_SV(digits));
}

static int w_ahead(sip_msg_t *msg, char *digits, char *p2 KSR_UNUSED)
{
	return with_text(msg, digits, ki_ahead);
}

static int w_challenge(sip_msg_t *msg, char *realm, char *p2 KSR_UNUSED)
{
	return with_text(msg, realm, ki_challenge);
}

static int w_verify(sip_msg_t *msg, char *realm, char *p2 KSR_UNUSED)
{
	return with_text(msg, realm, ki_verify);
}

static int w_verify_trunk(sip_msg_t *msg, char *realm, char *trunk)
{
	str r, t;

	if(fixup_get_svalue(msg, (gparam_t *)realm, &r) < 0
			|| fixup_get_svalue(msg, (gparam_t *)trunk, &t) < 0) {
		LM_ERR("wa_auth_verify_trunk: a parameter has no value\n");
		return -1;
	}
	return ki_verify_trunk(msg, &r, &t);
}

static int w_strip(sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return auth_strip(msg);
}

/* Offsets come out of the dialog itself, as text. */
static int cseq_by_text(sip_msg_t *msg, str *offset)
{
	unsigned long n;

	if(wa_sv_ulong(KSR_SV(offset), INT_MAX, &n) < 0) {
		LM_ERR("the offset \"%.*s\" is no number\n", offset->len, offset->s);
		return -1;
	}
	return auth_cseq(msg, (int)n);
}

static int w_cseq(sip_msg_t *msg, char *offset, char *p2 KSR_UNUSED)
{
	return with_text(msg, offset, cseq_by_text);
}

static int w_replied(sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return auth_replied(msg);
}

static int w_cseq_restore(
		sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return auth_cseq_restore(msg);
}

/* The first parameter becomes the number of a route that the script defines. */
static int fixup_wait(void **param, int n)
{
	int route;

	if(n != 1)
		return fixup_igp_null(param, 1);
	route = route_lookup(&main_rt, (char *)*param);
	if(route < 0) {
		LM_ERR("wa_auth_wait: no route[%s]\n", (char *)*param);
		return -1;
	}
	*param = (void *)(intptr_t)route;
	return 0;
}

static int w_wait(sip_msg_t *msg, char *route, char *ms)
{
	int n;

	if(fixup_get_ivalue(msg, (gparam_t *)ms, &n) < 0) {
		LM_ERR("wa_auth_wait: how long is no number\n");
		return -1;
	}
	return auth_wait(msg, (int)(intptr_t)route, n);
}

static int read_algorithms(void)
{
	int err = wa_alg_prefs_parse(
			wa_sv_from(algorithms), &auth_conf.algorithms);

	if(err < 0) {
		LM_ERR("algorithms \"%s\": %s\n", algorithms, wa_strerror(err));
		return -1;
	}
	auth_conf.challenge_alg = wa_alg_by_name(wa_sv_from(challenge_algorithm));
	if(auth_conf.challenge_alg != WA_ALG_MD5
			&& auth_conf.challenge_alg != WA_ALG_SHA256) {
		LM_ERR("challenge_algorithm \"%s\" is neither MD5 nor SHA-256\n",
				challenge_algorithm);
		return -1;
	}
	return 0;
}

/* Nonces say nothing of an algorithm: any of these may be answered with. */
static int read_trunk_algorithms(void)
{
	wa_alg_prefs_t *algs = &auth_conf.trunk_algorithms;
	int err = wa_alg_prefs_parse(wa_sv_from(trunk_algorithms), algs);

	for(unsigned i = 0; err == 0 && i < algs->n; i++)
		if(algs->v[i] != WA_ALG_MD5 && algs->v[i] != WA_ALG_SHA256)
			err = WA_EUNSUP;
	if(err < 0)
		LM_ERR("trunk_algorithms \"%s\": %s; known are MD5 and SHA-256\n",
				trunk_algorithms, wa_strerror(err));
	return err < 0 ? -1 : 0;
}

static int check_numbers(void)
{
	const struct
	{
		const char *name;
		int value, min, max;
	} limits[] = {{"max_answers", auth_conf.max_answers, 1, 5},
			{"nonce_lifetime", auth_conf.nonce_lifetime, 5, 3600},
			{"max_tries", auth_conf.max_tries, 1, 100},
			{"max_wrong", auth_conf.max_wrong, 0, 1000000},
			{"replay_size", replay_size, 64, 1 << 24},
			{"tries_window", tries_window, 1, 86400},
			{"tries_size", tries_size, 64, 1 << 24},
			{"max_waiting", max_waiting, 1, 100000},
			{"given_size", given_size, 16, 1 << 20},
			{"given_lifetime", given_lifetime, 1, 86400},
			{"given_pause", given_pause, 1, 86400}};

	for(size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if(limits[i].value < limits[i].min || limits[i].value > limits[i].max) {
			LM_ERR("%s is %d, not within %d and %d\n", limits[i].name,
					limits[i].value, limits[i].min, limits[i].max);
			return -1;
		}
	return 0;
}

static int bind_others(void)
{
	drop_replies = find_export("t_drop_replies", 0, 0);
	if(drop_replies == NULL || tm_load_api(&auth_tmb) < 0) {
		LM_ERR("load tm.so before this module\n");
		return -1;
	}
	return wa_numbers_load(&auth_numbers);
}

static int mod_init(void)
{
	shared_sizes_t sizes;

	if(read_algorithms() < 0 || read_trunk_algorithms() < 0
			|| check_numbers() < 0 || bind_others() < 0
			|| auth_counters_init() < 0)
		return -1;
	sizes = (shared_sizes_t){.nonces = (unsigned)replay_size,
			.lifetime = (unsigned)auth_conf.nonce_lifetime,
			.sources = (unsigned)tries_size,
			.window = (unsigned)tries_window,
			.given = (unsigned)given_size,
			.given_times = {.keep = (unsigned)given_lifetime,
					.pause = (unsigned)given_pause}};
	if(shared_init(nonce_secret_file, &sizes) < 0)
		return -1;
	return wait_init((unsigned)max_waiting);
}

static int child_init(int rank)
{
	return rank == PROC_MAIN ? wait_start() : 0;
}

static void mod_destroy(void)
{
	wait_destroy();
	shared_destroy();
}

static cmd_export_t cmds[] = {
		{"wa_auth_answer", w_answer, 1, fixup_spve_null,
				fixup_free_spve_null, REQUEST_ROUTE | FAILURE_ROUTE},
		{"wa_auth_answer_trunk", w_answer_trunk, 1, fixup_spve_null,
				fixup_free_spve_null, REQUEST_ROUTE | FAILURE_ROUTE},
		{"wa_auth_ahead", w_ahead, 1, fixup_spve_null, fixup_free_spve_null,
				BRANCH_ROUTE},
		{"wa_auth_wait", w_wait, 2, fixup_wait, 0,
				REQUEST_ROUTE | FAILURE_ROUTE},
		{"wa_auth_challenge", w_challenge, 1, fixup_spve_null,
				fixup_free_spve_null, REQUEST_ROUTE},
		{"wa_auth_verify", w_verify, 1, fixup_spve_null, fixup_free_spve_null,
				REQUEST_ROUTE},
		{"wa_auth_verify_trunk", w_verify_trunk, 2, fixup_spve_spve,
				fixup_free_spve_spve, REQUEST_ROUTE},
		{"wa_auth_strip", w_strip, 0, 0, 0, REQUEST_ROUTE},
		{"wa_auth_cseq", w_cseq, 1, fixup_spve_null, fixup_free_spve_null,
				REQUEST_ROUTE | FAILURE_ROUTE},
		{"wa_auth_cseq_restore", w_cseq_restore, 0, 0, 0, TM_ONREPLY_ROUTE},
		{"wa_auth_replied", w_replied, 0, 0, 0, TM_ONREPLY_ROUTE},
		{"bind_wa_auth", KSR_CMD(bind_wa_auth), 0, 0, 0, 0},
		{0, 0, 0, 0, 0, 0}};

static param_export_t params[] = {{"algorithms", PARAM_STRING, &algorithms},
		{"answer_realm", PARAM_STR, &auth_conf.answer_realm},
		{"max_answers", PARAM_INT, &auth_conf.max_answers},
		{"challenge_algorithm", PARAM_STRING, &challenge_algorithm},
		{"trunk_algorithms", PARAM_STRING, &trunk_algorithms},
		{"nonce_secret_file", PARAM_STRING, &nonce_secret_file},
		{"nonce_lifetime", PARAM_INT, &auth_conf.nonce_lifetime},
		{"replay_size", PARAM_INT, &replay_size},
		{"max_tries", PARAM_INT, &auth_conf.max_tries},
		{"max_wrong", PARAM_INT, &auth_conf.max_wrong},
		{"tries_window", PARAM_INT, &tries_window},
		{"tries_size", PARAM_INT, &tries_size},
		{"max_waiting", PARAM_INT, &max_waiting},
		{"given_size", PARAM_INT, &given_size},
		{"given_lifetime", PARAM_INT, &given_lifetime},
		{"given_pause", PARAM_INT, &given_pause}, {0, 0, 0}};

struct module_exports exports = {"wa_auth", DEFAULT_DLFLAGS, cmds, params,
		auth_rpcs, auth_pvs, 0, mod_init, child_init, mod_destroy};

#define KEMI2(name_, func_, p1_, p2_)                                    \
	{                                                                    \
		str_init("wa_auth"), str_init(name_), SR_KEMIP_INT, func_,       \
		{                                                                \
			p1_, p2_, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,       \
					SR_KEMIP_NONE                                        \
		}                                                                \
	}
#define KEMI(name_, func_, param_) KEMI2(name_, func_, param_, SR_KEMIP_NONE)

static sr_kemi_t kemi[] = {KEMI("answer", ki_answer, SR_KEMIP_STR),
		KEMI("ahead", ki_ahead, SR_KEMIP_STR),
		KEMI("challenge", ki_challenge, SR_KEMIP_STR),
		KEMI("verify", ki_verify, SR_KEMIP_STR),
		KEMI("answer_trunk", ki_answer_trunk, SR_KEMIP_STR),
		KEMI2("verify_trunk", ki_verify_trunk, SR_KEMIP_STR, SR_KEMIP_STR),
		KEMI("strip", auth_strip, SR_KEMIP_NONE),
		KEMI("cseq", auth_cseq, SR_KEMIP_INT),
		KEMI("cseq_restore", auth_cseq_restore, SR_KEMIP_NONE),
		KEMI("replied", auth_replied, SR_KEMIP_NONE),
		{{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};

int mod_register(char *path, int *dlflags, void *p1, void *p2);

int mod_register(char *path KSR_UNUSED, int *dlflags KSR_UNUSED,
		void *p1 KSR_UNUSED, void *p2 KSR_UNUSED)
{
	sr_kemi_modules_add(kemi);
	return 0;
}
