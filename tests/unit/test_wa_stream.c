/* Streams against servers of the test's own: what ends every wait, and what TLS
 * asks of the other end. tests/redis drives them against the real Redis.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "wa_clock.h"
#include "wa_err.h"
#include "wa_stream.h"

#define SOON 100 /* ms; only that a wait ends is asserted, not when */

static char why[160];

/* A listening socket on the loopback; `port` is what the system chose. */
static int listen_tcp(unsigned *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static int64_t soon(void)
{
	return wa_clock_ms() + SOON;
}

static void both_ways(void **state)
{
	unsigned port;
	int srv = listen_tcp(&port), peer;
	wa_stream_t s;
	char buf[8];

	(void)state;
	assert_int_equal(
			wa_stream_tcp(&s, "127.0.0.1", port, soon(), why, sizeof(why)), 0);
	peer = accept(srv, NULL, NULL);
	assert_int_equal(wa_stream_read(&s, buf, sizeof(buf), why, sizeof(why)), 0);
	assert_int_equal(wa_stream_wait(&s, soon()), WA_ESTALE);
	assert_int_equal(
			wa_stream_write(&s, "ab", 2, soon(), why, sizeof(why)), 0);
	assert_int_equal(read(peer, buf, sizeof(buf)), 2);
	assert_int_equal(write(peer, "cd", 2), 2);
	assert_int_equal(wa_stream_wait(&s, wa_clock_ms() + 5000), 0);
	assert_int_equal(wa_stream_read(&s, buf, sizeof(buf), why, sizeof(why)), 2);
	close(peer);
	assert_int_equal(wa_stream_wait(&s, wa_clock_ms() + 5000), 0);
	assert_int_equal(wa_stream_read(&s, buf, sizeof(buf), why, sizeof(why)),
			WA_EIO);
	assert_string_equal(why, "connection lost: the other end has hung up");
	wa_stream_close(&s);
	assert_int_equal(s.fd, -1);
	close(srv);
}

static void refused(void **state)
{
	unsigned port;
	wa_stream_t s;
	char path[200];

	(void)state;
	close(listen_tcp(&port));
	assert_int_equal(
			wa_stream_tcp(&s, "127.0.0.1", port, soon(), why, sizeof(why)),
			WA_EIO);
	assert_string_equal(why, "connect: Connection refused");
	assert_int_equal(s.fd, -1);
	assert_int_equal(
			wa_stream_unix(&s, "/nonexistent", soon(), why, sizeof(why)),
			WA_EIO);
	assert_string_equal(why, "connect: No such file or directory");
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(
			wa_stream_unix(&s, path, soon(), why, sizeof(why)), WA_EIO);
	wa_stream_close(&s);
}

static void a_name_is_looked_up(void **state)
{
	unsigned port;
	int srv = listen_tcp(&port);
	wa_stream_t s;

	(void)state;
	assert_int_equal(
			wa_stream_tcp(&s, "localhost", port, soon(), why, sizeof(why)), 0);
	wa_stream_close(&s);
	close(srv);
}

/* Nobody reads: what does not fit is given up. */
static void a_full_pipe_is_given_up(void **state)
{
	unsigned port;
	int srv = listen_tcp(&port);
	size_t len = 64 * 1024 * 1024;
	char *big = calloc(1, len);
	wa_stream_t s;

	(void)state;
	assert_non_null(big);
	assert_int_equal(
			wa_stream_tcp(&s, "127.0.0.1", port, soon(), why, sizeof(why)), 0);
	assert_int_equal(
			wa_stream_write(&s, big, len, soon(), why, sizeof(why)), WA_EIO);
	assert_string_equal(why, "write: not taken in time");
	wa_stream_close(&s);
	free(big);
	close(srv);
}

/* The far end's certificate is for tests/redis; here, what needs none. */
static void a_ca_file_that_is_none_is_named(void **state)
{
	const wa_stream_tls_t tls = {"/nonexistent/ca.pem", "", ""};
	unsigned port;
	int srv = listen_tcp(&port);
	wa_stream_t s;

	(void)state;
	assert_int_equal(
			wa_stream_tcp(&s, "127.0.0.1", port, soon(), why, sizeof(why)), 0);
	assert_int_equal(
			wa_stream_tls(&s, &tls, "r.example", soon(), why, sizeof(why)),
			WA_EIO);
	assert_non_null(strstr(why, tls.ca));
	wa_stream_close(&s);
	close(srv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(both_ways),
			cmocka_unit_test(refused),
			cmocka_unit_test(a_name_is_looked_up),
			cmocka_unit_test(a_full_pipe_is_given_up),
			cmocka_unit_test(a_ca_file_that_is_none_is_named),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
