/* The marked Via is cut, and nothing else.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_via.h"

#define START "INVITE sip:a@b SIP/2.0\r\n"
#define OURS "Via: SIP/2.0/TLS 192.0.2.1;branch=z9hG4bK1\r\n"
#define REST "Max-Forwards: 69\r\n\r\nVia: " WA_VIA_MARK "\r\n"

static void cut(void **state)
{
	static const struct
	{
		const char *in, *out;
	} rows[] = {
			{START OURS "Via: " WA_VIA_MARK ";received=10.0.0.1;rport=5060\r\n" REST,
					START OURS REST},
			{START OURS "v:" WA_VIA_MARK "\r\n" REST, START OURS REST},
			{START OURS "VIA :\t" WA_VIA_MARK "\r\n" REST, START OURS REST},
			{START "Via: " WA_VIA_MARK "\r\n" OURS REST, START OURS REST},
			/* no mark; a mark that is no Via; a mark behind another Via */
			{START OURS REST, START OURS REST},
			{START OURS "Subject: " WA_VIA_MARK "\r\n" REST,
					START OURS "Subject: " WA_VIA_MARK "\r\n" REST},
			{START "Via: SIP/2.0/UDP a;x=" WA_VIA_MARK "\r\n" REST,
					START "Via: SIP/2.0/UDP a;x=" WA_VIA_MARK "\r\n" REST},
			{"\r\n\r\n", "\r\n\r\n"},
			{"", ""},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].in);
		char *text = malloc(len ? len : 1);

		assert_non_null(text);
		memcpy(text, rows[i].in, len);
		len = wa_via_cut(text, len);
		assert_int_equal(len, strlen(rows[i].out));
		assert_memory_equal(text, rows[i].out, len);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(cut)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
