/* Redis URLs, and that what is shown of them holds no password.
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
#include "wa_redis_url.h"

static void good_urls(void **state)
{
	static const struct
	{
		const char *in, *host, *user, *password, *shown;
		unsigned port, db;
	} rows[] = {
			{"redis://127.0.0.1", "127.0.0.1", "", "", "redis://127.0.0.1:6379/0",
					6379, 0},
			{"redis://r.example:7000/3", "r.example", "", "",
					"redis://r.example:7000/3", 7000, 3},
			{"REDIS://r/", "r", "", "", "redis://r:6379/0", 6379, 0},
			{"rediss://u:p@r", "r", "u", "p", "rediss://r:6379/0", 6379, 0},
			{"redis://u@r", "r", "u", "", "redis://r:6379/0", 6379, 0},
			{"redis://:made%20up@r", "r", "", "made up", "redis://r:6379/0",
					6379, 0},
			{"redis://u%3a:p@q/r@[::1]:1/2", "::1", "u:", "p@q/r",
					"redis://[::1]:1/2", 1, 2},
			{"redis://[2001:db8::1]", "2001:db8::1", "", "",
					"redis://[2001:db8::1]:6379/0", 6379, 0},
			{"unix:///run/redis.sock", "/run/redis.sock", "", "",
					"unix:///run/redis.sock?db=0", 0, 0},
			{" unix://:x@/run/r?db=4\n", "/run/r", "", "x",
					"unix:///run/r?db=4", 0, 4},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wa_redis_url_t u;
		char shown[300];

		assert_int_equal(wa_redis_url_parse(wa_sv_from(rows[i].in), &u), 0);
		assert_string_equal(u.host, rows[i].host);
		assert_string_equal(u.user, rows[i].user);
		assert_string_equal(u.password, rows[i].password);
		assert_int_equal(u.port, rows[i].port);
		assert_int_equal(u.db, rows[i].db);
		assert_int_equal(wa_redis_url_show(&u, shown, sizeof(shown)), 0);
		assert_string_equal(shown, rows[i].shown);
		assert_int_equal(wa_redis_url_show(&u, shown, 8), WA_ETOOLONG);
	}
}

static void bad_urls(void **state)
{
	static const char *const rows[] = {"", "redis", "redis:/", "redis://",
			"http://r", "redis://:6379", "redis://r:", "redis://r:0",
			"redis://r:65536", "redis://r:x", "redis://r/x", "redis://r/65536",
			"redis://@r", "redis://u:@r", "redis://:a%2@r", "redis://:a%zz@r",
			"redis://:a%00@r", "redis://[::1]x", "redis://[]", "unix://",
			"unix://run/x", "unix:///x?n=1", "unix:///x?db=",
			"unix:///aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wa_redis_url_t u;

		assert_true(wa_redis_url_parse(wa_sv_from(rows[i]), &u) < 0);
		assert_string_equal(u.host, "");
		assert_string_equal(u.password, "");
	}
}

static void lists_of_sentinels(void **state)
{
	wa_redis_url_t u[3];

	(void)state;
	assert_int_equal(wa_redis_url_list(wa_sv_from(""), u, 3), 0);
	assert_int_equal(wa_redis_url_list(
							 wa_sv_from(" a, b:1  rediss://x:p@[::1]:2,"), u, 3),
			3);
	assert_string_equal(u[0].host, "a");
	assert_int_equal(u[0].port, 26379);
	assert_false(u[0].is_tls);
	assert_int_equal(u[1].port, 1);
	assert_string_equal(u[2].host, "::1");
	assert_string_equal(u[2].password, "p");
	assert_true(u[2].is_tls);
	assert_int_equal(wa_redis_url_list(wa_sv_from("a b c d"), u, 3), WA_ERANGE);
	assert_int_equal(wa_redis_url_list(wa_sv_from("a/1"), u, 3), WA_EPARSE);
	assert_int_equal(wa_redis_url_list(wa_sv_from("http://a"), u, 3), WA_EPARSE);
	assert_int_equal(wa_redis_url_list(wa_sv_from("a:"), u, 3), WA_EPARSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(good_urls),
			cmocka_unit_test(bad_urls),
			cmocka_unit_test(lists_of_sentinels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
