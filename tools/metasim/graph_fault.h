/* Faults on order: the answers that a client must survive.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * {"cmd":"graph_fault", which requests: "id":"..." (absent: any object; on the
 *  control channel it is called "phone_number_id"),
 *  "edge":"settings" ("" = the object itself; absent: any), "method":"GET"
 *  (absent: any), "count":N (default 1; 0 = until cleared);
 *  what happens to them: "status":429, "code":4, "message":"...",
 *  "retry_after":SECONDS, "delay_ms":N, "close":true (no answer at all),
 *  "truncate":N (only the first N bytes of the body, then the end of the
 *  connection), "body":"..." (verbatim, instead of any JSON of ours),
 *  "pad":N (N spaces after the body), "drip":true (a space now and then after the
 *  body, and no end), "usage":"..." (value of X-Business-Use-Case-Usage)}
 *
 * Without "status" the request is served as usual, then delayed, padded or cut.
 */
#ifndef METASIM_GRAPH_FAULT_H
#define METASIM_GRAPH_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>
#include <re/re.h>

struct graph_fault
{
	struct le le;
	char *id, *edge, *method;
	char *message, *body, *usage;
	uint32_t count; /* left; UINT32_MAX = no end */
	uint16_t status;
	int code;
	uint32_t retry_after;
	uint32_t delay_ms;
	uint32_t truncate;
	uint32_t pad;
	bool truncated, close, drip;
};

/** "graph_fault" and "graph_fault_clear". Returns 0 or an errno value. */
int graph_fault_command(struct json_object *cmd, char *why, size_t size);
void graph_fault_clear(void);

/** The oldest fault that fits the request, with a reference for the caller, or
 * NULL. One use of it is counted. */
struct graph_fault *graph_fault_take(
		const char *id, const char *edge, const struct pl *method);

#endif
