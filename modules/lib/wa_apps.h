/* The file that names the apps whose tokens we have.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 *     # app id        token                            app secret (optional)
 *     670843887433847 /run/wasbc/acme.token            /run/wasbc/acme.secret
 *     770000000000001 /run/wasbc/other.token
 */
#ifndef WA_APPS_H
#define WA_APPS_H

#include <stddef.h>

#include "wa_sv.h"

#define WA_APPS_MAX 64

typedef struct wa_app_line
{
	wa_sv_t id;
	wa_sv_t token_file;
	wa_sv_t secret_file; /* empty = none */
} wa_app_line_t;

/** Reads the whole file; the lines are views into `text`.
 * Returns how many there are, or WA_EPARSE or WA_ERANGE (too many) with `why`
 * naming the line. */
int wa_apps_parse(wa_app_line_t out[WA_APPS_MAX], wa_sv_t text, char *why, size_t size);

#endif
