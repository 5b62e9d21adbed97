/* What the kernel makes of a filter: on sockets of loopback.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_sockfilter.h"

static wa_sockfilter_t filter;

static struct sockaddr_in at(const char *address, in_port_t port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = port};

	assert_int_equal(inet_pton(AF_INET, address, &sa.sin_addr), 1);
	return sa;
}

static int bound(int type, const char *address, struct sockaddr_in *name)
{
	int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);
	struct sockaddr_in sa = at(address, 0);
	socklen_t len = sizeof(*name);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)name, &len), 0);
	return fd;
}

static void attach(int fd, const char *ranges, const char *ban, bool replies)
{
	wa_range_t r[8];
	wa_addr_t bans[1];
	wa_sv_t bad;
	size_t n;

	assert_int_equal(wa_ranges_read(wa_sv_from(ranges), r, 8, &n, &bad), 0);
	assert_int_equal(wa_addr_parse(wa_sv_from(ban), bans), 0);
	assert_int_equal(wa_sockfilter_make(&filter, r, n, bans, 1, replies), 0);
	assert_int_equal(wa_sockfilter_attach(&filter, fd), 0);
}

/* Does a datagram arrive? Loopback delivers before sendto() returns. */
static bool arrives(int fd, const struct sockaddr_in *to, const char *source,
		const char *text)
{
	struct sockaddr_in name;
	int from = bound(SOCK_DGRAM, source, &name);
	char buf[64];

	assert_int_equal(sendto(from, text, strlen(text), 0,
							 (const struct sockaddr *)to, sizeof(*to)),
			strlen(text));
	close(from);
	return recv(fd, buf, sizeof(buf), 0) == (ssize_t)strlen(text);
}

static void datagrams(void **state)
{
	struct sockaddr_in name;
	int fd = bound(SOCK_DGRAM, "127.0.0.1", &name);

	(void)state;
	attach(fd, "127.8.0.0/16 127.9.9.9 ::1", "127.8.0.66", true);
	assert_true(arrives(fd, &name, "127.8.0.1", "INVITE"));
	assert_true(arrives(fd, &name, "127.8.255.255", "INVITE"));
	assert_true(arrives(fd, &name, "127.9.9.9", "INVITE"));
	assert_false(arrives(fd, &name, "127.9.9.8", "INVITE"));
	assert_false(arrives(fd, &name, "127.9.0.0", "INVITE"));
	assert_false(arrives(fd, &name, "127.7.255.255", "INVITE"));
	assert_false(arrives(fd, &name, "127.8.0.66", "INVITE"));
	/* a gateway's answer, from wherever it is; not that of a banned one */
	assert_true(arrives(fd, &name, "127.9.9.8", "SIP/2.0 200 OK"));
	assert_false(arrives(fd, &name, "127.8.0.66", "SIP/2.0 200 OK"));
	/* shorter than what is looked at */
	assert_false(arrives(fd, &name, "127.9.9.8", "x"));
	close(fd);
}

/* A connection is made within the call on loopback, or never. */
static bool connects(const struct sockaddr_in *to, const char *source)
{
	struct sockaddr_in name;
	int fd = bound(SOCK_STREAM, source, &name);
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int err = 0;
	socklen_t len = sizeof(err);
	bool done;

	(void)connect(fd, (const struct sockaddr *)to, sizeof(*to));
	done = poll(&p, 1, 100) == 1
		   && getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0 && err == 0;
	close(fd);
	return done;
}

static void connections(void **state)
{
	struct sockaddr_in name;
	int fd = bound(SOCK_STREAM, "127.0.0.1", &name);

	(void)state;
	assert_int_equal(listen(fd, 8), 0);
	attach(fd, "127.8.0.0/16", "127.8.0.66", false);
	assert_true(connects(&name, "127.8.0.1"));
	assert_false(connects(&name, "127.9.0.1"));
	assert_false(connects(&name, "127.8.0.66"));
	close(fd);
}

static void limits(void **state)
{
	static wa_range_t r[WA_SOCKFILTER_RANGES + 1];
	static wa_addr_t bans[WA_SOCKFILTER_BANS + 50];
	struct sockaddr_in name;
	int fd = bound(SOCK_DGRAM, "127.0.0.1", &name);

	(void)state;
	for(uint32_t i = 0; i < WA_SOCKFILTER_BANS + 50; i++) {
		uint32_t v4 = htonl(0x7f080000u + i);

		bans[i] = wa_addr_of(&v4, 4);
	}
	for(uint32_t i = 0; i <= WA_SOCKFILTER_RANGES; i++) {
		uint32_t v4 = htonl(0x7f090000u + 2 * i);

		r[i] = (wa_range_t){wa_addr_of(&v4, 4), wa_addr_of(&v4, 4)};
	}
	assert_int_equal(wa_sockfilter_make(&filter, r, WA_SOCKFILTER_RANGES + 1,
							 bans, 0, true),
			WA_ETOOLONG);
	assert_int_equal(wa_sockfilter_make(&filter, r, WA_SOCKFILTER_RANGES, bans,
							 WA_SOCKFILTER_BANS + 50, true),
			0);
	assert_true(filter.n <= WA_SOCKFILTER_MAX);
	assert_int_equal(wa_sockfilter_attach(&filter, fd), 0);
	assert_true(arrives(fd, &name, "127.9.0.0", "INVITE"));
	assert_false(arrives(fd, &name, "127.9.0.1", "INVITE"));
	assert_true(arrives(fd, &name, "127.9.3.230", "INVITE"));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(datagrams),
			cmocka_unit_test(connections), cmocka_unit_test(limits)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
