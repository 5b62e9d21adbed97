/* Redis fields <-> records: lenient reading, strict input, round trips.
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

#include "wa_err.h"
#include "wa_record.h"

#define P(name_, value_) {WA_SV(name_), WA_SV(value_)}
#define COUNT(a_) (sizeof(a_) / sizeof((a_)[0]))

static void reads_a_full_number(void **state)
{
	static const wa_pair_t pairs[] = {P("phone_number_id", "106540352242922"),
			P("waba_id", "102290129340398"), P("app_id", "670843887433847"),
			P("trunk", "pbx"), P("hostname", "sbc.wasbc.test"),
			P("port", "5062"), P("srtp", "sdes"), P("codecs", "PCMA, pcmu"),
			P("tgrp", "wacall"), P("context", "byoc.example.com"),
			P("calling", "1"), P("sip", "true"), P("synced", "1700000000"),
			P("sync_error", "a\nb"), P("password", "k1:AAAA"),
			P("password_since", "1600000000"), P("version", "7"),
			P("later_field", "ignored")};
	wa_number_t n;
	wa_sv_t sealed, bad;

	(void)state;
	assert_int_equal(wa_record_read_number(WA_SV("15550001111"), pairs,
							 COUNT(pairs), &n, &sealed, &bad),
			0);
	assert_int_equal(bad.len, 0);
	assert_string_equal(n.digits, "15550001111");
	assert_string_equal(n.phone_number_id, "106540352242922");
	assert_string_equal(n.waba_id, "102290129340398");
	assert_string_equal(n.app_id, "670843887433847");
	assert_string_equal(n.trunk, "pbx");
	assert_string_equal(n.hostname, "sbc.wasbc.test");
	assert_int_equal(n.port, 5062);
	assert_int_equal(n.srtp, WA_SRTP_SDES);
	assert_int_equal(
			n.codecs, WA_CODEC_OPUS | WA_CODEC_PCMU | WA_CODEC_PCMA);
	assert_string_equal(n.tgrp, "wacall");
	assert_string_equal(n.context, "byoc.example.com");
	assert_true(n.calling_enabled && n.sip_enabled && n.has_password);
	assert_int_equal(n.synced, 1700000000);
	assert_string_equal(n.sync_error, "a b");
	assert_int_equal(n.password_since, 1600000000);
	assert_int_equal(n.version, 7);
	assert_true(wa_sv_eq(sealed, WA_SV("k1:AAAA")));
}

static void defaults(void **state)
{
	wa_number_t n;
	wa_trunk_t t;
	wa_sv_t sealed;

	(void)state;
	assert_int_equal(
			wa_record_read_number(WA_SV("1"), NULL, 0, &n, &sealed, NULL), 0);
	assert_int_equal(n.port, 5061);
	assert_int_equal(n.srtp, WA_SRTP_DTLS);
	assert_int_equal(n.codecs, WA_CODEC_OPUS);
	assert_false(n.has_password);
	assert_int_equal(sealed.len, 0);
	assert_int_equal(wa_record_read_trunk(WA_SV("pbx"), NULL, 0, &t, NULL), 0);
	assert_int_equal(t.n_gateways, 0);
	assert_int_equal(t.codecs, 0);
}

/* One bad field must not take a number out of service. */
static void bad_fields_are_left_at_their_default(void **state)
{
	static const wa_pair_t pairs[] = {P("trunk", "pbx"), P("port", "0"),
			P("srtp", "ZRTP"), P("codecs", "G729"), P("calling", "yes"),
			P("hostname", "a b"), P("phone_number_id", "12a"),
			P("version", "-1"), P("password", "")};
	wa_number_t n;
	wa_sv_t bad;

	(void)state;
	assert_int_equal(wa_record_read_number(WA_SV("15550001111"), pairs,
							 COUNT(pairs), &n, NULL, &bad),
			0);
	assert_true(wa_sv_eq(bad, WA_SV("port")));
	assert_string_equal(n.trunk, "pbx");
	assert_int_equal(n.port, 5061);
	assert_int_equal(n.srtp, WA_SRTP_DTLS);
	assert_int_equal(n.codecs, WA_CODEC_OPUS);
	assert_string_equal(n.hostname, "");
	assert_string_equal(n.phone_number_id, "");
	assert_false(n.calling_enabled || n.has_password);
}

