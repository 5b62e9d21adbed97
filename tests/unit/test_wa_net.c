/* What a site may write for sockets.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
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

static void addresses_of_this_host(void **state)
{
	static const char *here[] = {"127.0.0.1:5060", "127.77.0.9:1"};
	/* documentation's: no host has them */
	static const char *away[] = {"192.0.2.1:5060", "[2001:db8::1]:5060", "", "here"};

	(void)state;
	for(size_t i = 0; i < COUNT(here); i++)
		assert_true(wa_net_is_here(wa_sv_from(here[i])));
	for(size_t i = 0; i < COUNT(away); i++)
		assert_false(wa_net_is_here(wa_sv_from(away[i])));
}

/* Each IPv4 address of each interface; a namespace may have none but loopback's. */
static void all_addresses_of_this_host(void **state)
{
	struct ifaddrs *all;
	char host[INET_ADDRSTRLEN], text[INET_ADDRSTRLEN + 8];

	(void)state;
	assert_int_equal(getifaddrs(&all), 0);
	for(const struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
		struct sockaddr_in sin;

		if(i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET)
			continue;
		memcpy(&sin, i->ifa_addr, sizeof(sin));
		assert_non_null(inet_ntop(AF_INET, &sin.sin_addr, host, sizeof(host)));
		assert_true(snprintf(text, sizeof(text), "%s:5060", host) > 0);
		assert_true(wa_net_is_here(wa_sv_from(text)));
	}
	freeifaddrs(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(sockets), cmocka_unit_test(addresses_of_this_host),
			cmocka_unit_test(all_addresses_of_this_host)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
