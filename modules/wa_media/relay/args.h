/* The command line of the relay.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef RELAY_ARGS_H
#define RELAY_ARGS_H

#include "relay.h"

/** Reads the arguments; what is wrong is said on stderr.
 * Returns 0, 1 (--help was asked for and given) or WA_EPARSE. */
int args_read(int argc, char **argv, struct config *out);

#endif
