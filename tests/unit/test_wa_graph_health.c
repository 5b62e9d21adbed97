/* health_status: the documented answer, the worst entity, and wrong types.
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
#include "wa_graph_health.h"

static char why[WA_ERROR_SIZE];

/* A copy that ends where its block ends, for the address sanitizer. */
static int parse(wa_graph_health_t *h, const char *json)
{
	size_t len = strlen(json);
	char *copy = malloc(len ? len : 1);
	int err;

	assert_non_null(copy);
	memcpy(copy, json, len);
	why[0] = '\0';
	err = wa_graph_health_parse(h, (wa_sv_t){copy, len}, why, sizeof(why));
	free(copy);
	return err;
}

static void the_documented_answer(void **state)
{
	wa_graph_health_t h;

	(void)state;
	assert_int_equal(parse(&h, "{\"health_status\":{\"can_send_message\":\"LIMITED\","
							   "\"entities\":[{\"entity_type\":\"PHONE_NUMBER\",\"id\":\"1\","
							   "\"can_send_message\":\"AVAILABLE\","
							   "\"can_receive_call_sip\":\"AVAILABLE\"},"
							   "{\"entity_type\":\"WABA\",\"id\":\"2\","
							   "\"can_send_message\":\"LIMITED\",\"errors\":[{\"error_code\":1}]},"
							   "{\"entity_type\":\"BUSINESS\",\"id\":\"3\"},"
							   "{\"entity_type\":\"APP\",\"id\":\"4\","
							   "\"can_receive_call_sip\":\"AVAILABLE\"}]},\"id\":\"1\"}"),
			0);
	assert_int_equal(h.sip, WA_HEALTH_AVAILABLE);
	assert_int_equal(h.message, WA_HEALTH_LIMITED);
	assert_string_equal(h.entity, "PHONE_NUMBER");
	assert_int_equal(h.code, 0);
	assert_string_equal(h.text, "");
}

static void the_worst_entity_counts_with_its_remedy(void **state)
{
	wa_graph_health_t h;

	(void)state;
	assert_int_equal(parse(&h, "{\"health_status\":{\"entities\":["
							   "{\"entity_type\":\"PHONE_NUMBER\",\"can_receive_call_sip\":"
							   "\"LIMITED\",\"errors\":[{\"error_code\":7,"
							   "\"error_description\":\"half\"}]},"
							   "{\"entity_type\":\"APP\",\"can_receive_call_sip\":\"BLOCKED\","
							   "\"errors\":[{\"error_code\":138025,\"error_description\":"
							   "\"No server\",\"possible_solution\":\"Write\\none\"},"
							   "{\"error_code\":9}]},"
							   "{\"entity_type\":\"X\",\"can_receive_call_sip\":\"LIMITED\"}]}}"),
			0);
	assert_int_equal(h.sip, WA_HEALTH_BLOCKED);
	assert_string_equal(h.entity, "APP");
	assert_int_equal(h.code, 138025);
	assert_string_equal(h.text, "Write one");
	assert_int_equal(parse(&h, "{\"health_status\":{\"entities\":[{\"entity_type\":\"APP\","
							   "\"can_receive_call_sip\":\"BLOCKED\",\"errors\":["
							   "{\"error_code\":1,\"error_description\":\"only this\"}]}]}}"),
			0);
	assert_string_equal(h.text, "only this");
	assert_int_equal(parse(&h, "{\"health_status\":{\"entities\":[{\"entity_type\":\"APP\","
							   "\"can_receive_call_sip\":\"SHINY\"}]}}"),
			0);
	assert_int_equal(h.sip, WA_HEALTH_UNKNOWN);
	assert_string_equal(wa_health_name(h.sip), "");
	assert_string_equal(wa_health_name(WA_HEALTH_BLOCKED), "BLOCKED");
}

static void what_is_wrong_is_named(void **state)
{
	static const struct
	{
		const char *json, *why;
		int err;
	} bad[] = {
			{"[]", "health_status.entities: array expected", WA_ETYPE},
			{"{}", "health_status.entities: array expected", WA_ETYPE},
			{"{\"health_status\":{\"entities\":{}}}",
					"health_status.entities: array expected", WA_ETYPE},
			{"{\"health_status\":{\"entities\":[7]}}",
					"health_status.entities[0].: object expected", WA_ETYPE},
			{"{\"health_status\":{\"entities\":[{},{\"can_receive_call_sip\":true}]}}",
					"health_status.entities[1].can_receive_call_sip: string expected",
					WA_ETYPE},
			{"{\"health_status\":{\"entities\":[{\"can_receive_call_sip\":\"BLOCKED\","
			 "\"errors\":{}}]}}",
					"health_status.entities[0].errors: array expected", WA_ETYPE},
			{"{\"health_status\":{\"entities\":[{\"can_receive_call_sip\":\"BLOCKED\","
			 "\"errors\":[3]}]}}",
					"health_status.entities[0].errors: list of objects expected", WA_ETYPE},
			{"{\"health_status\"", "the answer is no JSON, or not all of it", WA_EPARSE},
	};
	wa_graph_health_t h = {.code = 42};

	(void)state;
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse(&h, bad[i].json), bad[i].err);
		assert_string_equal(why, bad[i].why);
		assert_int_equal(h.code, 42);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(the_documented_answer),
			cmocka_unit_test(the_worst_entity_counts_with_its_remedy),
			cmocka_unit_test(what_is_wrong_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
