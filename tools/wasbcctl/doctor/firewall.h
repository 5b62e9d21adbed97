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

/** Asks nft for its ruleset, which takes root: does it let TCP `tcp` in, and UDP
 * `udp` (0: is not asked)? `why` says what shuts which, or why it is not known. */
enum firewall firewall_look(unsigned tcp, unsigned udp, char *why, size_t size);

#endif
