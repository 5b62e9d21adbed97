/* OpenSSL state of its own for each forked process (Kamailio before 5.7.5).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_TLS_FORK_GUARD_H
#define WA_TLS_FORK_GUARD_H

/** Finds OpenSSL's thread keys and resets them in each child at its fork.
 * Does nothing from 5.7.5 on. Call in mod_init. Returns 0 or -1. */
int fork_guard_init(void);

#endif
