/* What a POST of settings must look like (meta-calling.md 1.2).
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Each kind of object is a table of rules: a member that is in no table is
 * refused, as Graph does with keys that it does not know.
 */
#include "graph_settings.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
	PATH_MAX_LEN = 160,
	USER_PARAM_MAX = 128,
	SLOTS_A_DAY = 2,
	HOLIDAYS_MAX = 20,
	VOICEMAIL_TIMEOUT_MAX = 30,
	HOSTNAME_MAX = 253,
	COUNTRY_LEN = 2,
};

typedef int(check_h)(struct json_object *v, const char *path, struct graph_error *e);

struct rule
{
	const char *key;
	const char *words; /* "A|B": a string that is one of these */
	check_h *check;	   /* else this decides */
};

static int check_text(struct json_object *v, const char *path, struct graph_error *e)
{
	if(!json_object_is_type(v, json_type_string) || json_object_get_string_len(v) == 0)
		return graph_error_parameter(e, "%s must be a non-empty string", path);
	return 0;
}

static int check_word(
		struct json_object *v, const char *words, const char *path, struct graph_error *e)
{
	const char *word;
	size_t len;

	if(check_text(v, path, e))
		return EPROTO;
	word = json_object_get_string(v);
	len = strlen(word);
	for(const char *p = words; p; p = strchr(p, '|')) {
		p += *p == '|';
		if(0 == strncmp(p, word, len) && (p[len] == '|' || p[len] == '\0'))
			return 0;
	}
	return graph_error_parameter(e, "%s must be one of {%s}", path, words);
}

static const struct rule *rule_find(const struct rule *rules, const char *key)
{
	while(rules->key && strcmp(rules->key, key) != 0)
		rules++;
	return rules->key ? rules : NULL;
}

static int check_object(struct json_object *v, const char *path, const struct rule *rules,
		struct graph_error *e)
{
	if(!json_object_is_type(v, json_type_object))
		return graph_error_parameter(e, "%s must be an object", path);

	json_object_object_foreach(v, key, val)
	{
		const struct rule *r = rule_find(rules, key);
		char sub[PATH_MAX_LEN];
		int err;

		if(r == NULL)
			return graph_error_parameter(e, "Unexpected key \"%.60s\" on %s", key, path);
		(void)snprintf(sub, sizeof(sub), "%s.%s", path, key);
		err = r->words ? check_word(val, r->words, sub, e) : r->check(val, sub, e);
		if(err)
			return err;
	}
	return 0;
}

/* Each item by `words` or by `check`. */
static int check_array(struct json_object *v, const char *path, const char *words,
		check_h *check, struct graph_error *e)
{
	if(!json_object_is_type(v, json_type_array))
		return graph_error_parameter(e, "%s must be an array", path);
	for(size_t i = 0; i < json_object_array_length(v); i++) {
		struct json_object *item = json_object_array_get_idx(v, i);
		char sub[PATH_MAX_LEN];
		int err;

		(void)snprintf(sub, sizeof(sub), "%s[%zu]", path, i);
		err = words ? check_word(item, words, sub, e) : check(item, sub, e);
		if(err)
			return err;
	}
	return 0;
}

static int check_digits(
		struct json_object *v, size_t len, const char *path, struct graph_error *e)
{
	const char *s;

	if(check_text(v, path, e))
		return EPROTO;
	s = json_object_get_string(v);
	if(strlen(s) != len || strspn(s, "0123456789") != len)
		return graph_error_parameter(e, "%s must be %zu digits", path, len);
	return 0;
}

/* "HHMM" */
static int check_time(struct json_object *v, const char *path, struct graph_error *e)
{
	int hhmm;

	if(check_digits(v, 4, path, e))
		return EPROTO;
	hhmm = json_object_get_int(v);
	if(hhmm > 2359 || hhmm % 100 > 59)
		return graph_error_parameter(e, "%s is no time of day", path);
	return 0;
}

static int check_date(struct json_object *v, const char *path, struct graph_error *e)
{
	unsigned y, m, d;
	char end;

	if(check_text(v, path, e))
		return EPROTO;
	if(sscanf(json_object_get_string(v), "%4u-%2u-%2u%c", &y, &m, &d, &end) != 3 || m < 1
			|| m > 12 || d < 1 || d > 31)
		return graph_error_parameter(e, "%s must be YYYY-MM-DD", path);
	return 0;
}

static int check_timezone(struct json_object *v, const char *path, struct graph_error *e)
{
	if(check_text(v, path, e))
		return EPROTO;
	if(strchr(json_object_get_string(v), '/') == NULL)
		return graph_error_parameter(e, "%s must be Area/City", path);
	return 0;
}

