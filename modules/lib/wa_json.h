/* JSON that may hold secrets: parsed strictly, wiped before it is released.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_JSON_H
#define WA_JSON_H

#include <json-c/json.h>

#include "wa_sv.h"

/** Parses `text`, all of it, as RFC 8259 spells it (an integer beyond 64 bits
 * becomes the nearest that fits); `*rootp` is to be released with wa_json_wipe() or
 * json_object_put(). Returns 0, WA_ETOOLONG (above INT_MAX), WA_EPARSE (also
 * for nesting deeper than 32) or WA_ENOMEM. */
int wa_json_parse(struct json_object **rootp, wa_sv_t text);

/** Overwrites every string in `root` and releases it. NULL is fine. */
void wa_json_wipe(struct json_object *root);

#endif
