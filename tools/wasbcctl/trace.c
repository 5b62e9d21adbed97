/* wasbcctl trace N: the ladder of one number's calls, as they happen.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The messages come from wa_trace, which keeps no header, number or credential:
 * here are only methods, statuses and times.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc.h"
#include "screen.h"
#include "table.h"

#define POLL_MS 500
#define LAST_DEFAULT 1
#define LAST_MAX 50
#define SETTLED_S 2 /* after its end */
#define TIME 12
#define ID 17	   /* the part of a call's id that tells calls of a node apart... */
#define ID_SHORT 8 /* ...of it what is counted, from here on: */
#define ID_SHORT_AT 9
#define BETWEEN 9 /* blanks, and SBC */
#define ARROW 24  /* characters between two sides, at most */
#define ARROW_MIN 10

typedef struct trace
{
	const ctl_opts_t *o;
	char *number;		/* or a trunk's name */
	bool once;
	unsigned long last;	/* calls that are over, at the start */
	size_t id, arrow;	/* as wide as the screen lets them be */
	json_object *told;	/* messages that were printed: "call message" */
	json_object *all;	/* for JSON: the messages in order */
} trace_t;

/* --- which calls --------------------------------------------------------------------- */

static bool is_of(json_object *call, const char *name)
{
	return strcmp(ctl_member(call, "number"), name) == 0
		   || strcmp(ctl_member(call, "trunk"), name) == 0;
}

/* Those that run, of the number. */
static enum ctl_exit add_running(trace_t *t, json_object *out)
{
	json_object *list;
	enum ctl_exit ret = ctl_call_list(t->o, "wa_calls.list", "calls", "id", &list);

	for(size_t i = 0; list != NULL && i < json_object_array_length(list); i++) {
		json_object *call = json_object_array_get_idx(list, i);

		if(is_of(call, t->number))
			json_object_array_add(out, json_object_get(call));
	}
	json_object_put(list);
	return ret;
}

/* The last ones that are over, the oldest first. */
static enum ctl_exit add_over(trace_t *t, json_object *out, unsigned long n)
{
	char which[] = "all", limit[24], *words[] = {which, limit, t->number};
	json_object *r, *list;
	enum ctl_exit ret;

	(void)!snprintf(limit, sizeof(limit), "%lu", n);
	ret = ctl_call(t->o, "wa_calls.recent", ctl_params(3, words), &r);
	if(ret == CTL_DONE && json_object_object_get_ex(r, "calls", &list))
		for(size_t i = json_object_array_length(list); i > 0; i--)
			json_object_array_add(
					out, json_object_get(json_object_array_get_idx(list, i - 1)));
	json_object_put(r);
	return ret;
}

/* --- output ---------------------------------------------------------------------------- */

static void put_many(char c, size_t n)
{
	while(n-- > 0)
		putchar(c);
}

/* A line that is wider than the screen is no ladder any more. */
static void take_widths(trace_t *t)
{
	size_t columns = screen_is_one() ? screen_size().columns : 0;

	t->id = columns == 0 || columns >= TIME + ID + BETWEEN + 2 * ARROW ? ID : ID_SHORT;
	t->arrow = ARROW;
	if(columns > 0 && columns < TIME + t->id + BETWEEN + 2 * ARROW)
		t->arrow = columns > TIME + ID_SHORT + BETWEEN + 2 * ARROW_MIN
						   ? (columns - TIME - ID_SHORT - BETWEEN) / 2
						   : ARROW_MIN;
}

/* "<- 200 OK ------": from right to left, or the other way. */
static void print_arrow(const trace_t *t, const char *what, bool to_right)
{
	size_t len = strlen(what);

	if(len > t->arrow - 5)
		len = t->arrow - 5;
	fputs(to_right ? "-- " : "<- ", stdout);
	ctl_print_column(what, len);
	putchar(' ');
	put_many('-', t->arrow - 5 - len);
	fputs(to_right ? ">" : "-", stdout);
}

