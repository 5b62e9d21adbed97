/* wasbcctl doctor [NUMBER]. SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../rpc.h"
#include "../screen.h"
#include "../table.h"
#include "see.h"

static const doctor_check_t *const groups[] = {doctor_node_checks,
		doctor_certificate_checks, doctor_meta_checks, doctor_media_checks,
		doctor_graph_checks, doctor_clock_checks, doctor_number_checks, doctor_password_checks,
		doctor_trunk_checks};

static const char *const state_names[] = {"green", "yellow", "red"};
static const char *const colours[] = {"\033[32m", "\033[33m", "\033[31m"};

void doctor_say(doctor_line_t *l, enum doctor_state state, const char *remedy,
		const char *format, ...)
{
	va_list ap;

	l->state = state;
	va_start(ap, format);
	if(vsnprintf(l->found, sizeof(l->found), format, ap) < 0)
		l->found[0] = '\0';
	va_end(ap);
	if(snprintf(l->remedy, sizeof(l->remedy), "%s", remedy) < 0)
		l->remedy[0] = '\0';
}

void doctor_cannot_say(doctor_line_t *l, const char *because)
{
	doctor_say(l, DOCTOR_YELLOW, "", "cannot be told: %s", because);
}

static doctor_fact_t *find(doctor_t *d, const char *method, const char *param)
{
	char key[sizeof(d->fact[0].key)];
	size_t i = 0;

	if(snprintf(key, sizeof(key), "%s %s", method, param != NULL ? param : "") < 0)
		key[0] = '\0';
	while(i < d->n_facts && strcmp(d->fact[i].key, key) != 0)
		i++;
	if(i == DOCTOR_FACTS)
		return NULL;
	if(i == d->n_facts)
		memcpy(d->fact[i].key, key, sizeof(key));
	return &d->fact[i];
}

static doctor_fact_t *ask(doctor_t *d, const char *method, const char *param)
{
	doctor_fact_t *f = find(d, method, param);
	json_object *params = NULL;
	char *word = NULL;

	if(f == NULL || f < d->fact + d->n_facts)
		return f;
	d->n_facts++;
	if(param != NULL && (word = strdup(param)) != NULL)
		params = ctl_params(1, &word);
	if(ctl_try(d->o, method, params, &f->answer, f->why) != CTL_DONE)
		f->answer = NULL;
	free(word);
	return f;
}

json_object *doctor_fact(doctor_t *d, const char *method, const char *param)
{
	doctor_fact_t *f = ask(d, method, param);

	return f != NULL ? f->answer : NULL;
}

const char *doctor_why(doctor_t *d, const char *method, const char *param)
{
	doctor_fact_t *f = ask(d, method, param);

	return f != NULL ? f->why : "too many questions";
}

void doctor_forget(doctor_t *d, const char *method, const char *param)
{
	doctor_fact_t *f = find(d, method, param);

	if(f == NULL || f == d->fact + d->n_facts)
		return;
	json_object_put(f->answer);
	*f = d->fact[--d->n_facts];
	d->fact[d->n_facts].answer = NULL;
}

const char *doctor_text(json_object *fact, const char *name)
{
	return fact != NULL ? ctl_member(fact, name) : "";
}

long doctor_number(json_object *fact, const char *name)
{
	return strtol(doctor_text(fact, name), NULL, 10);
}

bool doctor_is(json_object *fact, const char *name, const char *value)
{
	return strcmp(doctor_text(fact, name), value) == 0;
}

json_object *doctor_list(json_object *fact, const char *name)
{
	json_object *list;

	return fact != NULL && json_object_object_get_ex(fact, name, &list)
						   && json_object_is_type(list, json_type_array)
				   ? list
				   : NULL;
}

const char *doctor_ago(long seconds)
{
	static const struct
	{
		long s;
		const char *name;
	} units[] = {{86400, "days"}, {3600, "hours"}, {60, "minutes"}, {1, "seconds"}};
	static char text[32];
	size_t i = 0;

	while(i < 3 && seconds < 2 * units[i].s)
		i++;
	if(snprintf(text, sizeof(text), "%ld %s", seconds / units[i].s, units[i].name) < 0)
		text[0] = '\0';
	return text;
}

/* --- output -------------------------------------------------------------------- */

static json_object *to_json(const char *name, const doctor_line_t *l)
{
	json_object *row = json_object_new_object();

	json_object_object_add(row, "state", json_object_new_string(state_names[l->state]));
	json_object_object_add(row, "check", json_object_new_string(name));
	json_object_object_add(row, "found", json_object_new_string(l->found));
	json_object_object_add(row, "remedy", json_object_new_string(l->remedy));
	return row;
}

