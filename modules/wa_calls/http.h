/* A process that serves figures over HTTP on the management address.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Not by Kamailio's own xhttp: that would listen for HTTP on every TCP socket,
 * those that face Meta and the PBXes included, and take messages without a
 * Content-Length there.
 */
#ifndef WA_CALLS_HTTP_H
#define WA_CALLS_HTTP_H

/** Listens at "192.0.2.1:9464" or "[::1]:9464". mod_init. Returns 0 or -1,
 * logged. */
int http_listen(const char *where);

/** Does not return. */
void http_loop(void) __attribute__((noreturn));

#endif
