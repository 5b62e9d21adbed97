/* Digest: published vectors, the choice among challenges, the value written,
 * and the check of one received.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_digest.h"
#include "wa_err.h"

#define URI "sip:+16315551111@wa.meta.vc;transport=tls"

/* RFC 7616 3.9.1 (MD5 and SHA-256), RFC 2617 3.5, RFC 2069 2.4 with its erratum.
 * The other rows (-sess, SHA-512/256 of FIPS 180-4, SIP, escapes) were computed
 * with Python's hashlib. */
static const struct vector
{
	enum wa_alg alg;
	unsigned qop;
	const char *username, *realm, *password, *method, *uri, *nonce, *cnonce;
	const char *body;
	const char *response;
} vectors[] = {
#define V7616                                                                 \
	"Mufasa", "http-auth@example.org", "Circle of Life", "GET",               \
			"/dir/index.html",                                                \
			"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",                   \
			"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", ""
		{WA_ALG_MD5, WA_QOP_AUTH, V7616, "8ca523f5e9506fed4657c9700eebdbec"},
		{WA_ALG_SHA256, WA_QOP_AUTH, V7616,
				"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"},
		{WA_ALG_MD5_SESS, WA_QOP_AUTH, V7616,
				"e783283f46242139c486a698fec7211d"},
		{WA_ALG_SHA256_SESS, WA_QOP_AUTH, V7616,
				"2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7"},
		{WA_ALG_SHA512_256, WA_QOP_AUTH, V7616,
				"430d05014cecc49cab6fbe03176d41a1da86cbfe24a16580e22aaad928d960d0"},
		{WA_ALG_SHA512_256_SESS, WA_QOP_AUTH, V7616,
				"3f2a34f923c38b0fb26dce2fdfc2ce326c23cecf86fbb1444f3e51fbbc2cb92e"},
#undef V7616
		{WA_ALG_SHA512_256, WA_QOP_AUTH, "J\xc3\xa4s\xc3\xb8n Doe",
				"api@example.org", "Secret, or not?", "GET", "/doe.json",
				"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
				"NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm", "",
				"7a4e1192babbba02e91182d2895bfdbf7adafc6e48d4e517ca301974843d840c"},
		{WA_ALG_MD5, WA_QOP_AUTH, "Mufasa", "testrealm@host.com",
				"Circle Of Life", "GET", "/dir/index.html",
				"dcd98b7102dd2f0e8b11d0f600bfb0c093", "0a4f113b", "",
				"6629fae49393a05397450978507c4ef1"},
		{WA_ALG_MD5, 0, "Mufasa", "testrealm@host.com", "CircleOfLife", "GET",
				"/dir/index.html", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "", "",
				"1949323746fe6a43ef61f9606e7febea"},
#define SIP                                                                   \
	"15550001111", "wa.meta.vc", "made-up-password", "INVITE", URI,           \
			"0123456789abcdef", "0a4f113b"
		{WA_ALG_MD5, WA_QOP_AUTH, SIP, "", "591ed3e2586e5cd6c90fac9c5720704a"},
		{WA_ALG_MD5, WA_QOP_AUTH_INT, SIP, "v=0\r\n",
				"5f6884a0e2cd41d6325ce9d64b0fee7c"},
		{WA_ALG_MD5_SESS, WA_QOP_AUTH_INT, SIP, "",
				"c015c35d92ce3885a4aca1b275d76bd0"},
		{WA_ALG_MD5, 0, SIP, "", "d41f82450d1337c9ac2c18aefd0febf9"},
		{WA_ALG_SHA256, WA_QOP_AUTH, SIP, "",
				"df0689df34b1d82a5da283be668795005ec64a02947dcc8d6ce3a2ad116a8af6"},
		{WA_ALG_SHA256, WA_QOP_AUTH_INT, SIP, "v=0\r\n",
				"eb35f339fc06b5afe7689712081ad26ee1d1a2c55fc130bd6897ca9157ddd967"},
		{WA_ALG_SHA256_SESS, WA_QOP_AUTH_INT, SIP, "",
				"efb3b6f33cd961216f84e431f7981bff23beaaaf37cfcdcabb61efdc4cc76dae"},
		{WA_ALG_SHA256, 0, SIP, "",
				"6c23699cf25e16a17319525403962b014b801456df97aa7a1245f8401368f69d"},
#undef SIP
		/* escapes in quoted strings are not part of their value */
		{WA_ALG_MD5, WA_QOP_AUTH, "u\\\"x", "r\\\\s", "p", "INVITE",
				"sip:a\\@b", "n\\\"1", "c\\\"1", "",
				"98db21d74bcc4b9800a02a8b64d27a87"},
};

