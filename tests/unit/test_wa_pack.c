/* Packed records: round trip, the longest one, damaged ones, and their size.
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
#include "wa_pack.h"

static void typical(wa_number_t *n)
{
	memset(n, 0, sizeof(*n));
	strcpy(n->digits, "15550001111");
	strcpy(n->phone_number_id, "106540352242922");
	strcpy(n->waba_id, "102290129340398");
	strcpy(n->app_id, "670843887433847");
	strcpy(n->hostname, "sbc.wasbc.test");
	strcpy(n->trunk, "pbx");
	strcpy(n->tgrp, "wacall");
	strcpy(n->context, "byoc.example.com");
	strcpy(n->sync_error, "none");
	n->port = 65535;
	n->srtp = WA_SRTP_SDES;
	n->codecs = WA_CODEC_OPUS | WA_CODEC_PCMA;
	n->calling_enabled = n->has_password = true;
	n->password_since = 1700000000;
	n->synced = 1800000000;
	n->version = UINT64_MAX;
}

/* A million numbers shall fit 512 MB of shared memory. */
static void typical_record_is_small(void **state)
{
	uint8_t buf[WA_PACK_MAX];
	char sealed[101];
	wa_number_t a, b;
	wa_sv_t view;
	int len;

	(void)state;
	typical(&a);
	memset(&b, 0, sizeof(b));
	memset(sealed, 's', sizeof(sealed));
	len = wa_pack_number(
			&a, (wa_sv_t){sealed, sizeof(sealed)}, buf, sizeof(buf));
	assert_in_range(len, 1, 300);
	assert_int_equal(wa_unpack_number(buf, (size_t)len, &b, &view), 0);
	assert_string_equal(a.digits, b.digits);
	assert_string_equal(a.phone_number_id, b.phone_number_id);
	assert_string_equal(a.waba_id, b.waba_id);
	assert_string_equal(a.app_id, b.app_id);
	assert_string_equal(a.hostname, b.hostname);
	assert_string_equal(a.trunk, b.trunk);
	assert_string_equal(a.tgrp, b.tgrp);
	assert_string_equal(a.context, b.context);
	assert_string_equal(a.sync_error, b.sync_error);
	assert_int_equal(b.port, 65535);
	assert_int_equal(b.srtp, WA_SRTP_SDES);
	assert_int_equal(b.codecs, a.codecs);
	assert_true(b.calling_enabled && b.has_password && !b.sip_enabled);
	assert_int_equal(b.password_since, 1700000000);
	assert_int_equal(b.synced, 1800000000);
	assert_true(b.version == UINT64_MAX);
	assert_true(wa_sv_eq(view, (wa_sv_t){sealed, sizeof(sealed)}));
	assert_true(wa_sv_eq(
			wa_pack_digits(buf, (size_t)len), WA_SV("15550001111")));
}

static void fill(char *s, size_t size)
{
	memset(s, 'x', size - 1);
	s[size - 1] = '\0';
}

static void longest_record_fits(void **state)
{
	uint8_t buf[WA_PACK_MAX];
	char sealed[256];
	wa_number_t a, b;
	int len;

	(void)state;
	typical(&a);
	fill(a.digits, sizeof(a.digits));
	fill(a.phone_number_id, sizeof(a.phone_number_id));
	fill(a.waba_id, sizeof(a.waba_id));
	fill(a.app_id, sizeof(a.app_id));
	fill(a.hostname, sizeof(a.hostname));
	fill(a.trunk, sizeof(a.trunk));
	fill(a.tgrp, sizeof(a.tgrp));
	fill(a.context, sizeof(a.context));
	fill(a.sync_error, sizeof(a.sync_error));
	fill(sealed, sizeof(sealed));
	len = wa_pack_number(&a, WA_SV(""), buf, sizeof(buf));
	assert_true(len > 0);
	len = wa_pack_number(&a, (wa_sv_t){sealed, 255}, buf, sizeof(buf));
	assert_true(len > 0);
	assert_int_equal(wa_unpack_number(buf, (size_t)len, &b, NULL), 0);
	assert_string_equal(a.hostname, b.hostname);
	assert_int_equal(
			wa_pack_number(&a, (wa_sv_t){sealed, 256}, buf, sizeof(buf)),
			WA_ETOOLONG);
	assert_int_equal(
			wa_pack_number(&a, (wa_sv_t){sealed, 255}, buf, (size_t)len - 1),
			WA_ETOOLONG);
}

