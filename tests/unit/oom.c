/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "oom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sanitizer/lsan_interface.h>

/* A call that allocates more often does not end. */
#define ALLOCATIONS_MAX 5000

static struct
{
	bool on;
	enum oom_mode mode;
	unsigned at;	  /* this one fails; 0: none */
	unsigned count;	  /* so far */
	unsigned refused; /* of these */
} oom;

static bool refused(void)
{
	if(!oom.on)
		return false;
	oom.count++;
	if(oom.at == 0 || oom.count < oom.at
			|| (oom.mode == OOM_ONE && oom.count > oom.at))
		return false;
	oom.refused++;
	return true;
}

/* The next function of this name: the sanitizer's, which keeps its books. */
#define NEXT(fn)                                                              \
	static __typeof__(&(fn)) next;                                            \
	if(next == NULL) {                                                        \
		void *sym = dlsym(RTLD_NEXT, #fn);                                    \
		memcpy(&next, &sym, sizeof(next));                                    \
	}

void *malloc(size_t size)
{
	NEXT(malloc)
	return refused() ? NULL : next(size);
}

void *calloc(size_t n, size_t size)
{
	NEXT(calloc)
	return refused() ? NULL : next(n, size);
}

void *realloc(void *p, size_t size)
{
	NEXT(realloc)
	return refused() ? NULL : next(p, size);
}

char *strdup(const char *s)
{
	size_t size = strlen(s) + 1;
	char *copy = malloc(size);

	return copy ? memcpy(copy, s, size) : NULL;
}

static int run(oom_fn fn, void *arg, enum oom_mode mode, unsigned at)
{
	int ret;

	oom.mode = mode;
	oom.at = at;
	oom.count = oom.refused = 0;
	oom.on = true;
	ret = fn(arg);
	oom.on = false;
	return ret;
}

static void each(oom_fn fn, void *arg, enum oom_mode mode, int strict)
{
	unsigned at = 1;
	int ret;

	do {
		ret = run(fn, arg, mode, at++);
		if(ret > 0 || (strict && oom.refused > 0 && ret == 0))
			fail_msg("allocation %u refused, and it returned %d", at - 1, ret);
		assert_true(at < ALLOCATIONS_MAX);
	} while(oom.refused > 0);
	assert_int_equal(ret, 0);
}

unsigned oom_each(oom_fn fn, void *arg, int strict)
{
	unsigned n;

	/* twice: what a library sets up at its first use is not counted */
	assert_int_equal(run(fn, arg, OOM_ONE, 0), 0);
	assert_int_equal(run(fn, arg, OOM_ONE, 0), 0);
	n = oom.count;
	each(fn, arg, OOM_ONE, strict);
	each(fn, arg, OOM_REST, strict);
	assert_int_equal(run(fn, arg, OOM_ONE, 0), 0);
	assert_int_equal(__lsan_do_recoverable_leak_check(), 0);
	return n;
}

int oom_from(oom_fn fn, void *arg, unsigned at)
{
	int ret = run(fn, arg, OOM_REST, at);

	assert_true(oom.refused > 0);
	return ret;
}
