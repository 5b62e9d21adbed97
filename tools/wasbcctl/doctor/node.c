/* Checks of this node: what it depends on, and whether it takes calls.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "doctor.h"

#define CLOCK_RED_S 30 /* a token's proof, certificates and records depend on it */
#define CLOCK_YELLOW_S 3

static void kamailio(doctor_t *d, doctor_line_t *l)
{
	json_object *up = doctor_fact(d, "core.uptime", NULL);
	json_object *version = doctor_fact(d, "core.version", NULL);

	doctor_say(l, DOCTOR_GREEN, "", "%s, up for %s",
			version != NULL ? json_object_get_string(version) : "kamailio",
			doctor_ago(doctor_number(up, "uptime")));
}

static void draining(doctor_t *d, doctor_line_t *l)
{
	json_object *r = doctor_fact(d, "wa_calls.drain_status", NULL);

	if(doctor_is(r, "drain", "off"))
		doctor_say(l, DOCTOR_GREEN, "", "new calls are taken, %s now",
				doctor_text(r, "calls"));
	else
		doctor_say(l, DOCTOR_RED, "wasbcctl undrain",
				"this node takes no new calls, %s go on", doctor_text(r, "calls"));
}

static void redis(doctor_t *d, doctor_line_t *l)
{
	json_object *r = doctor_fact(d, "wa_numbers.status", NULL);

	if(!doctor_is(r, "connected", "1"))
		doctor_say(l, DOCTOR_RED,
				"start Redis, or mend the way to it; REDIS_URL of site.cfg says where it "
				"is looked for. Numbers that are known keep calling meanwhile",
				"%s is away: %s", doctor_text(r, "redis"), doctor_text(r, "last_error"));
	else if(!doctor_is(r, "ready", "1"))
		doctor_say(l, DOCTOR_RED, "wait for the load to end; journalctl -u kamailio",
				"%s: nothing is loaded yet", doctor_text(r, "redis"));
	else
		doctor_say(l, DOCTOR_GREEN, "", "%s is followed: %s numbers, %s trunks",
				doctor_text(r, "redis"), doctor_text(r, "numbers"),
				doctor_text(r, "trunks"));
}

static void records(doctor_t *d, doctor_line_t *l)
{
	json_object *r = doctor_fact(d, "wa_calls.stats", NULL);

	if(doctor_number(r, "cdr_lost") > 0)
		doctor_say(l, DOCTOR_RED, "make room on the disk of CDR_FILE; raise cdr_buffer",
				"%s records of calls are lost", doctor_text(r, "cdr_lost"));
	else if(doctor_number(r, "cdr_pending") > 100)
		doctor_say(l, DOCTOR_YELLOW, "is the disk of CDR_FILE full or slow?",
				"%s records wait for the disk", doctor_text(r, "cdr_pending"));
	else
		doctor_say(l, DOCTOR_GREEN, "", "%s written, none lost",
				doctor_text(r, "cdr_written"));
}

static void clock_line(doctor_t *d, doctor_line_t *l)
{
	json_object *r = doctor_fact(d, "wa_settings.status", NULL);
	long off = doctor_number(r, "clock_off");
	long size = off < 0 ? -off : off;

	if(r == NULL || doctor_number(r, "clock_age") < 0)
		doctor_cannot_say(l, "Meta's Graph API has told no time yet");
	else if(size >= CLOCK_YELLOW_S)
		doctor_say(l, size >= CLOCK_RED_S ? DOCTOR_RED : DOCTOR_YELLOW,
				"synchronise the clock: systemctl enable --now systemd-timesyncd (or "
				"chrony)",
				"this host's clock is %ld s %s Meta's", size,
				off > 0 ? "behind" : "ahead of");
	else
		doctor_say(l, DOCTOR_GREEN, "", "with Meta's to %d s", CLOCK_YELLOW_S);
}

static void networks(doctor_t *d, doctor_line_t *l)
{
	json_object *r = doctor_fact(d, "wa_door.status", NULL), *meta = NULL;

	if(r != NULL)
		json_object_object_get_ex(r, "meta", &meta);
	if(doctor_number(meta, "networks") == 0)
		doctor_say(l, DOCTOR_RED, "wasbcctl source convert makes a list; META_NETWORKS_FILE",
				"no network of Meta is known: nobody gets in");
	else if(doctor_text(meta, "error")[0] != '\0')
		doctor_say(l, DOCTOR_YELLOW,
				"mend the file, or wasbcctl source reload --force if it is right",
				"the new list of Meta's networks is refused: %s", doctor_text(meta, "error"));
	else if(!doctor_is(r, "kernel", "filters"))
		doctor_say(l, DOCTOR_YELLOW, "raise net.core.optmem_max; the script filters alone",
				"the kernel does not filter: %s", doctor_text(r, "kernel"));
	else
		doctor_say(l, DOCTOR_GREEN, "", "%s of Meta, from the %s",
				doctor_text(meta, "networks"), doctor_text(meta, "from"));
}

const doctor_check_t doctor_node_checks[] = {{"kamailio", DOCTOR_ALWAYS, kamailio},
		{"draining", DOCTOR_ALWAYS, draining}, {"redis", DOCTOR_ALWAYS, redis},
		{"records", DOCTOR_ALWAYS, records}, {"networks", DOCTOR_ALWAYS, networks},
		{NULL, DOCTOR_ALWAYS, NULL}};

/* After the Graph API was asked. */
const doctor_check_t doctor_clock_checks[] = {
		{"clock", DOCTOR_ALWAYS, clock_line}, {NULL, DOCTOR_ALWAYS, NULL}};