static void published_vectors(void **state)
{
	(void)state;
	for(size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct vector *v = &vectors[i];
		wa_digest_in_t in = {.alg = v->alg,
				.qop = v->qop,
				.username = wa_sv_from(v->username),
				.realm = wa_sv_from(v->realm),
				.password = wa_sv_from(v->password),
				.method = wa_sv_from(v->method),
				.uri = wa_sv_from(v->uri),
				.nonce = wa_sv_from(v->nonce),
				.nc = WA_SV("00000001"),
				.cnonce = wa_sv_from(v->cnonce),
				.body = wa_sv_from(v->body)};
		char out[WA_DIGEST_SIZE];

		assert_int_equal(wa_digest_response(&in, out), 0);
		assert_string_equal(out, v->response);
	}
}

static void unknown_algorithm_gives_nothing(void **state)
{
	wa_digest_in_t in = {.alg = WA_ALG_UNKNOWN};
	char out[WA_DIGEST_SIZE] = "x";

	(void)state;
	assert_int_equal(wa_digest_response(&in, out), WA_EUNSUP);
	assert_string_equal(out, "");
}

static void preferences(void **state)
{
	static const struct
	{
		const char *in;
		int err;
		unsigned n;
	} v[] = {{"SHA-256,MD5", 0, 2}, {" md5 ", 0, 1},
			{"SHA-256, SHA-256-sess, MD5, MD5-sess, SHA-512-256, "
			 "SHA-512-256-sess", 0, 6},
			{"", WA_EPARSE, 0}, {"MD5,MD5", WA_EPARSE, 0},
			{"MD5,", 0, 1}, {"MD5,,SHA-256", WA_EUNSUP, 0},
			{"MD5,SHA-1", WA_EUNSUP, 0}};

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		wa_alg_prefs_t p;

		assert_int_equal(wa_alg_prefs_parse(wa_sv_from(v[i].in), &p), v[i].err);
		if(v[i].err == 0)
			assert_int_equal(p.n, v[i].n);
	}
}

#define D "Digest realm=\"wa.meta.vc\", qop=\"auth\", "

