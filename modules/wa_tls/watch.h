/* New certificates are put in use when their files change; old ones are warned of.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_TLS_WATCH_H
#define WA_TLS_WATCH_H

#include "certificates.h"

typedef struct watch_state
{
	certificates_t certs; /* in use */
	unsigned reloads;
	time_t reloaded;		/* 0: not since the start */
	char error[CERT_TEXT]; /* why the last change was not put in use */
} watch_state_t;

/** `config`: the tls.cfg that tls.so reads. In mod_init. Returns 0 or -1. */
int watch_init(const char *config, int warn_days);
void watch_destroy(void);

/** Runs for ever, in a process of its own. */
void watch_run(void) __attribute__((noreturn));

/** Has the watcher look now, whether a file has changed or not; waits for it, 5 s
 * at most. In an RPC process. Returns 0 or -1: see the state's error. */
int watch_reload(void);

void watch_state(watch_state_t *out);

/** Days until the first of our servers' certificates expires; -1: already, or
 * none is known. */
long watch_days(void);

#endif
