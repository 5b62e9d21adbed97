/* The spelling of JSON: what is more lenient in a parser than in RFC 8259.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_JSON_SPELLING_H
#define WA_JSON_SPELLING_H

#include <stdbool.h>

#include "wa_sv.h"

/** True if `text` consists of RFC 8259's tokens alone (no comment, no single
 * quote, no raw control character in a string, no NaN, no odd number) and no
 * comma stands before a closing bracket. What the tokens mean together is the
 * parser's to say. Never fails otherwise; keeps nothing. */
bool wa_json_spelling(wa_sv_t text);

#endif
