/* Reading JSON with complaints that name the place.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A path is text such as "numbers[3].call_hours"; members are named below it.
 * null counts as absent.
 */
#ifndef WA_JREAD_H
#define WA_JREAD_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

#include "wa_sv.h"

#define WA_JREAD_PATH 160

/* Where complaints go, and whether a member that nobody knows is one. */
typedef struct wa_jread
{
	bool strict;
	char *why;
	size_t size;
} wa_jread_t;

/** Writes the complaint, cut where it is too long. Returns `err`. */
int wa_jread_fail(const wa_jread_t *r, int err, const char *fmt, ...)
		__attribute__((format(printf, 3, 4)));

/** "path.key", or "key" when path is "". Cut where it does not fit. */
void wa_jread_path(char buf[WA_JREAD_PATH], const char *path, const char *key);
/** "path[i]" */
void wa_jread_item(char buf[WA_JREAD_PATH], const char *path, size_t i);

/** Refuses, when strict, the first member of `o` that is not in `known` (to a
 * NULL). Returns 0, WA_ETYPE (`o` is no object) or WA_ENOENT. */
int wa_jread_known(const wa_jread_t *r, struct json_object *o, const char *path,
		const char *const *known);

/** The member `key` of `o` into `*v`, NULL when absent.
 * Returns 0 or WA_ETYPE. */
int wa_jread_member(const wa_jread_t *r, struct json_object *o, const char *path,
		const char *key, enum json_type type, struct json_object **v);

/** A member that is one of `words` ("A|B"): its position from 0, or -1 when it is
 * absent. Returns 0, WA_ETYPE or WA_EPARSE. */
int wa_jread_word(const wa_jread_t *r, struct json_object *o, const char *path,
		const char *key, const char *words, int *at);

/** The text of a string object. */
wa_sv_t wa_jread_text(struct json_object *v);

#endif
