/* Wanted state and Meta's settings against each other: what is planned can be
 * carried out, and then nothing is left to do.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Input: a number's entry in one line, then Meta's settings. A '[' first: a whole
 * file instead.
 */
#include "fuzz.h"

#include <string.h>

#include "wa_err.h"
#include "wa_job.h"
#include "wa_plan.h"

#define ENDS(field) (memchr((field), '\0', sizeof(field)) != NULL)

static int check_row(const wa_plan_row_t *row, void *arg)
{
	(void)arg;
	FUZZ_CHECK(ENDS(row->wanted) && ENDS(row->stored) && ENDS(row->meta));
	FUZZ_CHECK(row->said || !row->meta_differs);
	return 0;
}

static void check_plan(wa_wanted_t *w, const wa_calling_t *meta)
{
	char body[WA_PLAN_BODY_SIZE], why[WA_WANTED_WHY_SIZE], text[WA_JOB_TEXT_SIZE];
	wa_job_t job, again;
	unsigned writes;

	wa_plan_keep(w, meta);
	wa_plan_rows(w, NULL, meta, check_row, NULL);
	writes = wa_plan_writes(w, meta);
	for(unsigned bit = 1; bit <= WA_WRITE_SRTP; bit <<= 1) {
		int ret = writes & bit ? wa_plan_body(bit, w, meta, body, sizeof(body), why, sizeof(why))
							   : 0;

		FUZZ_CHECK(ret == 0 || ret == WA_EPARSE);
	}
	if(wa_job_rotate(&job, meta, "fuzz", 1) < 0)
		return;
	FUZZ_CHECK(wa_job_text(&job, text, sizeof(text)) == 0);
	FUZZ_CHECK(wa_job_parse(&again, wa_sv_from(text)) == 0);
	FUZZ_CHECK(strcmp(job.body, again.body) == 0);
}

void fuzz_wanted(const uint8_t *data, size_t size)
{
	wa_sv_t rest = fuzz_text(data, size), first;
	char why[WA_WANTED_WHY_SIZE] = "", text[WA_WANTED_TEXT_SIZE], text2[sizeof(text)];
	wa_wanted_t w, again;
	wa_wanted_file_t f;
	wa_calling_t meta;
	wa_job_t job;

	if(rest.len > 0 && rest.s[0] == '[') {
		if(wa_wanted_open(&f, (wa_sv_t){rest.s + 1, rest.len - 1}, why, sizeof(why)) < 0) {
			FUZZ_CHECK(ENDS(why) && why[0] != '\0');
			return;
		}
		for(size_t i = 0; i < f.n; i++)
			wa_wanted_get(&f, i, &w);
		wa_wanted_close(&f);
		return;
	}
	first = wa_sv_cut(&rest, '\n');
	wa_job_parse(&job, rest);
	if(wa_wanted_parse(&w, first, why, sizeof(why)) < 0) {
		FUZZ_CHECK(ENDS(why) && why[0] != '\0');
		return;
	}
	FUZZ_CHECK(wa_wanted_text(&w, text, sizeof(text)) == 0);
	FUZZ_CHECK(wa_wanted_parse(&again, wa_sv_from(text), why, sizeof(why)) == 0);
	FUZZ_CHECK(wa_wanted_text(&again, text2, sizeof(text2)) == 0);
	FUZZ_CHECK(strcmp(text, text2) == 0);
	if(wa_calling_parse(&meta, rest, (wa_sv_t){"", 0}, (wa_sv_t){"", 0}, why, sizeof(why)) == 0)
		check_plan(&w, &meta);
}