static void print_message(const trace_t *t, json_object *call, json_object *m)
{
	bool meta = strcmp(ctl_member(m, "side"), "meta") == 0;
	bool in = strcmp(ctl_member(m, "way"), "in") == 0;
	const char *at = ctl_member(m, "at"), *clock = strchr(at, 'T'), *id = ctl_member(call, "id");
	char what[96];

	(void)!snprintf(what, sizeof(what), "%s%s%s", ctl_member(m, "what"),
			strcmp(ctl_member(m, "sdp"), "0") != 0 ? " sdp" : "",
			strcmp(ctl_member(m, "credentials"), "0") != 0 ? " auth" : "");
	printf("%-*.*s  ", TIME, TIME, clock != NULL ? clock + 1 : at);
	ctl_print_column(t->id == ID_SHORT && strlen(id) > ID_SHORT_AT ? id + ID_SHORT_AT : id, t->id);
	fputs("  ", stdout);
	if(meta)
		print_arrow(t, what, in);
	else
		put_many(' ', t->arrow);
	fputs(" SBC ", stdout);
	if(!meta)
		print_arrow(t, what, !in);
	putchar('\n');
}

static void print_call(const trace_t *t, json_object *call)
{
	bool in = strcmp(ctl_member(call, "dir"), "in") == 0;

	printf("# %s  %s %s -> %s  trunk %s", ctl_member(call, "id"), ctl_member(call, "dir"),
			ctl_member(call, in ? "peer" : "number"), ctl_member(call, in ? "number" : "peer"),
			ctl_member(call, "trunk"));
	if(*ctl_member(call, "result") != '\0')
		printf("\n# %s  %s, %s", ctl_member(call, "id"), ctl_member(call, "result"),
				ctl_member(call, "cause"));
	printf("\n%-*s  %-*s  %-*s SBC %*s\n", TIME, "UTC", (int)t->id, "call", (int)t->arrow, "Meta",
			(int)t->arrow, "PBX");
}

/* --- one call ---------------------------------------------------------------------------- */

static bool was_told(trace_t *t, const char *id, const char *what)
{
	char key[256];

	return snprintf(key, sizeof(key), "%s %s", id, what) < 0
		   || json_object_object_get_ex(t->told, key, NULL);
}

/* False: it was told before. */
static bool is_new(trace_t *t, const char *id, const char *what)
{
	char key[256];

	if(was_told(t, id, what) || snprintf(key, sizeof(key), "%s %s", id, what) < 0)
		return false;
	json_object_object_add(t->told, key, json_object_new_int(1));
	return true;
}

static void tell(trace_t *t, json_object *call, json_object *m)
{
	if(t->all == NULL) {
		print_message(t, call, m);
		return;
	}
	json_object_object_add(m, "id", json_object_new_string(ctl_member(call, "id")));
	json_object_object_add(m, "number", json_object_new_string(ctl_member(call, "number")));
	json_object_array_add(t->all, json_object_get(m));
}

static enum ctl_exit follow(trace_t *t, json_object *call)
{
	const char *id = ctl_member(call, "id"), *other = ctl_member(call, "meta_call");
	json_object *params, *r, *list;
	enum ctl_exit ret;

	if(was_told(t, id, "old") || was_told(t, id, "over"))
		return CTL_DONE;
	params = json_object_new_array();
	json_object_array_add(params, json_object_new_string(ctl_member(call, "call")));
	if(*other != '\0')
		json_object_array_add(params, json_object_new_string(other));
	ret = ctl_call(t->o, "wa_trace.ladder", params, &r);
	if(ret != CTL_DONE)
		return ret;
	if(t->all == NULL && is_new(t, id, "call"))
		print_call(t, call);
	if(json_object_object_get_ex(r, "messages", &list))
		for(size_t i = 0; i < json_object_array_length(list); i++) {
			json_object *m = json_object_array_get_idx(list, i);
			char key[200];

			(void)!snprintf(key, sizeof(key), "%s %s %s %s %s", ctl_member(m, "at"),
					ctl_member(m, "side"), ctl_member(m, "way"), ctl_member(m, "cseq"),
					ctl_member(m, "what"));
			if(is_new(t, id, key))
				tell(t, call, m);
		}
	/* its last messages may still be on their way */
	if(t->all == NULL && *ctl_member(call, "result") != '\0'
			&& (t->once || strtol(ctl_member(call, "age"), NULL, 10) >= SETTLED_S)
			&& is_new(t, id, "over"))
		printf("# %s  %s: %s\n", id, ctl_member(call, "result"),
				*ctl_member(call, "why") != '\0' ? ctl_member(call, "why") : "-");
	json_object_put(r);
	fflush(stdout);
	return CTL_DONE;
}

