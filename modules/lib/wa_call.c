/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_call.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "wa_err.h"
#include "wa_json.h"
#include "wa_json_out.h"
#include "wa_mask.h"

enum type
{
	TEXT,
	NUMBER, /* a telephone number or user id: may be masked */
	QUANTITY, /* text that is a number, or nothing */
	INT,
	TIME,
	MASKED_TEXT
};

static const struct field
{
	const char *name;
	enum type type;
	size_t at, size;
} fields[] = {
#define FIELD(f, t) {#f, t, offsetof(wa_call_t, f), sizeof(((wa_call_t *)0)->f)}
		FIELD(id, TEXT), FIELD(node, TEXT), FIELD(call, TEXT),
		FIELD(meta_call, TEXT), FIELD(wacid, TEXT), FIELD(dir, TEXT),
		FIELD(number, NUMBER),
		FIELD(peer, NUMBER), FIELD(trunk, TEXT), FIELD(gateway, TEXT),
		FIELD(src, TEXT), FIELD(keys, TEXT), FIELD(codec_meta, TEXT),
		FIELD(codec_pbx, TEXT), FIELD(media_node, TEXT), FIELD(cause, TEXT),
		FIELD(code, INT), FIELD(phrase, MASKED_TEXT), FIELD(ended_by, TEXT),
		FIELD(offered, TIME), FIELD(ringing, TIME), FIELD(answered, TIME),
		FIELD(ended, TIME), FIELD(meta_duration, INT), FIELD(first_ms, INT),
		FIELD(mos, QUANTITY), FIELD(loss, QUANTITY), FIELD(jitter, QUANTITY),
		FIELD(restarted, INT), FIELD(state, INT), FIELD(result, INT),
#undef FIELD
};
#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

static const char *const leg_names[WA_LEG_TEXTS] = {"call_id", "local",
		"local_tag", "remote", "remote_tag", "target", "routes",
		"socket"};

/* --- legs ------------------------------------------------------------------ */

int wa_leg_set(wa_leg_t *leg, const wa_sv_t text[WA_LEG_TEXTS], uint32_t cseq)
{
	wa_buf_t b = wa_buf_on(leg->text, sizeof(leg->text));

	for(int i = 0; i < WA_LEG_TEXTS; i++) {
		if(text[i].len > 0 && memchr(text[i].s, '\0', text[i].len) != NULL)
			b.full = true;
		wa_buf_put(&b, text[i]);
		wa_buf_put(&b, (wa_sv_t){"", 1});
	}
	leg->cseq = cseq;
	if(wa_buf_check(&b) == 0)
		return 0;
	memset(leg, 0, sizeof(*leg));
	return WA_ETOOLONG;
}

wa_sv_t wa_leg_get(const wa_leg_t *leg, enum wa_leg_text which)
{
	const char *p = leg->text;

	for(int i = 0; i < (int)which; i++)
		p += strlen(p) + 1;
	return wa_sv_from(p);
}

bool wa_leg_is_set(const wa_leg_t *leg)
{
	return leg->text[0] != '\0';
}

/* --- fields ---------------------------------------------------------------- */

void wa_call_init(wa_call_t *c)
{
	memset(c, 0, sizeof(*c));
	c->meta_duration = -1;
	c->first_ms = -1;
}

static bool is_text(enum type t)
{
	return t != INT && t != TIME;
}

static void keep(char *dst, size_t size, wa_sv_t v)
{
	size_t n = v.len < size ? v.len : size - 1;

	if(n > 0)
		memcpy(dst, v.s, n);
	memset(dst + n, 0, size - n);
}

int wa_call_set(wa_call_t *c, const char *name, wa_sv_t value)
{
	for(size_t i = 0; i < N_FIELDS; i++)
		if(is_text(fields[i].type) && strcmp(fields[i].name, name) == 0) {
			keep((char *)c + fields[i].at, fields[i].size, value);
			return 0;
		}
	return WA_ENOENT;
}

