/* The HTTPS side of the Graph API: connections, requests, answers.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_GRAPH_HTTP_H
#define METASIM_GRAPH_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include <re/re.h>

/* What the configuration says of requests. */
struct graph_http_config
{
	unsigned min_version, max_version; /* major: v17.0 is 17 */
	unsigned page_size;
	bool trace; /* a graph_request event for each */
};

/** Listens on `laddr`; `cert` and `key` are PEM files (one may hold both).
 * Returns 0 or an errno value. */
int graph_http_listen(const struct sa *laddr, const char *cert, const char *key,
		const struct graph_http_config *cfg);
void graph_http_close(void);

/** Sends at once what a fault's delay still holds back. */
void graph_http_release(void);

/** Tells a Date that is so many seconds off. */
void graph_http_clock(int off_s);

#endif
