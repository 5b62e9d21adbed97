/* The sockets we listen on: whose side each is, and the kernel's filter on it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_DOOR_SOCKETS_H
#define WA_DOOR_SOCKETS_H

#include "../ksr_compat.h"

#include <kamailio/core/socket_info.h>

#include "door.h"

/** Takes a second descriptor of each listening socket for the keeper: Kamailio
 * closes those of TCP and TLS in every process but one. `meta` is ADDRESS:PORT
 * of the socket that faces Meta. At PROC_INIT. Returns 0 or -1, logged. */
int sockets_init(const char *meta);

/** Closes them again: in every process but the keeper. */
void sockets_close(void);

/** "tls:192.0.2.10:5061", the socket that faces Meta. */
const char *sockets_meta(void);

/** Whose side a message or connection of `si` is of. */
enum door_side sockets_side(const struct socket_info *si);

/** Has the kernel drop what may not come in. `shut`: no new connection of PBXes
 * but of trusted addresses; `held`: as banned, the sources with too many
 * connections. In the keeper. Returns 0 or a WA_E. */
int sockets_filter(bool shut, const wa_addr_t *held, size_t n_held);

/** Packets that the kernel has dropped since the start; -1: it does not say. */
long sockets_dropped(void);

#endif