/* Same record, same bytes: that is how a change is noticed. */
static void packing_is_deterministic(void **state)
{
	uint8_t x[WA_PACK_MAX], y[WA_PACK_MAX];
	wa_number_t a, b;
	int len;

	(void)state;
	memset(x, 0x55, sizeof(x));
	memset(y, 0xaa, sizeof(y));
	typical(&a);
	len = wa_pack_number(&a, WA_SV("k:x"), x, sizeof(x));
	assert_int_equal(wa_unpack_number(x, (size_t)len, &b, NULL), 0);
	assert_int_equal(wa_pack_number(&b, WA_SV("k:x"), y, sizeof(y)), len);
	assert_memory_equal(x, y, (size_t)len);
}

static void every_truncation_is_refused(void **state)
{
	uint8_t buf[WA_PACK_MAX];
	wa_number_t a, b;
	int len;

	(void)state;
	typical(&a);
	len = wa_pack_number(&a, WA_SV("k1:AAAA"), buf, sizeof(buf));
	for(size_t n = 0; n < (size_t)len; n++) {
		uint8_t *tight = malloc(n > 0 ? n : 1);

		assert_non_null(tight);
		memcpy(tight, buf, n);
		assert_int_equal(wa_unpack_number(tight, n, &b, NULL), WA_EPARSE);
		assert_int_equal(wa_pack_digits(tight, n).len, 0);
		free(tight);
	}
}

static void trunk_round_trip(void **state)
{
	uint8_t buf[WA_PACK_TRUNK_MAX];
	wa_trunk_t a, b;
	int len;

	(void)state;
	memset(&a, 0, sizeof(a));
	strcpy(a.name, "pbx");
	strcpy(a.tgrp, "tg");
	strcpy(a.context, "example.com");
	a.n_gateways = 2;
	strcpy(a.gateways[0].uri, "sip:10.0.0.1:5060");
	a.gateways[0].weight = 5;
	a.gateways[0].priority = 2;
	strcpy(a.gateways[1].uri, "sip:10.0.0.2;transport=tls");
	a.gateways[1].weight = 1;
	a.gateways[1].priority = 1;
	a.codecs = WA_CODEC_OPUS | WA_CODEC_G722;
	a.pstn = true;
	a.format = WA_FORMAT_NATIONAL;
	strcpy(a.country, "49");
	strcpy(a.prefix, "0");
	a.identity = WA_ID_HEADER_RPID;
	a.params = WA_PARAMS_URI;
	strcpy(a.headers, "x-wa-meta-wacid,x-site-*");
	strcpy(a.username, "trunk");
	a.challenge = true;
	strcpy(a.sealed, "k1:AAAA");
	a.version = 77;
	len = wa_pack_trunk(&a, buf, sizeof(buf));
	assert_true(len > 0);
	memset(&b, 0xff, sizeof(b));
	assert_int_equal(wa_unpack_trunk(buf, (size_t)len, &b), 0);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_int_equal(wa_pack_trunk(&a, buf, (size_t)len - 1), WA_ETOOLONG);
	assert_int_equal(wa_pack_trunk(&a, buf, 1), WA_ETOOLONG);
}

static void cut_trunk_is_refused(void **state)
{
	uint8_t buf[WA_PACK_TRUNK_MAX];
	wa_trunk_t a, b;
	int len, refused = 0;

	(void)state;
	memset(&a, 0, sizeof(a));
	strcpy(a.name, "pbx");
	strcpy(a.tgrp, "tg");
	len = wa_pack_trunk(&a, buf, sizeof(buf));
	for(int n = 0; n < len; n++) {
		uint8_t *tight = malloc((size_t)n > 0 ? (size_t)n : 1);

		memcpy(tight, buf, (size_t)n);
		refused += wa_unpack_trunk(tight, (size_t)n, &b) < 0;
		free(tight);
	}
	/* between two fields it may end */
	assert_true(refused > len / 2);
	assert_int_equal(wa_unpack_trunk(buf, 0, &b), WA_EPARSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(trunk_round_trip),
			cmocka_unit_test(cut_trunk_is_refused),
			cmocka_unit_test(typical_record_is_small),
			cmocka_unit_test(longest_record_fits),
			cmocka_unit_test(packing_is_deterministic),
			cmocka_unit_test(every_truncation_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
