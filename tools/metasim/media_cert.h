/* The certificate for DTLS: ECDSA on P-256, as Meta recommends, self-signed and
 * vouched for by the fingerprint in the SDP.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_MEDIA_CERT_H
#define METASIM_MEDIA_CERT_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

/** A new certificate and its key as PEM, to be released with mem_deref(). */
int media_cert_new(char **pemp, size_t *lenp);

/** The fingerprint of a certificate and its kind of key, "EC prime256v1". */
int media_cert_describe(X509 *cert, uint8_t sha256[32], char *key, size_t size);

#endif
