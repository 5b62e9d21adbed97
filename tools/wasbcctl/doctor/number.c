/* Checks of a number's settings: are they right, and what this node is?
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "doctor.h"
#include "probe.h"
#include "see.h"

/* The directory's record after Meta was asked, so that it is what Meta has now. */
static json_object *record(doctor_t *d)
{
	const char *why;

	if(doctor_fact(d, "wa_numbers.show", d->digits) == NULL)
		return NULL;
	(void)see_settings(d, &why);
	return doctor_fact(d, "wa_numbers.show", d->digits);
}

/* Told elsewhere: without it nothing else of the number can be said. */
static bool is_known(doctor_t *d, doctor_line_t *l)
{
	if(record(d) != NULL)
		return true;
	doctor_cannot_say(l, "the number is not known here");
	return false;
}

static bool is_own(const char *field, size_t len)
{
	static const char *const own[] = {
			"calling", "sip", "hostname", "port", "srtp", "additional_codecs"};

	for(size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if(strlen(own[i]) == len && strncmp(own[i], field, len) == 0)
			return true;
	return false;
}

bool see_drifts(doctor_t *d, const char *field)
{
	const char *why, *at = doctor_text(see_settings(d, &why), "drift");

	while(*at != '\0') {
		size_t len = strcspn(at, ", ");

		if(len > 0 && field == NULL && !is_own(at, len))
			return true;
		if(len > 0 && field != NULL && strlen(field) == len
				&& strncmp(at, field, len) == 0)
			return true;
		at += len;
		at += strspn(at, ", ");
	}
	return false;
}

bool see_is_on(doctor_t *d)
{
	json_object *r = record(d);

	return doctor_is(r, "calling", "1") && doctor_is(r, "sip", "1");
}

static void number(doctor_t *d, doctor_line_t *l)
{
	const char *plain = d->given[0] == '+' ? d->given + 1 : d->given;

	if(record(d) == NULL)
		doctor_say(l, DOCTOR_RED,
				"wasbcctl number set DIGITS phone_number_id=ID trunk=NAME, or number discover "
				"WABA --adopt",
				"%s is not known here: %s", d->digits,
				doctor_why(d, "wa_numbers.show", d->digits));
	else if(strcmp(plain, d->digits) != 0)
		doctor_say(l, DOCTOR_YELLOW,
				"in files and commands: digits with the country code, nothing else",
				"\"%s\" is not normalised: %s was looked at", d->given, d->digits);
	else
		doctor_say(l, DOCTOR_GREEN, "", "%s is known here, as E.164 digits", d->digits);
}

/* calling and sip: the same said of two fields. */
static void on_or_off(doctor_t *d, doctor_line_t *l, const char *field, const char *what)
{
	json_object *r = record(d);

	if(!is_known(d, l))
		return;
	if(doctor_is(r, field, "1"))
		doctor_say(l, DOCTOR_GREEN, "", "ENABLED at Meta");
	else if(doctor_text(r, "synced")[0] == '\0')
		doctor_cannot_say(l, "Meta has not been read yet");
	else
		doctor_say(l, DOCTOR_RED,
				"\"calling\": \"ENABLED\", \"sip\": \"ENABLED\" in the wanted file, then wasbcctl "
				"apply",
				"%s is off for this number at Meta", what);
}

static void calling(doctor_t *d, doctor_line_t *l)
{
	on_or_off(d, l, "calling", "calling");
}

static void sip(doctor_t *d, doctor_line_t *l)
{
	on_or_off(d, l, "sip", "SIP");
}

static void hostname(doctor_t *d, doctor_line_t *l)
{
	json_object *r = record(d), *site = doctor_fact(d, "wa_calls.site", NULL);
	const char *theirs = doctor_text(r, "hostname"), *ours = doctor_text(site, "hostname");
	probe_t p;

	if(!is_known(d, l))
		return;
	if(*theirs == '\0') {
		doctor_cannot_say(l, "Meta has no SIP server of ours");
		return;
	}
	if(strcasecmp(theirs, ours) == 0) {
		doctor_say(l, DOCTOR_GREEN, "", "%s at Meta and here", ours);
		return;
	}
	see_ourselves(d, theirs, 0, &p);
	if(p.spoke && p.name_fits)
		doctor_say(l, DOCTOR_YELLOW, "",
				"Meta has %s, this node is %s; its certificate is for both", theirs, ours);
	else
		doctor_say(l, DOCTOR_RED,
				"make them agree: \"hostname\" in the wanted file and wasbcctl apply, or "
				"SBC_HOSTNAME",
				"Meta has %s, this node is %s: calls get 403, or never come", theirs, ours);
}

static void port(doctor_t *d, doctor_line_t *l)
{
	json_object *r = record(d), *site = doctor_fact(d, "wa_calls.site", NULL);

	if(!is_known(d, l))
		return;
	if(doctor_text(r, "hostname")[0] == '\0')
		doctor_cannot_say(l, "Meta has no SIP server of ours");
	else if(strcmp(doctor_text(r, "port"), doctor_text(site, "port")) == 0)
		doctor_say(l, DOCTOR_GREEN, "", "%s at Meta and here", doctor_text(site, "port"));
	else
		doctor_say(l, DOCTOR_RED,
				"\"port\" in the wanted file and wasbcctl apply, or META_PORT",
				"Meta calls port %s, this node is at %s", doctor_text(r, "port"),
				doctor_text(site, "port"));
}

static void srtp(doctor_t *d, doctor_line_t *l)
{
	json_object *r = record(d);

	if(!is_known(d, l))
		return;
	if(see_drifts(d, "srtp"))
		doctor_say(l, DOCTOR_RED,
				"wasbcctl apply FILE: a write of SIP at Meta turns SDES back to DTLS",
				"Meta has %s, something else was applied", doctor_text(r, "srtp"));
	else if(doctor_text(r, "synced")[0] == '\0')
		doctor_cannot_say(l, "Meta has not been read yet");
	else
		doctor_say(l, DOCTOR_GREEN, "", "%s%s", doctor_text(r, "srtp"),
				doctor_is(r, "srtp", "DTLS") ? " (ICE and WebRTC media)" : "");
}

static void codecs(doctor_t *d, doctor_line_t *l)
{
	json_object *r = record(d);

	if(!is_known(d, l))
		return;
	if(see_drifts(d, "additional_codecs"))
		doctor_say(l, DOCTOR_RED, "wasbcctl apply FILE",
				"Meta has %s, something else was applied", doctor_text(r, "codecs"));
	else if(strstr(doctor_text(r, "codecs"), "OPUS") == NULL)
		doctor_say(l, DOCTOR_RED, "wasbcctl number set DIGITS codecs=, then number sync",
				"Opus, which cannot be turned off at Meta, is missing: %s",
				doctor_text(r, "codecs"));
	else
		doctor_say(l, DOCTOR_GREEN, "", "%s", doctor_text(r, "codecs"));
}

static void blocked(doctor_t *d, doctor_line_t *l)
{
	json_object *list = doctor_fact(d, "wa_calls.blocked", NULL);
	const char *trunk = doctor_text(record(d), "trunk");

	if(!is_known(d, l))
		return;
	for(size_t i = 0; list != NULL && i < json_object_array_length(list); i++) {
		json_object *row = json_object_array_get_idx(list, i);

		if(!doctor_is(row, "name", d->digits)
				&& !(doctor_is(row, "of", "trunk") && doctor_is(row, "name", trunk)))
			continue;
		doctor_say(l, DOCTOR_RED, "look at its calls, then wasbcctl unblock NAME",
				"%s %s is blocked for a suspicious pattern for %s more", doctor_text(row, "of"),
				doctor_text(row, "name"), doctor_ago(doctor_number(row, "seconds")));
		return;
	}
	doctor_say(l, DOCTOR_GREEN, "", "it is not");
}

const doctor_check_t doctor_number_checks[] = {{"number", DOCTOR_NUMBER, number},
		{"calling", DOCTOR_NUMBER, calling}, {"sip", DOCTOR_NUMBER, sip}, {"hostname", DOCTOR_NUMBER, hostname},
		{"port", DOCTOR_NUMBER, port}, {"srtp", DOCTOR_NUMBER, srtp}, {"codecs", DOCTOR_NUMBER, codecs},
		{"blocked", DOCTOR_NUMBER, blocked}, {NULL, DOCTOR_ALWAYS, NULL}};
