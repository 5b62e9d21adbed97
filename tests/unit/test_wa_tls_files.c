/* The files that a tls.cfg names.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wa_tls_files.h"

static void files(void **state)
{
	wa_sv_t text = WA_SV("# certificate = no.pem\n[server:default]\n"
						 "certificate = /a/full chain.pem # c\n"
						 "\tPRIVATE_KEY=\"/a/key#1.pem\"\r\nmethod = TLSv1.2+\n"
						 "[client:any]\nca_list = /b/ca.pem\ncertificate =\n"
						 "[server:any]\ncertificate=/c");
	wa_tls_file_t f[8];

	(void)state;
	assert_int_equal(wa_tls_files(text, f, 8), 4);
	assert_true(wa_sv_eq(f[0].path, WA_SV("/a/full chain.pem")));
	assert_true(f[0].kind == WA_TLS_CERTIFICATE && f[0].is_server);
	assert_true(wa_sv_eq(f[1].path, WA_SV("/a/key#1.pem")));
	assert_true(f[1].kind == WA_TLS_KEY && f[1].profile == f[0].profile);
	assert_true(wa_sv_eq(f[2].path, WA_SV("/b/ca.pem")));
	assert_true(f[2].kind == WA_TLS_CA && !f[2].is_server);
	assert_true(wa_sv_eq(f[3].path, WA_SV("/c")) && f[3].profile == 3);
	assert_int_equal(wa_tls_files(text, f, 2), 2);
	assert_int_equal(wa_tls_files(WA_SV(""), f, 8), 0);
	assert_int_equal(wa_tls_files(WA_SV("[\n=\n[server"), f, 8), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(files)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