static void keys(void **state)
{
	wa_number_t n;
	wa_trunk_t t;

	(void)state;
	assert_int_equal(wa_record_read_number(WA_SV(""), NULL, 0, &n, NULL, NULL),
			WA_EPARSE);
	assert_int_equal(
			wa_record_read_number(WA_SV("+1"), NULL, 0, &n, NULL, NULL),
			WA_EPARSE);
	assert_int_equal(wa_record_read_number(WA_SV("123456789012345678901234"),
							 NULL, 0, &n, NULL, NULL),
			WA_EPARSE);
	assert_int_equal(
			wa_record_read_trunk(WA_SV("a b"), NULL, 0, &t, NULL), WA_EPARSE);
	assert_int_equal(
			wa_record_read_trunk(WA_SV(""), NULL, 0, &t, NULL), WA_EPARSE);
}

static void gateways(void **state)
{
	static const struct
	{
		const char *in, *out; /* out NULL: refused */
	} rows[] = {{"sip:10.0.0.1", "sip:10.0.0.1"},
			{"  sip:a.example:5060  sips:b;;5 ",
					"sip:a.example:5060 sips:b;;5"},
			{"sip:[2001:db8::1]:5060;transport=tcp;;1000",
					"sip:[2001:db8::1]:5060;transport=tcp;;1000"},
			{"sip:a;transport=TLS;;1", "sip:a;transport=TLS"},
			{"sip:a;;0", NULL}, {"sip:a;;1001", NULL}, {"sip:a;;x", NULL},
			{"sip:a;;", NULL}, {"sip:a;", NULL}, {"sip:", NULL}, {"sip", NULL},
			{"tel:1", NULL}, {"sip:u@a", NULL}, {"sip:a:0", NULL},
			{"sip:a:", NULL}, {"sip:a:65536", NULL}, {"sip:[::1", NULL},
			{"sip:[]", NULL}, {"sip:[::1]x", NULL}, {"sip:-a", NULL},
			{"sip:a;transport=ws", NULL}, {"sip:a;lr", NULL},
			{"sip:a>;x", NULL}, {"sip:a,sip:b", NULL},
			{"sip:a;transport=udp;x=y", NULL},
			{"sip:1 sip:2 sip:3 sip:4 sip:5 sip:6 sip:7 sip:8 sip:9", NULL}};
	char out[WA_RECORD_VALUE_SIZE], err[256];

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		int ret = wa_record_check(WA_RECORD_TRUNK, WA_SV("gateways"),
				wa_sv_from(rows[i].in), out, sizeof(out), err, sizeof(err));

		if(rows[i].out != NULL) {
			assert_int_equal(ret, 0);
			assert_string_equal(out, rows[i].out);
		} else {
			assert_true(ret < 0);
			assert_non_null(strstr(err, "gateways: "));
		}
	}
}

static void reads_a_trunk(void **state)
{
	static const wa_pair_t pairs[] = {
			P("gateways", "sip:a nonsense sip:b;transport=tls;;9"),
			P("codecs", "PCMA,G722"), P("tgrp", "acme"), P("pstn", "1")};
	wa_trunk_t t;
	wa_sv_t bad;

	(void)state;
	assert_int_equal(wa_record_read_trunk(
							 WA_SV("pbx"), pairs, COUNT(pairs), &t, &bad),
			0);
	assert_true(wa_sv_eq(bad, WA_SV("gateways")));
	assert_int_equal(t.n_gateways, 2);
	assert_string_equal(t.gateways[0].uri, "sip:a");
	assert_int_equal(t.gateways[0].weight, 1);
	assert_string_equal(t.gateways[1].uri, "sip:b;transport=tls");
	assert_int_equal(t.gateways[1].weight, 9);
	assert_int_equal(t.codecs, WA_CODEC_PCMA | WA_CODEC_G722);
	assert_true(t.pstn);
	assert_string_equal(t.tgrp, "acme");
}

static void gateways_have_weight_and_priority(void **state)
{
	static const wa_pair_t pairs[] = {
			P("gateways", "sip:a;;5;;2 sip:b;;7 sip:c sip:d;;1;;3")};
	wa_trunk_t t;
	wa_sv_t bad;
	char out[WA_RECORD_VALUE_SIZE];

	(void)state;
	assert_int_equal(wa_record_read_trunk(WA_SV("pbx"), pairs, 1, &t, &bad), 0);
	assert_int_equal(bad.len, 0);
	assert_int_equal(t.gateways[0].weight, 5);
	assert_int_equal(t.gateways[0].priority, 2);
	assert_int_equal(t.gateways[1].weight, 7);
	assert_int_equal(t.gateways[1].priority, 1);
	assert_int_equal(t.gateways[2].weight, 1);
	assert_int_equal(t.gateways[3].weight, 1);
	assert_int_equal(t.gateways[3].priority, 3);
	assert_int_equal(wa_record_trunk_text(&t, 0, out, sizeof(out)), 0);
	assert_string_equal(out, "sip:a;;5;;2 sip:b;;7 sip:c sip:d;;1;;3");
}

