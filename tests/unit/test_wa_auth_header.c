/* Grammar of challenges and credentials: what is taken, and each way to break it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_auth_header.h"
#include "wa_err.h"

/* A copy that ends exactly where the text ends, for the address sanitizer. */
static wa_sv_t tight(const char *text)
{
	size_t len = strlen(text);
	char *p = malloc(len ? len : 1);

	assert_non_null(p);
	memcpy(p, text, len);
	return (wa_sv_t){p, len};
}

static void tight_free(wa_sv_t v)
{
	free((char *)v.s);
}

static void assert_sv(wa_sv_t v, const char *expected)
{
	assert_non_null(v.s);
	assert_int_equal(v.len, strlen(expected));
	assert_memory_equal(v.s, expected, v.len);
}

static void one_md5_challenge_as_documented(void **state)
{
	wa_challenges_t l = {0};
	wa_sv_t h = tight("Digest realm=\"wa.meta.vc\",nonce=\"0123456789abcdef\","
					  "opaque=\"fedcba9876543210\",algorithm=MD5,qop=\"auth\"");

	(void)state;
	assert_int_equal(wa_challenges_parse(h, &l), 0);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.v[0].err, 0);
	assert_sv(l.v[0].realm, "wa.meta.vc");
	assert_sv(l.v[0].nonce, "0123456789abcdef");
	assert_sv(l.v[0].opaque, "fedcba9876543210");
	assert_sv(l.v[0].algorithm, "MD5");
	assert_int_equal(l.v[0].alg, WA_ALG_MD5);
	assert_int_equal(l.v[0].qop, WA_QOP_AUTH);
	assert_false(l.v[0].stale);
	tight_free(h);
}

static void headers_add_to_one_list(void **state)
{
	wa_challenges_t l = {0};

	(void)state;
	assert_int_equal(wa_challenges_parse(WA_SV("Digest realm=\"r\", nonce=\"n1\", "
							   "opaque=\"o1\", algorithm=SHA-256"), &l), 0);
	assert_int_equal(wa_challenges_parse(WA_SV("Digest realm=\"r\", nonce=\"n2\", "
							   "opaque=\"o2\", algorithm=MD5"), &l), 0);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.v[0].alg, WA_ALG_SHA256);
	assert_sv(l.v[0].nonce, "n1");
	assert_sv(l.v[0].opaque, "o1");
	assert_int_equal(l.v[1].alg, WA_ALG_MD5);
	assert_sv(l.v[1].nonce, "n2");
	assert_sv(l.v[1].opaque, "o2");
}

static void challenges_folded_into_one_header(void **state)
{
	wa_challenges_t l = {0};
	wa_sv_t h = tight("Negotiate, Basic realm=\"x\",Bearer ab/c+d==, "
					  "Digest realm=\"a\",nonce=\"n1\",qop=\"auth,auth-int\" , "
					  "NTLM TlRMTVNTUAAB,Digest nonce=n2 ,realm=\"b\"");

	(void)state;
	assert_int_equal(wa_challenges_parse(h, &l), 0);
	assert_int_equal(l.n, 6);
	assert_sv(l.v[0].scheme, "Negotiate");
	assert_sv(l.v[1].scheme, "Basic");
	assert_sv(l.v[2].scheme, "Bearer");
	assert_sv(l.v[3].scheme, "Digest");
	assert_sv(l.v[4].scheme, "NTLM");
	assert_sv(l.v[5].scheme, "Digest");
	for(unsigned i = 0; i < l.n; i++)
		assert_int_equal(l.v[i].err, i == 3 || i == 5 ? 0 : WA_EUNSUP);
	assert_sv(l.v[3].nonce, "n1");
	assert_int_equal(l.v[3].qop, WA_QOP_AUTH | WA_QOP_AUTH_INT);
	assert_sv(l.v[5].nonce, "n2");
	assert_sv(l.v[5].realm, "b");
	assert_int_equal(l.v[5].qop, 0);
	tight_free(h);
}

