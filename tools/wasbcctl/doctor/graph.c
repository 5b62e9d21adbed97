/* Checks of the Graph API: is it reached, is the token good, may the app?
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "../rpc.h"
#include "doctor.h"
#include "see.h"

#define POLL_MS 50

static json_object *shown;
static const char *shown_why;
static char why_text[CTL_WHY_SIZE];

/* Asks and waits until `answered` has reached the ticket; false: `why` says. */
static bool ask_and_wait(doctor_t *d, const char *method, const char *answered)
{
	char *word = d->digits;
	json_object *r = NULL;
	long ticket;

	if(ctl_try(d->o, method, ctl_params(1, &word), &r, why_text) != CTL_DONE)
		return false;
	ticket = doctor_number(r, "ticket");
	json_object_put(r);
	for(int ms = 0; ms <= d->o->timeout_ms; ms += POLL_MS) {
		json_object_put(shown);
		shown = NULL;
		if(ctl_try(d->o, "wa_settings.show", ctl_params(1, &word), &shown, why_text)
				!= CTL_DONE)
			return false;
		if(doctor_number(shown, answered) >= ticket)
			return true;
		poll(NULL, 0, POLL_MS);
	}
	memcpy(why_text, "no answer in time", sizeof("no answer in time"));
	return false;
}

/* Jobs of the directory are done in order: with this one, which changes nothing,
 * what was read from Meta is in it. */
static void settle(doctor_t *d)
{
	char *word = d->digits, *job = NULL;
	json_object *r = NULL;
	bool queued;

	if(!doctor_is(doctor_fact(d, "wa_numbers.status", NULL), "connected", "1")
			|| ctl_try(d->o, "wa_numbers.set", ctl_params(1, &word), &r, why_text)
					   != CTL_DONE)
		return;
	job = strdup(doctor_text(r, "job"));
	json_object_put(r);
	queued = job != NULL;
	for(int ms = 0; queued && ms <= d->o->timeout_ms; ms += POLL_MS) {
		r = NULL;
		queued = ctl_try(d->o, "wa_numbers.job", ctl_params(1, &job), &r, why_text)
						 == CTL_DONE
				 && doctor_is(r, "state", "queued");
		json_object_put(r);
		if(queued)
			poll(NULL, 0, POLL_MS);
	}
	free(job);
	doctor_forget(d, "wa_numbers.show", d->digits);
}

json_object *see_settings(doctor_t *d, const char **why)
{
	static bool asked;

	if(!asked && (!ask_and_wait(d, "wa_settings.sync", "answered")
						 || !ask_and_wait(d, "wa_settings.health", "health_answered"))) {
		json_object_put(shown);
		shown = NULL;
		shown_why = why_text;
	} else if(!asked) {
		settle(d);
	}
	asked = true;
	*why = shown_why;
	return shown;
}

/* --- whose fault is an error of the sync? --------------------------------------------- */

enum fault
{
	FAULT_NONE,
	FAULT_TOKEN,
	FAULT_PERMISSION,
	FAULT_ID,
	FAULT_SERVER,
	FAULT_RATE,
	FAULT_GRAPH
};

static const struct
{
	const char *begins;
	enum fault fault;
} rows[] = {{"graph 190:", FAULT_TOKEN}, {"token_file:", FAULT_TOKEN},
		{"secret_file:", FAULT_TOKEN}, {"no token", FAULT_TOKEN},
		{"graph 200:", FAULT_PERMISSION}, {"graph 10:", FAULT_PERMISSION},
		{"graph 3:", FAULT_PERMISSION}, {"graph 100: no such", FAULT_ID},
		{"phone_number_id", FAULT_ID}, {"Meta has ", FAULT_SERVER},
		{"graph 4:", FAULT_RATE}, {"graph 613:", FAULT_RATE}, {"graph 80007:", FAULT_RATE}};

static enum fault fault_of(const char *error)
{
	if(*error == '\0')
		return FAULT_NONE;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if(strncmp(error, rows[i].begins, strlen(rows[i].begins)) == 0)
			return rows[i].fault;
	return FAULT_GRAPH;
}

/* Of the number, or of the first app that has one. */
static const char *error_of(doctor_t *d)
{
	const char *why, *text;
	json_object *r;

	if(d->digits[0] == '\0' || doctor_fact(d, "wa_numbers.show", d->digits) == NULL)
		return "";
	r = see_settings(d, &why);
	text = r != NULL ? doctor_text(r, "error") : why;
	return *text == '\0' && r != NULL ? doctor_text(r, "health_error") : text;
}