/* Which nonce is answered, or why none is. */
static void choice(void **state)
{
	static const struct
	{
		const char *prefs, *realm;
		const char *headers[3];
		const char *nonce, *why;
	} v[] = {
			{"SHA-256,MD5", "",
					{D "nonce=a, algorithm=SHA-256", D "nonce=b, algorithm=MD5"},
					"a", NULL},
			{"SHA-256,MD5", "",
					{D "nonce=b, algorithm=MD5", D "nonce=a, algorithm=SHA-256"},
					"a", NULL},
			{"MD5,SHA-256", "",
					{D "nonce=a, algorithm=SHA-256", D "nonce=b, algorithm=MD5"},
					"b", NULL},
			{"MD5", "",
					{D "nonce=a, algorithm=SHA-256", D "nonce=b, algorithm=MD5"},
					"b", NULL},
			{"SHA-256,MD5", "",
					{D "nonce=a, algorithm=SHA-256, " D
					   "nonce=b, algorithm=MD5"}, "a", NULL},
			{"SHA-256,MD5", "",
					{D "nonce=a, algorithm=BLAKE3", D "nonce=b"}, "b", NULL},
			{"SHA-256,MD5", "",
					{D "nonce=a, algorithm=MD5", D "nonce=b, algorithm=MD5"},
					"a", NULL},
			{"SHA-256,MD5", "wa.meta.vc",
					{"Digest realm=\"other\", nonce=a", D "nonce=b"}, "b", NULL},
			{"SHA-256,MD5", "",
					{"Digest realm=r, nonce=a, qop=\"auth-int\"", D "nonce=b"},
					"b", NULL},
			{"SHA-256,MD5", "", {NULL}, NULL, "there is no challenge"},
			{"SHA-256,MD5", "", {"Basic realm=r"}, NULL,
					"no challenge uses the Digest scheme"},
			{"SHA-256,MD5", "", {"Digest realm=r", "Basic realm=r"}, NULL,
					"the challenge lacks realm or nonce, or repeats a "
					"parameter"},
			{"SHA-256,MD5", "", {D "nonce=a, algorithm=X"}, NULL,
					"the challenge uses an unknown algorithm"},
			{"SHA-256,MD5", "", {"Digest realm=r, nonce=a, qop=x"}, NULL,
					"the challenge offers an unknown qop only"},
			{"SHA-256,MD5", "wa.meta.vc", {"Digest realm=r, nonce=a"}, NULL,
					"the challenge is for another realm"},
			{"SHA-256", "", {D "nonce=a, algorithm=X", D "nonce=b"}, NULL,
					"the challenge's algorithm is switched off here"},
			{"MD5", "", {"Digest realm=r, nonce=a, qop=auth-int"}, NULL,
					"the challenge offers qop auth-int only"},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		wa_challenges_t l = {0};
		wa_alg_prefs_t prefs;
		const wa_challenge_t *ch;
		const char *why;

		assert_int_equal(wa_alg_prefs_parse(wa_sv_from(v[i].prefs), &prefs), 0);
		for(size_t h = 0; h < 3 && v[i].headers[h] != NULL; h++)
			wa_challenges_parse(wa_sv_from(v[i].headers[h]), &l);
		ch = wa_challenge_pick(
				&l, &prefs, wa_sv_from(v[i].realm), false, &why);
		if(v[i].nonce == NULL) {
			assert_null(ch);
			assert_string_equal(why, v[i].why);
		} else {
			assert_non_null(ch);
			assert_true(wa_sv_eq(ch->nonce, wa_sv_from(v[i].nonce)));
		}
	}
}

static wa_challenge_t challenge(const char *header)
{
	wa_challenges_t l = {0};

	assert_int_equal(wa_challenges_parse(wa_sv_from(header), &l), 0);
	assert_int_equal(l.v[0].err, 0);
	return l.v[0];
}

static const wa_digest_user_t user = {.username = {"15550001111", 11},
		.password = {"made-up-password", 16},
		.method = {"INVITE", 6},
		.uri = {URI, sizeof(URI) - 1},
		.cnonce = {"0a4f113b", 8},
		.nc = 1};

static void answer_to_meta(void **state)
{
	static const struct
	{
		const char *challenge, *answer;
	} v[] = {
			{"Digest realm=\"wa.meta.vc\",nonce=\"0123456789abcdef\","
			 "opaque=\"fedc\",algorithm=MD5,qop=\"auth\"",
					"Digest username=\"15550001111\", realm=\"wa.meta.vc\", "
					"nonce=\"0123456789abcdef\", uri=\"" URI "\", "
					"response=\"591ed3e2586e5cd6c90fac9c5720704a\", "
					"algorithm=MD5, cnonce=\"0a4f113b\", opaque=\"fedc\", "
					"qop=auth, nc=00000001"},
			{"Digest realm=\"wa.meta.vc\",nonce=\"0123456789abcdef\","
			 "algorithm=SHA-256,qop=\"auth-int,auth\"",
					"Digest username=\"15550001111\", realm=\"wa.meta.vc\", "
					"nonce=\"0123456789abcdef\", uri=\"" URI "\", "
					"response=\"df0689df34b1d82a5da283be668795005ec64a02947dcc8"
					"d6ce3a2ad116a8af6\", algorithm=SHA-256, "
					"cnonce=\"0a4f113b\", qop=auth, nc=00000001"},
			{"Digest realm=\"wa.meta.vc\",nonce=\"0123456789abcdef\","
			 "opaque=\"\"",
					"Digest username=\"15550001111\", realm=\"wa.meta.vc\", "
					"nonce=\"0123456789abcdef\", uri=\"" URI "\", "
					"response=\"d41f82450d1337c9ac2c18aefd0febf9\", "
					"opaque=\"\""},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		wa_challenge_t ch = challenge(v[i].challenge);
		size_t len = strlen(v[i].answer);
		char out[512];

		assert_int_equal(wa_digest_answer(&ch, &user, out, sizeof(out)), len);
		assert_string_equal(out, v[i].answer);
		assert_int_equal(wa_digest_answer(&ch, &user, out, len + 1), len);
		assert_int_equal(wa_digest_answer(&ch, &user, out, len), WA_ETOOLONG);
		assert_int_equal(wa_digest_answer(&ch, &user, out, 0), WA_ETOOLONG);
	}
}

