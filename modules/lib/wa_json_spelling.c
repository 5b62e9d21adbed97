/* The spelling of JSON.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wa_json_spelling.h"

#include <string.h>

/* Each of the readers below takes one token from the front of `*t`. */

static bool next_is(const wa_sv_t *t, const char *set)
{
	return t->len > 0 && t->s[0] != '\0' && strchr(set, t->s[0]) != NULL;
}

static void skip(wa_sv_t *t, size_t n)
{
	t->s += n;
	t->len -= n;
}

static bool take(wa_sv_t *t, const char *set)
{
	if(!next_is(t, set))
		return false;
	skip(t, 1);
	return true;
}

static bool take_digits(wa_sv_t *t)
{
	bool any = false;

	while(take(t, "0123456789"))
		any = true;
	return any;
}

static bool take_number(wa_sv_t *t)
{
	take(t, "-");
	if(!take(t, "0") && !take_digits(t))
		return false;
	if(take(t, ".") && !take_digits(t))
		return false;
	if(take(t, "eE")) {
		take(t, "+-");
		if(!take_digits(t))
			return false;
	}
	/* "01", "1x" */
	return !next_is(t, "0123456789");
}

static bool take_string(wa_sv_t *t)
{
	skip(t, 1);
	while(t->len > 0) {
		/* bytes from 0x80 on are text, whatever the sign of a char */
		unsigned char c = (unsigned char)t->s[0];

		if(c < 0x20)
			return false;
		if(c == '"') {
			skip(t, 1);
			return true;
		}
		/* which escapes there are is the parser's to say */
		skip(t, c == '\\' && t->len > 1 ? 2 : 1);
	}
	return false;
}

static bool take_word(wa_sv_t *t)
{
	static const char *const words[] = {"true", "false", "null"};

	for(size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);

		if(t->len >= n && memcmp(t->s, words[i], n) == 0) {
			skip(t, n);
			return true;
		}
	}
	return false;
}

static bool take_value(wa_sv_t *t)
{
	if(next_is(t, "\""))
		return take_string(t);
	if(next_is(t, "-0123456789"))
		return take_number(t);
	return take_word(t);
}

bool wa_json_spelling(wa_sv_t text)
{
	bool after_comma = false;

	while(text.len > 0) {
		if(take(&text, " \t\r\n"))
			continue;
		if(after_comma && next_is(&text, "]}"))
			return false;
		after_comma = next_is(&text, ",");
		if(!take(&text, "[]{}:,") && !take_value(&text))
			return false;
	}
	return true;
}
