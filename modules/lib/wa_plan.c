/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_plan.h"

#include <stdio.h>
#include <string.h>

#include "wa_buf.h"
#include "wa_err.h"

/* What the rows are made from. */
typedef struct sides
{
	const wa_wanted_t *w;
	const wa_number_t *stored;
	const wa_calling_t *meta;
} sides_t;

/* One field. Each function writes what its side has, and may leave it "". */
typedef struct field
{
	const char *name;
	unsigned said;
	enum wa_plan_write write;
	void (*fill)(const sides_t *s, wa_plan_row_t *row);
} field_t;

/* Both have the size of a row's text; what does not fit is left empty. */
static void put(char *out, const char *text)
{
	if(wa_sv_copy(out, WA_PLAN_TEXT_SIZE, wa_sv_from(text)) < 0)
		out[0] = '\0';
}

static const char *status(bool on)
{
	return on ? "ENABLED" : "DISABLED";
}

static void put_port(char *out, uint16_t port)
{
	if(snprintf(out, WA_PLAN_TEXT_SIZE, "%u", port) < 0)
		out[0] = '\0';
}

#define IDENTITY(member_) \
	static void fill_##member_(const sides_t *s, wa_plan_row_t *row) \
	{ \
		put(row->wanted, s->w->member_); \
		if(s->stored != NULL) \
			put(row->stored, s->stored->member_); \
	}
IDENTITY(phone_number_id)
IDENTITY(waba_id)
IDENTITY(app_id)
IDENTITY(trunk)

static void fill_calling(const sides_t *s, wa_plan_row_t *row)
{
	put(row->wanted, status(s->w->calling));
	if(s->stored != NULL)
		put(row->stored, status(s->stored->calling_enabled));
	if(s->meta != NULL)
		put(row->meta, status(s->meta->calling));
}

static void fill_sip(const sides_t *s, wa_plan_row_t *row)
{
	put(row->wanted, status(s->w->sip));
	if(s->stored != NULL)
		put(row->stored, status(s->stored->sip_enabled));
	if(s->meta != NULL)
		put(row->meta, status(s->meta->sip));
}

static void fill_webhook(const sides_t *s, wa_plan_row_t *row)
{
	put(row->wanted, status(s->w->webhook));
	if(s->meta != NULL)
		put(row->meta, status(s->meta->webhook));
}

static void fill_hostname(const sides_t *s, wa_plan_row_t *row)
{
	put(row->wanted, s->w->hostname);
	/* without an entry of ours the directory keeps the last name */
	if(s->stored != NULL && !s->w->out)
		put(row->stored, s->stored->hostname);
	if(s->meta != NULL && s->meta->found)
		put(row->meta, s->meta->hostname);
}

static void fill_port(const sides_t *s, wa_plan_row_t *row)
{
	put_port(row->wanted, s->w->port);
	if(s->stored != NULL)
		put_port(row->stored, s->stored->port);
	if(s->meta != NULL && s->meta->found)
		put_port(row->meta, s->meta->port);
}

static struct json_object *params_of(
		const char *tgrp, const char *trunk_context, const char *context)
{
	struct json_object *o = json_object_new_object();

	if(o != NULL && tgrp[0] != '\0')
		json_object_object_add(o, "tgrp", json_object_new_string(tgrp));
	if(o != NULL && trunk_context[0] != '\0')
		json_object_object_add(
				o, "trunk-context", json_object_new_string(trunk_context));
	if(o != NULL && context[0] != '\0')
		json_object_object_add(o, "context", json_object_new_string(context));
	return o;
}

static struct json_object *wanted_params(const wa_wanted_t *w)
{
	return params_of(w->tgrp, w->trunk_context, w->context);
}

/* The directory keeps one context, whichever of the two Meta has: it goes by the
 * name that is wanted, and the other one counts as it is wanted. */
static struct json_object *stored_params(const wa_number_t *n, const wa_wanted_t *w)
{
	if(w->context[0] != '\0' && w->trunk_context[0] == '\0')
		return params_of(n->tgrp, "", n->context);
	return params_of(n->tgrp, n->context,
			strcmp(n->context, w->trunk_context) == 0 ? w->context : "");
}

