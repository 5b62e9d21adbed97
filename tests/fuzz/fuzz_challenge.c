/* Challenges of a 401 or 407, the choice among them, and its answer.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Input: a line of algorithms, a line with a realm, then headers (folded lines
 * begin with a space).
 */
#include "fuzz.h"

#include "wa_digest.h"
#include "wa_err.h"

static void check_views(const wa_challenges_t *list, wa_sv_t all)
{
	FUZZ_CHECK(list->n <= WA_CHALLENGES_MAX);
	for(unsigned i = 0; i < list->n; i++) {
		const wa_challenge_t *c = &list->v[i];

		FUZZ_CHECK(fuzz_inside(c->scheme, all) && fuzz_inside(c->realm, all)
				   && fuzz_inside(c->nonce, all) && fuzz_inside(c->opaque, all)
				   && fuzz_inside(c->algorithm, all));
		FUZZ_CHECK(c->err == 0 || c->err == WA_EUNSUP || c->err == WA_EPARSE);
	}
}

/* An answer that fits is one that our own verification takes. */
static void answer(const wa_challenge_t *c)
{
	wa_digest_user_t user = {.username = WA_SV("15550001111"),
			.password = WA_SV("made-up"),
			.method = WA_SV("INVITE"),
			.uri = WA_SV("sip:+16315551111@wa.meta.vc"),
			.cnonce = WA_SV("0a4f113b"),
			.nc = 1,
			.body = WA_SV("v=0\r\n")};
	static char out[8192];
	wa_credentials_t cr;
	int n = wa_digest_answer(c, &user, out, sizeof(out));

	FUZZ_CHECK(n > 0 || n == WA_ETOOLONG);
	if(n < 0)
		return;
	FUZZ_CHECK(wa_credentials_parse((wa_sv_t){out, (size_t)n}, &cr) == 0);
	FUZZ_CHECK(wa_credentials_check(&cr, user.method, user.password, user.body) == 0);
	FUZZ_CHECK(wa_credentials_check(&cr, user.method, WA_SV("other"), user.body)
			   == WA_EAUTH);
	FUZZ_CHECK(wa_digest_answer(c, &user, out, (size_t)n) == WA_ETOOLONG);
}

/* Cuts off one header with its folded lines. */
static wa_sv_t cut_header(wa_sv_t *rest)
{
	wa_sv_t head = *rest;

	for(size_t i = 0; i + 1 < rest->len; i++) {
		if(rest->s[i] == '\n' && rest->s[i + 1] != ' ') {
			head.len = i;
			*rest = (wa_sv_t){rest->s + i + 1, rest->len - i - 1};
			return head;
		}
	}
	rest->len = 0;
	return head;
}

void fuzz_challenge(const uint8_t *data, size_t size)
{
	wa_sv_t all = fuzz_text(data, size), rest = all;
	wa_sv_t names = wa_sv_cut(&rest, '\n'), realm = wa_sv_cut(&rest, '\n');
	wa_challenges_t list = {0};
	wa_alg_prefs_t prefs;

	if(wa_alg_prefs_parse(names, &prefs) < 0)
		FUZZ_CHECK(wa_alg_prefs_parse(WA_SV("SHA-256,MD5"), &prefs) == 0);
	while(rest.len > 0)
		(void)wa_challenges_parse(cut_header(&rest), &list);
	check_views(&list, all);
	for(int body_known = 0; body_known < 2; body_known++) {
		const char *why = NULL;
		const wa_challenge_t *c =
				wa_challenge_pick(&list, &prefs, realm, body_known, &why);

		if(c == NULL) {
			FUZZ_CHECK(why != NULL);
			continue;
		}
		FUZZ_CHECK(c->err == 0);
		FUZZ_CHECK(body_known || c->qop != WA_QOP_AUTH_INT);
		answer(c);
	}
}
