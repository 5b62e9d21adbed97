/* Checks of what carries media. SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "../rpc.h"
#include "doctor.h"
#include "firewall.h"
#include "ng.h"
#include "resolve.h"
#include "see.h"

/* One that rtpengine has offered, toward Meta. */
static unsigned media_port;

static json_object *engines(doctor_t *d)
{
	return doctor_fact(d, "rtpengine.show", "all");
}

/* One that answers is used again by the next call, whatever stands in the list;
 * but for one that an operator has turned off. */
static bool is_off(json_object *node)
{
	return strstr(doctor_text(node, "disabled"), "permanent") != NULL;
}

static bool is_up(doctor_t *d, json_object *node)
{
	return !is_off(node)
		   && doctor_is(doctor_fact(d, "rtpengine.ping", doctor_text(node, "url")),
				   "status", "success");
}

static void rtpengine(doctor_t *d, doctor_line_t *l)
{
	json_object *list = engines(d);
	size_t n = list != NULL ? json_object_array_length(list) : 0, up = 0;
	const char *first = "";

	for(size_t i = 0; i < n; i++) {
		json_object *node = json_object_array_get_idx(list, i);

		up += is_up(d, node);
		if(!is_up(d, node) && *first == '\0')
			first = doctor_text(node, "url");
	}
	if(n == 0)
		doctor_say(l, DOCTOR_RED, "RTPENGINE_SOCK of site.cfg", "no rtpengine is configured");
	else if(up == 0)
		doctor_say(l, DOCTOR_RED,
				"systemctl start rtpengine-daemon; is RTPENGINE_SOCK its listen-ng?",
				"no rtpengine answers: %s", first);
	else if(up < n)
		doctor_say(l, DOCTOR_RED, "start it again, or kamcmd rtpengine.enable URL 1; calls go to the others "
				"meanwhile",
				"%zu of %zu answer, not %s", up, n, first);
	else
		doctor_say(l, DOCTOR_GREEN, "", "%zu of %zu answer", up, n);
}

static void relay(doctor_t *d, doctor_line_t *l)
{
	json_object *list = doctor_fact(d, "wa_media.relays", NULL);
	size_t n = list != NULL ? json_object_array_length(list) : 0, up = 0;
	const char *silent = "";

	for(size_t i = 0; i < n; i++) {
		json_object *r = json_object_array_get_idx(list, i);

		up += doctor_is(r, "state", "up");
		if(!doctor_is(r, "state", "up"))
			silent = doctor_text(r, "socket");
	}
	if(n == 0)
		doctor_say(l, DOCTOR_RED, "RELAY_SOCK of site.cfg", "no RTP relay is configured");
	else if(up == 0)
		doctor_say(l, DOCTOR_RED,
				"systemctl start wasbc-relay; is RELAY_SOCK its control address?",
				"no RTP relay answers: %s", silent);
	else if(up < n)
		doctor_say(l, DOCTOR_RED,
				"systemctl start wasbc-relay on its host: its calls have no media until then, new "
				"ones go to the others",
				"%zu of %zu answer, not %s", up, n, silent);
	else
		doctor_say(l, DOCTOR_GREEN, "", "%zu of %zu answer", up, n);
}

/* What SDP says has to be reachable from as far as our name is. */
static void judge(doctor_t *d, doctor_line_t *l, const ng_announced_t *a)
{
	struct sockaddr_storage at[RESOLVE_MAX];
	char why[64];
	int ours = see_scope(d);

	media_port = a->port;
	if(resolve_host(a->address, 0, NULL, at, why, sizeof(why)) == 0)
		doctor_say(l, DOCTOR_RED, "interface = meta/... of rtpengine.conf",
				"Meta is told to send media to %s", a->address);
	else if(resolve_scope(&at[0]) < ours)
		doctor_say(l, DOCTOR_RED,
				"interface = meta/PRIVATE!PUBLIC in rtpengine.conf, and its UDP ports let in",
				"Meta is told to send media to %s, which it cannot reach", a->address);
	else
		doctor_say(l, DOCTOR_GREEN, "", "Meta is told %s", a->address);
}

static void media_address(doctor_t *d, doctor_line_t *l)
{
	json_object *list = engines(d);
	size_t n = list != NULL ? json_object_array_length(list) : 0, asked = 0;
	ng_announced_t a;

	for(size_t i = 0; i < n; i++) {
		json_object *node = json_object_array_get_idx(list, i);

		if(!is_up(d, node))
			continue;
		asked++;
		if(ng_announces(doctor_text(node, "url"), d->o->timeout_ms, &a))
			judge(d, l, &a);
		else
			doctor_say(l, DOCTOR_RED,
					"rtpengine needs the interfaces meta and pbx, and free ports",
					"%s: %s", doctor_text(node, "url"), a.why);
		if(l->state != DOCTOR_GREEN)
			return;
	}
	if(asked == 0)
		doctor_cannot_say(l, "no rtpengine answers");
}

static void firewall(doctor_t *d, doctor_line_t *l)
{
	json_object *site = doctor_fact(d, "wa_calls.site", NULL);
	json_object *stats = doctor_fact(d, "wa_calls.stats", NULL);
	unsigned port = (unsigned)doctor_number(site, "port");
	char why[DOCTOR_TEXT / 2];

	switch(firewall_look(port, media_port, why, sizeof(why))) {
		case FIREWALL_OPEN:
			doctor_say(l, DOCTOR_GREEN, "", "nftables lets TCP %u%s in", port,
					media_port > 0 ? " and rtpengine's UDP" : "");
			break;
		case FIREWALL_SHUT:
			doctor_say(l, DOCTOR_RED,
					"let Meta in: TCP of META_PORT, and UDP of rtpengine's port-min to port-max",
					"nftables does not let it in, %s", why);
			break;
		default:
			if(doctor_number(stats, "attempts_in") > 0)
				doctor_say(l, DOCTOR_GREEN, "", "calls of Meta have come in (%s)",
						doctor_text(stats, "attempts_in"));
			else
				doctor_say(l, DOCTOR_YELLOW,
						"run it as root, and have a WhatsApp user call; does a firewall "
						"before this host let TCP of META_PORT and UDP of rtpengine in?",
						"cannot be told: %s, and no call of Meta has come yet", why);
	}
}

const doctor_check_t doctor_media_checks[] = {{"rtpengine", DOCTOR_ALWAYS, rtpengine},
		{"relay", DOCTOR_ALWAYS, relay}, {"media_address", DOCTOR_ALWAYS, media_address},
		{"firewall", DOCTOR_ALWAYS, firewall},
		{NULL, DOCTOR_ALWAYS, NULL}};
