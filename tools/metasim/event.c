/* Events: one JSON object a line on standard output.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "event.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <re/re.h>

#include "args.h"

static uint64_t started;
static struct json_object *counts; /* violations by rule */

static uint64_t now_ms(void)
{
	uint64_t now = tmr_jiffies();

	if(started == 0)
		started = now;
	return now - started;
}

struct json_object *event_new(const char *name)
{
	struct json_object *ev = json_object_new_object();

	if(ev == NULL)
		return NULL;
	json_object_object_add(ev, "event", json_object_new_string(name));
	json_object_object_add(ev, "t", json_object_new_int64(now_ms()));
	return ev;
}

static void count_violation(struct json_object *ev)
{
	const char *rule = arg_str(ev, "rule", "unnamed");

	if(counts == NULL)
		counts = json_object_new_object();
	json_object_object_add(
			counts, rule, json_object_new_int(arg_int(counts, rule, 0) + 1));
}

void event_emit(struct json_object *ev)
{
	if(ev == NULL)
		return;
	if(strcmp(arg_str(ev, "event", ""), "violation") == 0)
		count_violation(ev);
	/* Nobody reads any more: nothing left to do for us. */
	if(puts(json_object_to_json_string_ext(
			   ev, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE))
					< 0
			|| fflush(stdout) != 0)
		re_cancel();
	json_object_put(ev);
}

void event_text(const char *name, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	struct json_object *ev = event_new(name);

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_object_object_add(ev, "text", json_object_new_string(text));
	event_emit(ev);
}

void event_violation(const char *call, const char *rule, const char *fmt, ...)
{
	char detail[1024];
	va_list ap;
	struct json_object *ev = event_new("violation");

	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	json_object_object_add(ev, "rule", json_object_new_string(rule));
	json_object_object_add(
			ev, "call", call ? json_object_new_string(call) : NULL);
	json_object_object_add(ev, "detail", json_object_new_string(detail));
	event_emit(ev);
}

void event_str(struct json_object *ev, const char *name, const char *text)
{
	json_object_object_add(ev, name, text ? json_object_new_string(text) : NULL);
}

struct json_object *event_violations(void)
{
	if(counts == NULL)
		counts = json_object_new_object();
	return json_object_get(counts);
}

void event_close(void)
{
	json_object_put(counts);
	counts = NULL;
}