static bool is_set(const wa_call_t *c, const struct field *f)
{
	int32_t n;

	if(is_text(f->type))
		return ((const char *)c)[f->at] != '\0';
	if(f->type == TIME)
		return false; /* moments are the table's own */
	memcpy(&n, (const char *)c + f->at, sizeof(n));
	return n > 0 || (n == 0 && f->at == offsetof(wa_call_t, meta_duration));
}

void wa_call_merge(wa_call_t *dst, const wa_call_t *src, bool fill)
{
	for(size_t i = 0; i < N_FIELDS; i++) {
		const struct field *f = &fields[i];

		if(strcmp(f->name, "state") == 0 || strcmp(f->name, "result") == 0)
			continue;
		/* where the call came from, not the answer to it */
		if(strcmp(f->name, "src") == 0 && is_set(dst, f))
			continue;
		if(is_set(src, f) && !(fill && is_set(dst, f)))
			memcpy((char *)dst + f->at, (const char *)src + f->at, f->size);
	}
}

void wa_call_end(wa_call_t *c, int64_t now, int64_t clock)
{
	bool timed = c->answered > 0 && c->answered_at > 0;

	c->ended = timed ? c->answered + clock - c->answered_at : now;
}

const char *wa_call_ended_by(const wa_call_t *c)
{
	const wa_reason_t *r = wa_reason_find(wa_sv_from(c->cause));

	if(strcmp(c->cause, "bye_meta") == 0)
		return "meta";
	if(strcmp(c->cause, "bye_pbx") == 0)
		return "pbx";
	if(strcmp(c->cause, "cancelled") == 0)
		return strcmp(c->dir, "in") == 0 ? "meta" : "pbx";
	if(r == NULL)
		return "sbc";
	switch(r->class) {
		case WA_REASON_USER:
		case WA_REASON_META:
			return "meta";
		case WA_REASON_PBX:
			return "pbx";
		case WA_REASON_NORMAL:
		case WA_REASON_SETTINGS:
		case WA_REASON_LIMIT:
		case WA_REASON_SBC:
			break;
	}
	return "sbc";
}

const char *wa_call_state_name(int state)
{
	static const char *const names[] = {
			"new", "offered", "ringing", "answered"};

	return state >= 0 && state <= WA_CALL_ANSWERED ? names[state] : "unknown";
}

const char *wa_call_result_name(int result)
{
	static const char *const names[] = {
			"refused", "failed", "cancelled", "ended"};

	return result >= 0 && result < WA_CALL_RESULTS ? names[result] : "unknown";
}

/* --- writing --------------------------------------------------------------- */

/* "4.3" and the like; anything else is null. */
static void put_quantity(wa_buf_t *b, const char *name, wa_sv_t v)
{
	bool good = v.len > 0 && v.s[0] != '.' && v.s[v.len - 1] != '.';
	int dots = 0;

	for(size_t i = 0; i < v.len; i++) {
		dots += v.s[i] == '.';
		good = good && (v.s[i] == '.' || (v.s[i] >= '0' && v.s[i] <= '9'));
	}
	/* JSON has no 007 */
	if(v.len > 1 && v.s[0] == '0' && v.s[1] != '.')
		good = false;
	wa_json_name(b, name);
	wa_buf_put(b, good && dots < 2 ? v : WA_SV("null"));
}

static void put_text(
		wa_buf_t *b, const struct field *f, wa_sv_t v, bool masked)
{
	char text[320];

	if(f->type == MASKED_TEXT) {
		wa_mask_text(v, text, sizeof(text));
		v = wa_sv_from(text);
	} else if(f->type == NUMBER && masked && v.len > 0) {
		wa_mask(v, text, sizeof(text));
		v = wa_sv_from(text);
	}
	wa_json_text(b, f->name, v);
}

static int32_t int_at(const wa_call_t *c, size_t at)
{
	int32_t n;

	memcpy(&n, (const char *)c + at, sizeof(n));
	return n;
}

static int64_t time_at(const wa_call_t *c, size_t at)
{
	int64_t n;

	memcpy(&n, (const char *)c + at, sizeof(n));
	return n;
}

static void put_int(wa_buf_t *b, const char *name, int32_t n)
{
	if(n < 0) {
		wa_json_name(b, name);
		wa_buf_put(b, WA_SV("null"));
	} else {
		wa_json_num(b, name, n);
	}
}

