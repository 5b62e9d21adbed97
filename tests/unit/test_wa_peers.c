/* Other nodes: who is there, who has gone, who has begun again.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_peers.h"

#define OLD 1000000 /* ms since its start */
#define LEASE 15000

static void come_and_go(void **state)
{
	wa_peers_t p = {.lease = LEASE};
	uint32_t gone;

	(void)state;
	assert_int_equal(wa_peers_hear(&p, WA_SV("a"), 1, OLD, 0, &gone), 0);
	assert_int_equal(gone, 1); /* whoever had that place */
	assert_int_equal(wa_peers_hear(&p, WA_SV("b"), 2, OLD, 5, &gone), 1);
	assert_int_equal(gone, 2);
	assert_int_equal(wa_peers_hear(&p, WA_SV("a"), 1, OLD, 9, &gone), 0);
	assert_int_equal(gone, 0);
	assert_int_equal(wa_peers_count(&p), 2);
	assert_int_equal(wa_peers_expire(&p, 5 + LEASE), 0);
	assert_int_equal(wa_peers_expire(&p, 6 + LEASE), 2);
	assert_int_equal(wa_peers_expire(&p, 6 + LEASE), 0);
	assert_int_equal(wa_peers_count(&p), 1);
}

static void begun_again(void **state)
{
	wa_peers_t p = {.lease = LEASE};
	uint32_t gone;

	(void)state;
	wa_peers_hear(&p, WA_SV("a"), 1, OLD, 0, &gone);
	wa_peers_hear(&p, WA_SV("b"), 2, OLD, 0, &gone);
	/* a new run of "a": what it had is gone; its place may be taken at once */
	assert_int_equal(wa_peers_hear(&p, WA_SV("a"), 3, 10, 1, &gone), 0);
	assert_int_equal(gone, 1);
	assert_int_equal(wa_peers_count(&p), 2);
}

/* A mistake of the site, that must not cost more than names. */
static void two_of_one_name(void **state)
{
	wa_peers_t p = {.lease = LEASE};
	uint32_t gone;

	(void)state;
	wa_peers_hear(&p, WA_SV("a"), 1, OLD, 0, &gone);
	wa_peers_hear(&p, WA_SV("a"), 2, OLD, 0, &gone);
	assert_int_equal(wa_peers_count(&p), 2);
	wa_peers_hear(&p, WA_SV("a"), 1, OLD, 1, &gone);
	assert_int_equal(gone, 0);
}

static void too_many(void **state)
{
	wa_peers_t p = {.lease = LEASE};
	char name[64 + 1];
	uint32_t gone;

	(void)state;
	for(unsigned i = 0; i < WA_PEERS_MAX; i++) {
		assert_in_range(snprintf(name, sizeof(name), "n%u", i), 2, 3);
		assert_int_equal(wa_peers_hear(&p, wa_sv_from(name), i, OLD, 0, &gone), i);
	}
	assert_int_equal(wa_peers_hear(&p, WA_SV("more"), 99, OLD, 0, &gone), WA_EBUSY);
	assert_int_equal(wa_peers_hear(&p, WA_SV("n7"), 7, OLD, 0, &gone), 7);
	assert_int_equal(wa_peers_expire(&p, LEASE + 1), UINT32_MAX);
	for(unsigned i = 0; i < sizeof(name) - 1; i++)
		name[i] = 'x';
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(wa_peers_hear(&p, wa_sv_from(name), 1, OLD, 0, &gone), WA_ERANGE);
	assert_int_equal(wa_peers_hear(&p, WA_SV(""), 1, OLD, 0, &gone), WA_ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(come_and_go),
			cmocka_unit_test(begun_again), cmocka_unit_test(two_of_one_name),
			cmocka_unit_test(too_many)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
