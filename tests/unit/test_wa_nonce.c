/* Nonces: ours, everybody else's, and the edges of their time.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_nonce.h"

#define REALM WA_SV("sbc.wasbc.test")
#define NOW ((time_t)1750000000)

static wa_seal_ring_t ring(uint8_t first, uint8_t second)
{
	wa_seal_ring_t r = {.n = second ? 2 : 1};

	memset(r.keys[0].key, first, WA_SEAL_KEY_LEN);
	memset(r.keys[1].key, second, WA_SEAL_KEY_LEN);
	return r;
}

static int check(const wa_seal_ring_t *keys, const wa_nonce_t *n, time_t now)
{
	wa_nonce_id_t id;

	return wa_nonce_check(keys, REALM, wa_sv_from(n->nonce),
			wa_sv_from(n->opaque), now, 60, &id);
}

static void issued_here_is_ours(void **state)
{
	wa_seal_ring_t keys = ring(1, 0);
	wa_nonce_t a, b;
	wa_nonce_id_t id;

	(void)state;
	assert_int_equal(wa_nonce_issue(&keys, REALM, NOW, &a), 0);
	assert_int_equal(wa_nonce_issue(&keys, REALM, NOW, &b), 0);
	assert_int_equal(strlen(a.nonce), WA_NONCE_SIZE - 1);
	assert_int_equal(strlen(a.opaque), WA_NONCE_OPAQUE_SIZE - 1);
	assert_string_not_equal(a.nonce, b.nonce);
	assert_string_not_equal(a.opaque, b.opaque);
	assert_int_equal(check(&keys, &a, NOW), 0);
	assert_int_equal(wa_nonce_check(&keys, REALM, wa_sv_from(a.nonce),
							 (wa_sv_t){NULL, 0}, NOW, 60, &id),
			0);
	assert_int_equal(id.issued, NOW);
}

static void time_decides_to_the_second(void **state)
{
	wa_seal_ring_t keys = ring(1, 0);
	wa_nonce_t n;

	(void)state;
	assert_int_equal(wa_nonce_issue(&keys, REALM, NOW, &n), 0);
	assert_int_equal(check(&keys, &n, NOW + 60), 0);
	assert_int_equal(check(&keys, &n, NOW + 61), WA_ESTALE);
	assert_int_equal(check(&keys, &n, NOW - WA_NONCE_SKEW), 0);
	assert_int_equal(check(&keys, &n, NOW - WA_NONCE_SKEW - 1), WA_ESTALE);
}

static void another_node_with_the_key_accepts(void **state)
{
	wa_seal_ring_t here = ring(1, 0), there = ring(1, 0), foreign = ring(2, 0);
	wa_nonce_t n;

	(void)state;
	assert_int_equal(wa_nonce_issue(&here, REALM, NOW, &n), 0);
	assert_int_equal(check(&there, &n, NOW + 1), 0);
	assert_int_equal(check(&foreign, &n, NOW + 1), WA_EAUTH);
}

static void key_is_changed_without_losing_a_nonce(void **state)
{
	wa_seal_ring_t old = ring(1, 0), both = ring(1, 2), next = ring(2, 1),
				   gone = ring(2, 0);
	wa_nonce_t n, m;

	(void)state;
	assert_int_equal(wa_nonce_issue(&old, REALM, NOW, &n), 0);
	assert_int_equal(wa_nonce_issue(&next, REALM, NOW, &m), 0);
	assert_int_equal(check(&both, &n, NOW), 0);
	assert_int_equal(check(&both, &m, NOW), 0);
	assert_int_equal(check(&next, &n, NOW), 0);
	assert_int_equal(check(&gone, &n, NOW), WA_EAUTH);
	assert_int_equal(check(&old, &m, NOW), WA_EAUTH);
}

static void no_key_no_nonce(void **state)
{
	wa_seal_ring_t none = {.n = 0}, keys = ring(1, 0);
	char long_realm[300];
	wa_nonce_t n;

	(void)state;
	assert_int_equal(wa_nonce_issue(&none, REALM, NOW, &n), WA_EKEY);
	assert_string_equal(n.nonce, "");
	memset(long_realm, 'r', sizeof(long_realm));
	assert_int_equal(wa_nonce_issue(&keys,
							 (wa_sv_t){long_realm, sizeof(long_realm)}, NOW, &n),
			WA_ETOOLONG);
	assert_int_equal(wa_nonce_issue(&keys, REALM, NOW, &n), 0);
	assert_int_equal(check(&none, &n, NOW), WA_EAUTH);
}

/* Each digit of nonce and opaque counts, and so does the realm. */
static void any_change_is_seen(void **state)
{
	wa_seal_ring_t keys = ring(1, 0);
	wa_nonce_t n, other;
	wa_nonce_id_t id;

	(void)state;
	assert_int_equal(wa_nonce_issue(&keys, REALM, NOW, &n), 0);
	assert_int_equal(wa_nonce_issue(&keys, REALM, NOW, &other), 0);
	for(size_t i = 0; i < WA_NONCE_SIZE - 1; i++) {
		wa_nonce_t bad = n;

		bad.nonce[i] = bad.nonce[i] == '0' ? '1' : '0';
		assert_int_equal(check(&keys, &bad, NOW), WA_EAUTH);
	}
	for(size_t i = 0; i < WA_NONCE_OPAQUE_SIZE - 1; i++) {
		wa_nonce_t bad = n;

		bad.opaque[i] = bad.opaque[i] == '0' ? '1' : '0';
		assert_int_equal(check(&keys, &bad, NOW), WA_EAUTH);
	}
	assert_int_equal(wa_nonce_check(&keys, REALM, wa_sv_from(n.nonce),
							 wa_sv_from(other.opaque), NOW, 60, &id),
			WA_EAUTH);
	assert_int_equal(
			wa_nonce_check(&keys, WA_SV("sbc.wasbc.tes"), wa_sv_from(n.nonce),
					wa_sv_from(n.opaque), NOW, 60, &id),
			WA_EAUTH);
	assert_int_equal(id.issued, 0);
}

static void what_is_no_nonce(void **state)
{
	static const char *const bad[] = {"", "0", "not a nonce at all",
			"gggggggg0123456789abcdef0123456789abcdef0123456789abcdef",
			"000000000123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
			"000000000123456789abcdef0123456789abcdef0123456789abcdef",
			"000000000123456789abcdef0123456789abcdef0123456789abcdef0"};
	wa_seal_ring_t keys = ring(1, 0);

	(void)state;
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t len = strlen(bad[i]);
		char *p = malloc(len ? len : 1);
		wa_nonce_id_t id;

		assert_non_null(p);
		memcpy(p, bad[i], len);
		assert_int_equal(wa_nonce_check(&keys, REALM, (wa_sv_t){p, len},
								 (wa_sv_t){NULL, 0}, NOW, 60, &id),
				WA_EAUTH);
		free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(issued_here_is_ours),
			cmocka_unit_test(time_decides_to_the_second),
			cmocka_unit_test(another_node_with_the_key_accepts),
			cmocka_unit_test(key_is_changed_without_losing_a_nonce),
			cmocka_unit_test(no_key_no_nonce),
			cmocka_unit_test(any_change_is_seen),
			cmocka_unit_test(what_is_no_nonce),
	};

	return cmocka_run_group_tests_name("wa_nonce", tests, NULL, NULL);
}
