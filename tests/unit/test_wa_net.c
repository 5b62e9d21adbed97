/* What a site may write for sockets.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_net.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void sockets(void **state)
{
	static const char *good[] = {
			"192.0.2.1:5061", "[2001:db8::1]:5061", "0.0.0.0:1"};
	static const char *wrong[] = {"", ":", ":5061", "192.0.2.1", "192.0.2.1:",
			"192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:sip",
			"sbc.example.com:5061", "2001:db8::1:5061", "[192.0.2.1]:5061",
			"[]:5061", "tls:192.0.2.1:5061"};

	(void)state;
	for(size_t i = 0; i < COUNT(good); i++)
		assert_int_equal(wa_net_socket_check(wa_sv_from(good[i])), 0);
	for(size_t i = 0; i < COUNT(wrong); i++)
		assert_int_equal(
				wa_net_socket_check(wa_sv_from(wrong[i])), WA_EPARSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(sockets)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
