/* The Graph API of the simulator: HTTPS with bearer tokens.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Facts: meta-calling.md 1. Configuration member "graph":
 * {"listen":"IP:PORT","cert":FILE,"key":FILE,
 *  "tokens":[{"token":"...","app_id":"...","permissions":["whatsapp_business_management",...]}],
 *  "min_version":"v17.0","page_size":25}
 */
#ifndef METASIM_GRAPH_H
#define METASIM_GRAPH_H

#include <json-c/json.h>

/** Starts listening. Returns 0 or an errno value; `why` says what is wrong. */
int graph_init(struct json_object *cfg, char *why, size_t size);
void graph_close(void);

/** A command of the control channel whose name begins with "graph_", such as
 * {"cmd":"graph_fault","id":"...","status":429,"code":4,"count":1}.
 * Returns 0, or an errno value with `why` filled. */
int graph_command(struct json_object *cmd, char *why, size_t size);

#endif