static void odd_but_legal_spelling(void **state)
{
	wa_challenges_t l = {0};
	wa_sv_t h = tight("\t , dIgEsT\r\n  REALM = \"a \\\"b\\\" , c=d\" ,, \r\n"
					  "\tnonce\t=\t\"n\" , Algorithm=\"sha-256\", qop=auth,"
					  " STALE=\"TRUE\", domain=\"sip:a sip:b\", opaque=\"\","
					  " charset=UTF-8, userhash=false, x-new=\"?\", ");

	(void)state;
	assert_int_equal(wa_challenges_parse(h, &l), 0);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.v[0].err, 0);
	assert_sv(l.v[0].realm, "a \\\"b\\\" , c=d");
	assert_sv(l.v[0].opaque, "");
	assert_int_equal(l.v[0].alg, WA_ALG_SHA256);
	assert_int_equal(l.v[0].qop, WA_QOP_AUTH);
	assert_true(l.v[0].stale);
	tight_free(h);
}

static void missing_parameters_are_told_apart(void **state)
{
	wa_challenges_t l = {0};

	(void)state;
	assert_int_equal(wa_challenges_parse(WA_SV("Digest realm=r, nonce=n"), &l), 0);
	assert_null(l.v[0].opaque.s);
	assert_null(l.v[0].algorithm.s);
	assert_int_equal(l.v[0].alg, WA_ALG_MD5);
	assert_int_equal(l.v[0].qop, 0);
}

/* What comes back, how many challenges are there, and what each one's err is. */
static void broken_challenges(void **state)
{
	static const struct
	{
		const char *in;
		int err;
		unsigned n;
		int each[3];
	} v[] = {
			{"", WA_EPARSE, 0, {0}},
			{" , ,\r\n ", WA_EPARSE, 0, {0}},
			{"\"", WA_EPARSE, 0, {0}},
			{"=", WA_EPARSE, 0, {0}},
			{"Digest", 0, 1, {WA_EPARSE}},
			{"Digest ", 0, 1, {WA_EPARSE}},
			{"Digest,", 0, 1, {WA_EPARSE}},
			{"Digest=1", WA_EPARSE, 0, {0}},
			{"Digest\"x\"", WA_EPARSE, 0, {0}},
			{"Digest realm", 0, 1, {WA_EPARSE}},
			{"Digest realm=", 0, 1, {WA_EPARSE}},
			{"Digest realm=\"", WA_EPARSE, 0, {0}},
			{"Digest realm=\"r", WA_EPARSE, 0, {0}},
			{"Digest realm=\"r\\", WA_EPARSE, 0, {0}},
			{"Digest realm=\"r\\\"", WA_EPARSE, 0, {0}},
			{"Digest realm=\"r\r\n x\", nonce=\"n\"", WA_EPARSE, 0, {0}},
			{"Digest realm=\"r\\\r\", nonce=\"n\"", WA_EPARSE, 0, {0}},
			{"Digest realm=\"r\x01\", nonce=\"n\"", WA_EPARSE, 0, {0}},
			/* echoed between quotes, it would escape one of ours */
			{"Digest realm=\"r\", nonce=n\\", WA_EPARSE, 0, {0}},
			{"Digest realm=\"r\" nonce=\"n\"", WA_EPARSE, 0, {0}},
			{"Digest realm=\"r\"x, nonce=\"n\"", WA_EPARSE, 0, {0}},
			{"Digest realm=r\"x\", nonce=\"n\"", WA_EPARSE, 0, {0}},
			{"Digest realm=\"r\", nonce=, qop=auth", WA_EPARSE, 0, {0}},
			{"Digest realm=\"r\", =n", WA_EPARSE, 0, {0}},
			{"Digest realm=\"r\"; nonce=\"n\"", WA_EPARSE, 0, {0}},
			{"Digest realm=\"r\", nonce=\"n\" @", WA_EPARSE, 0, {0}},
			{"Digest realm=\"r\"", 0, 1, {WA_EPARSE}},
			{"Digest nonce=\"n\"", 0, 1, {WA_EPARSE}},
			{"Digest realm=\"r\", nonce=\"\"", 0, 1, {WA_EPARSE}},
			{"Digest realm=\"\", nonce=\"n\"", 0, 1, {0}},
			{"Digest realm=\"r\", nonce=\"n\", realm=\"r\"", 0, 1, {WA_EPARSE}},
			{"Digest realm=\"r\", nonce=\"n\", Nonce=\"m\"", 0, 1, {WA_EPARSE}},
			{"Digest realm=\"r\", nonce=\"n\", opaque=\"a\", opaque=\"b\"", 0, 1,
					{WA_EPARSE}},
			{"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-3", 0, 1,
					{WA_EUNSUP}},
			{"Digest realm=\"r\", nonce=\"n\", algorithm=\"\"", 0, 1,
					{WA_EUNSUP}},
			{"Digest realm=\"r\", nonce=\"n\", qop=\"auth-conf\"", 0, 1,
					{WA_EUNSUP}},
			{"Digest realm=\"r\", nonce=\"n\", qop=\"x,auth\"", 0, 1, {0}},
			{"Digest realm=\"r\", nonce=\"n\", qop=\"\"", 0, 1, {0}},
			{"Digest realm=\"r\", nonce=\"n\", algorithm=MD6, Digest realm=\"r\", "
			 "nonce=\"n\"", 0, 2, {WA_EUNSUP, 0}},
			{"Digest realm=\"r\", nonce=\"n\", Digest realm=\"r", WA_EPARSE, 1,
					{0}},
			{"Basic realm=\"r\", realm=\"r\"", 0, 1, {WA_EUNSUP}},
			{"Basic dXNlcg==x", 0, 1, {WA_EUNSUP}},
			{"Basic dXNlcg== x", WA_EPARSE, 0, {0}},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		wa_challenges_t l = {0};
		wa_sv_t h = tight(v[i].in);
		int err = wa_challenges_parse(h, &l);

		if(err != v[i].err || l.n != v[i].n)
			fail_msg("%s: %s, %u challenges", v[i].in, wa_strerror(err), l.n);
		for(unsigned k = 0; k < l.n; k++)
			if(l.v[k].err != v[i].each[k])
				fail_msg("%s: challenge %u: %s", v[i].in, k,
						wa_strerror(l.v[k].err));
		tight_free(h);
	}
}

