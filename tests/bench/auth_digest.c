/* Challenges answered per second on one core: parsed, chosen, computed, written.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Prints "NAME PER_SECOND" for each algorithm.
 */
#include <stdio.h>
#include <time.h>

#include "wa_digest.h"

#define CHALLENGES 200000

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int answer(wa_sv_t header, const wa_alg_prefs_t *prefs)
{
	const wa_digest_user_t user = {.username = WA_SV("15550001111"),
			.password = WA_SV("made-up-password"),
			.method = WA_SV("INVITE"),
			.uri = WA_SV("sip:+16315551111@wa.meta.vc;transport=tls"),
			.nc = 1};
	wa_challenges_t list = {0};
	const wa_challenge_t *ch;
	const char *why;
	char out[1024];

	if(wa_challenges_parse(header, &list) < 0)
		return -1;
	ch = wa_challenge_pick(&list, prefs, WA_SV("wa.meta.vc"), true, &why);
	return ch ? wa_digest_answer(ch, &user, out, sizeof(out)) : -1;
}

static int measure(const char *name, const char *header, const wa_alg_prefs_t *prefs)
{
	double from = cpu_seconds();

	for(int i = 0; i < CHALLENGES; i++)
		if(answer(wa_sv_from(header), prefs) < 0)
			return -1;
	printf("%s %.0f\n", name, CHALLENGES / (cpu_seconds() - from));
	return 0;
}

int main(void)
{
	wa_alg_prefs_t prefs;

	if(wa_alg_prefs_parse(WA_SV("SHA-256,MD5"), &prefs) < 0
			|| measure("MD5", "Digest realm=\"wa.meta.vc\",nonce=\"0123456789abcdef\","
							  "opaque=\"fedc\",algorithm=MD5,qop=\"auth\"", &prefs) < 0
			|| measure("SHA-256", "Digest realm=\"wa.meta.vc\",qop=\"auth\","
								  "nonce=\"0123456789abcdef\",algorithm=SHA-256",
					   &prefs) < 0)
		return 1;
	return 0;
}