void wa_call_cdr(const wa_call_t *c, bool masked, wa_buf_t *b)
{
	wa_json_open(b);
	wa_json_text(b, "result", wa_sv_from(wa_call_result_name(c->result)));
	for(size_t i = 0; i < N_FIELDS; i++) {
		const struct field *f = &fields[i];
		wa_sv_t text = wa_sv_from((const char *)c + f->at);

		if(strcmp(f->name, "state") == 0 || strcmp(f->name, "result") == 0)
			continue;
		if(f->type == QUANTITY)
			put_quantity(b, f->name, text);
		else if(f->type == INT)
			put_int(b, f->name, int_at(c, f->at));
		else if(f->type == TIME)
			wa_json_time(b, f->name, time_at(c, f->at));
		else
			put_text(b, f, text, masked);
	}
	wa_json_milli(b, "duration",
			c->answered > 0 && c->ended > c->answered ? c->ended - c->answered
													  : 0);
	wa_json_close(b);
}

static void put_pair(wa_buf_t *b, const char *name, wa_sv_t value)
{
	bool plain = value.len > 0;

	for(size_t i = 0; i < value.len; i++)
		plain = plain && (unsigned char)value.s[i] > 0x20 && value.s[i] != '"'
				&& value.s[i] != 0x7f;
	if(b->len > 0)
		wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, wa_sv_from(name));
	wa_buf_put(b, WA_SV("="));
	if(value.len == 0)
		wa_buf_put(b, WA_SV("-"));
	else if(plain)
		wa_buf_put(b, value);
	else
		wa_json_quote(b, value);
}

static void put_figure(wa_buf_t *b, const char *name, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	put_pair(b, name, n < 0 ? (wa_sv_t){NULL, 0} : wa_sv_from(text));
}

void wa_call_line(const wa_call_t *c, wa_buf_t *b)
{
	const wa_reason_t *r = wa_reason_find(wa_sv_from(c->cause));
	char number[32], peer[32], phrase[160];
	bool talked = c->answered > 0 && c->ended > c->answered;

	wa_mask(wa_sv_from(c->number), number, sizeof(number));
	wa_mask(wa_sv_from(c->peer), peer, sizeof(peer));
	wa_mask_text(wa_sv_from(c->phrase), phrase, sizeof(phrase));
	put_pair(b, "result", wa_sv_from(wa_call_result_name(c->result)));
	put_pair(b, "id", wa_sv_from(c->id));
	put_pair(b, "call", wa_sv_from(c->call));
	put_pair(b, "wacid", wa_sv_from(c->wacid));
	put_pair(b, "dir", wa_sv_from(c->dir));
	put_pair(b, "number", wa_sv_from(number));
	put_pair(b, "peer", wa_sv_from(peer));
	put_pair(b, "trunk", wa_sv_from(c->trunk));
	put_pair(b, "cause", wa_sv_from(c->cause));
	put_figure(b, "code", c->code);
	put_pair(b, "by", wa_sv_from(c->ended_by));
	put_figure(b, "duration_ms", talked ? c->ended - c->answered : 0);
	put_figure(b, "first_ms", c->first_ms);
	put_pair(b, "mos", wa_sv_from(c->mos));
	put_pair(b, "why", r != NULL ? wa_sv_from(r->text) : WA_SV(""));
	put_pair(b, "remedy", r != NULL ? wa_sv_from(r->remedy) : WA_SV(""));
	put_pair(b, "phrase", wa_sv_from(phrase));
}

static void put_leg(wa_buf_t *b, const char *name, const wa_leg_t *leg)
{
	wa_json_name(b, name);
	wa_json_open(b);
	wa_json_num(b, "cseq", leg->cseq);
	for(int i = 0; i < WA_LEG_TEXTS; i++)
		wa_json_text(b, leg_names[i], wa_leg_get(leg, (enum wa_leg_text)i));
	wa_json_close(b);
}

