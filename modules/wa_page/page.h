/* The page itself: one HTML file, and what a browser may do with it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_PAGE_PAGE_H
#define WA_PAGE_PAGE_H

#include "../ksr_compat.h"

#include "../lib/wa_sv.h"

/** Reads it. mod_init. Returns 0 or -1, logged. */
int page_load(const char *path);

/** Its text. */
wa_sv_t page_text(void);

/** Header lines that go with it: its script and its style, named by their hashes,
 * are all that runs, and nothing is loaded from anywhere but here. After the fork
 * only: OpenSSL is used. */
const char *page_headers(void);

#endif
