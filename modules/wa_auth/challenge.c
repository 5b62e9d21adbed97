/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ksr_compat.h"

#include "challenge.h"

#include <time.h>

#include "../lib/wa_err.h"
#include "../lib/wa_headers.h"
#include "shared.h"

const wa_challenge_t *challenge_find(wa_sv_t reply, int code, wa_sv_t realm,
		wa_sv_t password, wa_challenges_t *list, const char **why)
{
	wa_alg_prefs_t algs = wa_alg_prefs_with(&auth_conf.algorithms, password);
	wa_sv_t asks = code == 407 ? WA_SV("Proxy-Authenticate")
							   : WA_SV("WWW-Authenticate");
	const wa_challenge_t *ch;
	wa_headers_t walk;
	wa_sv_t name, value;
	bool malformed = false;

	*list = (wa_challenges_t){0};
	wa_headers_begin(&walk, reply);
	while(wa_headers_next(&walk, &name, &value))
		if(wa_sv_ieq(name, asks)
				&& wa_challenges_parse(value, list) == WA_EPARSE)
			malformed = true;
	ch = wa_challenge_pick(list, &algs, realm, true, why);
	if(ch == NULL && list->n == 0 && malformed)
		*why = "the challenge is malformed";
	return ch;
}

wa_sv_t challenge_answered_by(int code)
{
	return code == 407 ? WA_SV("Proxy-Authorization") : WA_SV("Authorization");
}

uint32_t challenge_count(enum account_kind kind, const account_t *a,
		const wa_challenge_t *ch, int code)
{
	return kind == ACCOUNT_NUMBER ? shared_given_put(wa_sv_from(a->username),
											ch, code == 407, time(NULL))
								  : 1;
}

int challenge_write(wa_sv_t name, const wa_challenge_t *ch,
		const wa_digest_user_t *user, char out[CHALLENGE_HEADER_SIZE])
{
	size_t n = name.len + 2;
	int len;

	memcpy(out, name.s, name.len);
	memcpy(out + name.len, ": ", 2);
	/* room for CR LF and NUL */
	len = wa_digest_answer(ch, user, out + n, CHALLENGE_HEADER_SIZE - n - 3);
	if(len < 0)
		return len;
	n += (size_t)len;
	memcpy(out + n, "\r\n", 3);
	return (int)n + 2;
}
