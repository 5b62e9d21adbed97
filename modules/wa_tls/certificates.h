/* The certificates of tls.cfg: do they fit, how long do they last?
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_TLS_CERTIFICATES_H
#define WA_TLS_CERTIFICATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define CERT_PATH 256
#define CERT_TEXT 200
#define CERTS_MAX 32

typedef struct certificate
{
	char path[CERT_PATH];
	char subject[CERT_TEXT];
	bool is_server;
	time_t not_after;
} certificate_t;

typedef struct certificates
{
	size_t n;
	certificate_t c[CERTS_MAX];
	char ca[CERT_PATH]; /* whom we trust when we connect; "" = not said */
	uint64_t stamp; /* changes when any of the files does */
} certificates_t;

/** Reads what `config`, a tls.cfg, names. Returns 0; -1 and why in `error` when a
 * file cannot be used or a key does not fit its certificate. `out->stamp` is
 * right in either case. Uses OpenSSL: in a process of our own, after the fork. */
int certificates_read(const char *config, certificates_t *out,
		char error[CERT_TEXT]);

/** Only the stamp: a look at the files' names, sizes and times. */
uint64_t certificates_stamp(const char *config);

#endif
