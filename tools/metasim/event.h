/* Events: what metasim saw, one JSON object a line on standard output.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_EVENT_H
#define METASIM_EVENT_H

#include <json-c/json.h>

/** A new event of type `name`, with the time since start in milliseconds
 * ("t"). Add members to it, then event_emit() it. NULL when out of memory. */
struct json_object *event_new(const char *name);

/** Writes the event as one line, flushes, and releases it. */
void event_emit(struct json_object *ev);

/** One-line event with a printf-style "text" member: event_text("error", ...). */
void event_text(const char *name, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));

/** A broken rule: {"event":"violation","rule":..,"call":..,"detail":..}. `call`
 * may be NULL. Violations are counted by rule, whoever emits them. */
void event_violation(const char *call, const char *rule, const char *fmt, ...)
		__attribute__((format(printf, 3, 4)));

/** Adds a text member; null when `text` is NULL. */
void event_str(struct json_object *ev, const char *name, const char *text);

/** Violations so far, {"rule":count}; the caller releases it. */
struct json_object *event_violations(void);

void event_close(void);

#endif
