/* TLS connections that carry SIP.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE /* memmem, accept4 */
#include "sip_conn.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <netinet/tcp.h>
#include <openssl/err.h>

#include "event.h"
#include "sip_tls.h"
#include "sip_trace.h"
#include "watch.h"

enum
{
	MESSAGE_MAX = 65536,
	READ_SIZE = 16384,
	BACKLOG = 128,
};

struct sip_conn
{
	struct le le;
	struct watch watch;
	SSL *ssl;
	bool server;
	bool connecting; /* TCP not yet up */
	bool up;		 /* handshake done */
	bool dead;
	char *host; /* whom we verify; NULL on the server side */
	struct sa peer;
	struct mbuf *rx;
	struct list tx; /* struct outgoing */
};

struct outgoing
{
	struct le le;
	struct mbuf *mb;
	char *call;
	bool traced;
};

static struct list conns;
static struct watch listener = {.fd = -1};
static sip_conn_msg_h *on_msg;
static sip_conn_closed_h *on_closed;
static sip_conn_name_h *on_name;

static void conn_ready(int flags, void *arg);

static void trace_out(struct sip_conn *c, struct outgoing *o)
{
	if(o->traced)
		return;
	o->traced = true;
	sip_trace("tx", o->call, &c->peer, o->mb->buf, o->mb->end);
}

static void outgoing_destructor(void *arg)
{
	struct outgoing *o = arg;

	list_unlink(&o->le);
	mem_deref(o->mb);
	mem_deref(o->call);
}

static void conn_destructor(void *arg)
{
	struct sip_conn *c = arg;

	list_unlink(&c->le);
	list_flush(&c->tx);
	watch_stop(&c->watch);
	SSL_free(c->ssl);
	if(c->watch.fd >= 0)
		close(c->watch.fd);
	mem_deref(c->host);
	mem_deref(c->rx);
}

/* Takes the connection out of the list; whoever holds it sees it dead. */
static void conn_drop(struct sip_conn *c, const char *why)
{
	struct json_object *ev;
	char peer[64];

	if(c->dead)
		return;
	c->dead = true;
	ev = event_new(c->up ? "tls_closed" : "tls_failed");
	re_snprintf(peer, sizeof(peer), "%J", &c->peer);
	event_str(ev, "dir", c->server ? "in" : "out");
	event_str(ev, "peer", peer);
	if(c->host)
		event_str(ev, "host", c->host);
	event_str(ev, "why", why);
	event_emit(ev);

	watch_stop(&c->watch);
	if(c->up)
		SSL_shutdown(c->ssl);
	ERR_clear_error();
	SSL_free(c->ssl);
	c->ssl = NULL;
	close(c->watch.fd);
	c->watch.fd = -1;
	list_flush(&c->tx);
	list_unlink(&c->le);
	on_closed(c, why);
	mem_deref(c);
}

static void conn_drop_ssl(struct sip_conn *c, int ret)
{
	char why[256];

	sip_tls_why(c->ssl, ret, why, sizeof(why));
	conn_drop(c, why);
}

/* The list owns one reference, the caller (if any) has his own. */
static struct sip_conn *conn_alloc(int fd, bool server, const struct sa *peer)
{
	struct sip_conn *c = mem_zalloc(sizeof(*c), conn_destructor);
	int on = 1;

	if(c == NULL) {
		close(fd);
		return NULL;
	}
	c->watch.fd = fd;
	c->server = server;
	c->peer = *peer;
	c->rx = mbuf_alloc(READ_SIZE);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if(c->rx == NULL) {
		mem_deref(c);
		return NULL;
	}
	return c;
}

static int conn_watch(struct sip_conn *c, bool write)
{
	return watch_set(&c->watch, c->watch.fd, FD_READ | (write ? FD_WRITE : 0),
			conn_ready, c);
}

/* One message cut out of the stream, or EAGAIN, or EBADMSG. */
static int frame(struct sip_msg **msgp, struct mbuf *rx)
{
	const char *start = (const char *)mbuf_buf(rx), *end;
	size_t left = mbuf_get_left(rx), total;
	struct mbuf *mb = NULL;
	int err;

	end = memmem(start, left, "\r\n\r\n", 4);
	if(end == NULL)
		return left > MESSAGE_MAX ? EBADMSG : EAGAIN;
	total = (size_t)(end - start) + 4;
	mb = mbuf_alloc(total);
	if(mb == NULL)
		return ENOMEM;
	err = mbuf_write_mem(mb, (const uint8_t *)start, total);
	mb->pos = 0;
	if(!err)
		err = sip_msg_decode(msgp, mb) ? EBADMSG : 0;
	if(!err) {
		size_t body = pl_u32(&(*msgp)->clen);

		*msgp = mem_deref(*msgp);
		err = body > MESSAGE_MAX ? EBADMSG : left < total + body ? EAGAIN : 0;
		total += body;
	}
	mb = mem_deref(mb);
	if(err)
		return err;

	mb = mbuf_alloc(total);
	if(mb == NULL)
		return ENOMEM;
	err = mbuf_write_mem(mb, (const uint8_t *)start, total);
	mb->pos = 0;
	if(!err)
		err = sip_msg_decode(msgp, mb);
	mem_deref(mb);
	if(!err)
		mbuf_advance(rx, (ssize_t)total);
	return err;
}

