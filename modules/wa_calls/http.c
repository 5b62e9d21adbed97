/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* accept4() */
#include "http.h"

#include "../ksr_compat.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../lib/wa_err.h"
#include "../lib/wa_http.h"
#include "metrics.h"

#define CLIENTS_MAX 16
#define CLIENT_MS 5000 /* for the request and for reading the answer */
#define BODY_SIZE (1024 * 1024)
#define HEAD_SIZE 256

typedef struct client
{
	int fd; /* -1 = unused */
	int64_t until;
	char in[WA_HTTP_HEAD_MAX];
	size_t in_len;
	char *out; /* NULL: the request is not complete yet */
	size_t out_len, sent;
} client_t;

static int listener = -1;
static client_t clients[CLIENTS_MAX];

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

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
	int one = 1;
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if(fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if(bind(fd, ai->ai_addr, ai->ai_addrlen) == 0
			&& listen(fd, CLIENTS_MAX) == 0)
		return fd;
	close(fd);
	return -1;
}

int http_listen(const char *where)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
			.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *ai;
	char host[64];
	const char *port;

	for(int i = 0; i < CLIENTS_MAX; i++)
		clients[i].fd = -1;
	if(!split(where, host, sizeof(host), &port)
			|| getaddrinfo(host, port, &hints, &ai) != 0) {
		LM_ERR("metrics_listen: \"%s\" is not ADDRESS:PORT\n", where);
		return -1;
	}
	listener = open_listener(ai);
	freeaddrinfo(ai);
	if(listener >= 0)
		return 0;
	LM_ERR("metrics_listen: %s: %s\n", where, strerror(errno));
	return -1;
}

/* --- clients ------------------------------------------------------------------ */

static void drop(client_t *c)
{
	close(c->fd);
	free(c->out);
	memset(c, 0, sizeof(*c));
	c->fd = -1;
}

static void accept_one(void)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if(fd < 0)
		return;
	for(int i = 0; i < CLIENTS_MAX; i++)
		if(clients[i].fd < 0) {
			clients[i].fd = fd;
			clients[i].until = now_ms() + CLIENT_MS;
			return;
		}
	close(fd);
}

static void answer(client_t *c, const char *status, const char *type,
		const char *body, size_t len)
{
	char head[HEAD_SIZE];
	int n = snprintf(head, sizeof(head),
			"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
			"Connection: close\r\nX-Content-Type-Options: nosniff\r\n\r\n",
			status, type, len);

	c->out = malloc((size_t)n + len);
	if(c->out == NULL) {
		drop(c);
		return;
	}
	memcpy(c->out, head, (size_t)n);
	memcpy(c->out + n, body, len);
	c->out_len = (size_t)n + len;
}

static void answer_text(client_t *c, const char *status)
{
	answer(c, status, "text/plain", status, strlen(status));
}

static void answer_metrics(client_t *c)
{
	static char mem[BODY_SIZE];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));

	metrics_write(&b);
	if(wa_buf_check(&b) < 0) {
		LM_ERR("the figures do not fit %d bytes\n", BODY_SIZE);
		answer_text(c, "500 Internal Server Error");
		return;
	}
	answer(c, "200 OK", "text/plain; version=0.0.4; charset=utf-8", b.s, b.len);
}

static void serve(client_t *c, wa_sv_t method, wa_sv_t path)
{
	if(!wa_sv_eq(method, WA_SV("GET")))
		answer_text(c, "405 Method Not Allowed");
	else if(wa_sv_eq(path, WA_SV("/metrics")))
		answer_metrics(c);
	else if(wa_sv_eq(path, WA_SV("/ping")))
		answer_text(c, "200 OK");
	else
		answer_text(c, "404 Not Found");
}

static void read_more(client_t *c)
{
	ssize_t n = recv(c->fd, c->in + c->in_len, sizeof(c->in) - c->in_len, 0);
	wa_sv_t method, path;
	int err;

	if(n <= 0) {
		if(n == 0 || (errno != EAGAIN && errno != EINTR))
			drop(c);
		return;
	}
	c->in_len += (size_t)n;
	err = wa_http_head((wa_sv_t){c->in, c->in_len}, &method, &path);
	if(err == 0)
		serve(c, method, path);
	else if(err != WA_ENOENT)
		answer_text(c, "400 Bad Request");
}

static void write_more(client_t *c)
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

static void turn(client_t *c, short events)
{
	if(events & POLLOUT)
		write_more(c);
	else if(events != 0)
		read_more(c);
	if(c->fd >= 0 && now_ms() > c->until)
		drop(c);
}

void http_loop(void)
{
	struct pollfd fds[CLIENTS_MAX + 1];

	for(;;) {
		fds[CLIENTS_MAX] = (struct pollfd){.fd = listener, .events = POLLIN};
		for(int i = 0; i < CLIENTS_MAX; i++)
			fds[i] = (struct pollfd){.fd = clients[i].fd,
					.events = clients[i].out != NULL ? POLLOUT : POLLIN};
		if(poll(fds, CLIENTS_MAX + 1, 1000) < 0)
			continue;
		for(int i = 0; i < CLIENTS_MAX; i++)
			if(clients[i].fd >= 0)
				turn(&clients[i], fds[i].revents);
		if(fds[CLIENTS_MAX].revents != 0)
			accept_one();
	}
}
