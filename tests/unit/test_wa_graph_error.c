/* Meta's errors: what they mean for the client, and what the operator reads.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_graph_error.h"

#define ERROR(code, more) \
	"{\"error\":{\"message\":\"m\",\"type\":\"OAuthException\",\"code\":" code more \
	",\"fbtrace_id\":\"x\"}}"

static void the_form_of_meta(void **state)
{
	wa_graph_error_t e;

	(void)state;
	assert_int_equal(
			wa_graph_error_parse(&e,
					WA_SV(ERROR("100", ",\"error_subcode\":33,\"error_data\":{"
									   "\"messaging_product\":\"whatsapp\","
									   "\"details\":\"port is wrong\"}"))),
			0);
	assert_int_equal(e.code, 100);
	assert_int_equal(e.subcode, 33);
	assert_string_equal(e.message, "m");
	assert_string_equal(e.details, "port is wrong");
	assert_int_equal(
			wa_graph_error_parse(&e, WA_SV(ERROR("1", ",\"error_data\":\"plain\""))), 0);
	assert_string_equal(e.details, "plain");
	assert_int_equal(wa_graph_error_parse(&e, WA_SV(ERROR("\"4\"", ""))), 0);
	assert_int_equal(e.code, 4);
}

static void what_is_no_error(void **state)
{
	wa_graph_error_t e;

	(void)state;
	assert_int_equal(wa_graph_error_parse(&e, WA_SV("{\"calling\":{}}")), WA_ENOENT);
	assert_int_equal(wa_graph_error_parse(&e, WA_SV("{\"error\":null}")), WA_ENOENT);
	assert_int_equal(wa_graph_error_parse(&e, WA_SV("{\"error\":\"x\"}")), WA_ETYPE);
	assert_int_equal(wa_graph_error_parse(&e, WA_SV("[]")), WA_ETYPE);
	assert_int_equal(wa_graph_error_parse(&e, WA_SV("<html>")), WA_EPARSE);
	assert_int_equal(wa_graph_error_parse(&e, WA_SV("")), WA_EPARSE);
}

static void classes(void **state)
{
	static const struct
	{
		long http, code, subcode;
		enum wa_graph_class class;
	} v[] = {
			{401, 190, 0, WA_GRAPH_TOKEN},
			{400, 190, 460, WA_GRAPH_TOKEN},
			{403, 10, 0, WA_GRAPH_PERMISSION},
			{403, 200, 0, WA_GRAPH_PERMISSION},
			{400, 299, 0, WA_GRAPH_PERMISSION},
			{403, 4711, 0, WA_GRAPH_PERMISSION},
			{400, 100, 33, WA_GRAPH_PERMISSION},
			{400, 100, 0, WA_GRAPH_REQUEST},
			{400, 2635, 0, WA_GRAPH_REQUEST},
			{400, 4, 0, WA_GRAPH_RATE},
			{400, 80007, 0, WA_GRAPH_RATE},
			{429, 4711, 0, WA_GRAPH_RATE},
			{429, 190, 0, WA_GRAPH_RATE},
			{500, 1, 0, WA_GRAPH_TEMPORARY},
			{503, 2, 0, WA_GRAPH_TEMPORARY},
			{400, 1, 0, WA_GRAPH_TEMPORARY},
			{502, 4711, 0, WA_GRAPH_TEMPORARY},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		wa_graph_error_t e = {.code = v[i].code, .subcode = v[i].subcode};

		assert_int_equal(wa_graph_error_class(v[i].http, &e), v[i].class);
	}
	assert_int_equal(wa_graph_error_class(401, NULL), WA_GRAPH_TOKEN);
	assert_int_equal(wa_graph_error_class(404, NULL), WA_GRAPH_REQUEST);
	assert_int_equal(wa_graph_error_class(429, NULL), WA_GRAPH_RATE);
	assert_int_equal(wa_graph_error_class(502, NULL), WA_GRAPH_TEMPORARY);
}

static void the_operators_line(void **state)
{
	char text[WA_ERROR_SIZE];
	wa_graph_error_t e = {.code = 190, .message = "the session"};

	(void)state;
	wa_graph_error_text(text, sizeof(text), 401, &e);
	assert_string_equal(
			text, "graph 190: access token refused: put a new one into the token file");
	e.code = 4711;
	wa_graph_error_text(text, sizeof(text), 400, &e);
	assert_string_equal(text, "graph 4711: the session");
	assert_true(snprintf(e.details, sizeof(e.details), "port is wrong") > 0);
	wa_graph_error_text(text, sizeof(text), 400, &e);
	assert_string_equal(text, "graph 4711: port is wrong");
	wa_graph_error_text(text, sizeof(text), 502, NULL);
	assert_string_equal(text, "graph http 502: no usable answer: trying again");
	wa_graph_error_text(text, 12, 502, NULL);
	assert_string_equal(text, "graph http ");
}

static void a_token_in_metas_words_is_masked(void **state)
{
	wa_graph_error_t e;

	(void)state;
	assert_int_equal(
			wa_graph_error_parse(&e,
					WA_SV("{\"error\":{\"code\":7,\"message\":\"Malformed "
						  "EAAGmade0up0token0that0is0long token\\r\\nof 106540352242922\"}}")),
			0);
	assert_string_equal(e.message, "Malformed *** token  of 106540352242922");
}

static void messages_of_any_length_fit(void **state)
{
	char json[1024];
	wa_graph_error_t e;

	(void)state;
	for(int len = 120; len < 400; len++) {
		int n = snprintf(json, sizeof(json), "{\"error\":{\"code\":7,\"message\":\"");

		for(int i = 0; i < len; i++)
			json[n++] = i % 10 == 9 ? ' ' : 'w';
		memcpy(json + n, "\"}}", 4);
		assert_int_equal(wa_graph_error_parse(&e, wa_sv_from(json)), 0);
		assert_true(strlen(e.message) < sizeof(e.message));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(the_form_of_meta),
			cmocka_unit_test(what_is_no_error),
			cmocka_unit_test(classes),
			cmocka_unit_test(the_operators_line),
			cmocka_unit_test(a_token_in_metas_words_is_masked),
			cmocka_unit_test(messages_of_any_length_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
