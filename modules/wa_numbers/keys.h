/* The key ring of this process.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The directory process reads the key file again when an operator asks for it;
 * the others take the ring over from a page that all share and that no core dump
 * holds. None of them needs the file, which may not be theirs to read by then.
 */
#ifndef WA_NUMBERS_KEYS_H
#define WA_NUMBERS_KEYS_H

#include <stddef.h>

#include "../lib/wa_record.h"
#include "../lib/wa_seal.h"

/** Reads the key file to wan_params.ring. mod_init only. Returns 0 or -1,
 * logged. */
int wan_keys_init(const char *path);
void wan_keys_destroy(void);

/** wan_params.ring, brought up to date. Any process, no I/O. */
const wa_seal_ring_t *wan_keys(void);

/** Associated data of the password in record `key`, which binds it to that
 * record. Returns 0 or WA_ETOOLONG. */
int wan_password_aad(
		enum wa_record_kind kind, wa_sv_t key, char *out, size_t size);

/** Reads the key file again. On failure the present keys stay and `err` says
 * what is wrong. The directory process only. */
int wan_keys_reload(char *err, size_t size);

#endif