/* What a trunk is when its record says nothing. */
static void defaults_of_a_trunk(void **state)
{
	wa_trunk_t t;
	wa_sv_t bad;

	(void)state;
	assert_int_equal(wa_record_read_trunk(WA_SV("pbx"), NULL, 0, &t, &bad), 0);
	assert_true(t.options);
	assert_false(t.challenge);
	assert_int_equal(t.format, WA_FORMAT_E164);
	assert_int_equal(t.identity, WA_ID_HEADER_NONE);
	assert_int_equal(t.params, WA_PARAMS_NONE);
	assert_string_equal(t.headers, WA_RECORD_HEADERS);
}

static void strict_input_of_a_trunk(void **state)
{
	static const struct
	{
		const char *name, *value, *out;
		int err;
	} rows[] = {{"gateways", "sip:a;;5;;100", NULL, WA_EPARSE},
			{"gateways", "sip:a;;0", NULL, WA_EPARSE},
			{"gateways", "sip:a;;1;;0", NULL, WA_EPARSE},
			{"gateways", "sip:a;;x;;1", NULL, WA_EPARSE},
			{"format", "National", "national", 0},
			{"format", "local", NULL, WA_EPARSE}, {"country", "49", "49", 0},
			{"country", "1234", NULL, WA_ETOOLONG},
			{"country", "+1", NULL, WA_EPARSE}, {"prefix", "0", "0", 0},
			{"prefix", "a", NULL, WA_EPARSE}, {"identity", "PAI", "pai", 0},
			{"identity", "from", NULL, WA_EPARSE}, {"params", "uri", "uri", 0},
			{"params", "path", NULL, WA_EPARSE},
			{"headers", "x-wa-meta-wacid, X-Site-*",
					"x-wa-meta-wacid, X-Site-*", 0},
			{"headers", "none", "none", 0},
			{"headers", "From", NULL, WA_EPARSE},
			{"headers", "*", NULL, WA_EPARSE},
			{"headers", "x-*a", NULL, WA_EPARSE},
			{"headers", "x-a b", NULL, WA_EPARSE},
			{"headers", "x-a\r\nFrom: x", NULL, WA_EPARSE},
			{"username", "trunk@example", "trunk@example", 0},
			{"username", "a\"b", NULL, WA_EPARSE},
			{"username", "a b", NULL, WA_EPARSE}, {"challenge", "1", "1", 0},
			{"options", "0", "0", 0},
			{"password", "x", NULL, WA_EAUTH}};
	char out[WA_RECORD_VALUE_SIZE], err[256];

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		err[0] = '\0';
		assert_int_equal(
				wa_record_check(WA_RECORD_TRUNK, wa_sv_from(rows[i].name),
						wa_sv_from(rows[i].value), out, sizeof(out), err,
						sizeof(err)),
				rows[i].err);
		if(rows[i].err == 0)
			assert_string_equal(out, rows[i].out);
		else
			assert_memory_equal(err, rows[i].name, strlen(rows[i].name));
	}
}

static void longest_gateways_fit(void **state)
{
	wa_trunk_t t;
	char out[WA_RECORD_VALUE_SIZE], err[64];
	size_t i = 0;

	(void)state;
	memset(&t, 0, sizeof(t));
	t.n_gateways = WA_GATEWAYS_MAX;
	for(unsigned g = 0; g < WA_GATEWAYS_MAX; g++) {
		char host[WA_HOST_SIZE];

		memset(host, 'a', sizeof(host) - 1);
		host[sizeof(host) - 1] = '\0';
		snprintf(t.gateways[g].uri, sizeof(t.gateways[g].uri),
				"sips:%s:65535;transport=tls", host);
		t.gateways[g].weight = 1000;
		t.gateways[g].priority = 99;
	}
	assert_string_equal(wa_record_field(WA_RECORD_TRUNK, i, NULL), "gateways");
	assert_int_equal(wa_record_trunk_text(&t, i, out, sizeof(out)), 0);
	assert_int_equal(wa_record_check(WA_RECORD_TRUNK, WA_SV("gateways"),
							 wa_sv_from(out), out, sizeof(out), err,
							 sizeof(err)),
			0);
	assert_int_equal(wa_record_trunk_text(&t, i, out, 100), WA_ETOOLONG);
}

