/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_tls_files.h"

#include <string.h>

/* "key = value  # comment", the value in quotes or not */
static wa_sv_t value_of(wa_sv_t rest)
{
	wa_sv_t v = wa_sv_trim(rest);

	if(v.len > 0 && v.s[0] == '"') {
		v = (wa_sv_t){v.s + 1, v.len - 1};
		return wa_sv_cut(&v, '"');
	}
	return wa_sv_trim(wa_sv_cut(&v, '#'));
}

static bool kind_of(wa_sv_t key, enum wa_tls_file_kind *kind)
{
	if(wa_sv_ieq(key, WA_SV("certificate")))
		*kind = WA_TLS_CERTIFICATE;
	else if(wa_sv_ieq(key, WA_SV("private_key")))
		*kind = WA_TLS_KEY;
	else if(wa_sv_ieq(key, WA_SV("ca_list")) || wa_sv_ieq(key, WA_SV("crl")))
		*kind = WA_TLS_CA;
	else
		return false;
	return true;
}

size_t wa_tls_files(wa_sv_t text, wa_tls_file_t *out, size_t max)
{
	wa_tls_file_t f = {.profile = 0};
	size_t n = 0;

	while(text.len > 0 && n < max) {
		wa_sv_t line = wa_sv_trim(wa_sv_cut(&text, '\n'));
		wa_sv_t key;

		if(line.len > 0 && line.s[0] == '[') {
			f.profile++;
			f.is_server = line.len > 7
						  && wa_sv_ieq((wa_sv_t){line.s + 1, 6},
								  WA_SV("server"));
			continue;
		}
		if(line.len == 0 || line.s[0] == '#'
				|| memchr(line.s, '=', line.len) == NULL)
			continue;
		key = wa_sv_trim(wa_sv_cut(&line, '='));
		f.path = value_of(line);
		if(f.path.len > 0 && kind_of(key, &f.kind))
			out[n++] = f;
	}
	return n;
}
