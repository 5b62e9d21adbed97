/* Changes to a message, as lumps: Kamailio applies them when it sends.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Everything here may run in any route and any process, for requests and replies,
 * and returns 0 or a wa_err. Texts are copied.
 */
#ifndef WA_TOPO_EDIT_H
#define WA_TOPO_EDIT_H

#include "../ksr_compat.h"

#include <kamailio/core/parser/msg_parser.h>
#include <kamailio/core/parser/parse_to.h>

/** Puts `text` in the place of `old`, which points into msg->buf. */
int edit_replace(sip_msg_t *msg, str old, str text);

/** Removes `old`, which points into msg->buf. */
int edit_remove(sip_msg_t *msg, str old);

/** All headers of the message as Kamailio has them, parsed to the end. */
int edit_parse_all(sip_msg_t *msg);

/** The whole line of a header, with its CRLF. */
static inline str edit_line(const hdr_field_t *h)
{
	return (str){h->name.s, h->len};
}

/** Display name and URI of a parsed From or To, without the parameters. */
str edit_name_addr(const struct to_body *b);

/** The value of a header with all parameters, without the line's end. */
str edit_value(const hdr_field_t *h);

/** Puts `name_addr` with `tag` (if any) in the place of a whole From or To:
 * the parameters besides the tag are its sender's own and go too. */
int edit_party(sip_msg_t *msg, const hdr_field_t *h, str name_addr, str tag);

/** Parsed From and To; NULL when they cannot be parsed. */
struct to_body *edit_from(sip_msg_t *msg);
struct to_body *edit_to(sip_msg_t *msg);

#endif
