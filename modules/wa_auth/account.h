/* Whose password is it: a number's, or a trunk's.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_AUTH_ACCOUNT_H
#define WA_AUTH_ACCOUNT_H

#include "wa_auth.h"

enum account_kind
{
	ACCOUNT_NUMBER, /* between Meta and us */
	ACCOUNT_TRUNK	/* between a PBX and us, either way */
};

typedef struct account
{
	char username[WA_USERNAME_SIZE];
	wa_secret_t secret;
} account_t;

/** Opens the account of `name`: digits of a number, which are its username too,
 * or the name of a trunk. The caller wipes it with account_wipe(). Any process,
 * after the fork. Returns 0, WA_ENOENT (no such record, no username or no
 * password), WA_ENOTREADY, WA_EKEY or WA_EAUTH (it cannot be opened). */
int account_open(enum account_kind kind, wa_sv_t name, account_t *out);

/** The password as bytes. */
wa_sv_t account_password(const account_t *a);

void account_wipe(account_t *a);

/** "number" or "trunk". */
const char *account_kind_name(enum account_kind kind);

#endif
