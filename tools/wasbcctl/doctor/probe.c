/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "resolve.h"

static void fail(probe_t *out, const char *what, const char *why)
{
	if(snprintf(out->error, sizeof(out->error), "%s: %s", what, why) < 0)
		out->error[0] = '\0';
}

/* -1: why stands in `out`. */
static int wait_connected(int fd, int timeout_ms, probe_t *out)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int err = 0, n = poll(&p, 1, timeout_ms);
	socklen_t len = sizeof(err);

	if(n == 0)
		err = ETIMEDOUT;
	else if(n < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		err = errno;
	if(err == 0)
		return 0;
	fail(out, "connect", strerror(err));
	return -1;
}

static int open_tcp(const probe_how_t *how, probe_t *out)
{
	int fd = socket(how->to->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct timeval tv = {how->timeout_ms / 1000, how->timeout_ms % 1000 * 1000};
	struct sockaddr_storage from;

	if(fd < 0) {
		fail(out, "socket", strerror(errno));
		return -1;
	}
	if(how->from != NULL) {
		from = *how->from;
		((struct sockaddr_in *)(void *)&from)->sin_port = 0;
		/* not an address of this host (any more): then any */
		(void)!bind(fd, (struct sockaddr *)&from, resolve_len(&from));
	}
	if(connect(fd, (const struct sockaddr *)how->to, resolve_len(how->to)) < 0
			&& errno != EINPROGRESS) {
		fail(out, "connect", strerror(errno));
		close(fd);
		return -1;
	}
	if(wait_connected(fd, how->timeout_ms, out) < 0
			|| fcntl(fd, F_SETFL, 0) < 0
			|| setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) < 0
			|| setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)) < 0) {
		close(fd);
		return -1;
	}
	out->connected = true;
	return fd;
}

/* Everything that is wrong, not the first of it alone: the connection is looked
 * at, not used. */
static int on_certificate(int ok, X509_STORE_CTX *ctx)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
	probe_t *out = SSL_get_app_data(ssl);
	int err = X509_STORE_CTX_get_error(ctx);

	if(ok)
		return 1;
	if(err == X509_V_ERR_CERT_HAS_EXPIRED)
		out->expired = true;
	else if(err == X509_V_ERR_CERT_NOT_YET_VALID)
		out->not_yet = true;
	else if(out->chain[0] == '\0'
			&& snprintf(out->chain, sizeof(out->chain), "%s",
					   X509_verify_cert_error_string(err))
					   < 0)
		out->chain[0] = '\0';
	return 1;
}

static SSL_CTX *make_context(const probe_how_t *how)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	bool own = how->ca != NULL && how->ca[0] != '\0';

	if(ctx == NULL)
		return NULL;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, on_certificate);
	if(SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1
			&& SSL_CTX_set_max_proto_version(ctx, how->max_version) == 1
			&& (own ? SSL_CTX_load_verify_locations(ctx, how->ca, NULL)
					: SSL_CTX_set_default_verify_paths(ctx))
					   == 1)
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

static void look(SSL *ssl, const char *name, probe_t *out)
{
	X509 *x = SSL_get1_peer_certificate(ssl);
	struct tm tm;

	out->spoke = true;
	if(snprintf(out->version, sizeof(out->version), "%s", SSL_get_version(ssl)) < 0)
		out->version[0] = '\0';
	if(x == NULL)
		return;
	out->name_fits = X509_check_host(x, name, 0, 0, NULL) == 1;
	if(ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm) == 1)
		out->not_after = timegm(&tm);
	X509_NAME_oneline(X509_get_subject_name(x), out->subject, sizeof(out->subject));
	X509_free(x);
}

static const char *handshake_error(void)
{
	unsigned long err = ERR_get_error();
	const char *words = err != 0 ? ERR_reason_error_string(err) : NULL;

	return words != NULL ? words : "the connection was closed, or no answer in time";
}

static void handshake(int fd, SSL_CTX *ctx, const probe_how_t *how, probe_t *out)
{
	SSL *ssl = SSL_new(ctx);

	ERR_clear_error();
	if(ssl == NULL || SSL_set_fd(ssl, fd) != 1
			|| SSL_set_tlsext_host_name(ssl, how->name) != 1
			|| SSL_set_app_data(ssl, out) != 1) {
		fail(out, "TLS", "out of memory");
	} else if(SSL_connect(ssl) == 1) {
		look(ssl, how->name, out);
		(void)SSL_shutdown(ssl);
	} else {
		fail(out, "TLS", handshake_error());
	}
	SSL_free(ssl);
}

void probe(const probe_how_t *how, probe_t *out)
{
	SSL_CTX *ctx = make_context(how);
	int fd;

	*out = (probe_t){.not_after = 0};
	(void)signal(SIGPIPE, SIG_IGN);
	if(ctx == NULL) {
		fail(out, how->ca != NULL ? how->ca : "the system's CAs", "cannot be read");
		return;
	}
	fd = open_tcp(how, out);
	if(fd >= 0) {
		handshake(fd, ctx, how, out);
		close(fd);
	}
	SSL_CTX_free(ctx);
}
