/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "wa_clock.h"
#include "wa_stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "wa_err.h"

static int failed(char *why, size_t size, const char *what, const char *detail)
{
	/* cut if too long: it is for people */
	if(snprintf(why, size, "%s: %s", what, detail) < 0 && size > 0)
		why[0] = '\0';
	return WA_EIO;
}

/* 0, or WA_ESTALE at the deadline. */
static int wait_for(int fd, short events, int64_t deadline)
{
	for(;;) {
		struct pollfd p = {fd, events, 0};
		int64_t left = deadline - wa_clock_ms();
		int n;

		if(left < 0)
			left = 0;
		n = poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left);
		if(n > 0)
			return 0;
		if(n == 0)
			return WA_ESTALE;
		if(errno != EINTR) /* a bad fd: reading or writing will say so */
			return 0;
	}
}

int wa_stream_wait(const wa_stream_t *s, int64_t deadline)
{
	return wait_for(s->fd, POLLIN, deadline);
}

static int connect_fd(int fd, const struct sockaddr *to, socklen_t len,
		int64_t deadline, char *why, size_t size)
{
	int err = 0;
	socklen_t err_len = sizeof(err);

	if(connect(fd, to, len) == 0)
		return 0;
	if(errno != EINPROGRESS)
		return failed(why, size, "connect", strerror(errno));
	if(wait_for(fd, POLLOUT, deadline) < 0)
		return failed(why, size, "connect", "no answer in time");
	if(getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &err_len) < 0)
		err = errno;
	return err == 0 ? 0 : failed(why, size, "connect", strerror(err));
}

