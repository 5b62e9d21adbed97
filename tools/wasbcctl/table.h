/* Output: a table on a terminal, tab-separated in a pipe, or JSON.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WASBCCTL_TABLE_H
#define WASBCCTL_TABLE_H

#include <json-c/json.h>

#include "wasbcctl.h"

/** Prints one row per object of `list`, with the members named in `columns` (to
 * a NULL). The header stands on a terminal only. */
void ctl_print_list(
		const ctl_opts_t *o, json_object *list, const char *const *columns);

/** Prints an object, a line per member, and per member's member ("meta.networks").
 * Anything else as JSON. */
void ctl_print_object(const ctl_opts_t *o, json_object *obj);

/** Prints a text from outside: no control byte reaches the terminal. */
void ctl_print_text(const char *text);

/** The same in a column, cut or filled to `width`. */
void ctl_print_column(const char *text, size_t width);

#endif
