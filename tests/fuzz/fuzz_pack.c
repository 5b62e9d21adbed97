/* Packed records: any bytes are refused or unpacked, and pack to the same again.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#include <string.h>

#include "wa_err.h"
#include "wa_pack.h"

static void trunk(const uint8_t *data, size_t size)
{
	static uint8_t out[8192];
	wa_trunk_t t, again;
	int len;

	if(wa_unpack_trunk(data, size, &t) < 0)
		return;
	len = wa_pack_trunk(&t, out, sizeof(out));
	FUZZ_CHECK(len > 0);
	FUZZ_CHECK(wa_unpack_trunk(out, (size_t)len, &again) == 0);
	FUZZ_CHECK(strcmp(again.name, t.name) == 0 && again.n_gateways == t.n_gateways
			   && again.codecs == t.codecs && again.pstn == t.pstn);
}

void fuzz_pack(const uint8_t *data, size_t size)
{
	wa_sv_t sealed, again_sealed;
	wa_number_t n, again;
	uint8_t out[WA_PACK_MAX];
	int len;

	trunk(data, size);
	FUZZ_CHECK(fuzz_inside(wa_pack_digits(data, size), fuzz_text(data, size)));
	if(wa_unpack_number(data, size, &n, &sealed) < 0)
		return;
	FUZZ_CHECK(fuzz_inside(sealed, fuzz_text(data, size)));
	len = wa_pack_number(&n, sealed, out, sizeof(out));
	FUZZ_CHECK(len > 0);
	FUZZ_CHECK(wa_unpack_number(out, (size_t)len, &again, &again_sealed) == 0);
	FUZZ_CHECK(strcmp(again.digits, n.digits) == 0
			   && strcmp(again.hostname, n.hostname) == 0
			   && strcmp(again.trunk, n.trunk) == 0
			   && strcmp(again.sync_error, n.sync_error) == 0
			   && again.port == n.port && again.srtp == n.srtp
			   && again.codecs == n.codecs && again.version == n.version
			   && again.has_password == n.has_password);
	FUZZ_CHECK(wa_sv_eq(sealed, again_sealed));
}
