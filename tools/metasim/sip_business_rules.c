/* Which INVITE of a business Meta refuses.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sip_business_rules.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "event.h"
#include "policy.h"

enum
{
	DAY_LIMIT = 100, /* per user and 24 h, since 2025-12-19 */
	CAPACITY = 1000, /* calls per number */
};

void refusal_set(
		struct refusal *r, uint16_t code, bool warning, const char *fmt, ...)
{
	va_list ap;

	r->code = code;
	r->warning = warning;
	va_start(ap, fmt);
	vsnprintf(r->reason, sizeof(r->reason), fmt, ap);
	va_end(ap);
}

bool rules_same_user_host(const struct uri *a, const struct uri *b)
{
	return pl_cmp(&a->user, &b->user) == 0 && pl_casecmp(&a->host, &b->host) == 0;
}

struct pl rules_plain_user(const struct pl *user)
{
	struct pl pl = *user;
	const char *end = pl_strchr(&pl, ';');

	if(end)
		pl.l = (size_t)(end - pl.p);
	if(pl.l && *pl.p == '+')
		pl_advance(&pl, 1);
	return pl;
}

static bool all_digits(const struct pl *pl)
{
	for(size_t i = 0; i < pl->l; i++)
		if(!isdigit((unsigned char)pl->p[i]))
			return false;
	return pl->l > 0;
}

static bool ruri_ok(const struct call *c, const struct sip_msg *msg, struct refusal *r)
{
	struct sa sa;
	bool ip = sa_set(&sa, &msg->uri.host, 0) == 0;

	if(!ip && pl_strcasecmp(&msg->uri.host, config.domain) == 0)
		return true;
	event_violation(c->name, ip ? "ruri_ip" : "ruri_host", "R-URI %.*s (D01)",
			(int)msg->ruri.l, msg->ruri.p);
	refusal_set(r, 404, false, "Not Found");
	return false;
}

static bool number_ok(struct call *c, const struct sip_msg *msg, struct refusal *r)
{
	struct pl digits = rules_plain_user(&msg->from.uri.user);

	c->number = store_by_digits(&digits);
	if(c->number)
		return true;
	event_violation(c->name, "from_number",
			"From user %.*s is no registered business number",
			(int)msg->from.uri.user.l, msg->from.uri.user.p);
	refusal_set(r, 400, false, "Asset not found");
	return false;
}

static bool server_ok(struct call *c, const struct sip_msg *msg, struct refusal *r)
{
	const struct pl *host = &msg->from.uri.host;
	const struct store_server *s = NULL;

	if(pl_strcasecmp(host, config.domain) != 0)
		s = store_server_by_host(c->number, host);
	if(s) {
		c->port = (uint16_t)s->port;
		return str_dup(&c->hostname, s->hostname) == 0;
	}
	event_violation(c->name, "from_host",
			"From host %.*s is not the configured hostname (D01)", (int)host->l,
			host->p);
	refusal_set(r, 403, true,
			"SIP server %.*s from INVITE does not match any SIP server "
			"configured for phone number id %s",
			(int)host->l, host->p, c->number->id);
	return false;
}

static bool enabled_ok(const struct call *c, struct refusal *r)
{
	if(c->number->calling_enabled && c->number->sip_enabled)
		return true;
	event_violation(c->name, "sip_disabled",
			"calling or SIP is disabled on %s (D08)", c->number->digits);
	refusal_set(r, 403, true, "SIP is not enabled for phone number id %s",
			c->number->id);
	return false;
}

bool rules_before_auth(struct call *c, const struct sip_msg *msg, struct refusal *r)
{
	struct pl user = rules_plain_user(&msg->uri.user);

	if(!ruri_ok(c, msg, r) || !number_ok(c, msg, r) || !server_ok(c, msg, r)
			|| !enabled_ok(c, r))
		return false;
	if(sip_indialog_contact(c, msg) != 0) {
		event_violation(c->name, "contact", "INVITE without a usable Contact");
		refusal_set(r, 400, false, "Missing Contact");
		return false;
	}
	return pl_strdup(&c->user, &user) == 0;
}

static void remark_plus(const struct call *c, const char *what, const struct pl *user)
{
	struct pl plain = rules_plain_user(user);

	if(all_digits(&plain) && user->l && *user->p != '+')
		event_violation(c->name, "e164_plus", "%s user %.*s without \"+\" (D01)",
				what, (int)user->l, user->p);
}

static void remark_contact(const struct call *c)
{
	struct uri uri;
	struct pl pl;
	struct sa sa;

	pl_set_str(&pl, c->rcontact);
	if(uri_decode(&uri, &pl) == 0 && sa_set(&sa, &uri.host, 0) == 0)
		event_violation(c->name, "contact_fqdn",
				"Contact has an address, not a host name (D01)");
}

void rules_remarks(const struct call *c, const struct sip_msg *msg)
{
	remark_plus(c, "From", &msg->from.uri.user);
	remark_plus(c, "R-URI", &msg->uri.user);
	remark_contact(c);
	if(!rules_same_user_host(&msg->uri, &msg->to.uri))
		event_violation(c->name, "to_uri", "To %.*s is not the R-URI (D01, D04)",
				(int)msg->to.auri.l, msg->to.auri.p);
	if(sip_msg_hdr(msg, SIP_HDR_SESSION_EXPIRES)
			|| sip_msg_hdr_has_value(msg, SIP_HDR_SUPPORTED, "timer"))
		event_violation(
				c->name, "session_timer", "session timers offered (E02)");
	if(sip_msg_hdr_has_value(msg, SIP_HDR_SUPPORTED, "100rel")
			|| sip_msg_hdr_has_value(msg, SIP_HDR_REQUIRE, "100rel"))
		event_violation(c->name, "100rel", "100rel offered (E02)");
	if(msg->maxfwd.l == 0)
		event_violation(c->name, "max_forwards", "no Max-Forwards");
}

static bool forced_ok(struct call *c, struct refusal *r)
{
	struct json_object *forced = policy_take_refusal(c->user);
	const char *warning = arg_str(forced, "warning", NULL);

	if(forced == NULL)
		return true;
	refusal_set(r, (uint16_t)arg_int(forced, "code", 503), warning != NULL, "%s",
			arg_str(forced, "reason", "Service Unavailable"));
	return false;
}

static bool limits_ok(struct call *c, struct refusal *r)
{
	const char *digits = c->number->digits;

	if(policy_connected_count(c->user, digits)
			>= policy_int(c->user, "day_limit", DAY_LIMIT)) {
		refusal_set(r, 403, true,
				"Business Initiated Connected Call Per Day Limit Hit");
		return false;
	}
	if(call_count(c->number, c->user) > 1) { /* this one counts too */
		refusal_set(r, 403, true, "Duplicate call");
		return false;
	}
	if(call_count(c->number, NULL)
			> (unsigned)policy_int("*", "capacity", CAPACITY)) {
		refusal_set(r, 403, true, "Concurrent call limit hit");
		return false;
	}
	return true;
}

bool rules_after_auth(struct call *c, struct refusal *r)
{
	if(!forced_ok(c, r))
		return false;
	if(!c->number->app_authorized) {
		struct store_server *s = list_ledata(list_head(&c->number->servers));

		refusal_set(r, 403, true,
				"The app %s configured for SIP server %s is not authorized",
				s && s->app_id ? s->app_id : "", c->hostname);
		return false;
	}
	if(!policy_permitted(c->user, c->number->digits)) {
		refusal_set(r, 403, true, "No Approved Call Permission Found");
		return false;
	}
	return limits_ok(c, r);
}
