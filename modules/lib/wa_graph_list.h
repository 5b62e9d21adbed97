/* A page of Meta's answer to GET /<WABA id>/phone_numbers (meta-calling.md 1.3).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_GRAPH_LIST_H
#define WA_GRAPH_LIST_H

#include <stddef.h>

#include "wa_number.h"
#include "wa_sv.h"

#define WA_CURSOR_SIZE 256
#define WA_LISTED_NAME_SIZE 64

typedef struct wa_listed
{
	char id[WA_ID_SIZE];
	char digits[WA_DIGITS_SIZE]; /* of "+1 631-555-1111": "16315551111"; "" = none */
	char name[WA_LISTED_NAME_SIZE];	/* verified_name, printable, cut to fit */
} wa_listed_t;

/** Calls `cb` for each number of the page until it returns non-zero. `after`
 * gets the cursor of the next page, "" after the last.
 * Returns 0, cb's value, or with `why` naming the member WA_EPARSE, WA_ETYPE,
 * WA_ETOOLONG (above 1 MiB, or an id or a cursor longer than we store) or
 * WA_ENOMEM; numbers before the one at fault have been shown. */
int wa_graph_list_parse(wa_sv_t json, int (*cb)(const wa_listed_t *n, void *arg),
		void *arg, char after[WA_CURSOR_SIZE], char *why, size_t size);

/** All digits of a number written for people; "" unless they are 5 to 15. */
void wa_listed_digits(char out[WA_DIGITS_SIZE], wa_sv_t display);

#endif