static void auth_int_hashes_the_body(void **state)
{
	wa_challenge_t ch =
			challenge("Digest realm=\"wa.meta.vc\",nonce=\"0123456789abcdef\","
					  "qop=\"auth-int\"");
	wa_digest_user_t u = user;
	char out[512];

	(void)state;
	u.body = WA_SV("v=0\r\n");
	assert_true(wa_digest_answer(&ch, &u, out, sizeof(out)) > 0);
	assert_non_null(strstr(out, "response=\"5f6884a0e2cd41d6325ce9d64b0fee7c\""));
	assert_non_null(strstr(out, "qop=auth-int, nc=00000001"));
}

static void what_cannot_be_quoted_is_refused(void **state)
{
	static const char *const bad[] = {
			"", "a\"b", "a\\b", "a\r\nX: y", "a\x01", "a\x7f"};
	wa_challenge_t ch = challenge("Digest realm=\"r\",nonce=\"n\"");
	char out[512];

	(void)state;
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		wa_digest_user_t u = user;

		u.username = wa_sv_from(bad[i]);
		assert_int_equal(
				wa_digest_answer(&ch, &u, out, sizeof(out)), WA_EPARSE);
		u = user;
		u.uri = wa_sv_from(bad[i]);
		assert_int_equal(
				wa_digest_answer(&ch, &u, out, sizeof(out)), WA_EPARSE);
	}
}

static void each_answer_has_its_own_cnonce(void **state)
{
	wa_challenge_t ch = challenge("Digest realm=\"r\",nonce=\"n\",qop=\"auth\"");
	wa_digest_user_t u = user;
	char a[512], b[512];
	wa_credentials_t ca, cb;

	(void)state;
	u.cnonce = WA_SV("");
	u.nc = 0x1f;
	assert_true(wa_digest_answer(&ch, &u, a, sizeof(a)) > 0);
	assert_true(wa_digest_answer(&ch, &u, b, sizeof(b)) > 0);
	assert_int_equal(wa_credentials_parse(wa_sv_from(a), &ca), 0);
	assert_int_equal(wa_credentials_parse(wa_sv_from(b), &cb), 0);
	assert_int_equal(ca.cnonce.len, 32);
	assert_int_equal(ca.nc, 0x1f);
	assert_false(wa_sv_eq(ca.cnonce, cb.cnonce));
	assert_int_equal(
			wa_credentials_check(&ca, user.method, user.password, WA_SV("")), 0);
}

