/* Errors in Meta's form: {"error":{"message","type","code","fbtrace_id"}}.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Facts: meta-calling.md 1.4. `details` goes into error_data, where Meta says
 * what is wrong with a parameter.
 */
#ifndef METASIM_GRAPH_ERROR_H
#define METASIM_GRAPH_ERROR_H

#include <stdint.h>

#include <json-c/json.h>

struct graph_error
{
	uint16_t status; /* HTTP */
	int code;
	int subcode; /* 0 = none */
	char message[160];
	char details[240]; /* "" = no error_data */
};

enum graph_code
{
	GRAPH_UNKNOWN = 1,
	GRAPH_RATE_APP = 4,
	GRAPH_PERMISSION = 10,
	GRAPH_PARAMETER = 100,
	GRAPH_TOKEN = 190,
	GRAPH_PATH = 2500,
	GRAPH_VERSION = 2635,
	GRAPH_SUBCODE_NO_OBJECT = 33,
};

/** Fills `e`: no subcode, no details. Returns EPROTO, so that a check can end
 * with `return graph_error_set(...)`. */
int graph_error_set(struct graph_error *e, uint16_t status, int code, const char *fmt, ...)
		__attribute__((format(printf, 4, 5)));

/** Code 100 with what is wrong in error_data. Returns EPROTO. */
int graph_error_parameter(struct graph_error *e, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));

/** The body of the answer, a new object. */
struct json_object *graph_error_json(const struct graph_error *e);

#endif
