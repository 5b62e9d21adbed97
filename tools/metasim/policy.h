/* What Meta allows and how its users behave, changeable while running.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One object of settings per user (wa_id or BSUID); "*" holds what applies to
 * everybody else, and what is not said there has a default. README.md lists the
 * members.
 */
#ifndef METASIM_POLICY_H
#define METASIM_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>
#include <re/re.h>

/** `cfg` is the configuration's member "policy": {"*":{...},"1631..":{...}}, or
 * NULL. Returns 0 or EINVAL with `why` filled. */
int policy_init(struct json_object *cfg, char *why, size_t size);
void policy_close(void);

/** Merges `set` into the settings of `user` ("*" = all); null removes one. */
int policy_set(const char *user, struct json_object *set, char *why, size_t size);

/** Forgets the settings of `user` and how often he was connected; of everybody,
 * back to the configuration, when NULL. */
void policy_clear(const char *user);

/** The member for `user`, else that of "*", else NULL. */
struct json_object *policy_get(const char *user, const char *name);

const char *policy_str(const char *user, const char *name, const char *def);
int policy_int(const char *user, const char *name, int def);
bool policy_bool(const char *user, const char *name, bool def);

/** May the business `digits` call `user`? "permitted" is a boolean (true
 * when nothing is said) or a list of business numbers. */
bool policy_permitted(const char *user, const char *digits);

/** A forced refusal: {"code","reason","warning","count"}; each call of this
 * uses up one of "count". NULL when none is set. */
struct json_object *policy_take_refusal(const char *user);

/** Calls of `digits` to `user` that were connected: one more, and how many. */
void policy_connected(const char *user, const char *digits);
int policy_connected_count(const char *user, const char *digits);

#endif