static bool is_off(doctor_t *d)
{
	return !doctor_is(doctor_fact(d, "wa_settings.status", NULL), "enabled", "1");
}

static void graph(doctor_t *d, doctor_line_t *l)
{
	json_object *st = doctor_fact(d, "wa_settings.status", NULL);
	const char *error = error_of(d);
	enum fault fault = fault_of(error);

	if(is_off(d))
		doctor_say(l, DOCTOR_YELLOW, "GRAPH_TOKEN_FILE, GRAPH_APPS_FILE of site.cfg",
				"Meta is not asked for anything: settings and passwords are typed in by hand");
	else if(fault == FAULT_GRAPH)
		doctor_say(l, DOCTOR_RED,
				"network and DNS to graph.facebook.com, GRAPH_CA_FILE, GRAPH_VERSION; a proxy "
				"by https_proxy",
				"%s: %s", doctor_text(st, "url"), error);
	else if(fault == FAULT_RATE || doctor_number(st, "paused_for") > 0)
		doctor_say(l, DOCTOR_YELLOW, "none: it waits; raise SYNC_INTERVAL if it comes back",
				"Meta asks to be left alone for %s s", doctor_text(st, "paused_for"));
	else if(d->digits[0] == '\0' && doctor_number(st, "failing") > 0)
		doctor_say(l, DOCTOR_YELLOW, "wasbcctl number list --error, then doctor NUMBER",
				"%s of %s numbers cannot be read", doctor_text(st, "failing"),
				doctor_text(st, "numbers"));
	else
		doctor_say(l, DOCTOR_GREEN, "", "%s %s answers", doctor_text(st, "url"),
				doctor_text(st, "version"));
}

static const char *token_fault(doctor_t *d)
{
	json_object *apps = doctor_fact(d, "wa_settings.apps", NULL);
	json_object *list = doctor_list(apps, "apps");
	size_t n = list != NULL ? json_object_array_length(list) : 0;

	if(fault_of(error_of(d)) == FAULT_TOKEN)
		return error_of(d);
	for(size_t i = 0; i < n && d->digits[0] == '\0'; i++) {
		json_object *app = json_object_array_get_idx(list, i);

		if(!doctor_is(app, "token", "in use"))
			return doctor_text(app, "token");
	}
	return doctor_text(apps, "apps_file");
}

static void token(doctor_t *d, doctor_line_t *l)
{
	if(is_off(d))
		doctor_cannot_say(l, "no token is configured");
	else if(*token_fault(d) != '\0')
		doctor_say(l, DOCTOR_RED,
				"write a new one of the app's system user to its file (GRAPH_TOKEN_FILE, or "
				"the line of GRAPH_APPS_FILE); nothing to restart",
				"%s", token_fault(d));
	else
		doctor_say(l, DOCTOR_GREEN, "", "it is taken");
}

static void permission(doctor_t *d, doctor_line_t *l)
{
	enum fault fault = fault_of(error_of(d));

	if(fault == FAULT_PERMISSION)
		doctor_say(l, DOCTOR_RED,
				"grant the app whatsapp_business_management on the number's WABA in Business "
				"Manager (and whatsapp_business_messaging, without which calls get 403)",
				"%s", error_of(d));
	else if(is_off(d) || fault == FAULT_TOKEN || fault == FAULT_GRAPH || fault == FAULT_RATE)
		doctor_cannot_say(l, "Meta does not answer (see graph, token)");
	else
		doctor_say(l, DOCTOR_GREEN, "", "the app may read the number's settings");
}

/* --- what was asked about the number --------------------------------------------------- */

static void phone_number_id(doctor_t *d, doctor_line_t *l)
{
	json_object *number = doctor_fact(d, "wa_numbers.show", d->digits);
	const char *why, *error = error_of(d), *digits;
	json_object *r;

	if(number == NULL || is_off(d)) {
		doctor_cannot_say(l, number == NULL ? "the number is not known here" : "Meta is not asked");
		return;
	}
	r = see_settings(d, &why);
	digits = doctor_text(r, "display");
	if(fault_of(error) == FAULT_ID)
		doctor_say(l, DOCTOR_RED,
				"wasbcctl number discover WABA shows the ids; then number set phone_number_id=, "
				"or assign the WABA to the app",
				"%s: %s", doctor_text(number, "phone_number_id"), error);
	else if(*error != '\0' && fault_of(error) != FAULT_SERVER)
		doctor_cannot_say(l, "Meta does not answer (see graph, token, permission)");
	else if(*digits == '\0')
		doctor_say(l, DOCTOR_YELLOW, "", "Meta does not say which number it has");
	else if(strcmp(digits, d->digits) != 0)
		doctor_say(l, DOCTOR_RED,
				"normalise: the number is what Meta shows, digits with the country code; wasbcctl "
				"number discover WABA shows both",
				"%s is %s at Meta, here it is %s", doctor_text(number, "phone_number_id"),
				digits, d->digits);
	else
		doctor_say(l, DOCTOR_GREEN, "", "%s is this number at Meta",
				doctor_text(number, "phone_number_id"));
}

