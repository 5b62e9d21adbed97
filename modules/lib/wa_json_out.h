/* JSON written into a buffer: one line, whatever the text holds.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 *     wa_json_open(&b);
 *     wa_json_text(&b, "peer", peer);
 *     wa_json_num(&b, "code", 403);
 *     wa_json_close(&b);
 */
#ifndef WA_JSON_OUT_H
#define WA_JSON_OUT_H

#include "wa_buf.h"

void wa_json_open(wa_buf_t *b);
void wa_json_close(wa_buf_t *b);

/** A string in quotes. Control characters are escaped, bytes that are not UTF-8
 * become "?": what reads the line never stumbles over a caller's name. */
void wa_json_quote(wa_buf_t *b, wa_sv_t text);

/** "name": with the comma that it needs. */
void wa_json_name(wa_buf_t *b, const char *name);

void wa_json_text(wa_buf_t *b, const char *name, wa_sv_t value);
void wa_json_num(wa_buf_t *b, const char *name, int64_t value);

/** Thousandths as a decimal fraction: 1234 is 1.234. */
void wa_json_milli(wa_buf_t *b, const char *name, int64_t value);

/** A moment, ms since 1970, as "2026-01-31T12:00:00.123Z"; 0 is null. */
void wa_json_time(wa_buf_t *b, const char *name, int64_t ms);

#endif
