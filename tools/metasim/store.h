/* The business numbers as Meta knows them: written by the Graph API side,
 * read by the SIP side.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Facts: meta-calling.md 1.2 (settings object), 1.3 (numbers), 3.3 (refusals).
 */
#ifndef METASIM_STORE_H
#define METASIM_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>
#include <re/re.h>

/* One server entry of calling.sip.servers, with the app that wrote it. */
struct store_server
{
	struct le le;
	char *app_id;
	char *hostname;
	uint32_t port;
	bool port_set;		  /* GET shows "port" only when it was written */
	char *password;		  /* sip_user_password: one per number and app */
	struct json_object *params; /* request_uri_user_params or NULL */
};

struct store_number
{
	struct le le;
	char *id;	   /* phone_number_id */
	char *waba_id;
	char *digits;  /* "16315551111" */
	char *display; /* "+1 631-555-1111" */
	char *verified_name;
	char *account_mode; /* "LIVE" or "SANDBOX" */
	struct json_object *calling; /* every member of "calling" except "sip" and
									srtp_key_exchange_protocol */
	struct json_object *webhook_delivery; /* of "sip"; NULL = never written */
	struct json_object *health; /* can_receive_call_sip by entity type, as set by
								   "graph_health"; NULL = worked out */
	struct json_object *restrictions; /* restrictions_list; NULL = none */
	bool calling_enabled;
	bool sip_enabled;
	bool sdes; /* srtp_key_exchange_protocol */
	bool srtp_ever_set; /* absent from GET unless it was ever set */
	bool pcma, pcmu;	/* audio.additional_codecs */
	struct list servers; /* struct store_server */
	bool app_authorized; /* false: 403 "The app ... is not authorized" */
};

/** The store lives as long as the process. */
int store_init(void);
void store_close(void);

/** Adds a number; `cfg` is its member of "numbers" in the configuration:
 * {"id","waba_id","digits","display","verified_name","account_mode","app_id",
 *  "settings":{"calling":{...}},"password":"...",
 *  "other_servers":[{"app_id","hostname","port","password"}]}.
 * Only id and digits are required. `settings` is applied as a POST by app_id;
 * `password` is that of the entry it makes (random when absent);
 * `other_servers` are entries written by other apps, put before ours.
 * Returns 0 or an errno value; `why` (size bytes) then says what is wrong. */
int store_add(struct json_object *cfg, char *why, size_t size);

struct store_number *store_by_id(const char *id);

/** `digits` without "+". */
struct store_number *store_by_digits(const struct pl *digits);

struct list *store_numbers(void); /* struct store_number, in order of adding */

/** The entry of `hostname` (case-insensitive), also when `hostname` is a
 * parent domain of the configured one (meta-calling.md 3.1), or NULL. */
struct store_server *store_server_by_host(
		const struct store_number *n, const struct pl *hostname);

/** The entry that `app_id` wrote, or NULL. */
struct store_server *store_server_by_app(
		const struct store_number *n, const char *app_id);

/** Adds an entry of `app_id` with a new random password; `*sp` is owned by the
 * number. Returns 0 or ENOMEM. */
int store_server_add(struct store_server **sp, struct store_number *n,
		const char *app_id, const char *hostname);

/** A new random SIP password for an entry (rotation: disable, clear, enable). */
int store_new_password(struct store_server *s);

/** The value of a text field of ours: frees the old one. 0 or ENOMEM. */
int store_str_set(char **dst, const char *text);

#endif
