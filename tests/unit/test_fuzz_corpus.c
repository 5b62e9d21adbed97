/* Every file of tests/fuzz/corpus goes through its target once.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <dirent.h>
#include <string.h>

#include <cmocka.h>

#include "fuzz.h"

struct target
{
	const char *name;
	void (*run)(const uint8_t *data, size_t size);
};

static void replay_file(const struct target *t, const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *exact;
	long size;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	size = ftell(f);
	assert_true(size >= 0);
	rewind(f);
	/* ends where the input ends, for the address sanitizer */
	exact = malloc(size ? (size_t)size : 1);
	assert_non_null(exact);
	assert_int_equal(fread(exact, 1, (size_t)size, f), size);
	t->run(exact, (size_t)size);
	free(exact);
	fclose(f);
}

static void replay(void **state)
{
	const struct target *t = *state;
	char path[1024];
	const struct dirent *e;
	unsigned n = 0;
	DIR *dir;
	int len;

	snprintf(path, sizeof(path), "%s/%s", CORPUS, t->name);
	dir = opendir(path);
	assert_non_null(dir);
	while((e = readdir(dir)) != NULL) {
		if(e->d_name[0] == '.')
			continue;
		len = snprintf(path, sizeof(path), "%s/%s/%s", CORPUS, t->name, e->d_name);
		assert_in_range(len, 1, sizeof(path) - 1);
		replay_file(t, path);
		n++;
	}
	closedir(dir);
	assert_true(n > 0);
	t->run((const uint8_t *)"", 0);
}

int main(void)
{
#define ROW(n) {#n, fuzz_##n},
	static struct target targets[] = {FUZZ_TARGETS(ROW)};
#undef ROW
	struct CMUnitTest tests[sizeof(targets) / sizeof(targets[0])] = {0};

	for(size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		tests[i] = (struct CMUnitTest){.name = targets[i].name,
				.test_func = replay,
				.initial_state = &targets[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
