/* How long our certificates last.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The process that serves metrics only: OpenSSL is used after the fork alone.
 */
#ifndef WA_CALLS_CERTIFICATE_H
#define WA_CALLS_CERTIFICATE_H

#include "../ksr_compat.h"

#include "../lib/wa_buf.h"

/** modparam "certificate": one more file. Returns 0 or -1, logged. */
int certificate_add(modparam_t type, void *val);

/** Seconds left and 1/0 for whether the file could be read, per file. */
void certificate_write(wa_buf_t *b);

#endif