static void put_params(char *out, struct json_object *o)
{
	if(o == NULL
			|| wa_calling_params_text(
					   json_object_to_json_string(o), out, WA_PLAN_TEXT_SIZE)
					   < 0)
		out[0] = '\0';
	json_object_put(o);
}

static void fill_params(const sides_t *s, wa_plan_row_t *row)
{
	put_params(row->wanted, wanted_params(s->w));
	if(s->stored != NULL)
		put_params(row->stored, stored_params(s->stored, s->w));
	if(s->meta != NULL
			&& wa_calling_params_text(s->meta->params, row->meta, sizeof(row->meta)) < 0)
		put(row->meta, "(too long to show)");
}

static const char *srtp(enum wa_srtp mode)
{
	return mode == WA_SRTP_SDES ? "SDES" : "DTLS";
}

static void fill_srtp(const sides_t *s, wa_plan_row_t *row)
{
	put(row->wanted, srtp(s->w->srtp));
	if(s->stored != NULL)
		put(row->stored, srtp(s->stored->srtp));
	if(s->meta != NULL)
		put(row->meta, srtp(s->meta->srtp));
}

static const char *codecs(unsigned bits)
{
	static const char *const names[] = {"", "PCMU", "PCMA", "PCMA,PCMU"};

	return names[(bits & WA_CODEC_PCMU ? 1 : 0) + (bits & WA_CODEC_PCMA ? 2 : 0)];
}

static void fill_codecs(const sides_t *s, wa_plan_row_t *row)
{
	put(row->wanted, codecs(s->w->codecs));
	if(s->stored != NULL)
		put(row->stored, codecs(s->stored->codecs));
	if(s->meta != NULL)
		put(row->meta, codecs(s->meta->codecs));
}

static void fill_icon(const sides_t *s, wa_plan_row_t *row)
{
	put(row->wanted, s->w->icon_hidden ? "DISABLE_ALL" : "DEFAULT");
	if(s->meta != NULL)
		put(row->meta, s->meta->icon_hidden ? "DISABLE_ALL" : "DEFAULT");
}

static void fill_callback(const sides_t *s, wa_plan_row_t *row)
{
	put(row->wanted, status(s->w->callback));
	if(s->meta != NULL)
		put(row->meta, status(s->meta->callback));
}

/* What the file does not say of the hours counts as it is. */
static void fill_hours(const sides_t *s, wa_plan_row_t *row)
{
	static const wa_hours_t none;
	wa_hours_t merged;

	wa_hours_merge(&merged, &s->w->hours, s->meta != NULL ? &s->meta->hours : &none);
	if(wa_hours_text(&merged, row->wanted, sizeof(row->wanted)) < 0)
		row->wanted[0] = '\0';
	if(s->meta != NULL
			&& wa_hours_text(&s->meta->hours, row->meta, sizeof(row->meta)) < 0)
		row->meta[0] = '\0';
}

#define G WA_WRITE_GENERAL
#define S WA_WRITE_SIP

static const field_t fields[] = {
		{"phone_number_id", WA_SAYS_PHONE_NUMBER_ID, 0, fill_phone_number_id},
		{"waba_id", WA_SAYS_WABA_ID, 0, fill_waba_id},
		{"app_id", WA_SAYS_APP_ID, 0, fill_app_id},
		{"trunk", WA_SAYS_TRUNK, 0, fill_trunk},
		{"calling", WA_SAYS_CALLING, S, fill_calling},
		{"sip", WA_SAYS_SIP, S, fill_sip},
		{"hostname", WA_SAYS_HOSTNAME, S, fill_hostname},
		{"port", WA_SAYS_PORT, S, fill_port},
		{"request_uri_user_params", WA_SAYS_PARAMS, S, fill_params},
		{"webhook_delivery", WA_SAYS_WEBHOOK, S, fill_webhook},
		{"srtp", WA_SAYS_SRTP, WA_WRITE_SRTP, fill_srtp},
		{"additional_codecs", WA_SAYS_CODECS, G, fill_codecs},
		{"call_icon_visibility", WA_SAYS_ICON, G, fill_icon},
		{"callback_permission", WA_SAYS_CALLBACK, G, fill_callback},
		{"call_hours", WA_SAYS_HOURS, G, fill_hours},
};

