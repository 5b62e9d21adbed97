/* Lines to a file: rotation, half lines, a full disk; and what a journal tells.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_journal.h"
#include "wa_spool.h"

static char dir[] = "/tmp/wasbc-spool-XXXXXX";
static char path[64], moved[64];

static void is_file(const char *name, const char *want)
{
	char text[256];
	FILE *in = fopen(name, "r");
	size_t n;

	assert_non_null(in);
	n = fread(text, 1, sizeof(text), in);
	fclose(in);
	assert_int_equal(n, strlen(want));
	assert_memory_equal(text, want, n);
}

static void write_file(const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void rotated_by_others(void **state)
{
	wa_spool_t s;

	(void)state;
	unlink(path);
	wa_spool_init(&s, path, 1024);
	assert_int_equal(wa_spool_flush(&s), 0);
	assert_int_not_equal(access(path, F_OK), 0);
	wa_spool_put(&s, WA_SV("one"));
	assert_int_equal(wa_spool_flush(&s), 0);
	is_file(path, "one\n");
	assert_int_equal(rename(path, moved), 0);
	wa_spool_put(&s, WA_SV("two"));
	wa_spool_put(&s, WA_SV("three"));
	assert_int_equal(s.lines, 2);
	assert_int_equal(wa_spool_flush(&s), 0);
	assert_int_equal(s.lines, 0);
	is_file(moved, "one\n");
	is_file(path, "two\nthree\n");
	assert_int_equal(s.bytes, 10);
	wa_spool_close(&s);
	wa_spool_put(&s, WA_SV("four"));
	assert_int_equal(wa_spool_flush(&s), 0);
	is_file(path, "two\nthree\nfour\n");
	wa_spool_free(&s);
}

static void half_a_line_is_ended_first(void **state)
{
	wa_spool_t s;

	(void)state;
	write_file("whole\nhal");
	wa_spool_init(&s, path, 1024);
	wa_spool_put(&s, WA_SV("next"));
	assert_int_equal(wa_spool_flush(&s), 0);
	is_file(path, "whole\nhal\nnext\n");
	wa_spool_free(&s);
}

static void what_the_disk_refuses_waits(void **state)
{
	wa_spool_t s;

	(void)state;
	wa_spool_init(&s, "/dev/full", 10);
	assert_int_equal(wa_spool_put(&s, WA_SV("12345")), 0);
	assert_int_equal(wa_spool_flush(&s), WA_EIO);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(s.lines, 1);
	assert_int_equal(wa_spool_put(&s, WA_SV("1234")), WA_ENOMEM);
	assert_int_equal(wa_spool_put(&s, WA_SV("123")), 0);
	unlink(path);
	wa_spool_close(&s);
	s.path = path;
	assert_int_equal(wa_spool_flush(&s), 0);
	is_file(path, "12345\n123\n");
	wa_spool_free(&s);
}

static void no_such_folder(void **state)
{
	wa_spool_t s;

	(void)state;
	wa_spool_init(&s, "/nowhere/at/all", 1024);
	wa_spool_put(&s, WA_SV("x"));
	assert_int_equal(wa_spool_flush(&s), WA_EIO);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(s.lines, 1);
	wa_spool_free(&s);
}

static void next_is(wa_journal_t *j, const char *want)
{
	wa_sv_t json;

	if(want == NULL) {
		assert_false(wa_journal_next(j, &json));
		return;
	}
	assert_true(wa_journal_next(j, &json));
	assert_int_equal(json.len, strlen(want));
	assert_memory_equal(json.s, want, json.len);
}

static void the_last_line_of_a_call_counts(void **state)
{
	wa_journal_t *j = wa_journal_read(
			WA_SV("# a comment\nopen {\"id\":\"a\",\"n\":1}\nopen {\"id\":\"b\"}\n"
				  "open {\"id\":\"a\",\"n\":2}\nopen {\"id\":\"c\"}\ndone b\n"
				  "open {\"id\":\"d\"}\ndone zz\nopen {\"id\":\"e\",\"ha"),
			WA_SV("{\"result\":\"ended\",\"id\":\"c\",\"x\":1}\nrubbish\n"));

	(void)state;
	assert_non_null(j);
	next_is(j, "{\"id\":\"a\",\"n\":2}");
	next_is(j, "{\"id\":\"d\"}");
	next_is(j, NULL);
	wa_journal_free(j);
	j = wa_journal_read(WA_SV(""), WA_SV(""));
	next_is(j, NULL);
	wa_journal_free(j);
}

static int make_dir(void **state)
{
	(void)state;
	if(mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/file", dir);
	snprintf(moved, sizeof(moved), "%s/moved", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	unlink(moved);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rotated_by_others),
			cmocka_unit_test(half_a_line_is_ended_first),
			cmocka_unit_test(what_the_disk_refuses_waits),
			cmocka_unit_test(no_such_folder),
			cmocka_unit_test(the_last_line_of_a_call_counts)};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
