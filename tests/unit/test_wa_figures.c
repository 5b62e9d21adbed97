/* Small helpers of records and figures: rates, histograms, the form of
 * Prometheus, heads of HTTP requests, the codec of an SDP.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wa_codec_name.h"
#include "wa_err.h"
#include "wa_http.h"
#include "wa_prom.h"
#include "wa_rate.h"

static void rates(void **state)
{
	wa_rate_slot_t slots[8];
	wa_rate_t r = {8, slots};

	(void)state;
	memset(slots, 0, sizeof(slots));
	assert_int_equal(wa_rate_get(&r, 1, 10), 0);
	for(int i = 0; i < 3; i++)
		wa_rate_add(&r, 1, 10, 1);
	assert_int_equal(wa_rate_get(&r, 1, 10), 3);
	assert_int_equal(wa_rate_get(&r, 1, 11), 0);
	assert_int_equal(wa_rate_get(&r, 2, 10), 0);
	/* more keys than places: what was counted most stays */
	for(uint64_t k = 100; k < 200; k++)
		wa_rate_add(&r, k, 10, 1);
	assert_int_equal(wa_rate_get(&r, 1, 10), 3);
	assert_int_equal(wa_rate_get(&r, 199, 10), 1);
}

static void histograms(void **state)
{
	char mem[4096];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem) - 1);
	wa_histogram_t h;

	(void)state;
	memset(&h, 0, sizeof(h));
	wa_histogram_add(&h, -5);
	wa_histogram_add(&h, 10);
	wa_histogram_add(&h, 11);
	wa_histogram_add(&h, 60001);
	wa_prom_family(&b, "x_seconds", "histogram", "a\\b\nc");
	wa_prom_histogram(&b, "x_seconds", "d=\"in\"", wa_histogram_ms, &h);
	mem[b.len] = '\0';
	assert_int_equal(wa_buf_check(&b), 0);
	assert_non_null(strstr(mem, "# HELP x_seconds a\\\\b\\nc\n# TYPE x_seconds "
								"histogram\n"));
	assert_non_null(strstr(mem, "x_seconds_bucket{d=\"in\",le=\"0.010\"} 2\n"));
	assert_non_null(strstr(mem, "x_seconds_bucket{d=\"in\",le=\"0.025\"} 3\n"));
	assert_non_null(strstr(mem, "x_seconds_bucket{d=\"in\",le=\"60.000\"} 3\n"));
	assert_non_null(strstr(mem, "x_seconds_bucket{d=\"in\",le=\"+Inf\"} 4\n"));
	assert_non_null(strstr(mem, "x_seconds_sum{d=\"in\"} 60.022\n"));
	assert_non_null(strstr(mem, "x_seconds_count{d=\"in\"} 4\n"));
	memset(&h, 0, sizeof(h));
	b = wa_buf_on(mem, sizeof(mem) - 1);
	wa_histogram_put(&h, wa_histogram_mos, 4200);
	wa_prom_histogram(&b, "mos", "", wa_histogram_mos, &h);
	mem[b.len] = '\0';
	assert_non_null(strstr(mem, "mos_bucket{le=\"4.100\"} 0\nmos_bucket{le=\"4.300\"} 1\n"));
	assert_non_null(strstr(mem, "mos_sum 4.200\n"));
}

static void labels(void **state)
{
	char out[9];

	(void)state;
	assert_string_equal(wa_prom_label(out, sizeof(out), WA_SV("a\"b\\\n")),
			"a\\\"b\\\\ ");
	assert_string_equal(
			wa_prom_label(out, sizeof(out), WA_SV("abcdefghij")), "abcdefg");
}