#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))
/* what the directory does not keep */
#define NOT_STORED (WA_SAYS_WEBHOOK | WA_SAYS_ICON | WA_SAYS_CALLBACK | WA_SAYS_HOURS)

static void make_row(const sides_t *s, const field_t *f, wa_plan_row_t *row)
{
	memset(row, 0, sizeof(*row));
	row->field = f->name;
	row->write = f->write;
	row->said = (s->w->said & f->said) != 0;
	f->fill(s, row);
	if(!row->said) {
		row->wanted[0] = '\0';
		return;
	}
	/* host names have no case; nothing else here differs in case alone */
	row->stored_differs = s->stored != NULL && !(f->said & NOT_STORED)
						  && !wa_sv_ieq(wa_sv_from(row->wanted), wa_sv_from(row->stored));
	row->meta_differs = s->meta != NULL && f->write != 0
						&& !(f->fill == fill_hostname
										? wa_sv_ieq(wa_sv_from(row->wanted),
												wa_sv_from(row->meta))
										: strcmp(row->wanted, row->meta) == 0);
}

int wa_plan_rows(const wa_wanted_t *w, const wa_number_t *stored,
		const wa_calling_t *meta, wa_plan_row_h cb, void *arg)
{
	sides_t s = {w, stored, meta};
	wa_plan_row_t row;
	int ret = 0;

	for(size_t i = 0; ret == 0 && i < N_FIELDS; i++) {
		make_row(&s, &fields[i], &row);
		ret = cb(&row, arg);
	}
	return ret;
}

typedef struct names
{
	wa_buf_t b;
	unsigned n;
	unsigned writes;
} names_t;

static int add_name(const wa_plan_row_t *row, void *arg)
{
	names_t *names = arg;

	if(!row->meta_differs)
		return 0;
	if(names->n++ > 0)
		wa_buf_put(&names->b, WA_SV(","));
	wa_buf_put(&names->b, wa_sv_from(row->field));
	names->writes |= row->write;
	return 0;
}

unsigned wa_plan_drift(
		const wa_wanted_t *w, const wa_calling_t *meta, char *out, size_t size)
{
	names_t names = {.b = wa_buf_on(out, size > 0 ? size - 1 : 0)};

	wa_plan_rows(w, NULL, meta, add_name, &names);
	if(size > 0)
		out[names.b.len] = '\0';
	return names.n;
}

void wa_plan_keep(wa_wanted_t *w, const wa_calling_t *meta)
{
	if((w->said & WA_SAYS_SRTP) || meta->srtp != WA_SRTP_SDES)
		return;
	w->srtp = meta->srtp;
	w->said |= WA_SAYS_SRTP;
}

unsigned wa_plan_writes(const wa_wanted_t *w, const wa_calling_t *meta)
{
	char none[1];
	names_t names = {.b = wa_buf_on(none, 0)};

	wa_plan_rows(w, NULL, meta, add_name, &names);
	/* it may be put back by the write before */
	if((names.writes & WA_WRITE_SIP) && (w->said & WA_SAYS_SRTP)
			&& w->srtp == WA_SRTP_SDES)
		names.writes |= WA_WRITE_SRTP;
	return names.writes;
}

static void add(struct json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text));
}

static bool differs(const wa_wanted_t *w, const wa_calling_t *meta, unsigned said)
{
	sides_t s = {w, NULL, meta};
	wa_plan_row_t row;

	for(size_t i = 0; i < N_FIELDS; i++) {
		if(!(fields[i].said & said))
			continue;
		make_row(&s, &fields[i], &row);
		if(row.meta_differs)
			return true;
	}
	return false;
}

static void add_general(
		struct json_object *calling, const wa_wanted_t *w, const wa_calling_t *meta)
{
	wa_hours_t hours;

