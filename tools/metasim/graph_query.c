/* Query parameters and JSON bodies of requests.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "graph_query.h"

#include <string.h>

static bool find(struct pl *val, const struct pl *prm, const char *key)
{
	struct pl rest = *prm;

	while(rest.l > 0) {
		const char *end;
		struct pl item, name;

		pl_advance(&rest, 1); /* '?' or '&' */
		end = pl_strchr(&rest, '&');
		item = (struct pl){rest.p, end ? (size_t)(end - rest.p) : rest.l};
		pl_advance(&rest, (ssize_t)item.l);
		end = pl_strchr(&item, '=');
		name = (struct pl){item.p, end ? (size_t)(end - item.p) : item.l};
		if(0 != pl_strcmp(&name, key))
			continue;
		*val = (struct pl){name.p + name.l, item.l - name.l};
		if(val->l > 0)
			pl_advance(val, 1);
		return true;
	}
	return false;
}

bool query_has(const struct pl *prm, const char *key)
{
	struct pl val;

	return find(&val, prm, key);
}

/* Form decoding: %XX and "+"; libre's functions are those of SIP URIs. */
static int print_decoded(struct re_printf *pf, const struct pl *pl)
{
	int err = 0;

	for(size_t i = 0; i < pl->l && !err; i++) {
		char c = pl->p[i] == '+' ? ' ' : pl->p[i];

		if(c == '%' && i + 2 < pl->l) {
			c = (char)(ch_hex(pl->p[i + 1]) << 4 | ch_hex(pl->p[i + 2]));
			i += 2;
		}
		err = pf->vph(&c, 1, pf->arg);
	}
	return err;
}

void query_param(char **valp, const struct pl *prm, const char *key)
{
	struct pl val;

	if(find(&val, prm, key))
		(void)re_sdprintf(valp, "%H", print_decoded, &val);
}

struct json_object *query_body_json(const struct mbuf *mb)
{
	struct json_tokener *tok = json_tokener_new();
	struct json_object *o = NULL;

	if(tok) {
		/* strict, json-c 0.18 refuses every character outside ASCII */
		json_tokener_set_flags(tok, JSON_C_VERSION_NUM < (18 << 8) ? JSON_TOKENER_STRICT : 0);
		o = json_tokener_parse_ex(tok, (const char *)mbuf_buf(mb), (int)mbuf_get_left(mb));
		if(json_tokener_get_error(tok) != json_tokener_success
				|| json_tokener_get_parse_end(tok) != mbuf_get_left(mb)) {
			json_object_put(o);
			o = NULL;
		}
		json_tokener_free(tok);
	}
	return o;
}

static bool is_secret(const char *key)
{
	return strstr(key, "password") || strstr(key, "token") || strstr(key, "secret");
}

void query_redact(struct json_object *o)
{
	if(json_object_is_type(o, json_type_array)) {
		for(size_t i = 0; i < json_object_array_length(o); i++)
			query_redact(json_object_array_get_idx(o, i));
		return;
	}
	if(!json_object_is_type(o, json_type_object))
		return;
	json_object_object_foreach(o, key, val)
	{
		if(is_secret(key))
			json_object_object_add(o, key, json_object_new_string("(left out)"));
		else
			query_redact(val);
	}
}
