/* Runs a function while memory runs out, once at each of its allocations.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A program that links oom.c has malloc() and its kin replaced for itself and
 * for every library it uses (OpenSSL, json-c), in front of the sanitizers'.
 *
 *     static int parse(void *arg) { return wa_json_parse(arg, ...); }
 *     assert_true(oom_each(parse, &x) > 0);
 */
#ifndef OOM_H
#define OOM_H

/* Returns 0 or a negative error. When it returns 0 it has checked itself that
 * the result is complete; what it has allocated is released in any case. */
typedef int (*oom_fn)(void *arg);

enum oom_mode
{
	OOM_ONE, /* one allocation fails, those after it succeed again */
	OOM_REST /* one fails, and all that follow */
};

/** Calls `fn` unharmed, then while allocation 1, 2, 3, ... fails, in both modes,
 * until all succeeded, then unharmed again: a moment without memory must not
 * break what follows. With `strict`, a call that had an allocation refused must fail.
 * Afterwards nothing may have leaked. Anything else fails the cmocka test.
 * Returns how many allocations an unharmed call makes. */
unsigned oom_each(oom_fn fn, void *arg, int strict);

/** One call while its allocation `at` and all that follow fail; what it returns. */
int oom_from(oom_fn fn, void *arg, unsigned at);

#endif
