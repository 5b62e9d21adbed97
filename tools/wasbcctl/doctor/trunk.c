/* Checks of a number's trunk and its gateways; without a number, of all trunks.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "doctor.h"

static json_object *way(doctor_t *d)
{
	json_object *r = doctor_fact(d, "wa_numbers.show", d->digits);
	char uri[400];

	if(r == NULL)
		return NULL;
	(void)!snprintf(uri, sizeof(uri), "+%s%s%.128s%s%.128s", d->digits,
			doctor_text(r, "tgrp")[0] != '\0' ? ";tgrp=" : "", doctor_text(r, "tgrp"),
			doctor_text(r, "context")[0] != '\0' ? ";trunk-context=" : "",
			doctor_text(r, "context"));
	return doctor_fact(d, "wa_trunk.resolve", uri);
}

static void trunk(doctor_t *d, doctor_line_t *l)
{
	json_object *w = way(d);

	if(doctor_fact(d, "wa_numbers.show", d->digits) == NULL)
		doctor_cannot_say(l, "the number is not known here");
	else if(w == NULL)
		doctor_say(l, DOCTOR_RED,
				"wasbcctl trunk set NAME gateways=...; number set DIGITS trunk=NAME; or "
				"DEFAULT_TRUNK",
				"neither group nor number nor default names a trunk");
	else if(doctor_is(w, "pstn", "1"))
		doctor_say(l, DOCTOR_RED, "a trunk that stays VoIP: Meta's terms forbid the other",
				"%s leads to the telephone network: its calls are refused",
				doctor_text(w, "trunk"));
	else
		doctor_say(l, DOCTOR_GREEN, "", "%s, by its %s", doctor_text(w, "trunk"),
				doctor_text(w, "by"));
}

/* The gateways of one trunk. */
static void look(doctor_line_t *l, json_object *list)
{
	size_t n = list != NULL ? json_object_array_length(list) : 0, up = 0, asked = 0;
	json_object *down = NULL;

	for(size_t i = 0; i < n; i++) {
		json_object *g = json_object_array_get_idx(list, i);
		bool is_down = doctor_is(g, "state", "down") || doctor_is(g, "addresses", "");

		up += doctor_is(g, "state", "up");
		asked += !doctor_is(g, "state", "unknown");
		if(is_down && down == NULL)
			down = g;
	}
	if(n == 0)
		doctor_say(l, DOCTOR_RED, "wasbcctl trunk set NAME gateways=sip:ADDRESS:PORT",
				"the trunk has no gateway");
	else if(down != NULL)
		doctor_say(l, DOCTOR_RED,
				"is the PBX up, does it answer OPTIONS from PBX_LISTEN, does a firewall drop it?",
				"%s is down: %s", doctor_text(down, "uri"),
				doctor_text(down, "error")[0] != '\0' ? doctor_text(down, "error")
													  : "it does not answer");
	else if(asked < n)
		doctor_say(l, DOCTOR_YELLOW, "options=1 of the trunk has them asked by OPTIONS",
				"%zu of %zu are not asked whether they are up", n - asked, n);
	else
		doctor_say(l, DOCTOR_GREEN, "", "%zu of %zu are up", up, n);
}

static void gateways(doctor_t *d, doctor_line_t *l)
{
	json_object *w = way(d);

	if(w == NULL)
		doctor_cannot_say(l, "there is no trunk");
	else
		look(l, doctor_list(w, "gateways"));
}

/* Without a number: how many of all. */
static void trunks(doctor_t *d, doctor_line_t *l)
{
	json_object *list = doctor_fact(d, "wa_trunk.list", NULL), *bad = NULL;
	size_t n = list != NULL ? json_object_array_length(list) : 0;

	for(size_t i = 0; i < n && bad == NULL; i++) {
		json_object *t = json_object_array_get_idx(list, i);

		if(doctor_number(t, "down") > 0 || doctor_number(t, "unresolved") > 0
				|| doctor_number(t, "gateways") == 0)
			bad = t;
	}
	if(n == 0)
		doctor_say(l, DOCTOR_YELLOW, "wasbcctl trunk set NAME gateways=...", "there is none");
	else if(bad != NULL)
		doctor_say(l, DOCTOR_RED, "wasbcctl trunk show NAME",
				"%s: %s gateways, %s down, %s without an address", doctor_text(bad, "name"),
				doctor_text(bad, "gateways"), doctor_text(bad, "down"),
				doctor_text(bad, "unresolved"));
	else
		doctor_say(l, DOCTOR_GREEN, "", "%zu trunks, no gateway is known to be down", n);
}

const doctor_check_t doctor_trunk_checks[] = {{"trunks", DOCTOR_NODE, trunks},
		{"trunk", DOCTOR_NUMBER, trunk}, {"gateways", DOCTOR_NUMBER, gateways}, {NULL, DOCTOR_ALWAYS, NULL}};
