/* Lists of networks: what is read, what is merged, what is absurd.
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
#include "wa_ranges.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MAX 64

static wa_range_t r[MAX];
static size_t n;

static int read_list(const char *text, wa_sv_t *bad)
{
	wa_sv_t none;

	return wa_ranges_read(
			wa_sv_from(text), r, MAX, &n, bad != NULL ? bad : &none);
}

/* All ranges as networks, a space between. */
static const char *written(void)
{
	static char out[4096];
	char text[WA_ADDR_TEXT];
	size_t len = 0;

	out[0] = '\0';
	for(size_t i = 0; i < n; i++)
		for(wa_range_t left = r[i]; wa_range_next(&left, text);)
			len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%s",
					len > 0 ? " " : "", text);
	return out;
}

static bool has(const char *address)
{
	wa_addr_t a;

	assert_int_equal(wa_addr_parse(wa_sv_from(address), &a), 0);
	return wa_ranges_has(r, n, &a);
}

static void lists(void **state)
{
	static const struct
	{
		const char *text, *out;
	} rows[] = {{"192.0.2.1", "192.0.2.1/32"},
			{"192.0.2.77/24", "192.0.2.0/24"},
			{"192.0.2.0/25,192.0.2.128/25", "192.0.2.0/24"},
			{"10.0.0.0/8 10.1.0.0/16", "10.0.0.0/8"},
			{"192.0.2.2/31, 192.0.2.1", "192.0.2.1/32 192.0.2.2/31"},
			{"0.0.0.0/0", "0.0.0.0/0"}, {"::/0", "::/0"},
			{"255.255.255.255 0.0.0.0", "0.0.0.0/32 255.255.255.255/32"},
			{"2001:db8::/33 2001:db8:8000::/33", "2001:db8::/32"},
			{"dead:beef::/32", "dead:beef::/32"}, {"a::/16", "a::/16"},
			{"::1 127.0.0.1", "::1/128 127.0.0.1/32"},
			{"::/0 127.0.0.1 dead::/16", "::/0"},
			{"::fffe:ffff:ffff 0.0.0.0", "::fffe:ffff:ffff/128 0.0.0.0/32"},
			{"# a comment\n192.0.2.0/24 # more\r\n\n% RIPE\n198.51.100.7\n",
					"192.0.2.0/24 198.51.100.7/32"},
			{"route:      31.13.24.0/21\ndescr:      Meta\n            8.8.8.8\n"
			 "+ 9.9.9.9\norigin:     AS32934\nmnt-by:     MAINT-AS32934\n"
			 "last-modified:  2024-11-20T15:04:23Z\nsource:     RADB\n\n"
			 "route6:     2a03:2880::/32\norigin: AS32934\n",
					"31.13.24.0/21 2a03:2880::/32"}};

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(read_list(rows[i].text, NULL), 0);
		assert_string_equal(written(), rows[i].out);
	}
}

static void wrong(void **state)
{
	static const struct
	{
		const char *text, *bad;
	} rows[] = {{"", ""}, {" , ", ""}, {"# nothing", ""}, {"banana", "banana"},
			{"192.0.2.0/33", "192.0.2.0/33"}, {"192.0.2.0/", "192.0.2.0/"},
			{"/24", "/24"}, {"192.0.2/24", "192.0.2/24"},
			{"2001:db8::/129", "2001:db8::/129"}, {"192.0.2.1,...", "..."},
			{"192.0.2.0/24;10.0.0.1", "192.0.2.0/24;10.0.0.1"},
			{"route: AS32934", "AS32934"}, {"<html>", "<html>"}};
	wa_sv_t bad;

	(void)state;
	for(size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(read_list(rows[i].text, &bad), WA_EPARSE);
		assert_true(wa_sv_eq(bad, wa_sv_from(rows[i].bad)));
	}
	assert_int_equal(
			wa_ranges_read(WA_SV("10.0.0.1 10.0.0.3"), r, 1, &n, &bad),
			WA_ETOOLONG);
}

static void members(void **state)
{
	(void)state;
	assert_int_equal(
			read_list("31.13.24.0/21 57.144.0.0/14 2a03:2880::/32", NULL), 0);
	assert_true(has("31.13.24.0") && has("31.13.31.255"));
	assert_true(has("57.147.255.255") && has("2a03:2880::1"));
	assert_false(has("31.13.23.255") || has("31.13.32.0"));
	assert_false(has("57.148.0.0") || has("2a03:2881::") || has("::1"));
	assert_false(has("0.0.0.0") || has("255.255.255.255"));
	assert_true(has("::ffff:57.144.1.1"));
	assert_int_equal(wa_ranges_count4(r, n), 2048 + 4 * 65536);
}

static void sanity(void **state)
{
	static const char *good[] = {"57.144.0.0/14",
			"157.240.0.0/16 129.134.0.0/16 31.13.64.0/18 2a03:2880::/29"};
	static const struct
	{
		const char *text, *why, *at;
	} rows[] = {{"0.0.0.0/0", "large", "0.0.0.0"},
			{"0.0.0.0/1 128.0.0.0/1", "large", "0.0.0.0"},
			{"57.144.0.0/14 ::/0", "large", "::"},
			{"57.144.0.0/14 2000::/3", "large", "2000::"},
			{"157.240.0.0/16 10.0.0.0/24", "private", "10.0.0.0"},
			{"157.240.0.0/16 127.0.0.1", "private", "127.0.0.1"},
			{"157.240.0.0/16 169.254.169.254", "private", "169.254.169.254"},
			{"157.240.0.0/16 fe80::1", "private", "fe80::1"},
			{"157.240.0.0/16 224.0.0.1", "private", "224.0.0.1"},
			{"157.240.0.0/17", "too few", NULL},
			{"2a03:2880::/32", "too few", NULL},
			{"1.0.0.0/10 2.0.0.0/10 3.0.0.0/10", "too many", NULL}};
	const wa_range_t *at;
	const char *why;
	char text[WA_ADDR_TEXT];

	(void)state;
	for(size_t i = 0; i < COUNT(good); i++) {
		assert_int_equal(read_list(good[i], NULL), 0);
		assert_int_equal(wa_ranges_sane(r, n, &why, &at), 0);
	}
	for(size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(read_list(rows[i].text, NULL), 0);
		assert_int_equal(wa_ranges_sane(r, n, &why, &at), WA_ERANGE);
		assert_non_null(strstr(why, rows[i].why));
		assert_int_equal(at == NULL, rows[i].at == NULL);
		if(at != NULL)
			assert_string_equal(wa_addr_text(&at->lo, text), rows[i].at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lists),
			cmocka_unit_test(wrong), cmocka_unit_test(members),
			cmocka_unit_test(sanity)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