/* What we write, we accept; with one bit of anything changed, we do not. */
static void answers_of_every_kind_verify(void **state)
{
	static const char *const algs[] = {"MD5", "MD5-sess", "SHA-256",
			"SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"};
	static const char *const qops[] = {"", ", qop=\"auth\"", ", qop=auth-int"};

	(void)state;
	for(size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++)
		for(size_t q = 0; q < sizeof(qops) / sizeof(qops[0]); q++) {
			char head[256], out[512];
			wa_challenge_t ch;
			wa_digest_user_t u = user;
			wa_credentials_t cr;
			int len;

			snprintf(head, sizeof(head),
					"Digest realm=\"a\\\"b\", nonce=\"n\", algorithm=%s%s",
					algs[i], qops[q]);
			ch = challenge(head);
			u.body = WA_SV("v=0\r\n");
			len = wa_digest_answer(&ch, &u, out, sizeof(out));
			assert_true(len > 0);
			assert_int_equal(
					wa_credentials_parse((wa_sv_t){out, (size_t)len}, &cr), 0);
			assert_int_equal(
					wa_credentials_check(&cr, u.method, u.password, u.body), 0);
			assert_int_equal(wa_credentials_check(&cr, WA_SV("BYE"), u.password,
									 u.body),
					WA_EAUTH);
			assert_int_equal(wa_credentials_check(&cr, u.method,
									 WA_SV("made-up-passwore"), u.body),
					WA_EAUTH);
			assert_int_equal(wa_credentials_check(&cr, u.method, u.password,
									 WA_SV("v=1\r\n")),
					q == 2 ? WA_EAUTH : 0);
		}
}

/* MD5 and SHA-256 of "Mufasa:http-auth@example.org:Circle of Life" (RFC 7616
 * 3.9.1), in either case. */
#define HA1_MD5 "{HA1}3d78807defe7de2157e2b0b6573a855f"
#define HA1_SHA "{HA1}7987C64C30E25F1B74BE53F966B49B90F2808AA92FAF9A00262392D7B4794232"

static void a_secret_may_be_the_hash_of_the_account(void **state)
{
	static const struct
	{
		const char *secret;
		enum wa_alg alg;
	} forms[] = {{HA1_MD5, WA_ALG_MD5}, {HA1_SHA, WA_ALG_SHA256},
			{"Circle of Life", WA_ALG_UNKNOWN}, {"{HA1}", WA_ALG_UNKNOWN},
			{"{HA1}3d78807defe7de2157e2b0b6573a855g", WA_ALG_UNKNOWN},
			{"{ha1}3d78807defe7de2157e2b0b6573a855f", WA_ALG_UNKNOWN},
			{"", WA_ALG_UNKNOWN}};
	wa_digest_in_t in = {.qop = WA_QOP_AUTH,
			.username = WA_SV("Mufasa"),
			.realm = WA_SV("http-auth@example.org"),
			.method = WA_SV("GET"),
			.uri = WA_SV("/dir/index.html"),
			.nonce = WA_SV("n"),
			.nc = WA_SV("00000001"),
			.cnonce = WA_SV("c")};
	static const enum wa_alg algs[] = {
			WA_ALG_MD5, WA_ALG_MD5_SESS, WA_ALG_SHA256, WA_ALG_SHA256_SESS};
	char plain[WA_DIGEST_SIZE], hashed[WA_DIGEST_SIZE];
	wa_alg_prefs_t all, some;

	(void)state;
	for(size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		assert_int_equal(
				wa_digest_ha1(wa_sv_from(forms[i].secret)), forms[i].alg);
	for(size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		in.alg = algs[i];
		in.password = WA_SV("Circle of Life");
		assert_int_equal(wa_digest_response(&in, plain), 0);
		in.password = i < 2 ? WA_SV(HA1_MD5) : WA_SV(HA1_SHA);
		assert_int_equal(wa_digest_response(&in, hashed), 0);
		assert_string_equal(plain, hashed);
		/* the hash of another algorithm is none of this account */
		in.password = i < 2 ? WA_SV(HA1_SHA) : WA_SV(HA1_MD5);
		assert_int_equal(wa_digest_response(&in, hashed), 0);
		assert_string_not_equal(plain, hashed);
	}
	assert_int_equal(
			wa_alg_prefs_parse(WA_SV("SHA-256,MD5,MD5-sess"), &all), 0);
	some = wa_alg_prefs_with(&all, WA_SV(HA1_MD5));
	assert_int_equal(some.n, 2);
	assert_int_equal(some.v[0], WA_ALG_MD5);
	assert_int_equal(some.v[1], WA_ALG_MD5_SESS);
	assert_int_equal(wa_alg_prefs_with(&all, WA_SV("Circle of Life")).n, 3);
}

static void a_response_of_the_wrong_form_is_wrong(void **state)
{
	static const struct
	{
		const char *response;
		int err;
	} v[] = {{"591ed3e2586e5cd6c90fac9c5720704a", 0},
			{"591ED3E2586E5CD6C90FAC9C5720704A", 0},
			{"591ed3e2586e5cd6c90fac9c5720704b", WA_EAUTH},
			{"591ed3e2586e5cd6c90fac9c5720704", WA_EAUTH},
			{"591ed3e2586e5cd6c90fac9c5720704aa", WA_EAUTH},
			{"", WA_EAUTH},
			{"591ed3e2586e5cd6c90fac9c5720704\x01", WA_EAUTH}};
	wa_credentials_t cr = {.username = user.username,
			.realm = WA_SV("wa.meta.vc"),
			.nonce = WA_SV("0123456789abcdef"),
			.uri = user.uri,
			.cnonce = user.cnonce,
			.nc_text = WA_SV("00000001"),
			.nc = 1,
			.alg = WA_ALG_MD5,
			.qop = WA_QOP_AUTH};

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		cr.response = wa_sv_from(v[i].response);
		assert_int_equal(wa_credentials_check(&cr, user.method, user.password,
								 WA_SV("")),
				v[i].err);
	}
}

