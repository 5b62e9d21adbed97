/* Credentials, their check, the nonce in them, and the digest uri.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Input: a line with a password, a line with a Request-URI, then the header.
 */
#include "fuzz.h"

#include <string.h>

#include "wa_digest.h"
#include "wa_err.h"
#include "wa_nonce.h"

#define NOW 1700000000

static void check_nonce(const wa_credentials_t *cr)
{
	static const wa_seal_ring_t ring = {
			.keys = {{"k1", {1, 2, 3}}, {"k2", {4, 5, 6}}}, .n = 2};
	wa_nonce_id_t id;
	wa_nonce_t fresh;
	int err = wa_nonce_check(&ring, cr->realm, cr->nonce, cr->opaque, NOW, 60, &id);

	FUZZ_CHECK(err == 0 || err == WA_ESTALE || err == WA_EAUTH);
	if(wa_nonce_issue(&ring, cr->realm, NOW, &fresh) == 0) {
		FUZZ_CHECK(wa_nonce_check(&ring, cr->realm, wa_sv_from(fresh.nonce),
						   wa_sv_from(fresh.opaque), NOW, 60, &id) == 0);
	}
}

/* The right response must be taken, whatever the rest of the header. */
static void check_right(const wa_credentials_t *given, wa_sv_t password)
{
	wa_credentials_t cr = *given;
	wa_digest_in_t in = {.alg = cr.alg,
			.qop = cr.qop,
			.username = cr.username,
			.realm = cr.realm,
			.password = password,
			.method = WA_SV("INVITE"),
			.uri = cr.uri,
			.nonce = cr.nonce,
			.nc = cr.nc_text,
			.cnonce = cr.cnonce,
			.body = WA_SV("v=0\r\n")};
	char response[WA_DIGEST_SIZE];

	FUZZ_CHECK(wa_digest_response(&in, response) == 0);
	cr.response = wa_sv_from(response);
	FUZZ_CHECK(wa_credentials_check(&cr, in.method, password, in.body) == 0);
	response[0] = response[0] == '0' ? '1' : '0';
	FUZZ_CHECK(wa_credentials_check(&cr, in.method, password, in.body) == WA_EAUTH);
}

void fuzz_credentials(const uint8_t *data, size_t size)
{
	wa_sv_t all = fuzz_text(data, size), rest = all;
	wa_sv_t password = wa_sv_cut(&rest, '\n'), uri = wa_sv_cut(&rest, '\n');
	wa_sv_t user, host;
	wa_credentials_t cr;
	int err;

	if(wa_digest_uri_parts(uri, &user, &host) == 0) {
		FUZZ_CHECK(fuzz_inside(user, uri) && fuzz_inside(host, uri));
		FUZZ_CHECK(host.len > 0 && wa_digest_uri_same(uri, uri));
	}
	if(wa_credentials_parse(rest, &cr) < 0)
		return;
	FUZZ_CHECK(fuzz_inside(cr.username, all) && fuzz_inside(cr.realm, all)
			   && fuzz_inside(cr.nonce, all) && fuzz_inside(cr.uri, all)
			   && fuzz_inside(cr.response, all) && fuzz_inside(cr.cnonce, all)
			   && fuzz_inside(cr.nc_text, all) && fuzz_inside(cr.opaque, all));
	FUZZ_CHECK(wa_digest_uri_same(cr.uri, uri) == wa_digest_uri_same(uri, cr.uri));
	err = wa_credentials_check(&cr, WA_SV("INVITE"), password, WA_SV("v=0\r\n"));
	FUZZ_CHECK(err == 0 || err == WA_EAUTH);
	check_right(&cr, password);
	check_nonce(&cr);
}