static void deliver(struct sip_conn *c, const struct sip_msg *msg)
{
	const char *call = on_name(msg);

	sip_trace("rx", call, &c->peer, msg->mb->buf, msg->mb->end);
	sip_trace_forbidden(call, msg->mb->buf, msg->mb->end);
	if(msg->clen.p == NULL)
		event_violation(call, "content_length",
				"no Content-Length on a stream transport (RFC 3261 18.3)");
	on_msg(c, msg);
}

/* Keep-alives between messages (RFC 5626 3.5.1) are bare CRLFs. */
static void skip_crlf(struct mbuf *rx)
{
	while(mbuf_get_left(rx) && (*mbuf_buf(rx) == '\r' || *mbuf_buf(rx) == '\n'))
		mbuf_advance(rx, 1);
}

static void conn_frames(struct sip_conn *c)
{
	int err = 0;

	while(!c->dead && !err) {
		struct sip_msg *msg = NULL;

		skip_crlf(c->rx);
		err = frame(&msg, c->rx);
		if(!err) {
			((struct sip_msg *)msg)->src = c->peer;
			msg->tp = SIP_TRANSP_TLS;
			deliver(c, msg);
		}
		mem_deref(msg);
	}
	if(c->dead)
		return;
	if(err != EAGAIN) {
		sip_trace("rx", NULL, &c->peer, mbuf_buf(c->rx), mbuf_get_left(c->rx));
		event_violation(NULL, "malformed", "not a SIP message: %s",
				strerror(err));
		conn_drop(c, "malformed message");
		return;
	}
	/* what is left moves to the front */
	memmove(c->rx->buf, mbuf_buf(c->rx), mbuf_get_left(c->rx));
	c->rx->end = mbuf_get_left(c->rx);
	c->rx->pos = 0;
}

static void conn_read(struct sip_conn *c)
{
	uint8_t buf[READ_SIZE];
	int n;

	while(!c->dead) {
		ERR_clear_error();
		errno = 0;
		n = SSL_read(c->ssl, buf, sizeof(buf));
		if(n <= 0) {
			int code = SSL_get_error(c->ssl, n);

			if(code != SSL_ERROR_WANT_READ && code != SSL_ERROR_WANT_WRITE)
				conn_drop_ssl(c, n);
			return;
		}
		c->rx->pos = c->rx->end;
		if(mbuf_write_mem(c->rx, buf, (size_t)n) != 0) {
			conn_drop(c, "out of memory");
			return;
		}
		c->rx->pos = 0;
		conn_frames(c);
	}
}

static void conn_write(struct sip_conn *c)
{
	while(c->tx.head) {
		struct outgoing *o = c->tx.head->data;
		int n;

		trace_out(c, o);
		ERR_clear_error();
		errno = 0;
		n = SSL_write(c->ssl, mbuf_buf(o->mb), (int)mbuf_get_left(o->mb));
		if(n <= 0) {
			int code = SSL_get_error(c->ssl, n);

			if(code != SSL_ERROR_WANT_READ && code != SSL_ERROR_WANT_WRITE)
				conn_drop_ssl(c, n);
			else
				conn_watch(c, true);
			return;
		}
		mbuf_advance(o->mb, n);
		if(mbuf_get_left(o->mb) == 0)
			mem_deref(o);
	}
	conn_watch(c, false);
}

static void conn_handshake(struct sip_conn *c)
{
	int n, code;

	ERR_clear_error();
	errno = 0;
	n = SSL_do_handshake(c->ssl);
	if(n == 1) {
		c->up = true;
		sip_tls_report(c->ssl, c->server, c->host, &c->peer);
		conn_write(c);
		return;
	}
	code = SSL_get_error(c->ssl, n);
	if(code != SSL_ERROR_WANT_READ && code != SSL_ERROR_WANT_WRITE)
		conn_drop_ssl(c, n);
	else
		conn_watch(c, code == SSL_ERROR_WANT_WRITE);
}

