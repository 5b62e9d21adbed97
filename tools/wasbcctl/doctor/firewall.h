/* What this host's nftables makes of a connection to a port of ours.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WASBCCTL_DOCTOR_FIREWALL_H
#define WASBCCTL_DOCTOR_FIREWALL_H

#include <stddef.h>

enum firewall
{
	FIREWALL_OPEN,
	FIREWALL_SHUT,
	FIREWALL_UNKNOWN /* no nft, or not for this user */
};

/** Asks nft for its ruleset, which takes root. `why` says what shuts TCP `port`, or
 * why it is not known. */
enum firewall firewall_look(unsigned port, char *why, size_t size);

#endif
