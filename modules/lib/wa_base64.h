/* Base64 (RFC 4648 section 4) in both directions.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Of our own because the key file is read in mod_init, where OpenSSL must not
 * be touched yet: tls.so is still about to replace its allocator.
 */
#ifndef WA_BASE64_H
#define WA_BASE64_H

#include <stdint.h>

#include "wa_sv.h"

/* Bytes of text, without the NUL, for n bytes of data. */
#define WA_BASE64_LEN(n) (((n) + 2) / 3 * 4)

/** Writes the text of `data` with padding and a NUL to `out`.
 * Returns 0, or WA_ETOOLONG when `size` is below WA_BASE64_LEN(len) + 1. */
int wa_base64_encode(const uint8_t *data, size_t len, char *out, size_t size);

/** Decodes `text`, which has to be padded and canonical: no white space, and
 * zero bits where the last byte ends. `*len` is set on success only.
 * Returns 0, WA_EPARSE or WA_ETOOLONG. */
int wa_base64_decode(wa_sv_t text, uint8_t *out, size_t size, size_t *len);

#endif
