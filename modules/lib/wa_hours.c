/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_hours.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wa_buf.h"
#include "wa_err.h"

#define DAYS "MONDAY|TUESDAY|WEDNESDAY|THURSDAY|FRIDAY|SATURDAY|SUNDAY"
#define STATUS "ENABLED|DISABLED"

static const char *const day_names[] = {"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY",
		"FRIDAY", "SATURDAY", "SUNDAY"};

/* How the members of one kind of list are called. */
typedef struct list
{
	const char *key;
	const char *day, *from, *to;
	unsigned max;
	bool dated;
} list_t;

static const list_t week_list = {"weekly_operating_hours", "day_of_week", "open_time",
		"close_time", WA_HOURS_SLOTS_MAX, false};
static const list_t holiday_list = {"holiday_schedule", "date", "start_time", "end_time",
		WA_HOURS_HOLIDAYS_MAX, true};

/* "HHMM" */
static int read_time(const wa_jread_t *r, struct json_object *o, const char *path,
		const char *key, uint16_t *out)
{
	struct json_object *v;
	unsigned long n = 0;
	char sub[WA_JREAD_PATH];
	int err = wa_jread_member(r, o, path, key, json_type_string, &v);

	if(err)
		return err;
	wa_jread_path(sub, path, key);
	if(v == NULL || wa_jread_text(v).len != 4
			|| wa_sv_ulong(wa_jread_text(v), 2359, &n) < 0 || n % 100 > 59)
		return wa_jread_fail(r, WA_EPARSE, "%s: a time such as \"0930\" expected", sub);
	*out = (uint16_t)n;
	return 0;
}

/* "YYYY-MM-DD" */
static int read_date(const wa_jread_t *r, struct json_object *o, const char *path,
		const char *key, uint32_t *out)
{
	unsigned long y = 0, m = 0, d = 0;
	struct json_object *v;
	char sub[WA_JREAD_PATH];
	wa_sv_t t = {"", 0};
	int err = wa_jread_member(r, o, path, key, json_type_string, &v);

	if(err)
		return err;
	if(v != NULL)
		t = wa_jread_text(v);
	wa_jread_path(sub, path, key);
	if(t.len != 10 || t.s[4] != '-' || t.s[7] != '-'
			|| wa_sv_ulong((wa_sv_t){t.s, 4}, 9999, &y) < 0
			|| wa_sv_ulong((wa_sv_t){t.s + 5, 2}, 12, &m) < 0
			|| wa_sv_ulong((wa_sv_t){t.s + 8, 2}, 31, &d) < 0 || m == 0 || d == 0)
		return wa_jread_fail(r, WA_EPARSE, "%s: a date such as \"2026-12-24\" expected", sub);
	*out = (uint32_t)(y * 10000 + m * 100 + d);
	return 0;
}

static int read_day(const wa_jread_t *r, struct json_object *o, const char *path,
		uint32_t *out)
{
	int at, err = wa_jread_word(r, o, path, "day_of_week", DAYS, &at);

	if(!err && at < 0)
		return wa_jread_fail(r, WA_EPARSE, "%s.day_of_week: missing", path);
	*out = at < 0 ? 0 : (uint32_t)at;
	return err;
}

static int read_slot(const wa_jread_t *r, struct json_object *o, const char *path,
		const list_t *l, wa_hours_slot_t *s)
{
	const char *const known[] = {l->day, l->from, l->to, NULL};
	int err = wa_jread_known(r, o, path, known);

	if(!err)
		err = l->dated ? read_date(r, o, path, l->day, &s->day)
					   : read_day(r, o, path, &s->day);
	if(!err)
		err = read_time(r, o, path, l->from, &s->from);
	if(!err)
		err = read_time(r, o, path, l->to, &s->to);
	if(!err && r->strict && s->from >= s->to)
		return wa_jread_fail(r, WA_ERANGE, "%s: ends before it begins", path);
	return err;
}

