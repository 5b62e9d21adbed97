/* OpenSSL's random bytes come from OpenSSL.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_TLS_RANDOM_SOURCE_H
#define WA_TLS_RANDOM_SOURCE_H

/** Takes back what tls.so has set as source of random bytes. In mod_init. */
void random_source_init(void);

#endif