static bool tcp_connected(struct sip_conn *c)
{
	int err = 0;
	socklen_t len = sizeof(err);

	getsockopt(c->watch.fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if(err)
		conn_drop(c, strerror(err));
	c->connecting = false;
	return err == 0;
}

static void conn_ready(int flags, void *arg)
{
	struct sip_conn *c = mem_ref(arg);

	if(!c->connecting || tcp_connected(c)) {
		if(!c->up)
			conn_handshake(c);
		else if(flags & FD_WRITE)
			conn_write(c);
		if(!c->dead && c->up)
			conn_read(c);
	}
	mem_deref(c);
}

static void accept_ready(int flags, void *arg)
{
	struct sa peer;
	struct sip_conn *c;
	int fd;
	(void)flags;
	(void)arg;

	sa_init(&peer, AF_UNSPEC);
	peer.len = sizeof(peer.u);
	fd = accept4(listener.fd, &peer.u.sa, &peer.len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if(fd < 0)
		return;
	c = conn_alloc(fd, true, &peer);
	if(c == NULL)
		return;
	c->ssl = sip_tls_server(fd);
	if(c->ssl == NULL || conn_watch(c, false) != 0) {
		mem_deref(c);
		return;
	}
	list_append(&conns, &c->le, c);
}

int sip_conn_listen(sip_conn_msg_h *msgh, sip_conn_closed_h *closedh,
		sip_conn_name_h *nameh, char *why, size_t size)
{
	const struct sa *sa = &config.listen;
	int on = 1, fd;

	on_msg = msgh;
	on_closed = closedh;
	on_name = nameh;
	fd = socket(sa_af(sa), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if(fd < 0)
		return errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if(bind(fd, &sa->u.sa, sa->len) != 0 || listen(fd, BACKLOG) != 0) {
		int err = errno;

		re_snprintf(why, size, "sip: cannot listen at %J: %s", sa, strerror(err));
		close(fd);
		return err;
	}
	return watch_set(&listener, fd, FD_READ, accept_ready, NULL);
}

static struct sip_conn *find_open(const char *host, const struct sa *sa)
{
	struct le *le;

	LIST_FOREACH(&conns, le)
	{
		struct sip_conn *c = le->data;

		if(!c->server && strcmp(c->host, host) == 0
				&& sa_cmp(&c->peer, sa, SA_ALL))
			return c;
	}
	return NULL;
}

static int connect_fd(int *fdp, const struct sa *sa)
{
	int on = 1, err = 0;
	int fd = socket(sa_af(sa), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if(fd < 0)
		return errno;
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if(bind(fd, &config.source.u.sa, config.source.len) != 0
			|| (connect(fd, &sa->u.sa, sa->len) != 0 && errno != EINPROGRESS))
		err = errno;
	if(err)
		close(fd);
	else
		*fdp = fd;
	return err;
}

int sip_conn_to(struct sip_conn **cp, const char *host, const struct sa *sa)
{
	struct sip_conn *c = config.reuse ? find_open(host, sa) : NULL;
	int fd = -1, err;

	if(c) {
		*cp = mem_ref(c);
		return 0;
	}
	err = connect_fd(&fd, sa);
	if(err)
		return err;
	c = conn_alloc(fd, false, sa);
	if(c == NULL)
		return ENOMEM;
	c->connecting = true;
	c->ssl = sip_tls_client(fd, host);
	err = c->ssl ? str_dup(&c->host, host) : ENOMEM;
	if(!err)
		err = conn_watch(c, true);
	if(err) {
		mem_deref(c);
		return err;
	}
	list_append(&conns, &c->le, c);
	*cp = mem_ref(c);
	return 0;
}

int sip_conn_send(struct sip_conn *c, const char *call, struct mbuf *mb)
{
	struct outgoing *o;

	if(c == NULL || c->dead)
		return ENOTCONN;
	o = mem_zalloc(sizeof(*o), outgoing_destructor);
	if(o == NULL)
		return ENOMEM;
	o->mb = mbuf_alloc(mb->end);
	if(o->mb == NULL || mbuf_write_mem(o->mb, mb->buf, mb->end) != 0
			|| (call && str_dup(&o->call, call) != 0)) {
		mem_deref(o);
		return ENOMEM;
	}
	o->mb->pos = 0;
	list_append(&c->tx, &o->le, o);
	if(!c->up)
		return 0;
	/* Written from the loop, so that a failure never runs inside the caller; the
	 * trace keeps the order of what happened. */
	trace_out(c, o);
	return conn_watch(c, true);
}

bool sip_conn_is_server(const struct sip_conn *c)
{
	return c->server;
}

void sip_conn_close_all(const char *why)
{
	while(conns.head)
		conn_drop(conns.head->data, why);
}

void sip_conn_end(void)
{
	sip_conn_close_all("metasim ends");
	watch_stop(&listener);
	if(listener.fd >= 0)
		close(listener.fd);
	listener.fd = -1;
}
