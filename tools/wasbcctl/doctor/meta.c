/* Checks of the way to Meta's SIP. SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "probe.h"
#include "resolve.h"
#include "see.h"

typedef struct hop
{
	bool looked;
	char host[256];
	size_t n;
	struct sockaddr_storage a[RESOLVE_MAX];
	char why[128];
} hop_t;

/* Host and port of "sip:wa.meta.vc:5061;transport=tls". */
static unsigned short split(const char *uri, char *host, size_t size)
{
	const char *from = strncmp(uri, "sip:", 4) == 0 ? uri + 4 : uri;
	size_t len = strcspn(from, ";?");
	const char *colon = memchr(from, ':', len);
	unsigned short port = 5061;

	if(*from == '[') {
		from++;
		len = strcspn(from, "]");
		colon = from[len] == ']' && from[len + 1] == ':' ? from + len + 1 : NULL;
	} else if(colon != NULL) {
		len = (size_t)(colon - from);
	}
	if(colon != NULL)
		port = (unsigned short)strtol(colon + 1, NULL, 10);
	if(len >= size)
		len = size - 1;
	memcpy(host, from, len);
	host[len] = '\0';
	return port;
}

static const hop_t *see_hop(doctor_t *d)
{
	static hop_t hop;
	unsigned short port;

	if(hop.looked)
		return &hop;
	hop.looked = true;
	port = split(doctor_text(doctor_fact(d, "wa_calls.site", NULL), "meta_hop"), hop.host,
			sizeof(hop.host));
	/* as Kamailio does it: by this host's resolver */
	hop.n = resolve_host(hop.host, port, NULL, hop.a, hop.why, sizeof(hop.why));
	return &hop;
}

static void meta_dns(doctor_t *d, doctor_line_t *l)
{
	const hop_t *hop = see_hop(d);

	if(hop->n == 0)
		doctor_say(l, DOCTOR_RED,
				"mend this host's resolver (/etc/resolv.conf), or META_NEXT_HOP", "%s: %s",
				hop->host, hop->why);
	else
		doctor_say(l, DOCTOR_GREEN, "", "%s is %s", hop->host, resolve_text(&hop->a[0]));
}

static const char *verdict(const probe_t *p)
{
	if(p->expired || p->not_yet)
		return "its certificate has expired, or is not valid yet";
	return p->chain[0] != '\0' ? p->chain : !p->name_fits ? "its certificate is for another name"
														  : "";
}

static void meta_tls(doctor_t *d, doctor_line_t *l)
{
	const hop_t *hop = see_hop(d);
	const char *name = doctor_text(doctor_fact(d, "wa_calls.site", NULL), "meta_name");
	probe_how_t how = {.to = &hop->a[0], .name = name,
			.ca = doctor_text(doctor_fact(d, "wa_tls.status", NULL), "ca"),
			.timeout_ms = d->o->timeout_ms};
	probe_t p;

	if(hop->n == 0) {
		doctor_cannot_say(l, "there is no address");
		return;
	}
	probe(&how, &p);
	if(!p.connected)
		doctor_say(l, DOCTOR_RED,
				"let TCP 5061 out: without it calls of users do not hang up either",
				"%s: %s", resolve_text(&hop->a[0]), p.error);
	else if(!p.spoke)
		doctor_say(l, DOCTOR_RED, "does something between here and Meta open TLS?", "%s: %s",
				resolve_text(&hop->a[0]), p.error);
	else if(*verdict(&p) != '\0')
		doctor_say(l, DOCTOR_RED,
				"another server answers, or ca_list of tls.cfg does not have its CA",
				"%s (%s): %s", name, p.subject, verdict(&p));
	else
		doctor_say(l, DOCTOR_GREEN, "", "%s by %s, no ALPN, the certificate is for it", name,
				p.version);
}

const doctor_check_t doctor_meta_checks[] = {{"meta_dns", DOCTOR_ALWAYS, meta_dns},
		{"meta_tls", DOCTOR_ALWAYS, meta_tls}, {NULL, DOCTOR_ALWAYS, NULL}};
