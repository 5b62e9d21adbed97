/* The files that Kamailio's tls.cfg names.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_TLS_FILES_H
#define WA_TLS_FILES_H

#include <stddef.h>

#include "wa_sv.h"

enum wa_tls_file_kind
{
	WA_TLS_CERTIFICATE,
	WA_TLS_KEY,
	WA_TLS_CA
};

typedef struct wa_tls_file
{
	enum wa_tls_file_kind kind;
	bool is_server; /* of a [server:...] profile */
	unsigned profile; /* counted from 1 */
	wa_sv_t path;
} wa_tls_file_t;

/** The files named in the text of a tls.cfg, `max` at most; each as often as it
 * is named. Returns how many. Paths are views of the text. */
size_t wa_tls_files(wa_sv_t text, wa_tls_file_t *out, size_t max);

#endif
