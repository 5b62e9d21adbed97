/* A TLS connection made to look at the other end, whatever its certificate.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WASBCCTL_DOCTOR_PROBE_H
#define WASBCCTL_DOCTOR_PROBE_H

#include <stdbool.h>
#include <sys/socket.h>
#include <time.h>

#define PROBE_TEXT 160

typedef struct probe
{
	bool connected;			/* TCP */
	bool spoke;				/* the TLS handshake was finished */
	char error[PROBE_TEXT]; /* why not */
	char version[16];		/* "TLSv1.3" */
	char subject[PROBE_TEXT];
	bool name_fits;
	bool expired, not_yet;	/* a certificate of the chain */
	char chain[PROBE_TEXT]; /* what else is wrong with the chain, "" = nothing */
	time_t not_after;		/* of the server's own */
} probe_t;

typedef struct probe_how
{
	const struct sockaddr_storage *to;
	const struct sockaddr_storage *from; /* NULL: the kernel's choice */
	const char *name;					 /* SNI, and what the certificate must be for */
	const char *ca;						 /* PEM file; NULL or "": the system's */
	int max_version;					 /* TLS1_2_VERSION, 0 = any from 1.2 on */
	int timeout_ms;
} probe_how_t;

/** Connects, without ALPN and without a certificate of ours, and looks. */
void probe(const probe_how_t *how, probe_t *out);

#endif
