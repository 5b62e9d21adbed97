/* Checks of our name and certificate, as Meta would see them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ssl.h>

#include "doctor.h"
#include "probe.h"
#include "resolve.h"
#include "see.h"

#define DAYS_WARNED 21 /* who renews by itself does it 30 days before */
#define DAYS_RED 3

/* Our name as DNS has it. */
typedef struct named
{
	bool looked;
	size_t n;
	struct sockaddr_storage a[RESOLVE_MAX];
	char why[128];
} named_t;

static named_t named;

const char *see_ca(doctor_t *d)
{
	return d->ca != NULL ? d->ca : doctor_text(doctor_fact(d, "wa_tls.status", NULL), "ca");
}

static const named_t *see_name(doctor_t *d)
{
	json_object *site = doctor_fact(d, "wa_calls.site", NULL);

	if(!named.looked)
		named.n = resolve_host(doctor_text(site, "hostname"),
				(unsigned short)doctor_number(site, "port"), d->nameserver, named.a,
				named.why, sizeof(named.why));
	named.looked = true;
	return &named;
}

int see_scope(doctor_t *d)
{
	const named_t *n = see_name(d);
	int widest = -1;

	for(size_t i = 0; i < n->n; i++)
		if(resolve_scope(&n->a[i]) > widest)
			widest = resolve_scope(&n->a[i]);
	return widest;
}

/* "tls:192.0.2.1:5061", "tls:[2001:db8::1]:5061" */
static bool listen_address(doctor_t *d, struct sockaddr_storage *out)
{
	const char *text = doctor_text(doctor_fact(d, "wa_door.status", NULL), "meta_socket");
	char host[64], why[128];
	struct sockaddr_storage a[RESOLVE_MAX];
	const char *colon;
	size_t len;

	if(strncmp(text, "tls:", 4) != 0 || (colon = strrchr(text, ':')) == text + 3)
		return false;
	text += 4;
	len = (size_t)(colon - text);
	if(*text == '[' && len > 2) {
		text++;
		len -= 2;
	}
	if(len >= sizeof(host))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if(resolve_host(host, (unsigned short)strtol(colon + 1, NULL, 10), NULL, a, why,
			   sizeof(why))
			== 0)
		return false;
	*out = a[0];
	return true;
}

void see_ourselves(doctor_t *d, const char *name, int max_version, probe_t *out)
{
	struct sockaddr_storage at;
	probe_how_t how = {.to = &at, .from = &at, .name = name, .ca = see_ca(d),
			.max_version = max_version, .timeout_ms = d->o->timeout_ms};

	*out = (probe_t){.not_after = 0};
	if(!listen_address(d, &at))
		(void)!snprintf(out->error, sizeof(out->error), "Kamailio has no socket for Meta");
	else
		probe(&how, out);
}

static const probe_t *self(doctor_t *d)
{
	static probe_t seen;
	static bool looked;

	if(!looked)
		see_ourselves(d, doctor_text(doctor_fact(d, "wa_calls.site", NULL), "hostname"), 0,
				&seen);
	looked = true;
	return &seen;
}

static const char *hostname(doctor_t *d)
{
	return doctor_text(doctor_fact(d, "wa_calls.site", NULL), "hostname");
}

static void dns(doctor_t *d, doctor_line_t *l)
{
	const named_t *n = see_name(d);
	struct sockaddr_storage at;
	char first[64];

	if(n->n == 0) {
		doctor_say(l, DOCTOR_RED,
				"make an A record of SBC_HOSTNAME for the address that Meta shall call",
				"%s: %s", hostname(d), n->why);
		return;
	}
	if(!listen_address(d, &at)) {
		doctor_cannot_say(l, "Kamailio has no socket for Meta");
		return;
	}
	for(size_t i = 0; i < n->n; i++)
		if(resolve_same(&n->a[i], &at)) {
			doctor_say(l, DOCTOR_GREEN, "", "%s is %s, where Kamailio listens", hostname(d),
					resolve_text(&at));
			return;
		}
	(void)!snprintf(first, sizeof(first), "%s", resolve_text(&n->a[0]));
	if(resolve_scope(&at) < 2 && resolve_scope(&n->a[0]) == 2)
		doctor_say(l, DOCTOR_YELLOW, "the NAT before this host has to forward TCP of META_PORT",
				"%s is %s, Kamailio listens at %s: right where the one is forwarded to the "
				"other",
				hostname(d), first, resolve_text(&at));
	else
		doctor_say(l, DOCTOR_RED, "correct the A record of SBC_HOSTNAME, or META_LISTEN",
				"%s is %s, Kamailio listens at %s", hostname(d), first, resolve_text(&at));
}

