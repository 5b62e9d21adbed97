/* Sealed tokens: they open for the same use with the same key, or not at all.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_token.h"

static const char two_keys[] =
		"new.2 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
		"old HBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQAfHh0=\n";
static const char old_key[] =
		"old HBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQAfHh0=\n";

static wa_seal_ring_t ring_of(const char *text)
{
	wa_seal_ring_t ring;
	unsigned line;
	const char *why;

	assert_int_equal(
			wa_seal_ring_parse(&ring, wa_sv_from(text), &line, &why), 0);
	return ring;
}

static void round_trip(void **state)
{
	wa_seal_ring_t ring = ring_of(two_keys);
	char plain[WA_TOKEN_PLAIN_MAX], token[WA_TOKEN_SIZE], back[sizeof(plain) + 1];

	(void)state;
	memset(plain, 'x', sizeof(plain));
	for(size_t n = 0; n <= sizeof(plain); n += n < 40 ? 1 : 91) {
		assert_int_equal(wa_token_seal(&ring, WA_SV("rr"),
								 (wa_sv_t){plain, n}, token, sizeof(token)),
				0);
		assert_int_equal(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk"
									   "lmnopqrstuvwxyz0123456789-_."),
				strlen(token));
		assert_int_equal(wa_token_open(&ring, WA_SV("rr"), wa_sv_from(token),
								 back, sizeof(back)),
				0);
		assert_int_equal(strlen(back), n);
		assert_memory_equal(back, plain, n);
	}
}

static void refused(void **state)
{
	wa_seal_ring_t ring = ring_of(two_keys), old = ring_of(old_key);
	wa_seal_ring_t none = {.n = 0};
	char token[WA_TOKEN_SIZE], changed[WA_TOKEN_SIZE], back[64];
	static const char *const junk[] = {"", ".", "old", "old.", "old.AA",
			"old.====", "old.++++", "old.A", "who.AAAA", "new.2."};
	wa_sv_t rr = WA_SV("rr"), plain = WA_SV("o|1|15550001111");

	(void)state;
	assert_int_equal(wa_token_seal(&none, rr, plain, token, sizeof(token)),
			WA_EKEY);
	assert_int_equal(wa_token_seal(&ring, rr, plain, token, 20), WA_ETOOLONG);
	assert_int_equal(wa_token_seal(&ring, rr, plain, token, sizeof(token)), 0);
	assert_int_equal(wa_token_open(&ring, WA_SV("contact"), wa_sv_from(token),
							 back, sizeof(back)),
			WA_EAUTH);
	assert_int_equal(
			wa_token_open(&old, rr, wa_sv_from(token), back, sizeof(back)),
			WA_EKEY);
	assert_int_equal(
			wa_token_open(&ring, rr, wa_sv_from(token), back, plain.len),
			WA_ETOOLONG);
	for(size_t i = strlen("new.2."); token[i] != '\0'; i++) {
		memcpy(changed, token, sizeof(token));
		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		assert_int_not_equal(wa_token_open(&ring, rr, wa_sv_from(changed), back,
									 sizeof(back)),
				0);
		assert_string_equal(back, "");
	}
	for(size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++)
		assert_int_not_equal(wa_token_open(&ring, rr, wa_sv_from(junk[i]), back,
									 sizeof(back)),
				0);
}

/* A call that began before the key was changed goes on. */
static void older_key_opens(void **state)
{
	wa_seal_ring_t ring = ring_of(two_keys), old = ring_of(old_key);
	char token[WA_TOKEN_SIZE], back[64];

	(void)state;
	assert_int_equal(wa_token_seal(&old, WA_SV("rr"), WA_SV("i"), token,
							 sizeof(token)),
			0);
	assert_int_equal(wa_token_open(&ring, WA_SV("rr"), wa_sv_from(token), back,
							 sizeof(back)),
			0);
	assert_string_equal(back, "i");
}

static void masks(void **state)
{
	wa_seal_ring_t ring = ring_of(two_keys), old = ring_of(old_key);
	char a[WA_TOKEN_MASK_SIZE], b[WA_TOKEN_MASK_SIZE];

	(void)state;
	assert_int_equal(wa_token_mask(&ring, WA_SV("1@10.0.0.1"), a), 0);
	assert_int_equal(wa_token_mask(&ring, WA_SV("1@10.0.0.1"), b), 0);
	assert_string_equal(a, b);
	assert_int_equal(strlen(a), WA_TOKEN_MASK_SIZE - 1);
	assert_int_equal(wa_token_mask(&ring, WA_SV("2@10.0.0.1"), b), 0);
	assert_string_not_equal(a, b);
	assert_int_equal(wa_token_mask(&old, WA_SV("1@10.0.0.1"), b), 0);
	assert_string_not_equal(a, b);
	/* of a call that began before the new key came */
	assert_int_equal(wa_token_is_mask(&ring, WA_SV("1@10.0.0.1"), wa_sv_from(b)), 1);
	assert_int_equal(wa_token_is_mask(&ring, WA_SV("1@10.0.0.1"), wa_sv_from(a)), 1);
	assert_int_equal(wa_token_is_mask(&old, WA_SV("1@10.0.0.1"), wa_sv_from(a)), 0);
	assert_int_equal(wa_token_is_mask(&ring, WA_SV("2@10.0.0.1"), wa_sv_from(a)), 0);
	assert_int_equal(wa_token_is_mask(&ring, WA_SV("1@10.0.0.1"), (wa_sv_t){a, 15}), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(round_trip),
			cmocka_unit_test(refused),
			cmocka_unit_test(older_key_opens),
			cmocka_unit_test(masks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