static void more_challenges_than_fit(void **state)
{
	wa_challenges_t l = {0};

	(void)state;
	for(unsigned i = 0; i < WA_CHALLENGES_MAX; i++)
		assert_int_equal(
				wa_challenges_parse(WA_SV("Digest realm=r,nonce=n"), &l), 0);
	assert_int_equal(wa_challenges_parse(WA_SV("Digest realm=r,nonce=n"), &l),
			WA_ETOOLONG);
	assert_int_equal(l.n, WA_CHALLENGES_MAX);
}

static void every_cut_of_a_header_is_survived(void **state)
{
	static const char text[] =
			"Negotiate, Digest realm=\"a\\\"b\", nonce=\"n\", qop=\"auth,auth-int\","
			"algorithm=SHA-256-sess, opaque=\"o\", stale=true, Basic YWJj==";

	(void)state;
	for(size_t n = 0; n < sizeof(text); n++) {
		char cut[sizeof(text)];
		wa_challenges_t l = {0};
		wa_credentials_t cr;
		wa_sv_t h;

		memcpy(cut, text, n);
		cut[n] = '\0';
		h = tight(cut);
		wa_challenges_parse(h, &l);
		assert_true(l.n <= 3);
		assert_true(wa_credentials_parse(h, &cr) < 0);
		tight_free(h);
	}
}

static void algorithm_names(void **state)
{
	(void)state;
	for(int a = WA_ALG_MD5; a <= WA_ALG_SHA512_256_SESS; a++)
		assert_int_equal(wa_alg_by_name(wa_sv_from(wa_alg_name(a))), a);
	assert_int_equal(wa_alg_by_name(WA_SV("md5-SESS")), WA_ALG_MD5_SESS);
	assert_int_equal(wa_alg_by_name(WA_SV("MD5-ses")), WA_ALG_UNKNOWN);
	assert_int_equal(wa_alg_by_name(WA_SV("")), WA_ALG_UNKNOWN);
	assert_string_equal(wa_alg_name(WA_ALG_UNKNOWN), "unknown");
}