static int check_slot(struct json_object *v, const char *path, struct graph_error *e)
{
	static const struct rule rules[] = {
			{"day_of_week", "MONDAY|TUESDAY|WEDNESDAY|THURSDAY|FRIDAY|SATURDAY|SUNDAY", NULL},
			{"open_time", NULL, check_time},
			{"close_time", NULL, check_time},
			{NULL, NULL, NULL},
	};
	int err = check_object(v, path, rules, e);

	if(err)
		return err;
	if(json_object_object_length(v) != 3)
		return graph_error_parameter(
				e, "%s needs day_of_week, open_time and close_time", path);
	if(json_object_get_int(json_object_object_get(v, "open_time"))
			>= json_object_get_int(json_object_object_get(v, "close_time")))
		return graph_error_parameter(e, "%s closes before it opens", path);
	return 0;
}

static bool slots_overlap(struct json_object *a, struct json_object *b)
{
	int a_open = json_object_get_int(json_object_object_get(a, "open_time"));
	int a_close = json_object_get_int(json_object_object_get(a, "close_time"));
	int b_open = json_object_get_int(json_object_object_get(b, "open_time"));
	int b_close = json_object_get_int(json_object_object_get(b, "close_time"));

	return a_open < b_close && b_open < a_close;
}

static bool same_day(struct json_object *a, struct json_object *b)
{
	return 0
		   == strcmp(json_object_get_string(json_object_object_get(a, "day_of_week")),
				   json_object_get_string(json_object_object_get(b, "day_of_week")));
}

static int check_week(struct json_object *v, const char *path, struct graph_error *e)
{
	int err = check_array(v, path, NULL, check_slot, e);
	size_t n;

	if(err)
		return err;
	n = json_object_array_length(v);
	for(size_t i = 0; i < n; i++) {
		struct json_object *a = json_object_array_get_idx(v, i);
		unsigned slots = 1;

		for(size_t j = i + 1; j < n; j++) {
			struct json_object *b = json_object_array_get_idx(v, j);

			if(!same_day(a, b))
				continue;
			if(slots_overlap(a, b))
				return graph_error_parameter(e, "%s: slots of a day overlap", path);
			if(++slots > SLOTS_A_DAY)
				return graph_error_parameter(e, "%s: more than 2 slots a day", path);
		}
	}
	return 0;
}

static int check_holiday(struct json_object *v, const char *path, struct graph_error *e)
{
	static const struct rule rules[] = {
			{"date", NULL, check_date},
			{"start_time", NULL, check_time},
			{"end_time", NULL, check_time},
			{NULL, NULL, NULL},
	};

	return check_object(v, path, rules, e);
}

static int check_holidays(struct json_object *v, const char *path, struct graph_error *e)
{
	int err = check_array(v, path, NULL, check_holiday, e);

	if(err)
		return err;
	if(json_object_array_length(v) > HOLIDAYS_MAX)
		return graph_error_parameter(e, "%s: more than 20 holidays", path);
	return 0;
}

static int check_call_hours(struct json_object *v, const char *path, struct graph_error *e)
{
	static const struct rule rules[] = {
			{"status", "ENABLED|DISABLED", NULL},
			{"timezone_id", NULL, check_timezone},
			{"weekly_operating_hours", NULL, check_week},
			{"holiday_schedule", NULL, check_holidays},
			{NULL, NULL, NULL},
	};

	return check_object(v, path, rules, e);
}

static int check_country(struct json_object *v, const char *path, struct graph_error *e)
{
	const char *s;

	if(check_text(v, path, e))
		return EPROTO;
	s = json_object_get_string(v);
	if(strlen(s) != COUNTRY_LEN || !isupper((unsigned char)s[0])
			|| !isupper((unsigned char)s[1]))
		return graph_error_parameter(e, "%s must be a two-letter country code", path);
	return 0;
}

static int check_countries(struct json_object *v, const char *path, struct graph_error *e)
{
	return check_array(v, path, NULL, check_country, e);
}

static int check_call_icons(struct json_object *v, const char *path, struct graph_error *e)
{
	static const struct rule rules[] = {
			{"restrict_to_user_countries", NULL, check_countries},
			{NULL, NULL, NULL},
	};

	return check_object(v, path, rules, e);
}

static int check_codecs(struct json_object *v, const char *path, struct graph_error *e)
{
	return check_array(v, path, "PCMA|PCMU", NULL, e);
}

static int check_audio(struct json_object *v, const char *path, struct graph_error *e)
{
	static const struct rule rules[] = {
			{"additional_codecs", NULL, check_codecs},
			{NULL, NULL, NULL},
	};

	return check_object(v, path, rules, e);
}

static int check_triggers(struct json_object *v, const char *path, struct graph_error *e)
{
	return check_array(v, path, "REJECT|TIMEOUT", NULL, e);
}

static int check_voicemail_timeout(
		struct json_object *v, const char *path, struct graph_error *e)
{
	if(!json_object_is_type(v, json_type_int) || json_object_get_int(v) < 0
			|| json_object_get_int(v) > VOICEMAIL_TIMEOUT_MAX)
		return graph_error_parameter(e, "%s must be 0 to 30", path);
	return 0;
}

