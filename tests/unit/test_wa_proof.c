/* appsecret_proof against RFC 4231's second vector and one made with openssl.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_proof.h"

static void vectors(void **state)
{
	char out[WA_PROOF_SIZE];

	(void)state;
	assert_int_equal(wa_proof(out, WA_SV("Jefe"), WA_SV("what do ya want for nothing?")), 0);
	assert_string_equal(out,
			"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	/* printf made-up-token | openssl dgst -sha256 -hmac made-up-secret */
	assert_int_equal(wa_proof(out, WA_SV("made-up-secret"), WA_SV("made-up-token")), 0);
	assert_string_equal(out, "c9226ce797b4aacbdf2809653a70296792958cb2e31cb049c4fe21c199d6d1bc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(vectors)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