	if(differs(w, meta, WA_SAYS_ICON))
		add(calling, "call_icon_visibility", w->icon_hidden ? "DISABLE_ALL" : "DEFAULT");
	if(differs(w, meta, WA_SAYS_CALLBACK))
		add(calling, "callback_permission_status", status(w->callback));
	if(differs(w, meta, WA_SAYS_HOURS)) {
		/* written as a whole: leaving holidays out would delete them */
		wa_hours_merge(&hours, &w->hours, &meta->hours);
		json_object_object_add(calling, "call_hours", wa_hours_json(&hours));
	}
	if(differs(w, meta, WA_SAYS_CODECS)) {
		struct json_object *audio = json_object_new_object();
		struct json_object *list = json_object_new_array();

		if(w->codecs & WA_CODEC_PCMA)
			json_object_array_add(list, json_object_new_string("PCMA"));
		if(w->codecs & WA_CODEC_PCMU)
			json_object_array_add(list, json_object_new_string("PCMU"));
		json_object_object_add(audio, "additional_codecs", list);
		json_object_object_add(calling, "audio", audio);
	}
}

/* Our entry as a whole. NULL: nobody says what our host is called. */
static struct json_object *make_server(const wa_wanted_t *w, const wa_calling_t *meta)
{
	bool said = (w->said & WA_SAYS_HOSTNAME) != 0;
	struct json_object *o, *params = NULL;

	if(!said && !meta->found)
		return NULL;
	o = json_object_new_object();
	add(o, "hostname", said ? w->hostname : meta->hostname);
	if(w->said & WA_SAYS_PORT)
		json_object_object_add(o, "port", json_object_new_int(w->port));
	else if(meta->found)
		json_object_object_add(o, "port", json_object_new_int(meta->port));
	if(w->said & WA_SAYS_PARAMS)
		params = wanted_params(w);
	else if(meta->params[0] != '\0')
		params = json_tokener_parse(meta->params);
	if(params != NULL && json_object_object_length(params) > 0)
		json_object_object_add(o, "request_uri_user_params", params);
	else
		json_object_put(params);
	return o;
}

static int add_servers(
		struct json_object *sip, const wa_wanted_t *w, const wa_calling_t *meta)
{
	struct json_object *list, *server = NULL;

	if(!differs(w, meta, WA_SAYS_HOSTNAME | WA_SAYS_PORT | WA_SAYS_PARAMS))
		return 0;
	if(!w->out) {
		server = make_server(w, meta);
		if(server == NULL)
			return WA_EPARSE;
	}
	list = json_object_new_array();
	if(server != NULL)
		json_object_array_add(list, server);
	json_object_object_add(sip, "servers", list);
	return 0;
}

static int add_sip(struct json_object *calling, const wa_wanted_t *w,
		const wa_calling_t *meta, char *why, size_t size)
{
	static const char *const words =
			"hostname: Meta has no server entry of this app, so the file has to say it";
	struct json_object *sip = json_object_new_object();
	int ret;

	if(differs(w, meta, WA_SAYS_CALLING))
		add(calling, "status", status(w->calling));
	if(differs(w, meta, WA_SAYS_SIP))
		add(sip, "status", status(w->sip));
	if(differs(w, meta, WA_SAYS_WEBHOOK))
		add(sip, "webhook_delivery", status(w->webhook));
	ret = add_servers(sip, w, meta);
	if(json_object_object_length(sip) > 0)
		json_object_object_add(calling, "sip", sip);
	else
		json_object_put(sip);
	if(ret < 0 && wa_sv_copy(why, size, wa_sv_from(words)) < 0 && size > 0)
		why[0] = '\0';
	return ret;
}

int wa_plan_body(enum wa_plan_write write, const wa_wanted_t *w,
		const wa_calling_t *meta, char *out, size_t size, char *why, size_t why_size)
{
	struct json_object *root = json_object_new_object();
	struct json_object *calling = json_object_new_object();
	int ret = 0;

	json_object_object_add(root, "calling", calling);
	if(write == WA_WRITE_GENERAL)
		add_general(calling, w, meta);
	else if(write == WA_WRITE_SIP)
		ret = add_sip(calling, w, meta, why, why_size);
	else
		add(calling, "srtp_key_exchange_protocol", srtp(w->srtp));
	if(ret == 0)
		ret = wa_sv_copy(out, size,
				wa_sv_from(json_object_to_json_string_ext(
						root, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)));
	json_object_put(root);
	return ret;
}