static void digest_uri_is_compared_by_user_and_host(void **state)
{
	static const struct
	{
		const char *a, *b;
		bool same;
	} v[] = {
			{"sip:+1@h", "sip:+1@h;transport=tls", true},
			{"sip:+1@h", "sip:+1;tgrp=x;trunk-context=y@h;transport=tls", true},
			{"sip:+1;tgrp=x@h", "sip:+1@h", true},
			{"sip:+1@Host.Example", "SIPS:+1@hOST.eXAMPLE:5061", true},
			{"sip:%2B1@h", "sip:+1@h", true},
			{"sip:%2b1@h", "sip:%2B1@h", true},
			{"sip:+1:pw@h", "sip:+1@h?Subject=x", true},
			{"sip:+1@[2001:DB8::1]:5061", "sip:+1@[2001:db8::1]", true},
			{"sip:US.1349@wa.meta.vc", "sip:US.1349@wa.meta.vc;transport=tls",
					true},
			{"sip:h", "sip:h;transport=tls", true},
			{"sip:+1@h", "sip:+2@h", false},
			{"sip:+1@h", "sip:1@h", false},
			{"sip:+1@h", "sip:+11@h", false},
			{"sip:us.1@h", "sip:US.1@h", false},
			{"sip:+1@h", "sip:+1@i", false},
			{"sip:+1@h", "sip:+1@h.example", false},
			{"sip:+1@h", "sip:h", false},
			{"sip:%2", "sip:%2", true},
			{"sip:%2@h", "sip:%2@h", true},
			{"tel:+1", "tel:+1", false},
			{"+1@h", "+1@h", false},
			{"sip:", "sip:", false},
			{"sip:+1@", "sip:+1@", false},
			{"", "", false},
			{"sip:+1@[::1", "sip:+1@[::1", true},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if(wa_digest_uri_same(wa_sv_from(v[i].a), wa_sv_from(v[i].b))
				!= v[i].same)
			fail_msg("%s and %s", v[i].a, v[i].b);
		assert_int_equal(
				wa_digest_uri_same(wa_sv_from(v[i].b), wa_sv_from(v[i].a)),
				v[i].same);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(published_vectors),
			cmocka_unit_test(unknown_algorithm_gives_nothing),
			cmocka_unit_test(preferences),
			cmocka_unit_test(choice),
			cmocka_unit_test(answer_to_meta),
			cmocka_unit_test(auth_int_hashes_the_body),
			cmocka_unit_test(what_cannot_be_quoted_is_refused),
			cmocka_unit_test(each_answer_has_its_own_cnonce),
			cmocka_unit_test(answers_of_every_kind_verify),
			cmocka_unit_test(a_secret_may_be_the_hash_of_the_account),
			cmocka_unit_test(a_response_of_the_wrong_form_is_wrong),
			cmocka_unit_test(digest_uri_is_compared_by_user_and_host),
	};

	return cmocka_run_group_tests_name("wa_digest", tests, NULL, NULL);
}
