/* A byte stream to a server: TCP, a Unix socket, or TLS; every wait has an end.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 *     int64_t until = wa_clock_ms() + 2000;
 *     if(wa_stream_tcp(&s, "r.example", 6379, until, why, sizeof(why)) == 0
 *             && wa_stream_tls(&s, &tls, "r.example", until, why, sizeof(why)) == 0)
 *         ...
 *     wa_stream_close(&s);
 *
 * The socket never blocks. `why` gets one line for people when something fails.
 * SIGPIPE has to be ignored, as Kamailio does. Not before Kamailio has forked:
 * wa_stream_tls() uses OpenSSL.
 */
#ifndef WA_STREAM_H
#define WA_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct wa_stream
{
	int fd;			  /* to poll() for reading; -1 = closed */
	struct ssl_st *ssl; /* NULL = in clear */
} wa_stream_t;

#define WA_STREAM_CLOSED ((wa_stream_t){.fd = -1, .ssl = NULL})

/* Files in PEM; "" = none. The chain is always verified, with `ca` alone. */
typedef struct wa_stream_tls
{
	const char *ca;
	const char *cert; /* of ours, with its chain, for a server that asks */
	const char *key;
} wa_stream_tls_t;

/** Connects to a name or address; tries each address of a name in turn.
 * Looking a name up takes what resolv.conf(5) says, whatever the deadline.
 * Returns 0 or WA_EIO; `s` is then closed. */
int wa_stream_tcp(wa_stream_t *s, const char *host, unsigned port,
		int64_t deadline, char *why, size_t size);
int wa_stream_unix(wa_stream_t *s, const char *path, int64_t deadline,
		char *why, size_t size);

/** TLS 1.2 or later from here on. `name` is what the certificate must be for,
 * a DNS name (also sent as SNI) or an address.
 * Returns 0 or WA_EIO; `s` has to be closed then. */
int wa_stream_tls(wa_stream_t *s, const wa_stream_tls_t *tls, const char *name,
		int64_t deadline, char *why, size_t size);

/** What has arrived. Returns the bytes, 0 = nothing at the moment, or WA_EIO:
 * the other end has closed, or worse. To be called until it returns 0 before
 * poll(): TLS may hold bytes back that poll() knows nothing of. */
ssize_t wa_stream_read(
		wa_stream_t *s, void *buf, size_t len, char *why, size_t size);

/** Waits for something to read. Returns 0, or WA_ESTALE at the deadline. */
int wa_stream_wait(const wa_stream_t *s, int64_t deadline);

/** Writes all. Returns 0 or WA_EIO. */
int wa_stream_write(wa_stream_t *s, const void *buf, size_t len,
		int64_t deadline, char *why, size_t size);

void wa_stream_close(wa_stream_t *s);

#endif