/* As it becomes known: some of it takes seconds. */
static void print_line(const char *name, const doctor_line_t *l)
{
	bool coloured = screen_has_colours();

	printf("%s%-6s%s  %-16s  ", coloured ? colours[l->state] : "", state_names[l->state],
			coloured ? "\033[0m" : "", name);
	ctl_print_text(l->found);
	putchar('\n');
	if(l->remedy[0] != '\0') {
		printf("%26s-> ", "");
		ctl_print_text(l->remedy);
		putchar('\n');
	}
	fflush(stdout);
}

static void print_all(const doctor_t *d, json_object *rows)
{
	static const char *const columns[] = {"state", "check", "found", "remedy", NULL};

	if(d->o->json || !isatty(STDOUT_FILENO))
		ctl_print_list(d->o, rows, columns);
}

static enum doctor_state run_group(
		doctor_t *d, const doctor_check_t *check, json_object *rows)
{
	bool live = !d->o->json && isatty(STDOUT_FILENO);
	enum doctor_state worst = DOCTOR_GREEN;

	for(; check->name != NULL; check++) {
		doctor_line_t l = {.state = DOCTOR_YELLOW, .found = "not looked at"};

		if(check->when != DOCTOR_ALWAYS
				&& (check->when == DOCTOR_NUMBER) != (d->digits[0] != '\0'))
			continue;
		check->run(d, &l);
		if(l.state > worst)
			worst = l.state;
		json_object_array_add(rows, to_json(check->name, &l));
		if(live)
			print_line(check->name, &l);
	}
	return worst;
}

static enum ctl_exit run_all(doctor_t *d)
{
	enum doctor_state worst = DOCTOR_GREEN;
	json_object *rows = json_object_new_array();
	const char *why;

	/* what the directory has of the number is then what Meta has */
	if(d->digits[0] != '\0')
		(void)see_settings(d, &why);

	for(size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		enum doctor_state state = run_group(d, groups[i], rows);

		if(state > worst)
			worst = state;
	}
	print_all(d, rows);
	json_object_put(rows);
	for(size_t i = 0; i < d->n_facts; i++)
		json_object_put(d->fact[i].answer);
	return worst == DOCTOR_RED ? CTL_FAILED : CTL_DONE;
}

/* --- words ---------------------------------------------------------------------- */

/* Digits alone; what else stands in a number written for people goes. */
static void take_number(doctor_t *d, const char *given)
{
	size_t n = 0;

	d->given = given;
	for(; *given != '\0' && n < sizeof(d->digits) - 1; given++)
		if(*given >= '0' && *given <= '9')
			d->digits[n++] = *given;
	d->digits[n] = '\0';
	if(strncmp(d->digits, "00", 2) == 0)
		memmove(d->digits, d->digits + 2, n - 1);
}

static bool take_words(doctor_t *d, int argc, char **argv)
{
	for(int i = 1; i < argc; i++) {
		if(strcmp(argv[i], "--ca") == 0 && i + 1 < argc)
			d->ca = argv[++i];
		else if(strcmp(argv[i], "--nameserver") == 0 && i + 1 < argc)
			d->nameserver = argv[++i];
		else if(argv[i][0] != '-' && d->given == NULL)
			take_number(d, argv[i]);
		else
			return false;
	}
	return d->given == NULL || d->digits[0] != '\0';
}

static enum ctl_exit doctor(const ctl_opts_t *o, int argc, char **argv)
{
	static doctor_t d;
	char why[CTL_WHY_SIZE];
	enum ctl_exit ret;

	d.o = o;
	if(!take_words(&d, argc, argv)) {
		fprintf(stderr, "wasbcctl: doctor [NUMBER] [--ca FILE] [--nameserver "
						"ADDRESS[:PORT]]\n");
		return CTL_USAGE;
	}
	/* without it there is nothing to look at */
	ret = ctl_try(o, "core.version", NULL, &d.fact[0].answer, why);
	if(ret != CTL_DONE) {
		fprintf(stderr, "wasbcctl: %s\n", why);
		return ret;
	}
	json_object_put(d.fact[0].answer);
	d.fact[0].answer = NULL;
	return run_all(&d);
}

const ctl_verb_t ctl_doctor_verbs[] = {
		{"", "[NUMBER] [--ca FILE] [--nameserver ADDRESS[:PORT]]",
				"checks this node, and a number end to end; each line green, yellow "
				"(not known) or red with its remedy; exit 1: something is red",
				0, 5, doctor},
		{NULL, NULL, NULL, 0, 0, NULL}};