static int check_voicemail_default(
		struct json_object *v, const char *path, struct graph_error *e)
{
	static const struct rule rules[] = {
			{"announcement_media_id", NULL, check_text},
			{"timeout_seconds", NULL, check_voicemail_timeout},
			{NULL, NULL, NULL},
	};

	return check_object(v, path, rules, e);
}

static int check_voicemail_audio(
		struct json_object *v, const char *path, struct graph_error *e)
{
	static const struct rule rules[] = {
			{"default", NULL, check_voicemail_default},
			{NULL, NULL, NULL},
	};

	return check_object(v, path, rules, e);
}

static int check_voicemail(struct json_object *v, const char *path, struct graph_error *e)
{
	static const struct rule rules[] = {
			{"status", "ENABLED|DISABLED", NULL},
			{"triggers", NULL, check_triggers},
			{"audio", NULL, check_voicemail_audio},
			{NULL, NULL, NULL},
	};

	return check_object(v, path, rules, e);
}

static int check_hostname(struct json_object *v, const char *path, struct graph_error *e)
{
	const char *s;
	size_t len;

	if(check_text(v, path, e))
		return EPROTO;
	s = json_object_get_string(v);
	len = strlen(s);
	if(len > HOSTNAME_MAX || s[0] == '.' || s[0] == '-' || strstr(s, "..") != NULL)
		return graph_error_parameter(e, "%s is not a valid hostname", path);
	for(size_t i = 0; i < len; i++)
		if(!isalnum((unsigned char)s[i]) && s[i] != '.' && s[i] != '-')
			return graph_error_parameter(e, "%s is not a valid hostname", path);
	return 0;
}

/* The table says string, the samples show an integer: both pass. */
static int check_port(struct json_object *v, const char *path, struct graph_error *e)
{
	const char *s = json_object_get_string(v);
	bool number = json_object_is_type(v, json_type_int)
				  || (json_object_is_type(v, json_type_string) && s[0] != '\0'
						  && strspn(s, "0123456789") == strlen(s));

	if(!number || json_object_get_int(v) < 1 || json_object_get_int(v) > UINT16_MAX)
		return graph_error_parameter(e, "%s is not a valid port", path);
	return 0;
}

static int check_user_params(struct json_object *v, const char *path, struct graph_error *e)
{
	if(!json_object_is_type(v, json_type_object))
		return graph_error_parameter(e, "%s must be an object", path);

	json_object_object_foreach(v, key, val)
	{
		if(strlen(key) > USER_PARAM_MAX)
			return graph_error_parameter(e, "%s: a key has more than 128 characters", path);
		if(!json_object_is_type(val, json_type_string))
			return graph_error_parameter(e, "%s.%.60s must be a string", path, key);
		if(json_object_get_string_len(val) > USER_PARAM_MAX)
			return graph_error_parameter(
					e, "%s.%.60s has more than 128 characters", path, key);
	}
	return 0;
}

static int check_server(struct json_object *v, const char *path, struct graph_error *e)
{
	static const struct rule rules[] = {
			{"hostname", NULL, check_hostname},
			{"port", NULL, check_port},
			{"request_uri_user_params", NULL, check_user_params},
			{NULL, NULL, NULL},
	};
	int err = check_object(v, path, rules, e);

	if(err)
		return err;
	if(!json_object_object_get_ex(v, "hostname", NULL))
		return graph_error_parameter(e, "%s.hostname is required", path);
	return 0;
}

static int check_servers(struct json_object *v, const char *path, struct graph_error *e)
{
	int err = check_array(v, path, NULL, check_server, e);

	if(err)
		return err;
	if(json_object_array_length(v) > 1)
		return graph_error_parameter(
				e, "%s: only one SIP server per phone number is supported", path);
	return 0;
}

static int check_sip(struct json_object *v, const char *path, struct graph_error *e)
{
	static const struct rule rules[] = {
			{"status", "ENABLED|DISABLED", NULL},
			{"webhook_delivery", "ENABLED|DISABLED", NULL},
			{"servers", NULL, check_servers},
			{NULL, NULL, NULL},
	};

	return check_object(v, path, rules, e);
}

int settings_check(struct json_object *calling, struct graph_error *e)
{
	static const struct rule rules[] = {
			{"status", "ENABLED|DISABLED", NULL},
			{"call_icon_visibility", "DEFAULT|DISABLE_ALL", NULL},
			{"call_icons", NULL, check_call_icons},
			{"call_hours", NULL, check_call_hours},
			{"callback_permission_status", "ENABLED|DISABLED", NULL},
			{"sip", NULL, check_sip},
			{"srtp_key_exchange_protocol", "DTLS|SDES", NULL},
			{"audio", NULL, check_audio},
			{"voicemail", NULL, check_voicemail},
			{NULL, NULL, NULL},
	};

	return check_object(calling, "calling", rules, e);
}
