/* The certificate of a peer that we connect to must carry the name we asked for.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_TLS_PEER_NAME_H
#define WA_TLS_PEER_NAME_H

/** Makes every SSL_CTX created from now on check names, and registers the
 * counters of refusals. Call in mod_init, before tls.so makes its contexts.
 * Returns 0 or -1. */
int peer_name_init(void);

#endif
