/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_job.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "wa_err.h"
#include "wa_json.h"

#define DISABLE \
	"{\"calling\":{\"status\":\"DISABLED\",\"sip\":{\"status\":\"DISABLED\"," \
	"\"servers\":[]}}}"
#define SDES "{\"calling\":{\"srtp_key_exchange_protocol\":\"SDES\"}}"

static const char *const kinds[] = {"apply", "repair", "rotate"};
static const char *const steps[] = {"begin", "disable", "enable", "srtp", "read"};

#define KINDS "apply|repair|rotate"
#define STEPS "begin|disable|enable|srtp|read"

const char *wa_job_kind_name(enum wa_job_kind kind)
{
	return kinds[kind];
}

const char *wa_job_step_name(enum wa_job_step step)
{
	return steps[step];
}

static void add(struct json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text));
}

int wa_job_text(const wa_job_t *j, char *out, size_t size)
{
	struct json_object *o = json_object_new_object();
	int ret;

	if(o == NULL)
		return WA_ENOMEM;
	add(o, "kind", kinds[j->kind]);
	add(o, "step", steps[j->step]);
	add(o, "by", j->by);
	json_object_object_add(o, "begun", json_object_new_int64(j->begun));
	add(o, "srtp", j->srtp == WA_SRTP_SDES ? "SDES" : "DTLS");
	add(o, "old", j->old);
	if(j->body[0] != '\0')
		json_object_object_add(o, "body", json_tokener_parse(j->body));
	ret = wa_sv_copy(out, size,
			wa_sv_from(json_object_to_json_string_ext(
					o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)));
	json_object_put(o);
	return ret;
}

static int take_text(const wa_jread_t *r, struct json_object *o, const char *key,
		char *out, size_t size)
{
	struct json_object *v;
	int ret = wa_jread_member(r, o, "", key, json_type_string, &v);

	return ret < 0 || v == NULL ? ret : wa_sv_copy(out, size, wa_jread_text(v));
}

static int take_body(const wa_jread_t *r, struct json_object *o, wa_job_t *j)
{
	struct json_object *v;
	int ret = wa_jread_member(r, o, "", "body", json_type_object, &v);

	if(ret < 0 || v == NULL)
		return ret;
	return wa_sv_copy(j->body, sizeof(j->body),
			wa_sv_from(json_object_to_json_string_ext(
					v, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)));
}

static int read_job(const wa_jread_t *r, struct json_object *o, wa_job_t *j)
{
	struct json_object *begun;
	int kind = -1, step = -1, srtp = -1, ret = WA_EPARSE;

	if(!json_object_is_type(o, json_type_object))
		return ret;
	if(wa_jread_word(r, o, "", "kind", KINDS, &kind) < 0
			|| wa_jread_word(r, o, "", "step", STEPS, &step) < 0
			|| wa_jread_word(r, o, "", "srtp", "DTLS|SDES", &srtp) < 0
			|| wa_jread_member(r, o, "", "begun", json_type_int, &begun) < 0
			|| kind < 0 || step < 0)
		return ret;
	j->kind = (enum wa_job_kind)kind;
	j->step = (enum wa_job_step)step;
	j->srtp = srtp == 1 ? WA_SRTP_SDES : WA_SRTP_DTLS;
	j->begun = begun != NULL ? json_object_get_int64(begun) : 0;
	ret = take_text(r, o, "by", j->by, sizeof(j->by));
	if(ret == 0)
		ret = take_text(r, o, "old", j->old, sizeof(j->old));
	if(ret == 0)
		ret = take_body(r, o, j);
	/* a rotation without what it has to bring back cannot be gone on with */
	if(ret == 0 && j->kind == WA_JOB_ROTATE
			&& (j->body[0] == '\0' || j->step == WA_STEP_NONE))
		return WA_EPARSE;
	return ret;
}

int wa_job_parse(wa_job_t *out, wa_sv_t text)
{
	char why[64];
	wa_jread_t r = {false, why, sizeof(why)};
	struct json_object *o = NULL;
	wa_job_t j;
	int ret = wa_json_parse(&o, text);

	memset(&j, 0, sizeof(j));
	if(ret == 0)
		ret = read_job(&r, o, &j);
	json_object_put(o);
	if(ret == 0)
		*out = j;
	return ret;
}

static struct json_object *server_of(const wa_calling_t *meta)
{
	struct json_object *o = json_object_new_object();

	add(o, "hostname", meta->hostname);
	json_object_object_add(o, "port", json_object_new_int(meta->port));
	if(meta->params[0] != '\0')
		json_object_object_add(
				o, "request_uri_user_params", json_tokener_parse(meta->params));
	return o;
}

int wa_job_rotate(wa_job_t *out, const wa_calling_t *meta, const char *by, int64_t now)
{
	struct json_object *root, *calling, *sip, *servers;
	int ret;

	if(!meta->found)
		return WA_ENOENT;
	memset(out, 0, sizeof(*out));
	root = json_object_new_object();
	calling = json_object_new_object();
	sip = json_object_new_object();
	servers = json_object_new_array();
	json_object_array_add(servers, server_of(meta));
	add(sip, "status", meta->sip ? "ENABLED" : "DISABLED");
	json_object_object_add(sip, "servers", servers);
	add(calling, "status", meta->calling ? "ENABLED" : "DISABLED");
	json_object_object_add(calling, "sip", sip);
	json_object_object_add(root, "calling", calling);
	out->kind = WA_JOB_ROTATE;
	out->step = WA_STEP_DISABLE;
	out->begun = now;
	out->srtp = meta->srtp;
	ret = wa_sv_copy(out->by, sizeof(out->by), wa_sv_from(by));
	if(ret == 0)
		ret = wa_sv_copy(out->body, sizeof(out->body),
				wa_sv_from(json_object_to_json_string_ext(
						root, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)));
	json_object_put(root);
	return ret;
}

const char *wa_job_write(const wa_job_t *j)
{
	switch(j->step) {
		case WA_STEP_DISABLE:
			return DISABLE;
		case WA_STEP_ENABLE:
			return j->body;
		case WA_STEP_SRTP:
			return SDES;
		default:
			return NULL;
	}
}

enum wa_job_step wa_job_next(const wa_job_t *j)
{
	switch(j->step) {
		case WA_STEP_DISABLE:
			return WA_STEP_ENABLE;
		case WA_STEP_ENABLE:
			return j->srtp == WA_SRTP_SDES ? WA_STEP_SRTP : WA_STEP_READ;
		case WA_STEP_SRTP:
			return WA_STEP_READ;
		default:
			return WA_STEP_NONE;
	}
}

void wa_fingerprint(char out[WA_FINGERPRINT_SIZE], wa_sv_t digits, const wa_secret_t *s)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	char text[WA_DIGITS_SIZE + 1 + WA_PASSWORD_SIZE];
	unsigned n = 0;
	int len;

	out[0] = '\0';
	len = snprintf(text, sizeof(text), "%.*s:%.*s", WA_SV_ARG(digits), (int)s->len, s->s);
	if(s->len > 0 && len > 0 && (size_t)len < sizeof(text)
			&& EVP_Digest(text, (size_t)len, hash, &n, EVP_sha256(), NULL) == 1
			&& snprintf(out, WA_FINGERPRINT_SIZE, "sha256:%02x%02x%02x%02x", hash[0],
					   hash[1], hash[2], hash[3])
					   < 0)
		out[0] = '\0';
	OPENSSL_cleanse(text, sizeof(text));
}
