/* Counters of wa_auth, declared once.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "wa_auth.h"

static const struct
{
	const char *name;
	const char *doc;
} table[COUNT_ALL] = {
		[COUNT_ANSWERED] = {"answered", "challenges answered"},
		[COUNT_ANSWERED_STALE] = {"answered_stale",
				"of these, second ones because the first nonce was stale"},
		[COUNT_ANSWERED_NEW_PASSWORD] = {"answered_new_password",
				"of these, second ones because the password had changed"},
		[COUNT_ANSWER_NO_CHALLENGE] = {"answer_no_challenge",
				"refusals without a challenge we can answer"},
		[COUNT_ANSWER_NO_PASSWORD] = {"answer_no_password",
				"challenges for a number we have no password of"},
		[COUNT_ANSWER_REFUSED] = {"answer_refused",
				"right answers by our lights that were refused"},
		[COUNT_ANSWER_FAILED] = {"answer_failed",
				"answers that could not be made or sent"},
		[COUNT_AHEAD] = {"ahead",
				"requests sent with a nonce that was given before"},
		[COUNT_AHEAD_REFUSED] = {"ahead_refused",
				"of these, refused: they cost the normal round"},
		[COUNT_WAITED] = {"waited", "calls that waited for another password"},
		[COUNT_WAIT_FAILED] = {"wait_failed",
				"calls that could not wait: too many did, or tm refused"},
		[COUNT_CHALLENGED] = {"challenged", "407 sent"},
		[COUNT_VERIFIED] = {"verified", "credentials accepted"},
		[COUNT_VERIFY_NO_CREDENTIALS] = {"verify_no_credentials",
				"requests without credentials for the realm"},
		[COUNT_VERIFY_STALE] = {"verify_stale",
				"right answers to a nonce that is not valid any more"},
		[COUNT_VERIFY_WRONG] = {"verify_wrong", "wrong credentials"},
		[COUNT_VERIFY_UNKNOWN] = {"verify_unknown",
				"credentials for a number we have no password of"},
		[COUNT_VERIFY_REPLAYED] = {"verify_replayed",
				"right credentials that had been used before"},
		[COUNT_VERIFY_LOCKED] = {"verify_locked",
				"credentials not looked at after too many wrong ones"},
};

static counter_handle_t handles[COUNT_ALL];

int auth_counters_init(void)
{
	for(int i = 0; i < COUNT_ALL; i++)
		if(counter_register(&handles[i], MOD_NAME, table[i].name, 0, NULL, NULL,
				   table[i].doc, 0)
				< 0) {
			LM_ERR("cannot register the counter %s\n", table[i].name);
			return -1;
		}
	return 0;
}

void auth_count(enum auth_count which)
{
	counter_inc(handles[which]);
}

const char *auth_counter_name(enum auth_count which)
{
	return table[which].name;
}

long auth_counter_value(enum auth_count which)
{
	return counter_get_val(handles[which]);
}
