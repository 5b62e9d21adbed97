/* TLS as Meta does it: the contexts of both sides.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Facts: meta-calling.md 3.4. The server refuses ALPN (alert 120), notes SNI and
 * asks for no client certificate; the client verifies chain and name, sends SNI
 * and no ALPN, and shows a client certificate when it has one and is asked.
 */
#ifndef METASIM_SIP_TLS_H
#define METASIM_SIP_TLS_H

#include <openssl/ssl.h>

#include "config.h"

/** (Re)reads the files; running connections keep what they have. Returns 0 or
 * EINVAL with `why` filled, and then the old contexts stay. */
int sip_tls_load(const struct tls_files *files, char *why, size_t size);
void sip_tls_close(void);

/** A connection of ours to `host`, whose name must be in the certificate. */
SSL *sip_tls_client(int fd, const char *host);
SSL *sip_tls_server(int fd);

/** The handshake is done: emits "tls" and what rules it breaks. */
void sip_tls_report(SSL *ssl, bool server, const char *host, const struct sa *peer);

/** Why the handshake or a read failed, as text. */
void sip_tls_why(SSL *ssl, int ret, char *why, size_t size);

#endif
