/* wasbcctl doctor: a table of checks, each a line that is green, yellow or red.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A check looks at one thing and says one thing. It is red only for a fault of
 * its own: where it cannot know because of another's fault, it is yellow, so
 * that the red lines are what has to be done. A group of checks is a file with a
 * table of them; doctor.c has the list of groups.
 *
 *     static void redis(doctor_t *d, doctor_line_t *l)
 *     {
 *         json_object *r = doctor_fact(d, "wa_numbers.status", NULL);
 *
 *         if(doctor_says(r, "connected", "1"))
 *             doctor_say(l, DOCTOR_GREEN, "", "it is followed");
 *         ...
 *     }
 */
#ifndef WASBCCTL_DOCTOR_H
#define WASBCCTL_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

#include "../wasbcctl.h"

enum doctor_state
{
	DOCTOR_GREEN,
	DOCTOR_YELLOW, /* not known, or not good and not fatal */
	DOCTOR_RED
};

#define DOCTOR_TEXT 400

typedef struct doctor_line
{
	enum doctor_state state;
	char found[DOCTOR_TEXT];
	char remedy[DOCTOR_TEXT]; /* "" = nothing to do */
} doctor_line_t;

#define DOCTOR_FACTS 48

/* The answer to one RPC: asked once. */
typedef struct doctor_fact
{
	char key[128]; /* method and parameter */
	json_object *answer; /* NULL: it failed */
	char why[256];
} doctor_fact_t;

typedef struct doctor
{
	const ctl_opts_t *o;
	char digits[32];		/* "" = the node alone */
	const char *given;		/* the number as it was typed */
	const char *ca;			/* NULL: whom Kamailio trusts */
	const char *nameserver; /* ADDRESS[:PORT]; NULL: the host's */
	doctor_fact_t fact[DOCTOR_FACTS];
	size_t n_facts;
} doctor_t;

typedef void(doctor_check_h)(doctor_t *d, doctor_line_t *l);

enum doctor_when
{
	DOCTOR_ALWAYS,
	DOCTOR_NUMBER, /* only where a number is named */
	DOCTOR_NODE	   /* only where none is */
};

typedef struct doctor_check
{
	const char *name;
	enum doctor_when when;
	doctor_check_h *run;
} doctor_check_t;

/* Each to a row with name NULL. */
extern const doctor_check_t doctor_node_checks[];
extern const doctor_check_t doctor_certificate_checks[];
extern const doctor_check_t doctor_meta_checks[];
extern const doctor_check_t doctor_media_checks[];
extern const doctor_check_t doctor_graph_checks[];
extern const doctor_check_t doctor_clock_checks[];
extern const doctor_check_t doctor_number_checks[];
extern const doctor_check_t doctor_password_checks[];
extern const doctor_check_t doctor_trunk_checks[];

/** Fills a line. `remedy` is cut where it is too long, as is what was found. */
void doctor_say(doctor_line_t *l, enum doctor_state state, const char *remedy,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

/** Yellow: it cannot be told because of something that another line names. */
void doctor_cannot_say(doctor_line_t *l, const char *because);

/** The answer to an RPC with one parameter (NULL: none); NULL when it failed. It
 * is asked once, and stays valid as long as `d`. */
json_object *doctor_fact(doctor_t *d, const char *method, const char *param);

/** Why that failed. */
const char *doctor_why(doctor_t *d, const char *method, const char *param);

/** What was answered to that is old now: it is asked again. */
void doctor_forget(doctor_t *d, const char *method, const char *param);

/** Member of a fact as text ("" for none, also of NULL), as a number (0), and
 * whether it is that text. */
const char *doctor_text(json_object *fact, const char *name);
long doctor_number(json_object *fact, const char *name);
bool doctor_is(json_object *fact, const char *name, const char *value);

/** The member `name` that is an array, or NULL. */
json_object *doctor_list(json_object *fact, const char *name);

/** "3 minutes": for people. A static text. */
const char *doctor_ago(long seconds);

#endif
