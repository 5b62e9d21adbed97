/* The codec that an SDP puts first.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_CODEC_NAME_H
#define WA_CODEC_NAME_H

#include "wa_sv.h"

/** Name of the first format of the first m=audio line, by its rtpmap or as one
 * that has a fixed number: "opus", "PCMU", ... A view into `sdp` or a constant;
 * empty: none. */
wa_sv_t wa_codec_name(wa_sv_t sdp);

#endif