static void listening(doctor_t *d, doctor_line_t *l)
{
	const probe_t *p = self(d);

	if(p->spoke)
		doctor_say(l, DOCTOR_GREEN, "", "TLS at %s, %s",
				doctor_text(doctor_fact(d, "wa_door.status", NULL), "meta_socket"),
				p->version);
	else
		doctor_say(l, DOCTOR_RED, "journalctl -u kamailio; certificate and key of tls.cfg",
				"no TLS at %s: %s",
				doctor_text(doctor_fact(d, "wa_door.status", NULL), "meta_socket"), p->error);
}

static void tls_12(doctor_t *d, doctor_line_t *l)
{
	probe_t p;

	if(!self(d)->spoke) {
		doctor_cannot_say(l, "there is no TLS");
		return;
	}
	see_ourselves(d, hostname(d), TLS1_2_VERSION, &p);
	if(p.spoke)
		doctor_say(l, DOCTOR_GREEN, "", "TLS 1.2 is spoken too");
	else
		doctor_say(l, DOCTOR_RED, "method = TLSv1.2+ in tls.cfg",
				"no TLS 1.2, and Meta has not said what it speaks: %s", p.error);
}

static void chain(doctor_t *d, doctor_line_t *l)
{
	const probe_t *p = self(d);

	if(!p->spoke)
		doctor_cannot_say(l, "there is no TLS");
	else if(p->chain[0] != '\0')
		doctor_say(l, DOCTOR_RED,
				"certificate = the full chain (fullchain.pem), of a CA that everybody trusts; "
				"then wasbcctl tls reload",
				"%s: %s", p->subject, p->chain);
	else
		doctor_say(l, DOCTOR_GREEN, "", "%s, verified with %s", p->subject,
				*see_ca(d) != '\0' ? see_ca(d) : "the system's CAs");
}

static void name(doctor_t *d, doctor_line_t *l)
{
	const probe_t *p = self(d);

	if(!p->spoke)
		doctor_cannot_say(l, "there is no TLS");
	else if(!p->name_fits)
		doctor_say(l, DOCTOR_RED,
				"a certificate for SBC_HOSTNAME: without it Meta sends no INVITE at all",
				"the certificate is not for %s: %s", hostname(d), p->subject);
	else
		doctor_say(l, DOCTOR_GREEN, "", "the certificate is for %s", hostname(d));
}

static void expiry(doctor_t *d, doctor_line_t *l)
{
	static const char remedy[] = "renew it, and have the new one copied to where tls.cfg "
								 "names it; it is read again by itself";
	const probe_t *p = self(d);
	long days = (long)(p->not_after - time(NULL)) / 86400;

	if(!p->spoke)
		doctor_cannot_say(l, "there is no TLS");
	else if(p->expired)
		doctor_say(l, DOCTOR_RED, remedy, "the certificate, or one above it, has expired");
	else if(p->not_yet)
		doctor_say(l, DOCTOR_RED, "is this host's clock right?",
				"the certificate is not valid yet");
	else if(days < DAYS_WARNED)
		doctor_say(l, days < DAYS_RED ? DOCTOR_RED : DOCTOR_YELLOW, remedy,
				"the certificate is good for %ld more days", days);
	else
		doctor_say(l, DOCTOR_GREEN, "", "good for %ld more days", days);
}

static void files(doctor_t *d, doctor_line_t *l)
{
	json_object *r = doctor_fact(d, "wa_tls.status", NULL);

	if(doctor_text(r, "error")[0] != '\0')
		doctor_say(l, DOCTOR_YELLOW, "mend the file; what was in use before still is",
				"the last change of the files is refused: %s", doctor_text(r, "error"));
	else
		doctor_say(l, DOCTOR_GREEN, "", "those of tls.cfg are in use");
}

const doctor_check_t doctor_certificate_checks[] = {{"dns", DOCTOR_ALWAYS, dns},
		{"listening", DOCTOR_ALWAYS, listening}, {"tls_12", DOCTOR_ALWAYS, tls_12},
		{"chain", DOCTOR_ALWAYS, chain}, {"name", DOCTOR_ALWAYS, name}, {"expiry", DOCTOR_ALWAYS, expiry},
		{"tls_files", DOCTOR_ALWAYS, files}, {NULL, DOCTOR_ALWAYS, NULL}};
