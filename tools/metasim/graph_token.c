/* Bearer tokens of the simulated apps.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "graph_token.h"

#include <errno.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "graph_query.h"

static struct list tokens;

static void token_destructor(void *arg)
{
	struct graph_token *t = arg;

	list_unlink(&t->le);
	mem_deref(t->token);
	mem_deref(t->app_id);
	mem_deref(t->secret);
	json_object_put(t->permissions);
	json_object_put(t->wabas);
}

static const char *text(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_string(v) : NULL;
}

/* null takes it away again. */
static int set_list(struct json_object **dst, struct json_object *cfg, const char *key)
{
	struct json_object *list;

	if(!json_object_object_get_ex(cfg, key, &list))
		return 0;
	if(list && !json_object_is_type(list, json_type_array))
		return EINVAL;
	json_object_put(*dst);
	*dst = json_object_get(list);
	return 0;
}

static int set_secret(struct graph_token *t, struct json_object *cfg)
{
	if(!json_object_object_get_ex(cfg, "secret", NULL))
		return 0;
	t->secret = mem_deref(t->secret);
	return text(cfg, "secret") ? str_dup(&t->secret, text(cfg, "secret")) : 0;
}

static int set_members(struct graph_token *t, struct json_object *cfg)
{
	int err = set_list(&t->permissions, cfg, "permissions");

	if(!err)
		err = set_list(&t->wabas, cfg, "wabas");
	return err ? err : set_secret(t, cfg);
}

int graph_token_add(struct json_object *cfg)
{
	const char *token = text(cfg, "token");
	const char *app_id = text(cfg, "app_id");
	struct graph_token *t;
	int err;

	if(token == NULL || app_id == NULL)
		return EINVAL;
	t = mem_zalloc(sizeof(*t), token_destructor);
	if(t == NULL)
		return ENOMEM;
	t->valid = true;
	err = str_dup(&t->token, token);
	err |= str_dup(&t->app_id, app_id);
	err |= set_members(t, cfg);
	if(err) {
		mem_deref(t);
		return EINVAL;
	}
	list_append(&tokens, &t->le, t);
	return 0;
}

void graph_token_close(void)
{
	list_flush(&tokens);
}

/* What follows "Bearer " in an Authorization header; empty for anything else. */
static struct pl bearer_of(const struct pl *authorization)
{
	static const char scheme[] = "Bearer ";
	struct pl start, rest = pl_null;

	if(authorization == NULL || authorization->l < sizeof(scheme))
		return rest;
	start = (struct pl){authorization->p, sizeof(scheme) - 1};
	if(0 == pl_strcasecmp(&start, scheme))
		rest = (struct pl){
				authorization->p + start.l, authorization->l - start.l};
	return rest;
}

static const struct graph_token *token_find(const struct pl *text_pl)
{
	for(struct le *le = tokens.head; le; le = le->next) {
		const struct graph_token *t = le->data;

		if(0 == pl_strcmp(text_pl, t->token))
			return t;
	}
	return NULL;
}

int graph_token_check(const struct graph_token **tp, const struct pl *authorization,
		struct graph_error *e)
{
	const struct graph_token *t;
	struct pl bearer = bearer_of(authorization);

	if(!pl_isset(&bearer))
		return graph_error_set(e, 401, GRAPH_TOKEN,
				"An access token is required to request this resource.");
	t = token_find(&bearer);
	if(t == NULL)
		return graph_error_set(e, 401, GRAPH_TOKEN,
				"Invalid OAuth access token - Cannot parse access token");
	if(!t->valid)
		return graph_error_set(e, 401, GRAPH_TOKEN,
				"Error validating access token: The session has been invalidated.");
	*tp = t;
	return 0;
}

/* HMAC-SHA256 of the token with the secret as key, in hex. */
static void make_proof(char out[2 * SHA256_DIGEST_LENGTH + 1], const struct graph_token *t)
{
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned len = sizeof(md);

	HMAC(EVP_sha256(), t->secret, (int)strlen(t->secret), (const uint8_t *)t->token,
			strlen(t->token), md, &len);
	(void)re_snprintf(out, 2 * SHA256_DIGEST_LENGTH + 1, "%w", md, (size_t)len);
}

int graph_token_prove(
		const struct graph_token *t, const struct pl *prm, struct graph_error *e)
{
	char want[2 * SHA256_DIGEST_LENGTH + 1];
	char *got = NULL;
	bool same;

	if(t->secret == NULL)
		return 0;
	query_param(&got, prm, "appsecret_proof");
	if(got == NULL)
		return graph_error_set(e, 400, GRAPH_PARAMETER,
				"API calls from the server require an appsecret_proof argument");
	make_proof(want, t);
	same = 0 == strcmp(got, want);
	mem_deref(got);
	return same ? 0
				: graph_error_set(e, 400, GRAPH_PARAMETER,
						"Invalid appsecret_proof provided in the API argument");
}

static bool holds(struct json_object *list, const char *word)
{
	size_t n = list ? json_object_array_length(list) : 0;

	for(size_t i = 0; i < n; i++)
		if(0 == strcmp(json_object_get_string(json_object_array_get_idx(list, i)), word))
			return true;
	return false;
}

bool graph_token_covers(const struct graph_token *t, const char *waba_id)
{
	return t->wabas == NULL || holds(t->wabas, waba_id);
}

int graph_token_permit(
		const struct graph_token *t, const char *permission, struct graph_error *e)
{
	if(holds(t->permissions, permission))
		return 0;
	return graph_error_set(e, 403, 200,
			"(#200) You do not have the necessary permissions required to perform this action");
}

int graph_token_command(struct json_object *cmd, char *why, size_t size)
{
	const char *app_id = text(cmd, "app_id");
	struct json_object *valid;
	unsigned changed = 0;

	(void)re_snprintf(why, size, "graph_token: bad app_id, token or permissions");
	if(app_id == NULL)
		return EINVAL;
	if(text(cmd, "token"))
		return graph_token_add(cmd);
	for(struct le *le = tokens.head; le; le = le->next) {
		struct graph_token *t = le->data;

		if(0 != strcmp(t->app_id, app_id))
			continue;
		if(set_members(t, cmd))
			return EINVAL;
		if(json_object_object_get_ex(cmd, "valid", &valid))
			t->valid = json_object_get_boolean(valid);
		changed++;
	}
	return changed ? 0 : ENOENT;
}
