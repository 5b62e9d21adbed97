/* The calls of this relay on another host, for the day that it has to go on with them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A datagram is one record of the store as it lies in memory: both hosts run the same
 * program. Each record goes out when a command has changed it, and once a second; the
 * SBC's texts, which are long and seldom others, every sixteenth second.
 */
#ifndef RELAY_MIRROR_H
#define RELAY_MIRROR_H

#include <signal.h>

#include "relay.h"

/** The socket to `cfg.mirror`, if there is one. Returns 0 or WA_EIO, told on stderr. */
int mirror_open(struct relay *r);

/** A record that was changed, or has become free. Never waits: what is lost comes again. */
void mirror_call(struct relay *r, uint32_t slot);

/** ms to wait at most, of `ms` that others would: mirror_turn() wants to be called. */
int mirror_wait(const struct relay *r, int ms);

/** Records whose second has come; to be called every few milliseconds. */
void mirror_turn(struct relay *r, int64_t now);

/** The other side: keeps what comes from the host of `cfg.mirror` in the store until `ending`
 * is set, then leaves there what was told of in the last seconds. Returns 0 or WA_EIO. */
int mirror_receive(struct relay *r, const volatile sig_atomic_t *ending);

#endif
