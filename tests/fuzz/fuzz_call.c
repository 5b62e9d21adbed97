/* A line of the journal of calls; and a call whose texts come from outside.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Input: a line with a text for every field, then a line of the journal, then a
 * whole journal.
 */
#include "fuzz.h"

#include <string.h>

#include "wa_call.h"
#include "wa_journal.h"
#include "wa_json.h"

static char line[WA_CALL_LINE_SIZE];

/* Whatever the fields hold, what is written is one line of JSON. */
static void written(const wa_call_t *c)
{
	wa_buf_t b = wa_buf_on(line, sizeof(line));
	struct json_object *o;
	wa_call_t again;

	wa_call_cdr(c, true, &b);
	FUZZ_CHECK(wa_buf_check(&b) == 0);
	FUZZ_CHECK(memchr(line, '\n', b.len) == NULL);
	FUZZ_CHECK(wa_json_parse(&o, wa_buf_sv(&b)) == 0);
	json_object_put(o);
	b = wa_buf_on(line, sizeof(line));
	wa_call_line(c, &b);
	FUZZ_CHECK(wa_buf_check(&b) == 0 && memchr(line, '\n', b.len) == NULL);
	b = wa_buf_on(line, sizeof(line));
	wa_call_journal(c, &b);
	if(wa_buf_check(&b) == 0 && c->id[0] != '\0' && c->call[0] != '\0')
		FUZZ_CHECK(wa_call_read(&again, wa_buf_sv(&b)) == 0);
}

static void made_of(wa_sv_t text)
{
	static const char *const names[] = {"id", "call", "wacid", "number", "peer",
			"trunk", "gateway", "src", "cause", "phrase", "mos", "jitter"};
	wa_sv_t legs[WA_LEG_TEXTS];
	wa_call_t c;

	wa_call_init(&c);
	for(size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		wa_call_set(&c, names[i], text);
	for(int i = 0; i < WA_LEG_TEXTS; i++)
		legs[i] = text;
	(void)wa_leg_set(&c.meta, legs, 1);
	written(&c);
}

static void journal(wa_sv_t text)
{
	wa_journal_t *j = wa_journal_read(text, text);
	wa_sv_t json;

	while(j != NULL && wa_journal_next(j, &json))
		FUZZ_CHECK(fuzz_inside(json, text) && json.len > 0);
	wa_journal_free(j);
}

void fuzz_call(const uint8_t *data, size_t size)
{
	wa_sv_t rest = fuzz_text(data, size);
	wa_call_t c;

	made_of(wa_sv_cut(&rest, '\n'));
	if(wa_call_read(&c, wa_sv_cut(&rest, '\n')) == 0)
		written(&c);
	journal(rest);
}