static void server(doctor_t *d, doctor_line_t *l)
{
	const char *error = error_of(d);

	if(doctor_fact(d, "wa_numbers.show", d->digits) == NULL)
		doctor_cannot_say(l, "the number is not known here");
	else if(fault_of(error) == FAULT_SERVER)
		doctor_say(l, DOCTOR_RED,
				"wasbcctl apply: our app has to write the number's SIP server; another app's entry "
				"it cannot take away",
				"%s", error);
	else if(*error != '\0' || is_off(d))
		doctor_cannot_say(l, "Meta does not answer (see graph, token, permission)");
	else
		doctor_say(l, DOCTOR_GREEN, "", "Meta has our app's SIP server");
}

static void health(doctor_t *d, doctor_line_t *l)
{
	const char *why, *level, *remedy;
	json_object *r;

	if(doctor_fact(d, "wa_numbers.show", d->digits) == NULL || is_off(d)
			|| *error_of(d) != '\0') {
		doctor_cannot_say(l, "Meta does not answer, or is not asked");
		return;
	}
	if(!see_is_on(d)) {
		doctor_cannot_say(l, "the number is off (see calling, sip)");
		return;
	}
	r = see_settings(d, &why);
	level = doctor_text(r, "can_receive_call_sip");
	remedy = doctor_text(r, "health_text");
	if(*remedy == '\0')
		remedy = "WhatsApp Manager shows what is wrong with the number, its account or the app";
	if(strcmp(level, "BLOCKED") == 0)
		doctor_say(l, DOCTOR_RED, remedy, "Meta: %s of the %s (%s)", level,
				doctor_text(r, "health_entity"), doctor_text(r, "health_code"));
	else if(strcmp(level, "LIMITED") == 0 || *level == '\0')
		doctor_say(l, DOCTOR_YELLOW, remedy, "Meta: can_receive_call_sip %s",
				*level != '\0' ? level : "is not told");
	else
		doctor_say(l, DOCTOR_GREEN, "", "Meta: can_receive_call_sip %s", level);
}

static void restriction(doctor_t *d, doctor_line_t *l)
{
	const char *why;
	json_object *r;

	if(doctor_fact(d, "wa_numbers.show", d->digits) == NULL || is_off(d)
			|| *error_of(d) != '\0') {
		doctor_cannot_say(l, "Meta does not answer, or is not asked");
		return;
	}
	r = see_settings(d, &why);
	if(doctor_text(r, "restricted")[0] != '\0')
		doctor_say(l, DOCTOR_RED, "WhatsApp Manager names the reason; it ends by itself",
				"Meta has restricted calls (%s) for %s: %s", doctor_text(r, "restricted"),
				doctor_ago(doctor_number(r, "restricted_for")), doctor_text(r, "restriction"));
	else
		doctor_say(l, DOCTOR_GREEN, "", "none");
}

/* Fields that have lines of their own are told there. */
static void wanted(doctor_t *d, doctor_line_t *l)
{
	const char *why;
	json_object *r;

	if(doctor_fact(d, "wa_numbers.show", d->digits) == NULL || is_off(d)
			|| *error_of(d) != '\0') {
		doctor_cannot_say(l, "Meta does not answer, or is not asked");
		return;
	}
	r = see_settings(d, &why);
	if(see_drifts(d, NULL))
		doctor_say(l, DOCTOR_RED, "wasbcctl apply FILE, or policy.drift repair",
				"Meta has other settings than were applied: %s", doctor_text(r, "drift"));
	else
		doctor_say(l, DOCTOR_GREEN, "", "Meta has what was applied");
}

const doctor_check_t doctor_graph_checks[] = {{"graph", DOCTOR_ALWAYS, graph},
		{"token", DOCTOR_ALWAYS, token}, {"permission", DOCTOR_NUMBER, permission},
		{"phone_number_id", DOCTOR_NUMBER, phone_number_id}, {"server", DOCTOR_NUMBER, server},
		{"health", DOCTOR_NUMBER, health}, {"restriction", DOCTOR_NUMBER, restriction},
		{"wanted", DOCTOR_NUMBER, wanted}, {NULL, DOCTOR_ALWAYS, NULL}};