static int open_one(wa_stream_t *s, const struct sockaddr *to, socklen_t len,
		int64_t deadline, char *why, size_t size)
{
	int one = 1;

	*s = WA_STREAM_CLOSED;
	s->fd = socket(
			to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if(s->fd < 0)
		return failed(why, size, "socket", strerror(errno));
	if(connect_fd(s->fd, to, len, deadline, why, size) < 0) {
		wa_stream_close(s);
		return WA_EIO;
	}
	if(to->sa_family != AF_UNIX) { /* both are a help, not a must */
		setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		setsockopt(s->fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	}
	return 0;
}

int wa_stream_tcp(wa_stream_t *s, const char *host, unsigned port,
		int64_t deadline, char *why, size_t size)
{
	struct addrinfo hints, *list = NULL;
	char service[16];
	int ret;

	*s = WA_STREAM_CLOSED;
	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_NUMERICSERV;
	snprintf(service, sizeof(service), "%u", port);
	ret = getaddrinfo(host, service, &hints, &list);
	if(ret != 0)
		return failed(why, size, host, gai_strerror(ret));
	ret = WA_EIO;
	for(const struct addrinfo *a = list; a != NULL && ret < 0; a = a->ai_next)
		ret = open_one(s, a->ai_addr, a->ai_addrlen, deadline, why, size);
	freeaddrinfo(list);
	return ret;
}

int wa_stream_unix(wa_stream_t *s, const char *path, int64_t deadline,
		char *why, size_t size)
{
	struct sockaddr_un to;
	size_t len = strlen(path);

	*s = WA_STREAM_CLOSED;
	memset(&to, 0, sizeof(to));
	to.sun_family = AF_UNIX;
	if(len >= sizeof(to.sun_path))
		return failed(why, size, "connect", strerror(ENAMETOOLONG));
	memcpy(to.sun_path, path, len);
	return open_one(s, (struct sockaddr *)&to, sizeof(to), deadline, why, size);
}

static int tls_failed(
		const wa_stream_t *s, char *why, size_t size, const char *what)
{
	unsigned long err = ERR_peek_last_error();
	long verdict = s->ssl != NULL ? SSL_get_verify_result(s->ssl) : X509_V_OK;
	const char *detail = NULL;

	if(verdict != X509_V_OK)
		detail = X509_verify_cert_error_string(verdict);
	else if(err != 0)
		detail = ERR_reason_error_string(err);
	ERR_clear_error();
	return failed(why, size, what,
			detail != NULL ? detail : "the other end has hung up");
}

/* A context for one connection: files that were renewed count from the next
 * connection on, and `ca` is small. */
static SSL_CTX *new_context(
		const wa_stream_tls_t *tls, char *why, size_t size)
{
	const wa_stream_t none = WA_STREAM_CLOSED;
	SSL_CTX *ctx;
	const char *what = NULL;

	ERR_clear_error();
	ctx = SSL_CTX_new(TLS_client_method());
	if(ctx == NULL || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1)
		what = "TLS";
	else if(SSL_CTX_load_verify_locations(ctx, tls->ca, NULL) != 1)
		what = tls->ca;
	else if(tls->cert[0] != '\0'
			&& SSL_CTX_use_certificate_chain_file(ctx, tls->cert) != 1)
		what = tls->cert;
	else if(tls->key[0] != '\0'
			&& SSL_CTX_use_PrivateKey_file(ctx, tls->key, SSL_FILETYPE_PEM) != 1)
		what = tls->key;
	if(what == NULL) {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
		return ctx;
	}
	tls_failed(&none, why, size, what);
	SSL_CTX_free(ctx);
	return NULL;
}

/* Whom the certificate must name. RFC 6066 3: no address in SNI. */
static bool expect_name(SSL *ssl, const char *name)
{
	unsigned char addr[sizeof(struct in6_addr)];

	if(inet_pton(AF_INET, name, addr) == 1 || inet_pton(AF_INET6, name, addr) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1;
	return SSL_set1_host(ssl, name) == 1
		   && SSL_set_tlsext_host_name(ssl, name) == 1;
}

/* What to wait for before `ret` can be had again; 0 = it has failed for good. */
static short wanted(const wa_stream_t *s, int ret)
{
	switch(SSL_get_error(s->ssl, ret)) {
		case SSL_ERROR_WANT_READ:
			return POLLIN;
		case SSL_ERROR_WANT_WRITE:
			return POLLOUT;
		default:
			return 0;
	}
}

static int handshake(
		wa_stream_t *s, int64_t deadline, char *why, size_t size)
{
	for(;;) {
		short want;
		int ret;

		ERR_clear_error();
		ret = SSL_connect(s->ssl);
		if(ret == 1)
			return 0;
		want = wanted(s, ret);
		if(want == 0)
			return tls_failed(s, why, size, "TLS");
		if(wait_for(s->fd, want, deadline) < 0)
			return failed(why, size, "TLS", "no answer in time");
	}
}

int wa_stream_tls(wa_stream_t *s, const wa_stream_tls_t *tls, const char *name,
		int64_t deadline, char *why, size_t size)
{
	SSL_CTX *ctx = new_context(tls, why, size);

	if(ctx == NULL)
		return WA_EIO;
	s->ssl = SSL_new(ctx);
	SSL_CTX_free(ctx); /* s->ssl holds it */
	if(s->ssl == NULL || SSL_set_fd(s->ssl, s->fd) != 1
			|| !expect_name(s->ssl, name))
		return tls_failed(s, why, size, "TLS");
	SSL_set_mode(s->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE
								 | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	return handshake(s, deadline, why, size);
}

static ssize_t read_tls(
		wa_stream_t *s, void *buf, size_t len, char *why, size_t size)
{
	int n;

	ERR_clear_error();
	n = SSL_read(s->ssl, buf, len > INT_MAX ? INT_MAX : (int)len);
	if(n > 0)
		return n;
	return wanted(s, n) != 0 ? 0 : tls_failed(s, why, size, "connection lost");
}

ssize_t wa_stream_read(
		wa_stream_t *s, void *buf, size_t len, char *why, size_t size)
{
	ssize_t n;

	if(s->ssl != NULL)
		return read_tls(s, buf, len, why, size);
	do
		n = recv(s->fd, buf, len, 0);
	while(n < 0 && errno == EINTR);
	if(n > 0)
		return n;
	if(n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	return failed(why, size, "connection lost",
			n == 0 ? "the other end has hung up" : strerror(errno));
}

/* Returns the bytes taken, 0 with `want` set, or WA_EIO. */
static ssize_t write_some(wa_stream_t *s, const void *buf, size_t len,
		short *want, char *why, size_t size)
{
	ssize_t n;

	*want = POLLOUT;
	if(s->ssl != NULL) {
		ERR_clear_error();
		n = SSL_write(s->ssl, buf, len > INT_MAX ? INT_MAX : (int)len);
		if(n > 0)
			return n;
		*want = wanted(s, (int)n);
		return *want != 0 ? 0 : tls_failed(s, why, size, "connection lost");
	}
	n = send(s->fd, buf, len, MSG_NOSIGNAL);
	if(n >= 0)
		return n;
	if(errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return 0;
	return failed(why, size, "connection lost", strerror(errno));
}

int wa_stream_write(wa_stream_t *s, const void *buf, size_t len,
		int64_t deadline, char *why, size_t size)
{
	const char *p = buf;

	while(len > 0) {
		short want;
		ssize_t n = write_some(s, p, len, &want, why, size);

		if(n < 0)
			return WA_EIO;
		if(n == 0 && wait_for(s->fd, want, deadline) < 0)
			return failed(why, size, "write", "not taken in time");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

void wa_stream_close(wa_stream_t *s)
{
	if(s->ssl != NULL)
		SSL_free(s->ssl);
	if(s->fd >= 0)
		close(s->fd);
	*s = WA_STREAM_CLOSED;
}
