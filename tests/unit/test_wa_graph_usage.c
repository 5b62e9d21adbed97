/* Usage headers of Graph API answers, as Meta documents them and as it may not.
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
#include "wa_graph_usage.h"

static void documented_forms(void **state)
{
	wa_graph_usage_t u;

	(void)state;
	assert_int_equal(wa_graph_usage_parse(&u, WA_SV("{\"call_count\":28,\"total_time\":25,"
													"\"total_cputime\":31}")),
			0);
	assert_int_equal(u.percent, 31);
	assert_int_equal(u.regain_minutes, 0);
	assert_int_equal(wa_graph_usage_parse(&u,
							 WA_SV("{\"102290129340398\":[{\"type\":\"whatsapp_business_management\","
								   "\"call_count\":100,\"total_cputime\":25,\"total_time\":25,"
								   "\"estimated_time_to_regain_access\":19},{\"call_count\":3}]}")),
			0);
	assert_int_equal(u.percent, 100);
	assert_int_equal(u.regain_minutes, 19);
}

static void odd_values_do_no_harm(void **state)
{
	wa_graph_usage_t u;

	(void)state;
	assert_int_equal(wa_graph_usage_parse(&u, WA_SV("{\"call_count\":-3,\"total_time\":\"99\","
													"\"total_cputime\":12.7,\"x\":[1,null]}")),
			0);
	assert_int_equal(u.percent, 12);
	assert_int_equal(wa_graph_usage_parse(&u, WA_SV("{\"call_count\":99999999999999999999,"
													"\"estimated_time_to_regain_access\":9e30}")),
			0);
	assert_int_equal(u.percent, 1000);
	assert_int_equal(u.regain_minutes, 24 * 60);
	assert_int_equal(wa_graph_usage_parse(&u, WA_SV("[1]")), WA_ETYPE);
	assert_int_equal(wa_graph_usage_parse(&u, WA_SV("")), WA_EPARSE);
	assert_int_equal(wa_graph_usage_parse(&u, WA_SV("{\"call_count\":")), WA_EPARSE);
	assert_int_equal(u.percent, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(documented_forms),
			cmocka_unit_test(odd_values_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
