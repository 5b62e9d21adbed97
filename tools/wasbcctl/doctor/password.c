/* Checks of a number's SIP password: is it the one that is in use?
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "doctor.h"
#include "see.h"

static void password(doctor_t *d, doctor_line_t *l)
{
	json_object *r = doctor_fact(d, "wa_numbers.show", d->digits);
	json_object *seen = doctor_fact(d, "wa_auth.seen", d->digits);
	const char *why;
	json_object *settings;

	if(r == NULL) {
		doctor_cannot_say(l, "the number is not known here");
		return;
	}
	settings = see_settings(d, &why);
	if(doctor_is(r, "rotating", "1"))
		doctor_say(l, DOCTOR_YELLOW, "wasbcctl tasks says how far it is",
				"it is being changed at Meta");
	else if(!doctor_is(r, "has_password", "1")
			&& (settings == NULL || doctor_text(settings, "error")[0] != '\0'))
		doctor_cannot_say(l, "it could not be read from Meta (see the lines above)");
	else if(!doctor_is(r, "has_password", "1"))
		doctor_say(l, DOCTOR_RED,
				"wasbcctl number sync DIGITS says why; is the SIP server at Meta our app's?",
				"it is not known");
	else if(doctor_text(seen, "self")[0] != '\0')
		doctor_say(l, DOCTOR_RED,
				"is the key that sealed it in SEAL_KEY_FILE? Else wasbcctl number sync DIGITS",
				"it does not open: %s", doctor_text(seen, "self"));
	else if(doctor_text(settings, "error")[0] != '\0' || settings == NULL)
		doctor_say(l, DOCTOR_YELLOW, "", "it opens; whether Meta has another cannot be told");
	else
		doctor_say(l, DOCTOR_GREEN, "", "read from Meta just now; it opens and answers a "
										"challenge; unchanged for %s",
				doctor_ago(doctor_number(r, "password_age")));
}

/* What happened before the password was read last proves nothing of it. */
static long since(doctor_t *d, json_object *seen, const char *name)
{
	json_object *r = doctor_fact(d, "wa_numbers.show", d->digits);
	long age = doctor_number(seen, name);

	return seen == NULL || age > doctor_number(r, "password_age") ? -1 : age;
}

/* One way: `last`, `right` and `wrong` are members of wa_auth.seen. */
static void judge(doctor_t *d, doctor_line_t *l, const char *last, const char *right,
		const char *wrong, const char *good, const char *bad, const char *remedy)
{
	json_object *seen = doctor_fact(d, "wa_auth.seen", d->digits);
	long r = since(d, seen, right), w = since(d, seen, wrong);

	if(doctor_fact(d, "wa_numbers.show", d->digits) == NULL)
		doctor_cannot_say(l, "the number is not known here");
	else if(w >= 0 && doctor_is(seen, last, "wrong"))
		doctor_say(l, DOCTOR_RED, remedy, "%s, %s ago", bad, doctor_ago(w));
	else if(r >= 0)
		doctor_say(l, DOCTOR_GREEN, "", "%s, %s ago", good, doctor_ago(r));
	else
		doctor_say(l, DOCTOR_YELLOW, "a call tells",
				"no call has been authenticated with this password yet");
}

static void answered(doctor_t *d, doctor_line_t *l)
{
	judge(d, l, "ours", "taken_age", "refused_age", "Meta took our answer to its 407",
			"Meta refused our answer to its 407",
			"wasbcctl number rotate DIGITS makes a new password; is another SBC using the "
			"number?");
}

static void verified(doctor_t *d, doctor_line_t *l)
{
	judge(d, l, "metas", "verified_age", "wrong_age", "Meta answered our 407 rightly",
			"Meta answered our 407 with another password",
			"wasbcctl number rotate DIGITS makes a new password; wait a minute where it was "
			"just changed");
}

const doctor_check_t doctor_password_checks[] = {{"password", DOCTOR_NUMBER, password},
		{"answered", DOCTOR_NUMBER, answered}, {"verified", DOCTOR_NUMBER, verified},
		{NULL, DOCTOR_ALWAYS, NULL}};