static void credentials_as_meta_sends_them(void **state)
{
	wa_credentials_t cr;
	wa_sv_t h = tight(
			"Digest username=\"15550001111\", realm=\"sbc.wasbc.test\", "
			"nonce=\"n\", uri=\"sip:+15550001111@sbc.wasbc.test\", "
			"response=\"0123456789abcdef0123456789abcdef\", "
			"cnonce=\"c\", opaque=\"o\", qop=auth, nc=0000000a");

	(void)state;
	assert_int_equal(wa_credentials_parse(h, &cr), 0);
	assert_sv(cr.username, "15550001111");
	assert_sv(cr.realm, "sbc.wasbc.test");
	assert_sv(cr.uri, "sip:+15550001111@sbc.wasbc.test");
	assert_sv(cr.opaque, "o");
	assert_sv(cr.nc_text, "0000000a");
	assert_int_equal(cr.nc, 10);
	assert_int_equal(cr.alg, WA_ALG_MD5);
	assert_int_equal(cr.qop, WA_QOP_AUTH);
	tight_free(h);
}

static void broken_credentials(void **state)
{
#define U "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"sip:h\", "
#define R "response=\"x\""
	static const struct
	{
		const char *in;
		int err;
	} v[] = {
			{U R, 0},
			{U R ", qop=auth, nc=00000001, cnonce=\"c\"", 0},
			{U R ", qop=\"auth-int\", nc=FFFFFFFF, cnonce=\"c\"", 0},
			{U R ", algorithm=\"SHA-256\", opaque=\"\", auth-param=1", 0},
			{"", WA_EPARSE},
			{"Digest", WA_EPARSE},
			{"Basic dXNlcg==", WA_EUNSUP},
			{"Digest username=\"u\"", WA_EPARSE},
			{U, WA_EPARSE},
			{U "response=\"\"", WA_EPARSE},
			{U R ", username=\"v\"", WA_EPARSE},
			{U R ", realm=\"r\"", WA_EPARSE},
			{U R ", nonce=\"n\"", WA_EPARSE},
			{U R ", response=\"x\"", WA_EPARSE},
			{U R ", uri=\"sip:i\"", WA_EPARSE},
			{U R ", Digest " R, WA_EPARSE},
			{U R " qop=auth", WA_EPARSE},
			{U R ", algorithm=MD4", WA_EUNSUP},
			{U R ", qop=auth-conf", WA_EUNSUP},
			{U R ", qop=\"auth,auth-int\", nc=00000001, cnonce=\"c\"", WA_EUNSUP},
			{U R ", qop=auth, cnonce=\"c\"", WA_EPARSE},
			{U R ", qop=auth, nc=00000001", WA_EPARSE},
			{U R ", qop=auth, nc=00000001, cnonce=\"\"", WA_EPARSE},
			{U R ", qop=auth, nc=00000000, cnonce=\"c\"", WA_EPARSE},
			{U R ", qop=auth, nc=1, cnonce=\"c\"", WA_EPARSE},
			{U R ", qop=auth, nc=0000000g, cnonce=\"c\"", WA_EPARSE},
			{U R ", qop=auth, nc=000000001, cnonce=\"c\"", WA_EPARSE},
			{U R ", qop=auth, nc=00000001, nc=00000002, cnonce=\"c\"", WA_EPARSE},
	};
#undef U
#undef R

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		wa_credentials_t cr;
		wa_sv_t h = tight(v[i].in);
		int err = wa_credentials_parse(h, &cr);

		if(err != v[i].err)
			fail_msg("%s: %s", v[i].in, wa_strerror(err));
		tight_free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(one_md5_challenge_as_documented),
			cmocka_unit_test(headers_add_to_one_list),
			cmocka_unit_test(challenges_folded_into_one_header),
			cmocka_unit_test(odd_but_legal_spelling),
			cmocka_unit_test(missing_parameters_are_told_apart),
			cmocka_unit_test(broken_challenges),
			cmocka_unit_test(more_challenges_than_fit),
			cmocka_unit_test(every_cut_of_a_header_is_survived),
			cmocka_unit_test(algorithm_names),
			cmocka_unit_test(credentials_as_meta_sends_them),
			cmocka_unit_test(broken_credentials),
	};

	return cmocka_run_group_tests_name("wa_auth_header", tests, NULL, NULL);
}
