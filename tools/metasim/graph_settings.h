/* /<phone number id>/settings: what GET shows and what POST takes.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Facts: meta-calling.md 1.2. Pure functions on the store, no HTTP.
 */
#ifndef METASIM_GRAPH_SETTINGS_H
#define METASIM_GRAPH_SETTINGS_H

#include <stdbool.h>

#include <json-c/json.h>

#include "graph_error.h"
#include "store.h"

/** The GET answer, a new object; sip_user_password only with `credentials`. */
struct json_object *settings_get(const struct store_number *n, bool credentials);

/** A POST by `app_id`: all of it is checked before any of it is applied.
 * Returns 0, or EPROTO with `e` filled and the number unchanged. */
int settings_post(struct store_number *n, const char *app_id, struct json_object *body,
		struct graph_error *e);

/** The checks alone; `calling` is the member of that name.
 * Returns 0, or EPROTO with `e` filled. */
int settings_check(struct json_object *calling, struct graph_error *e);

/** Field report: each write of "sip" puts srtp_key_exchange_protocol back to
 * DTLS (meta-calling.md 1.2, "Order of writes"). Off unless a test asks. */
void settings_flip_srtp(bool on);

#endif
