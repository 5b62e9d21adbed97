/* HEPv3: a captured message as Homer and sngrep take it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_HEP_H
#define WA_HEP_H

#include <stdbool.h>
#include <stdint.h>

#include "wa_sv.h"

#define WA_HEP_HEAD_MAX 160 /* all but the message */

typedef struct wa_hep
{
	bool ip6;
	uint8_t protocol; /* 17 UDP, 6 TCP, also for TLS */
	uint8_t src[16], dst[16]; /* 4 octets of an IPv4 address */
	uint16_t src_port, dst_port;
	uint64_t at_us;		 /* since 1970 */
	uint32_t capture_id; /* who captured it */
} wa_hep_t;

/** Writes what precedes `len` octets of message, the message's own chunk head
 * included; they follow as they are. Returns its octets, 0 if `len` is more than
 * a packet has (65000). */
size_t wa_hep_head(const wa_hep_t *h, size_t len, uint8_t out[WA_HEP_HEAD_MAX]);

#endif
