/* JSON-RPC 2.0 over the datagram socket of Kamailio's jsonrpcs module.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WASBCCTL_RPC_H
#define WASBCCTL_RPC_H

#include <json-c/json.h>

#include "wasbcctl.h"

/** Calls `method` with `params`, an array that is taken over (NULL = none).
 * CTL_DONE and `*result`, the caller's to put; else the reason is on stderr. */
enum ctl_exit ctl_call(const ctl_opts_t *o, const char *method,
		json_object *params, json_object **result);

#define CTL_WHY_SIZE 256

/** The same without a word: why it failed goes to `why` (CTL_WHY_SIZE). */
enum ctl_exit ctl_try(const ctl_opts_t *o, const char *method,
		json_object *params, json_object **result, char why[CTL_WHY_SIZE]);

/** An array of strings. */
json_object *ctl_params(int n, char **words);

/** Calls a method that queues a job and waits until the job is done. */
enum ctl_exit ctl_call_job(
		const ctl_opts_t *o, const char *method, json_object *params);

/** The same, then `page_method` with the job's number: what the job has read. */
enum ctl_exit ctl_call_page(const ctl_opts_t *o, const char *method,
		json_object *params, const char *page_method, json_object **page);

/** Calls a method that lists page by page; `*list` gets all of member `name`,
 * sorted by `key`. */
enum ctl_exit ctl_call_list(const ctl_opts_t *o, const char *method,
		const char *name, const char *key, json_object **list);

/** The same with a third parameter, which chooses among them (NULL = all). */
enum ctl_exit ctl_call_filtered(const ctl_opts_t *o, const char *method,
		const char *filter, const char *name, const char *key, json_object **list);

/** Text of a member, "" if there is none. Valid as long as `obj`. */
const char *ctl_member(json_object *obj, const char *name);

#endif
