/* Bearer tokens: who calls, and what may it do?
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Facts: meta-calling.md 1.1 (token and app conditions). A token is looked up
 * and compared, never shown.
 */
#ifndef METASIM_GRAPH_TOKEN_H
#define METASIM_GRAPH_TOKEN_H

#include <stdbool.h>

#include <json-c/json.h>
#include <re/re.h>

#include "graph_error.h"

#define GRAPH_MANAGEMENT "whatsapp_business_management"

struct graph_token
{
	struct le le;
	char *token;
	char *app_id;
	char *secret; /* of the app: each request must prove that it knows it */
	struct json_object *permissions; /* array of strings */
	struct json_object *wabas;		 /* array of ids; NULL = all */
	bool valid;						 /* false: expired or revoked */
};

/** From {"token","app_id","permissions":[...],"secret","wabas":[...]}. Returns 0 or an errno value. */
int graph_token_add(struct json_object *cfg);
void graph_token_close(void);

/** Whose token stands in an Authorization header (NULL = no such header)?
 * Returns 0, or EPROTO with `e` filled (401, code 190). */
int graph_token_check(const struct graph_token **tp, const struct pl *authorization,
		struct graph_error *e);

/** Does a request with this token prove the app's secret? `prm` are its
 * parameters. 0, or EPROTO with `e` filled (400, code 100). */
int graph_token_prove(
		const struct graph_token *t, const struct pl *prm, struct graph_error *e);

/** Is the WABA among those that the token covers? */
bool graph_token_covers(const struct graph_token *t, const char *waba_id);

/** Has the token this permission? 0, or EPROTO with `e` filled (403, code 200). */
int graph_token_permit(
		const struct graph_token *t, const char *permission, struct graph_error *e);

/** {"cmd":"graph_token","app_id","valid":bool,"permissions":[...],"wabas":[...],
 * "secret":"...","token":"..."}:
 * changes the tokens of an app, or adds one. Returns 0 or an errno value. */
int graph_token_command(struct json_object *cmd, char *why, size_t size);

#endif
