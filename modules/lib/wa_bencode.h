/* Bencode, as rtpengine's ng protocol uses it: reading without copies, writing
 * into a buffer.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A reply comes over UDP from another process: wa_ben_open() walks through all
 * of it once, so that what follows never runs over the end and never recurses
 * deeper than WA_BEN_DEPTH.
 */
#ifndef WA_BENCODE_H
#define WA_BENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "wa_buf.h"
#include "wa_sv.h"

#define WA_BEN_DEPTH 16

enum wa_ben_type
{
	WA_BEN_INT,
	WA_BEN_STR,
	WA_BEN_LIST,
	WA_BEN_DICT
};

/* One item inside a text that wa_ben_open() has checked. */
typedef struct wa_ben
{
	enum wa_ben_type type;
	wa_sv_t raw;  /* the item with its framing */
	wa_sv_t body; /* string: its bytes; list, dictionary: what is inside */
	int64_t num;
} wa_ben_t;

/** Checks that `text` is exactly one well-formed item and opens it.
 * Returns 0, WA_EPARSE, WA_ERANGE (a number or length beyond 18 digits) or
 * WA_ETOOLONG (nested too deep). */
int wa_ben_open(wa_sv_t text, wa_ben_t *item);

/** The next item of a list's (or dictionary's) body; cuts it off `*rest`.
 * Start with `rest = list.body`. Returns false at the end. */
bool wa_ben_next(wa_sv_t *rest, wa_ben_t *item);

/** The next pair of a dictionary. Returns false at the end. */
bool wa_ben_pair(wa_sv_t *rest, wa_sv_t *key, wa_ben_t *value);

/** The value of `key`. Returns 0, WA_ENOENT, or WA_ETYPE (not a dictionary, or
 * the value is not of `type`). */
int wa_ben_get(const wa_ben_t *dict, wa_sv_t key, enum wa_ben_type type,
		wa_ben_t *value);

/** Is the string `s` among the items of `list`? */
bool wa_ben_has(const wa_ben_t *list, wa_sv_t s);

/* Writing: strings and numbers, with lists and dictionaries opened and closed
 * by the caller. */
void wa_ben_put_str(wa_buf_t *b, wa_sv_t s);
void wa_ben_put_int(wa_buf_t *b, int64_t n);
void wa_ben_put_dict(wa_buf_t *b);
void wa_ben_put_list(wa_buf_t *b);
void wa_ben_put_end(wa_buf_t *b);

/** `key` and a string value. */
void wa_ben_put_pair(wa_buf_t *b, wa_sv_t key, wa_sv_t value);

#endif
