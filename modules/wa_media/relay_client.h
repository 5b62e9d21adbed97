/* A SIP worker asks the RTP relay, and waits for its answer: briefly.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_MEDIA_RELAY_CLIENT_H
#define WA_MEDIA_RELAY_CLIENT_H

#include "../ksr_compat.h"

#include "../lib/wa_relay_msg.h"

/* "udp:127.0.0.1:2226", several with spaces between. */
extern str relay_socket;
extern int relay_timeout; /* ms for one try; there are two */

/** What went wrong since the start, of all processes: shared counters. */
typedef struct relay_client_stats
{
	uint64_t asked;
	uint64_t refused;
	uint64_t timeouts;
	uint64_t skipped; /* not asked: it has not answered a moment ago */
} relay_client_stats_t;

/** Before the fork. Returns 0 or -1. */
int relay_client_init(void);
void relay_client_destroy(void);
const relay_client_stats_t *relay_client_stats(void);

/** Asks the call's relay; with several the one that its Call-ID chooses, else
 * the next. `m->cookie` is set here. `*reply` is valid until the next question
 * of this process.
 * Returns 0, WA_ENOENT (no relay knows the call), WA_EBUSY (the relay is full),
 * WA_EIO (no relay answers) or WA_EUNSUP (it refuses). */
int relay_ask(wa_relay_msg_t *m, wa_ben_t *reply);

/** Whether the `n`-th relay answers now; `*url` is its address. Returns 0, WA_EIO
 * (it does not) or WA_ENOENT (there are not so many). */
int relay_ping(unsigned n, wa_sv_t *url);

/** The name of the n-th relay, from 0; false: there are not so many. */
bool relay_name(unsigned n, wa_sv_t *url);

/** What a relay counts. Waits as relay_ask() does; no SIP worker. Returns 0 or
 * what relay_ask() returns; `reply` is valid until the next question. */
int relay_figures(wa_sv_t url, wa_ben_t *reply);

#endif
