/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_guard_plan.h"

#include "wa_bencode.h"
#include "wa_err.h"

/* The texts of a job that are kept, by name. */
#define TEXTS 7
static void texts_of(wa_guard_job_t *j, wa_sv_t *v[TEXTS])
{
	wa_sv_t *all[TEXTS] = {&j->url, &j->meta_tag, &j->pbx_tag, &j->offer,
			&j->offer_flags, &j->answer, &j->answer_flags};

	for(unsigned i = 0; i < TEXTS; i++)
		v[i] = all[i];
}

static const char *const names[TEXTS] = {"url", "meta-tag", "pbx-tag", "offer",
		"offer-flags", "answer", "answer-flags"};

static void put_int(wa_buf_t *b, const char *key, int64_t n)
{
	wa_ben_put_str(b, wa_sv_from(key));
	wa_ben_put_int(b, n);
}

int wa_guard_plan_write(const wa_guard_job_t *job, wa_buf_t *out)
{
	wa_guard_job_t j = *job;
	wa_sv_t *v[TEXTS];

	texts_of(&j, v);
	wa_ben_put_dict(out);
	put_int(out, "at", j.at);
	put_int(out, "hold", j.hold);
	put_int(out, "sdes", j.sdes);
	for(unsigned i = 0; i < TEXTS; i++)
		wa_ben_put_pair(out, wa_sv_from(names[i]), *v[i]);
	wa_ben_put_end(out);
	return wa_buf_check(out);
}

static int get_int(const wa_ben_t *d, const char *key, int64_t *out)
{
	wa_ben_t v;

	if(wa_ben_get(d, wa_sv_from(key), WA_BEN_INT, &v) < 0)
		return WA_EPARSE;
	*out = v.num;
	return 0;
}

int wa_guard_plan_read(wa_sv_t plan, wa_guard_job_t *out)
{
	int64_t hold = 0, sdes = 0;
	wa_sv_t *v[TEXTS];
	wa_ben_t d, one;

	*out = (wa_guard_job_t){.kind = WA_GUARD_WATCH};
	texts_of(out, v);
	if(wa_ben_open(plan, &d) < 0 || d.type != WA_BEN_DICT
			|| get_int(&d, "at", &out->at) < 0 || get_int(&d, "hold", &hold) < 0
			|| get_int(&d, "sdes", &sdes) < 0)
		return WA_EPARSE;
	for(unsigned i = 0; i < TEXTS; i++) {
		if(wa_ben_get(&d, wa_sv_from(names[i]), WA_BEN_STR, &one) < 0)
			return WA_EPARSE;
		*v[i] = one.body;
	}
	out->hold = hold != 0;
	out->sdes = sdes != 0;
	return out->url.len > 0 && out->meta_tag.len > 0 && out->pbx_tag.len > 0 ? 0 : WA_EPARSE;
}