static void strict_input(void **state)
{
	static const struct
	{
		const char *name, *value, *out;
		int err;
	} rows[] = {{"phone_number_id", " 106540352242922 ", "106540352242922", 0},
			{"phone_number_id", "+1", NULL, WA_EPARSE},
			{"phone_number_id", "12345678901234567890123456789012", NULL,
					WA_ETOOLONG},
			{"trunk", "", "", 0}, {"trunk", "a/b", NULL, WA_EPARSE},
			{"port", "5061", "5061", 0}, {"port", "65536", NULL, WA_ERANGE},
			{"port", "0", NULL, WA_ERANGE}, {"port", "1x", NULL, WA_EPARSE},
			{"srtp", "sdes", "SDES", 0}, {"srtp", "none", NULL, WA_EPARSE},
			{"codecs", "pcma,pcmu", "OPUS,PCMU,PCMA", 0},
			{"codecs", "G722", NULL, WA_EUNSUP},
			{"tgrp", "a;b", NULL, WA_EPARSE}, {"tgrp", "a b", NULL, WA_EPARSE},
			{"calling", "true", "1", 0}, {"sip", "2", NULL, WA_EPARSE},
			{"hostname", "sbc.example.com", "sbc.example.com", 0},
			{"hostname", "-x", NULL, WA_EPARSE},
			{"version", "1", NULL, WA_EAUTH}, {"synced", "1", NULL, WA_EAUTH},
			{"password", "x", NULL, WA_ENOENT},
			{"nonsense", "x", NULL, WA_ENOENT}};
	char out[WA_RECORD_VALUE_SIZE], err[256];

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		err[0] = '\0';
		assert_int_equal(
				wa_record_check(WA_RECORD_NUMBER, wa_sv_from(rows[i].name),
						wa_sv_from(rows[i].value), out, sizeof(out), err,
						sizeof(err)),
				rows[i].err);
		if(rows[i].err == 0)
			assert_string_equal(out, rows[i].out);
		else /* the message begins with the field's name */
			assert_memory_equal(err, rows[i].name, strlen(rows[i].name));
	}
}

/* What is written is what was read. */
static void text_round_trips(void **state)
{
	static const wa_pair_t pairs[] = {P("hostname", "h.example"),
			P("port", "6000"), P("srtp", "SDES"), P("codecs", "OPUS,PCMA"),
			P("calling", "1"), P("synced", "12"), P("version", "3")};
	char texts[WA_RECORD_FIELDS_MAX][300];
	wa_pair_t again[WA_RECORD_FIELDS_MAX];
	wa_number_t a, b;
	const char *name;
	size_t n = 0;

	(void)state;
	wa_record_read_number(
			WA_SV("15550001111"), pairs, COUNT(pairs), &a, NULL, NULL);
	for(; (name = wa_record_field(WA_RECORD_NUMBER, n, NULL)) != NULL; n++) {
		assert_true(n < WA_RECORD_FIELDS_MAX);
		assert_int_equal(
				wa_record_number_text(&a, n, texts[n], sizeof(texts[n])), 0);
		again[n] = (wa_pair_t){wa_sv_from(name), wa_sv_from(texts[n])};
	}
	assert_int_equal(wa_record_number_text(&a, n, texts[0], sizeof(texts[0])),
			WA_ENOENT);
	wa_record_read_number(WA_SV("15550001111"), again, n, &b, NULL, NULL);
	assert_memory_equal(&a, &b, sizeof(a));
	a.port = 0; /* Meta has no server: the field goes away */
	for(n = 0; strcmp(wa_record_field(WA_RECORD_NUMBER, n, NULL), "port"); n++)
		;
	assert_int_equal(wa_record_number_text(&a, n, texts[0], 8), 0);
	assert_string_equal(texts[0], "");
}

static void digits(void **state)
{
	static const struct
	{
		const char *in, *out;
	} rows[] = {{"15550001111", "15550001111"}, {"+15550001111", "15550001111"},
			{" +4912345 ", "4912345"}, {"1234", NULL},
			{"1234567890123456", NULL}, {"015550001111", NULL}, {"", NULL},
			{"+", NULL}, {"1555-000", NULL}, {"++15550001", NULL}};

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		wa_sv_t out = {NULL, 0};
		int ret = wa_record_digits(wa_sv_from(rows[i].in), &out);

		assert_int_equal(ret, rows[i].out == NULL ? WA_EPARSE : 0);
		if(ret == 0)
			assert_true(wa_sv_eq(out, wa_sv_from(rows[i].out)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(reads_a_full_number),
			cmocka_unit_test(defaults),
			cmocka_unit_test(bad_fields_are_left_at_their_default),
			cmocka_unit_test(keys),
			cmocka_unit_test(gateways),
			cmocka_unit_test(reads_a_trunk),
			cmocka_unit_test(gateways_have_weight_and_priority),
			cmocka_unit_test(defaults_of_a_trunk),
			cmocka_unit_test(strict_input_of_a_trunk),
			cmocka_unit_test(longest_gateways_fit),
			cmocka_unit_test(strict_input),
			cmocka_unit_test(text_round_trips),
			cmocka_unit_test(digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
