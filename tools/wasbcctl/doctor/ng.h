/* What an rtpengine announces: asked for an offer that is thrown away again.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WASBCCTL_DOCTOR_NG_H
#define WASBCCTL_DOCTOR_NG_H

#include <stdbool.h>
#include <stddef.h>

typedef struct ng_announced
{
	char address[64]; /* of the SDP toward Meta */
	unsigned port;
	char why[128]; /* why there is none */
} ng_announced_t;

/** Asks the rtpengine at `url` ("udp:127.0.0.1:2223") for an offer toward Meta with
 * the interfaces that the script names, and deletes the session. */
bool ng_announces(const char *url, int timeout_ms, ng_announced_t *out);

#endif
