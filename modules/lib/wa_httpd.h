/* A small HTTP server for a process of its own: GET, one request a connection.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Nothing in it waits for one client; one that is slow is dropped after some
 * seconds. One server per process.
 */
#ifndef WA_HTTPD_H
#define WA_HTTPD_H

#include "wa_http.h"

typedef struct wa_httpd_client wa_httpd_client_t;

typedef struct wa_httpd
{
	/** A request: answers it by wa_httpd_answer(), or begins to wait. */
	void (*serve)(wa_httpd_client_t *c, const wa_http_request_t *r);

	/** What wa_httpd_wait() waits for can be read from `fd`, or (-1) did not come in
	 * time: answers the request. May be NULL where nothing waits. */
	void (*ready)(wa_httpd_client_t *c, int fd);
} wa_httpd_t;

/** Listens at "192.0.2.1:9464" or "[::1]:9464". Returns a descriptor, WA_EPARSE
 * (not ADDRESS:PORT) or WA_EIO and errno. */
int wa_httpd_listen(const char *where);

/** Serves. Does not return. */
void wa_httpd_loop(int listener, const wa_httpd_t *server)
		__attribute__((noreturn));

/** Answers. `headers` are further lines, each with its CRLF, or ""; all is copied.
 * Once per request. */
void wa_httpd_answer(wa_httpd_client_t *c, const char *status,
		const char *headers, const char *type, wa_sv_t body);

/** The answer depends on what will come from `fd`, which is the server's now. */
void wa_httpd_wait(wa_httpd_client_t *c, int fd);

#endif
