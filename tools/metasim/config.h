/* The configuration file: one JSON object.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The SIP side's members are read here; "numbers", "graph", "media" and
 * "policy" are handed to their owners as they are. See README.md.
 */
#ifndef METASIM_CONFIG_H
#define METASIM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>
#include <re/re.h>

struct tls_files
{
	const char *cert, *key; /* of the server, full chain */
	const char *ca;			/* what our client side trusts */
	const char *client_cert, *client_key; /* shown when asked, or NULL */
	const char *min, *max; /* "1.2" or "1.3" */
};

/* Text belongs to `root`, which lives as long as the process. */
struct config
{
	struct json_object *root;
	const char *domain; /* wa.meta.vc */
	const char *proxy;	/* onevc-sip-proxy.fbinfra.net:8191, host and port */
	const char *user_agent;
	struct sa listen;
	struct sa source; /* our address when we connect */
	struct tls_files tls;
	bool trace;
	bool reuse; /* one connection to the SBC for all calls */
	struct json_object *forbid; /* text that must never reach us, or NULL */
	struct json_object *resolve;
	unsigned t1_ms, t2_ms;
	double scale; /* of every time-out that a standard or Meta prescribes */
};

extern struct config config;

/** Reads and checks `file`. Returns 0 or an errno value; `why` says in one line
 * what is wrong. */
int config_load(const char *file, char *why, size_t size);
void config_close(void);

/** `ms` scaled for tests, at least 1. */
uint64_t config_ms(unsigned ms);

/** Where `host` is, by the "resolve" map or as an address literal; `port` is
 * used unless the map names one. Returns 0 or ENOENT. */
int config_resolve(struct sa *sa, const struct pl *host, uint16_t port);

/** A host of the "resolve" map is at `to` ("IP:PORT" or "IP") from now on. Returns 0
 * or an errno value. */
int config_move(const char *host, const char *to);

/** `tls` holds from now on; its text may belong to `owner`, which is kept. */
void config_keep_tls(const struct tls_files *tls, struct json_object *owner);

/** The members of "sip" that TLS needs, also for "tls_reload". */
int config_tls(struct tls_files *tls, struct json_object *obj, char *why,
		size_t size);

#endif
