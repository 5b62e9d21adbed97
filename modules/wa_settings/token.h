/* The bearer token: read from a file, kept in this process only, never shown.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_SETTINGS_TOKEN_H
#define WA_SETTINGS_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

/* All for the settings process only. */

/** Reads the file again if it has changed since (or always, with `force`).
 * Returns 0, or WA_EIO with a reason in wst_token_error(); the old token is
 * then gone. */
int wst_token_refresh(bool force);

/** Grows by one with each token that differs from the one before; 0 = there
 * has never been one. */
unsigned wst_token_generation(void);

/** The token, or NULL. Valid until the next refresh. */
const char *wst_token(void);

/** Why there is none, "" = there is one. */
const char *wst_token_error(void);

#endif
