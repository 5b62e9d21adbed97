/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_apps.h"

#include <stdio.h>

#include "wa_err.h"
#include "wa_number.h"

static wa_sv_t word(wa_sv_t *rest)
{
	size_t n = 0;
	wa_sv_t v;

	*rest = wa_sv_trim(*rest);
	while(n < rest->len && rest->s[n] != ' ' && rest->s[n] != '\t')
		n++;
	v = (wa_sv_t){rest->s, n};
	*rest = (wa_sv_t){rest->s + n, rest->len - n};
	return v;
}

static int is_id(wa_sv_t v)
{
	for(size_t i = 0; i < v.len; i++)
		if(v.s[i] < '0' || v.s[i] > '9')
			return 0;
	return v.len > 0 && v.len < WA_ID_SIZE;
}

static int is_path(wa_sv_t v)
{
	for(size_t i = 0; i < v.len; i++)
		if(v.s[i] < ' ' || v.s[i] > '~')
			return 0;
	return v.len > 1 && v.s[0] == '/';
}

static int complain(char *why, size_t size, unsigned line, const char *text, int err)
{
	if(snprintf(why, size, "line %u: %s", line, text) < 0 && size > 0)
		why[0] = '\0';
	return err;
}

/* NULL, or what is wrong with the line. */
static const char *read_line(wa_app_line_t *out, wa_sv_t line)
{
	wa_sv_t rest = line;

	out->id = word(&rest);
	out->token_file = word(&rest);
	out->secret_file = word(&rest);
	if(!is_id(out->id))
		return "an app id is expected first, digits";
	if(!is_path(out->token_file))
		return "the absolute name of the token's file is expected second";
	if(out->secret_file.len > 0 && !is_path(out->secret_file))
		return "the absolute name of the secret's file is expected third";
	return wa_sv_trim(rest).len > 0 ? "more than three words" : NULL;
}

int wa_apps_parse(wa_app_line_t out[WA_APPS_MAX], wa_sv_t text, char *why, size_t size)
{
	unsigned number = 0;
	int n = 0;

	while(text.len > 0) {
		wa_sv_t line = wa_sv_trim(wa_sv_cut(&text, '\n'));
		const char *wrong;

		number++;
		if(line.len == 0 || line.s[0] == '#')
			continue;
		if(n == WA_APPS_MAX)
			return complain(why, size, number, "more than 64 apps", WA_ERANGE);
		wrong = read_line(&out[n], line);
		for(int i = 0; wrong == NULL && i < n; i++)
			if(wa_sv_eq(out[i].id, out[n].id))
				wrong = "this app has a line already";
		if(wrong != NULL)
			return complain(why, size, number, wrong, WA_EPARSE);
		n++;
	}
	return n;
}