static void heads(void **state)
{
	static const struct
	{
		const char *text, *path;
		int err;
	} rows[] = {{"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "/metrics", 0},
			{"GET /metrics?a=b HTTP/1.0\n\n", "/metrics", 0},
			{"GET /metrics HTTP/1.1\r\nHost: x\r\n", "", WA_ENOENT},
			{"", "", WA_ENOENT}, {"GET metrics HTTP/1.1\r\n\r\n", "", WA_EPARSE},
			{"GET /a b HTTP/1.1\r\n\r\n", "", WA_EPARSE},
			{"get / HTTP/1.1\r\n\r\n", "", WA_EPARSE},
			{"GET / HTTP/2\r\n\r\n", "", WA_EPARSE}, {"\r\n\r\n", "", WA_EPARSE},
			{"GET /\x01 HTTP/1.1\r\n\r\n", "", WA_EPARSE}};
	static char big[WA_HTTP_HEAD_MAX];

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wa_http_request_t r;
		int err = wa_http_head(wa_sv_from(rows[i].text), &r);

		assert_int_equal(err, rows[i].err);
		if(err == 0) {
			assert_true(wa_sv_eq(r.method, WA_SV("GET")));
			assert_true(wa_sv_eq(r.path, wa_sv_from(rows[i].path)));
		}
	}
	memset(big, 'A', sizeof(big));
	assert_int_equal(wa_http_head((wa_sv_t){big, sizeof(big)}, &(wa_http_request_t){0}),
			WA_ETOOLONG);
}

static void queries(void **state)
{
	wa_http_request_t r;
	char name[8], value[8];
	wa_sv_t bad[] = {WA_SV("p=%"), WA_SV("p=%4"), WA_SV("p=%00"), WA_SV("%zz=1")};

	(void)state;
	assert_int_equal(wa_http_head(WA_SV("GET /api/x?p=a%2A%e9+b&p=&q HTTP/1.1\r\nhost:  [::1]:80 \r\n"
										"Sec-Fetch-Site: cross-site\r\n\r\n"),
							 &r),
			0);
	assert_true(wa_sv_eq(r.path, WA_SV("/api/x")));
	assert_true(wa_sv_eq(r.site, WA_SV("cross-site")));
	assert_true(wa_sv_eq(wa_http_host(r.host), WA_SV("::1")));
	assert_true(wa_sv_eq(wa_http_host(WA_SV("sbc.example:8080")), WA_SV("sbc.example")));
	assert_int_equal(wa_http_host(WA_SV("")).len, 0);
	assert_int_equal(wa_http_param(&r.query, name, sizeof(name), value, sizeof(value)), 0);
	assert_string_equal(name, "p");
	assert_string_equal(value, "a*\xe9 b");
	assert_int_equal(wa_http_param(&r.query, name, sizeof(name), value, sizeof(value)), 0);
	assert_string_equal(value, "");
	assert_int_equal(wa_http_param(&r.query, name, sizeof(name), value, sizeof(value)), 0);
	assert_string_equal(name, "q");
	assert_int_equal(wa_http_param(&r.query, name, sizeof(name), value, sizeof(value)), WA_ENOENT);
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(wa_http_param(&bad[i], name, sizeof(name), value, sizeof(value)), WA_EPARSE);
	assert_int_equal(wa_http_param(&(wa_sv_t){"p=12345678", 10}, name, sizeof(name), value, sizeof(value)), WA_ETOOLONG);
}

static void codecs(void **state)
{
	static const struct
	{
		const char *sdp, *codec;
	} rows[] = {{"v=0\r\nm=audio 1 RTP/AVP 96 0\r\na=rtpmap:0 PCMU/8000\r\n"
				 "a=rtpmap:96 opus/48000/2\r\n",
						"opus"},
			{"m=audio 1 RTP/AVP 8 0\n", "PCMA"},
			{"m=video 1 RTP/AVP 99\na=rtpmap:99 H264/90000\nm=audio 1 RTP/AVP 9\n",
					"G722"},
			{"m=audio 1 RTP/AVP 97\nm=audio 2 RTP/AVP 0\na=rtpmap:97 x/1\n", ""},
			{"m=audio", ""}, {"m=audio 1 RTP/AVP", ""}, {"", ""}};

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_true(wa_sv_eq(wa_codec_name(wa_sv_from(rows[i].sdp)),
				wa_sv_from(rows[i].codec)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rates),
			cmocka_unit_test(histograms), cmocka_unit_test(labels),
			cmocka_unit_test(heads), cmocka_unit_test(queries), cmocka_unit_test(codecs)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