static int compare_slots(const void *a, const void *b)
{
	const wa_hours_slot_t *x = a, *y = b;

	if(x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return (int)x->from - (int)y->from;
}

/* In order, so only neighbours can overlap. */
static int check_week(const wa_jread_t *r, const wa_hours_slot_t *s, unsigned n,
		const char *path)
{
	unsigned same = 1;

	for(unsigned i = 1; i < n; i++) {
		same = s[i].day == s[i - 1].day ? same + 1 : 1;
		if(same > 2)
			return wa_jread_fail(r, WA_ERANGE, "%s: more than 2 slots on %s", path,
					day_names[s[i].day]);
		if(same == 2 && s[i].from < s[i - 1].to)
			return wa_jread_fail(r, WA_ERANGE, "%s: slots overlap on %s", path,
					day_names[s[i].day]);
	}
	return 0;
}

static int read_list(const wa_jread_t *r, struct json_object *o, const char *path,
		const list_t *l, wa_hours_slot_t *out, unsigned *n, bool *has)
{
	char sub[WA_JREAD_PATH], item[WA_JREAD_PATH];
	struct json_object *v;
	int err = wa_jread_member(r, o, path, l->key, json_type_array, &v);

	if(err || v == NULL)
		return err;
	wa_jread_path(sub, path, l->key);
	if(json_object_array_length(v) > l->max)
		return wa_jread_fail(r, WA_ETOOLONG, "%s: more than %u entries", sub, l->max);
	*n = (unsigned)json_object_array_length(v);
	for(unsigned i = 0; !err && i < *n; i++) {
		wa_jread_item(item, sub, i);
		err = read_slot(r, json_object_array_get_idx(v, i), item, l, &out[i]);
	}
	if(err)
		return err;
	if(*n > 0)
		qsort(out, *n, sizeof(*out), compare_slots);
	*has = true;
	return r->strict && !l->dated ? check_week(r, out, *n, sub) : 0;
}

static int read_zone(const wa_jread_t *r, struct json_object *o, const char *path,
		wa_hours_t *h)
{
	struct json_object *v;
	wa_sv_t t;
	int err = wa_jread_member(r, o, path, "timezone_id", json_type_string, &v);

	if(err || v == NULL)
		return err;
	t = wa_jread_text(v);
	for(size_t i = 0; i < t.len; i++)
		if(!isalnum((unsigned char)t.s[i]) && (t.s[i] == '\0' || !strchr("_+-/", t.s[i])))
			return wa_jread_fail(r, WA_EPARSE, "%s.timezone_id: Area/City expected", path);
	if(t.len == 0 || wa_sv_copy(h->zone, sizeof(h->zone), t) < 0)
		return wa_jread_fail(r, WA_ETOOLONG, "%s.timezone_id: 1 to %d characters", path,
				WA_HOURS_ZONE_SIZE - 1);
	h->has_zone = true;
	return 0;
}

int wa_hours_read(const wa_jread_t *r, struct json_object *o, const char *path,
		wa_hours_t *out)
{
	static const char *const known[] = {"status", "timezone_id",
			"weekly_operating_hours", "holiday_schedule", NULL};
	wa_hours_t h;
	int at = -1, err;

	memset(&h, 0, sizeof(h));
	err = wa_jread_known(r, o, path, known);
	if(!err)
		err = wa_jread_word(r, o, path, "status", STATUS, &at);
	h.has_status = at >= 0;
	h.enabled = at == 0;
	if(!err)
		err = read_zone(r, o, path, &h);
	if(!err)
		err = read_list(r, o, path, &week_list, h.week, &h.n_week, &h.has_week);
	if(!err)
		err = read_list(r, o, path, &holiday_list, h.holidays, &h.n_holidays,
				&h.has_holidays);
	if(!err)
		*out = h;
	return err;
}

void wa_hours_merge(wa_hours_t *out, const wa_hours_t *wanted, const wa_hours_t *seen)
{
	*out = *seen;
	if(wanted->has_status) {
		out->has_status = true;
		out->enabled = wanted->enabled;
	}
	if(wanted->has_zone) {
		out->has_zone = true;
		memcpy(out->zone, wanted->zone, sizeof(out->zone));
	}
	if(wanted->has_week) {
		out->has_week = true;
		out->n_week = wanted->n_week;
		memcpy(out->week, wanted->week, sizeof(out->week));
	}
	if(wanted->has_holidays) {
		out->has_holidays = true;
		out->n_holidays = wanted->n_holidays;
		memcpy(out->holidays, wanted->holidays, sizeof(out->holidays));
	}
}

static void add_time(struct json_object *o, const char *key, uint16_t hhmm)
{
	char text[8];

	if(snprintf(text, sizeof(text), "%04u", hhmm) > 0)
		json_object_object_add(o, key, json_object_new_string(text));
}

static void date_text(char buf[16], uint32_t d)
{
	if(snprintf(buf, 16, "%04u-%02u-%02u", d / 10000, d / 100 % 100, d % 100) < 0)
		buf[0] = '\0';
}

static struct json_object *list_json(
		const list_t *l, const wa_hours_slot_t *s, unsigned n)
{
	struct json_object *a = json_object_new_array();
	char date[16];

	for(unsigned i = 0; a != NULL && i < n; i++) {
		struct json_object *o = json_object_new_object();

		date_text(date, s[i].day);
		json_object_object_add(o, l->day,
				json_object_new_string(l->dated ? date : day_names[s[i].day]));
		add_time(o, l->from, s[i].from);
		add_time(o, l->to, s[i].to);
		json_object_array_add(a, o);
	}
	return a;
}

struct json_object *wa_hours_json(const wa_hours_t *h)
{
	struct json_object *o = json_object_new_object();

	if(o == NULL)
		return NULL;
	if(h->has_status)
		json_object_object_add(
				o, "status", json_object_new_string(h->enabled ? "ENABLED" : "DISABLED"));
	if(h->has_zone)
		json_object_object_add(o, "timezone_id", json_object_new_string(h->zone));
	if(h->has_week)
		json_object_object_add(
				o, week_list.key, list_json(&week_list, h->week, h->n_week));
	if(h->has_holidays)
		json_object_object_add(o, holiday_list.key,
				list_json(&holiday_list, h->holidays, h->n_holidays));
	return o;
}

static void put_slots(wa_buf_t *b, const list_t *l, const wa_hours_slot_t *s, unsigned n)
{
	char text[48], date[16];

	for(unsigned i = 0; i < n; i++) {
		date_text(date, s[i].day);
		if(snprintf(text, sizeof(text), "%s%.*s %04u-%04u", i > 0 ? ", " : "",
				   l->dated ? 10 : 3, l->dated ? date : day_names[s[i].day], s[i].from,
				   s[i].to)
				> 0)
			wa_buf_put(b, wa_sv_from(text));
	}
}

static void put_part(wa_buf_t *b, const char *name)
{
	if(b->len > 0)
		wa_buf_put(b, WA_SV("; "));
	wa_buf_put(b, wa_sv_from(name));
}

int wa_hours_text(const wa_hours_t *h, char *out, size_t size)
{
	wa_buf_t b = wa_buf_on(out, size > 0 ? size - 1 : 0);
	int ret;

	if(h->has_status)
		put_part(&b, h->enabled ? "ENABLED" : "DISABLED");
	if(h->has_zone)
		put_part(&b, h->zone);
	if(h->n_week > 0) {
		put_part(&b, "week ");
		put_slots(&b, &week_list, h->week, h->n_week);
	}
	if(h->n_holidays > 0) {
		put_part(&b, "holidays ");
		put_slots(&b, &holiday_list, h->holidays, h->n_holidays);
	}
	ret = wa_buf_check(&b);
	if(size > 0)
		out[ret == 0 ? b.len : 0] = '\0';
	return ret;
}
