/* JSON that may hold secrets.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wa_json.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <openssl/crypto.h>

#include "wa_err.h"
#include "wa_json_spelling.h"

/* json-c collects each string in a buffer of the tokener before it makes an
 * object of it: that copy goes with the tokener, wiped. */
static void tokener_free(struct json_tokener *tok)
{
	if(tok->pb)
		OPENSSL_cleanse(tok->pb->buf, (size_t)tok->pb->size);
	json_tokener_free(tok);
}

/* Not JSON_TOKENER_STRICT: with it json-c 0.18 refuses every character
 * outside ASCII (where char is signed) and integers beyond 64 bits. The spelling
 * is checked beforehand, so that all versions take the same texts. */
int wa_json_parse(struct json_object **rootp, wa_sv_t text)
{
	struct json_tokener *tok;
	struct json_object *root;
	enum json_tokener_error jerr;
	bool all;

	if(text.len > INT_MAX)
		return WA_ETOOLONG;
	if(text.len == 0 || !wa_json_spelling(text))
		return WA_EPARSE;
	tok = json_tokener_new();
	if(tok == NULL)
		return WA_ENOMEM;
	root = json_tokener_parse_ex(tok, text.s, (int)text.len);
	jerr = json_tokener_get_error(tok);
	all = json_tokener_get_parse_end(tok) == text.len;
	tokener_free(tok);
	if(jerr != json_tokener_success || !all) {
		json_object_put(root);
		return WA_EPARSE;
	}
	*rootp = root;
	return 0;
}

static void wipe(struct json_object *o)
{
	if(json_object_is_type(o, json_type_string)) {
		/* the object's own bytes, not a copy: it is about to go */
		OPENSSL_cleanse((char *)(uintptr_t)json_object_get_string(o),
				(size_t)json_object_get_string_len(o));
	} else if(json_object_is_type(o, json_type_array)) {
		for(size_t i = 0; i < json_object_array_length(o); i++)
			wipe(json_object_array_get_idx(o, i));
	} else if(json_object_is_type(o, json_type_object)) {
		json_object_object_foreach(o, key, val)
		{
			(void)key;
			wipe(val);
		}
	}
}

void wa_json_wipe(struct json_object *root)
{
	wipe(root);
	json_object_put(root);
}
