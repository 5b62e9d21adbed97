/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ksr_compat.h"

#include "account.h"

#include <openssl/crypto.h>

#include "../lib/wa_err.h"

static int open_trunk(wa_sv_t name, account_t *out)
{
	wa_trunk_t t;
	int err = auth_numbers.trunk(name, &t);

	if(err == 0 && t.username[0] == '\0')
		err = WA_ENOENT;
	if(err == 0)
		err = auth_numbers.trunk_password(name, &out->secret);
	if(err == 0)
		err = wa_sv_copy(out->username, sizeof(out->username),
				wa_sv_from(t.username));
	return err;
}

static int open_number(wa_sv_t digits, account_t *out)
{
	int err = auth_numbers.password(digits, &out->secret);

	if(err == 0)
		err = wa_sv_copy(out->username, sizeof(out->username), digits);
	return err;
}

int account_open(enum account_kind kind, wa_sv_t name, account_t *out)
{
	int err = kind == ACCOUNT_TRUNK ? open_trunk(name, out)
									: open_number(name, out);

	if(err < 0)
		account_wipe(out);
	return err;
}

wa_sv_t account_password(const account_t *a)
{
	return (wa_sv_t){a->secret.s, a->secret.len};
}

void account_wipe(account_t *a)
{
	OPENSSL_cleanse(&a->secret, sizeof(a->secret));
	a->secret.len = 0;
}

const char *account_kind_name(enum account_kind kind)
{
	return kind == ACCOUNT_TRUNK ? "trunk" : "number";
}
