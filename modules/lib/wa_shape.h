/* Does this look like a SIP message at all? Judged before anything is parsed.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * No grammar: what passes may still be wrong. What does not pass is no message of
 * a peer's, and Kamailio's parser, which logs what displeases it, never sees it.
 */
#ifndef WA_SHAPE_H
#define WA_SHAPE_H

#include <stddef.h>

#include "wa_sv.h"

typedef struct wa_shape_limits
{
	size_t head;  /* bytes of first line and headers */
	size_t lines; /* header fields, continued lines counted each */
	size_t line;  /* bytes of one line */
} wa_shape_limits_t;

enum wa_shape
{
	WA_SHAPE_REQUEST,
	WA_SHAPE_REPLY,
	WA_SHAPE_PING,		/* nothing but CR, LF, NUL: a keep-alive */
	WA_SHAPE_NO_SIP,	/* the first line is none of SIP */
	WA_SHAPE_CONTROL,	/* control bytes in the head (RFC 3261 25.1) */
	WA_SHAPE_UNENDED,	/* no empty line ends the headers */
	WA_SHAPE_TOO_LONG,	/* head or line */
	WA_SHAPE_TOO_MANY	/* headers */
};

/** The shape of a whole message. */
enum wa_shape wa_shape_of(wa_sv_t message, const wa_shape_limits_t *limits);

/** A word for the log; never NULL. */
const char *wa_shape_name(enum wa_shape shape);

#endif