static enum ctl_exit look(trace_t *t, unsigned long over)
{
	json_object *found = json_object_new_array();
	enum ctl_exit ret = over > 0 ? add_over(t, found, over) : CTL_DONE;

	take_widths(t);
	if(ret == CTL_DONE)
		ret = add_running(t, found);
	for(size_t i = 0; ret == CTL_DONE && i < json_object_array_length(found); i++)
		ret = follow(t, json_object_array_get_idx(found, i));
	json_object_put(found);
	return ret;
}

/* Neither is an error: calls of one that was removed are still known. */
static void warn_of_stranger(const trace_t *t)
{
	static const char *const asks[] = {"wa_numbers.show", "wa_trunk.show"};
	char *word = strdup(t->number), why[CTL_WHY_SIZE];
	enum ctl_exit ret = CTL_FAILED;
	json_object *r;

	for(size_t i = 0; word != NULL && i < 2 && ret == CTL_FAILED; i++) {
		ret = ctl_try(t->o, asks[i], ctl_params(1, &word), &r, why);
		json_object_put(r);
	}
	if(ret == CTL_FAILED)
		fprintf(stderr, "wasbcctl: %s is neither a number nor a trunk here\n", t->number);
	free(word);
}

/* What is over in between is among the last ones; those that were over before and
 * are not wanted are taken as told. */
static enum ctl_exit run_live(trace_t *t)
{
	enum ctl_exit ret = look(t, t->last);
	json_object *old = json_object_new_array();

	if(ret == CTL_DONE)
		ret = add_over(t, old, LAST_MAX);
	for(size_t i = 0; i + t->last < json_object_array_length(old); i++)
		(void)is_new(t, ctl_member(json_object_array_get_idx(old, i), "id"), "old");
	json_object_put(old);
	if(screen_is_one()) {
		fprintf(stderr, "wasbcctl: waiting for calls of %s; q ends\n", t->number);
		screen_open();
	}
	while(ret == CTL_DONE && screen_wait(POLL_MS))
		ret = look(t, LAST_MAX);
	screen_close();
	return ret;
}

static bool read_options(trace_t *t, int argc, char **argv)
{
	char *end;

	for(int i = 1; i < argc; i++) {
		if(strcmp(argv[i], "--once") == 0) {
			t->once = true;
		} else if(strcmp(argv[i], "--last") == 0 && i + 1 < argc) {
			t->last = strtoul(argv[++i], &end, 10);
			if(*end != '\0' || t->last > LAST_MAX)
				return false;
		} else if(argv[i][0] != '-' && t->number == NULL) {
			t->number = argv[i][0] == '+' ? argv[i] + 1 : argv[i];
		} else {
			return false;
		}
	}
	return t->number != NULL;
}

static enum ctl_exit trace(const ctl_opts_t *o, int argc, char **argv)
{
	trace_t t = {.o = o, .last = LAST_DEFAULT};
	enum ctl_exit ret;

	if(!read_options(&t, argc, argv)) {
		fprintf(stderr, "wasbcctl: trace NUMBER|TRUNK [--once] [--last 0 to %d]\n", LAST_MAX);
		return CTL_USAGE;
	}
	t.told = json_object_new_object();
	t.all = o->json ? json_object_new_array() : NULL;
	warn_of_stranger(&t);
	ret = t.once || o->json ? look(&t, t.last) : run_live(&t);
	if(ret == CTL_DONE && t.all != NULL)
		ctl_print_object(o, t.all);
	json_object_put(t.told);
	json_object_put(t.all);
	return ret;
}

const ctl_verb_t ctl_trace_verbs[] = {
		{"", "NUMBER|TRUNK [--once] [--last N]",
				"the ladder of a number's or a trunk's calls as they happen, until q, Enter or "
				"Ctrl-C; the last N (1) that are over first; --once, --json: only what is there",
				1, 4, trace},
		{NULL, NULL, NULL, 0, 0, NULL}};
