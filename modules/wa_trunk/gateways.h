/* Which gateways are there, where are they, and are they up?
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One entry for each URI that a trunk names, in shared memory. The process that
 * watches adds and removes entries and asks by OPTIONS, the one that resolves
 * writes addresses, a SIP worker reads. Under the lock is memory alone.
 */
#ifndef WA_TRUNK_GATEWAYS_H
#define WA_TRUNK_GATEWAYS_H

#include "../ksr_compat.h"

#include <kamailio/core/ip_addr.h>

#include "../lib/wa_number.h"

#define GW_ADDRESSES_MAX 8
#define GW_ERROR_SIZE 80
#define GW_TARGET_SIZE 96 /* sip:[IPv6]:port;transport=tls */

enum gw_state
{
	GW_UNKNOWN = 0, /* not asked, or no answer yet: taken to be up */
	GW_UP,
	GW_DOWN
};

typedef struct gw_address
{
	struct ip_addr ip;
	uint16_t port;
	char proto; /* PROTO_UDP, PROTO_TCP, PROTO_TLS */
} gw_address_t;

typedef struct gateway
{
	char uri[sizeof(((wa_gateway_t *)NULL)->uri)];
	bool asked; /* by OPTIONS */
	enum gw_state state;
	time_t since;
	int last_code;	/* of the last answer; 408: none came; 0: never asked */
	time_t last_at;
	unsigned failures; /* in a row */
	gw_address_t addresses[GW_ADDRESSES_MAX]; /* best first */
	unsigned n_addresses;
	time_t resolved_at;
	char error[GW_ERROR_SIZE]; /* why there is no address; "" = none */
} gateway_t;

/** Allocates room for `max` gateways. mod_init. Returns 0 or -1. */
int gateways_init(unsigned max);
void gateways_destroy(void);

/** Copies what is known of `uri`. False: nothing yet. Any process. */
bool gateways_get(const char *uri, gateway_t *out);

/** Whether `uri` names an address rather than a host; `out` gets it. */
bool gateways_literal(const char *uri, gw_address_t *out);

/** "sip:192.0.2.1:5060;transport=tcp" */
void gateways_target(const gw_address_t *a, char out[GW_TARGET_SIZE]);

/** A call could not be brought there: it is asked at once. */
void gateways_suspect(const char *uri);

const char *gateways_state_name(enum gw_state state);

/* The process that watches. */

/** Begins a look at all trunks, enters one of them, ends: what no trunk names
 * any more is removed. */
void gateways_begin(void);
void gateways_enter(const wa_trunk_t *trunk);
void gateways_end(void);

/** The next gateway that is due to be asked, after `*cursor` (0 = from the
 * start); it is then due again after `interval` seconds. False: none. */
bool gateways_due(unsigned *cursor, unsigned interval, gateway_t *out,
		uint32_t *ticket);

/** What became of the question with this ticket. Any process. */
void gateways_answered(uint32_t ticket, int code, unsigned down_after);

/* The process that resolves. */

/** The next name to be looked up, after `*cursor`. False: none. */
bool gateways_unresolved(unsigned *cursor, char *uri, size_t size);

/** What was found; n 0: `error` says why, what was known stays. */
void gateways_resolved(const char *uri, const gw_address_t *found, unsigned n,
		unsigned ttl, const char *error);

#endif
