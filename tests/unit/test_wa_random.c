/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "wa_random.h"

#define LEN 300 /* more than getrandom() promises to give in one call */

static void processes_draw_different_bytes(void **state)
{
	unsigned char ours[LEN], theirs[LEN] = {0};
	int fds[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	assert_int_equal(wa_random(ours, LEN), 0);
	if(child == 0)
		_exit(write(fds[1], ours, LEN) != LEN);
	assert_int_equal(read(fds[0], theirs, LEN), LEN);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_memory_not_equal(ours, theirs, 16);
	close(fds[0]);
	close(fds[1]);
}

static void fills_all_of_it(void **state)
{
	unsigned char zero[16] = {0}, b[LEN];

	(void)state;
	memset(b, 0, sizeof(b));
	assert_int_equal(wa_random(b, LEN), 0);
	assert_memory_not_equal(b + LEN - 16, zero, 16);
	assert_int_equal(wa_random(b, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(processes_draw_different_bytes),
			cmocka_unit_test(fills_all_of_it),
	};

	return cmocka_run_group_tests_name("wa_random", tests, NULL, NULL);
}
