/* The text of a tls.cfg.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#include "wa_tls_files.h"

void fuzz_tls_files(const uint8_t *data, size_t size)
{
	wa_sv_t text = fuzz_text(data, size);
	wa_tls_file_t files[16];
	size_t n = wa_tls_files(text, files, 16);

	FUZZ_CHECK(n <= 16);
	for(size_t i = 0; i < n; i++)
		FUZZ_CHECK(files[i].path.len > 0 && fuzz_inside(files[i].path, text));
}