void wa_call_journal(const wa_call_t *c, wa_buf_t *b)
{
	wa_json_open(b);
	for(size_t i = 0; i < N_FIELDS; i++) {
		const struct field *f = &fields[i];

		if(f->type == INT)
			wa_json_num(b, f->name, int_at(c, f->at));
		else if(f->type == TIME)
			wa_json_num(b, f->name, time_at(c, f->at));
		else
			wa_json_text(b, f->name, wa_sv_from((const char *)c + f->at));
	}
	if(wa_leg_is_set(&c->meta))
		put_leg(b, "meta", &c->meta);
	if(wa_leg_is_set(&c->pbx))
		put_leg(b, "pbx", &c->pbx);
	wa_json_close(b);
}

/* --- reading --------------------------------------------------------------- */

static wa_sv_t text_of(struct json_object *o)
{
	return (wa_sv_t){json_object_get_string(o),
			(size_t)json_object_get_string_len(o)};
}

static int read_leg(struct json_object *root, const char *name, wa_leg_t *leg)
{
	wa_sv_t texts[WA_LEG_TEXTS];
	struct json_object *o, *m;
	int64_t cseq;

	if(!json_object_object_get_ex(root, name, &o))
		return 0;
	if(!json_object_is_type(o, json_type_object)
			|| !json_object_object_get_ex(o, "cseq", &m)
			|| !json_object_is_type(m, json_type_int))
		return WA_ETYPE;
	cseq = json_object_get_int64(m);
	if(cseq < 0 || cseq > INT32_MAX)
		return WA_ETYPE;
	for(int i = 0; i < WA_LEG_TEXTS; i++) {
		if(!json_object_object_get_ex(o, leg_names[i], &m)
				|| !json_object_is_type(m, json_type_string))
			return WA_ETYPE;
		texts[i] = text_of(m);
	}
	return wa_leg_set(leg, texts, (uint32_t)cseq);
}

static int read_field(
		wa_call_t *c, const struct field *f, struct json_object *o)
{
	int64_t n = 0;
	int32_t n32;

	if(is_text(f->type)) {
		if(!json_object_is_type(o, json_type_string))
			return WA_ETYPE;
		keep((char *)c + f->at, f->size, text_of(o));
		return 0;
	}
	if(!json_object_is_type(o, json_type_int))
		return WA_ETYPE;
	n = json_object_get_int64(o);
	if(f->type == TIME) {
		memcpy((char *)c + f->at, &n, sizeof(n));
		return 0;
	}
	if(n < -1 || n > INT32_MAX)
		return WA_ETYPE;
	n32 = (int32_t)n;
	memcpy((char *)c + f->at, &n32, sizeof(n32));
	return 0;
}

int wa_call_read(wa_call_t *c, wa_sv_t line)
{
	struct json_object *root = NULL, *o;
	int err = wa_json_parse(&root, line);

	wa_call_init(c);
	if(err == 0 && !json_object_is_type(root, json_type_object))
		err = WA_ETYPE;
	for(size_t i = 0; err == 0 && i < N_FIELDS; i++)
		if(json_object_object_get_ex(root, fields[i].name, &o))
			err = read_field(c, &fields[i], o);
	if(err == 0)
		err = read_leg(root, "meta", &c->meta);
	if(err == 0)
		err = read_leg(root, "pbx", &c->pbx);
	json_object_put(root);
	if(err == 0 && (c->id[0] == '\0' || c->call[0] == '\0'))
		err = WA_EPARSE;
	return err;
}

int wa_call_read_record(wa_call_t *c, wa_sv_t line)
{
	static const char *const names[] = {"call", "dir"};
	struct json_object *root = NULL, *o;
	int err = wa_json_parse(&root, line);

	wa_call_init(c);
	if(err == 0 && !json_object_is_type(root, json_type_object))
		err = WA_ETYPE;
	for(size_t i = 0; err == 0 && i < sizeof(names) / sizeof(names[0]); i++) {
		if(!json_object_object_get_ex(root, names[i], &o)
				|| !json_object_is_type(o, json_type_string))
			err = WA_ETYPE;
		else
			err = wa_call_set(c, names[i], text_of(o));
	}
	json_object_put(root);
	return err;
}
