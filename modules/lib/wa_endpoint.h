/* Address and port of one end of a UDP stream.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All octets are defined, so that two of them compare and hash as memory, and
 * may lie in a file.
 */
#ifndef WA_ENDPOINT_H
#define WA_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "wa_buf.h"
#include "wa_sv.h"

#define WA_ENDPOINT_TEXT 56 /* "[IPv6]:PORT" with its NUL */

typedef struct wa_endpoint
{
	uint8_t ip[16];
	uint16_t port;	/* host order */
	uint8_t family; /* 4, 6, or 0: none */
	uint8_t zero;
} wa_endpoint_t;

/** "192.0.2.1:5004" or "[2001:db8::1]:5004". Returns 0 or WA_EPARSE. */
int wa_endpoint_parse(wa_sv_t text, wa_endpoint_t *out);

/** A bare address, without port or brackets. Returns 0 or WA_EPARSE. */
int wa_endpoint_address(wa_sv_t text, wa_endpoint_t *out);

/** Appends the text that wa_endpoint_parse() reads; nothing for "none". */
void wa_endpoint_put(const wa_endpoint_t *e, wa_buf_t *out);

/** Appends the address alone. */
void wa_endpoint_put_address(const wa_endpoint_t *e, wa_buf_t *out);

bool wa_endpoint_eq(const wa_endpoint_t *a, const wa_endpoint_t *b);

/** 0.0.0.0 or ::, as an old hold has it. */
bool wa_endpoint_is_any(const wa_endpoint_t *e);

/** For a hash table. */
uint32_t wa_endpoint_hash(const wa_endpoint_t *e);

/** For the socket calls; returns the length in use, 0 for "none". */
socklen_t wa_endpoint_sockaddr(const wa_endpoint_t *e, struct sockaddr_storage *ss);

/** And back; anything but IP is "none". IPv4 within IPv6 is IPv4. */
void wa_endpoint_from(const struct sockaddr_storage *ss, wa_endpoint_t *out);

#endif
