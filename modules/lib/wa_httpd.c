/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* accept4() */
#include "wa_clock.h"
#include "wa_httpd.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wa_err.h"

#define CLIENTS_MAX 32
#define CLIENT_MS 5000 /* for the request and for reading the answer */
#define WAIT_MS 3000   /* for what an answer depends on */
#define HEAD_SIZE 2048

struct wa_httpd_client
{
	int fd;		/* -1 = unused */
	int source; /* what the answer comes from; -1 = none */
	int64_t until;
	char in[WA_HTTP_HEAD_MAX];
	size_t in_len;
	char *out; /* NULL: there is no answer yet */
	size_t out_len, sent;
};

static wa_httpd_client_t clients[CLIENTS_MAX];

/* "host:port" into two texts. */
static bool split(const char *where, char *host, size_t size, const char **port)
{
	const char *colon = strrchr(where, ':');
	wa_sv_t h = {where, colon != NULL ? (size_t)(colon - where) : 0};

	if(h.len > 2 && h.s[0] == '[' && h.s[h.len - 1] == ']')
		h = (wa_sv_t){h.s + 1, h.len - 2};
	*port = colon != NULL ? colon + 1 : "";
	return h.len > 0 && **port != '\0' && wa_sv_copy(host, size, h) == 0;
}

static int open_listener(const struct addrinfo *ai)
{
	int one = 1, saved;
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if(fd < 0)
		return WA_EIO;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if(bind(fd, ai->ai_addr, ai->ai_addrlen) == 0
			&& listen(fd, CLIENTS_MAX) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return WA_EIO;
}

int wa_httpd_listen(const char *where)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
			.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *ai;
	char host[64];
	const char *port;
	int fd;

	if(!split(where, host, sizeof(host), &port)
			|| getaddrinfo(host, port, &hints, &ai) != 0)
		return WA_EPARSE;
	fd = open_listener(ai);
	freeaddrinfo(ai);
	return fd;
}

/* --- clients ------------------------------------------------------------------ */

static void forget_source(wa_httpd_client_t *c)
{
	if(c->source >= 0)
		close(c->source);
	c->source = -1;
}

static void drop(wa_httpd_client_t *c)
{
	forget_source(c);
	close(c->fd);
	free(c->out);
	memset(c, 0, sizeof(*c));
	c->fd = c->source = -1;
}

static void accept_one(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if(fd < 0)
		return;
	for(int i = 0; i < CLIENTS_MAX; i++)
		if(clients[i].fd < 0) {
			clients[i].fd = fd;
			clients[i].until = wa_clock_ms() + CLIENT_MS;
			return;
		}
	close(fd);
}

void wa_httpd_answer(wa_httpd_client_t *c, const char *status,
		const char *headers, const char *type, wa_sv_t body)
{
	char head[HEAD_SIZE];
	int n = snprintf(head, sizeof(head),
			"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
			"Connection: close\r\nX-Content-Type-Options: nosniff\r\n%s\r\n",
			status, type, body.len, headers);

	if(n < 0 || (size_t)n >= sizeof(head) || c->out != NULL)
		return; /* it is dropped when its time is over */
	c->out = malloc((size_t)n + body.len);
	if(c->out == NULL)
		return;
	memcpy(c->out, head, (size_t)n);
	if(body.len > 0)
		memcpy(c->out + n, body.s, body.len);
	c->out_len = (size_t)n + body.len;
	c->until = wa_clock_ms() + CLIENT_MS;
}

void wa_httpd_wait(wa_httpd_client_t *c, int fd)
{
	c->source = fd;
	c->until = wa_clock_ms() + WAIT_MS;
}

static void read_more(wa_httpd_client_t *c, const wa_httpd_t *server)
{
	ssize_t n = recv(c->fd, c->in + c->in_len, sizeof(c->in) - c->in_len, 0);
	wa_http_request_t request;
	int err;

	if(n <= 0) {
		if(n == 0 || (errno != EAGAIN && errno != EINTR))
			drop(c);
		return;
	}
	c->in_len += (size_t)n;
	err = wa_http_head((wa_sv_t){c->in, c->in_len}, &request);
	if(err == 0)
		server->serve(c, &request);
	else if(err != WA_ENOENT)
		wa_httpd_answer(c, "400 Bad Request", "", "text/plain",
				WA_SV("400 Bad Request"));
}

static void write_more(wa_httpd_client_t *c)
{
	ssize_t n = send(
			c->fd, c->out + c->sent, c->out_len - c->sent, MSG_NOSIGNAL);

	if(n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if(n > 0)
		c->sent += (size_t)n;
	if(n <= 0)
		drop(c);
	else if(c->sent == c->out_len) {
		shutdown(c->fd, SHUT_WR);
		drop(c);
	}
}

static void take_ready(wa_httpd_client_t *c, const wa_httpd_t *server, bool came)
{
	int fd = c->source;

	c->source = -1;
	server->ready(c, came ? fd : -1);
	close(fd);
}

static void turn(wa_httpd_client_t *c, const wa_httpd_t *server, short events)
{
	bool late = wa_clock_ms() > c->until;

	if(c->source >= 0) {
		if(events != 0 || late)
			take_ready(c, server, events != 0);
		return;
	}
	if(events & POLLOUT)
		write_more(c);
	else if(events != 0)
		read_more(c, server);
	if(c->fd >= 0 && late)
		drop(c);
}

/* What a client waits for: its request, what its answer depends on, or room. */
static struct pollfd wanted(const wa_httpd_client_t *c)
{
	if(c->source >= 0)
		return (struct pollfd){.fd = c->source, .events = POLLIN};
	return (struct pollfd){
			.fd = c->fd, .events = c->out != NULL ? POLLOUT : POLLIN};
}

void wa_httpd_loop(int listener, const wa_httpd_t *server)
{
	struct pollfd fds[CLIENTS_MAX + 1];

	for(int i = 0; i < CLIENTS_MAX; i++)
		clients[i].fd = clients[i].source = -1;
	for(;;) {
		fds[CLIENTS_MAX] = (struct pollfd){.fd = listener, .events = POLLIN};
		for(int i = 0; i < CLIENTS_MAX; i++)
			fds[i] = wanted(&clients[i]);
		if(poll(fds, CLIENTS_MAX + 1, 1000) < 0)
			continue;
		for(int i = 0; i < CLIENTS_MAX; i++)
			if(clients[i].fd >= 0)
				turn(&clients[i], server, fds[i].revents);
		if(fds[CLIENTS_MAX].revents != 0)
			accept_one(listener);
	}
}
