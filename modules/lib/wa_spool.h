/* Lines on their way to a file that others may rotate, and whose disk may be
 * full: nothing is lost as long as there is memory.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A line is written as a whole or its rest is written later; a file that ends
 * within a line (the host lost power) gets a newline first. One process only.
 */
#ifndef WA_SPOOL_H
#define WA_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "wa_sv.h"

typedef struct wa_spool
{
	const char *path; /* the caller's */
	int fd;
	uint64_t dev, ino; /* of the file that is open */
	char *mem;		   /* what is still to be written */
	size_t len, size, limit;
	size_t lines; /* in `mem` */
	int64_t bytes; /* in the file */
} wa_spool_t;

/** Nothing is opened yet. `limit` octets wait at most. */
void wa_spool_init(wa_spool_t *s, const char *path, size_t limit);

/** Takes a line without its newline. Returns 0, or WA_ENOMEM: `limit` is reached
 * or memory is short; the line is not taken. */
int wa_spool_put(wa_spool_t *s, wa_sv_t line);

/** Writes what waits; opens the file (mode 0640, made if need be) and, where it
 * was renamed or removed, the new one. Returns 0, or WA_EIO with errno; then what
 * is left waits for the next time. */
int wa_spool_flush(wa_spool_t *s);

/** The next flush opens the file anew. */
void wa_spool_close(wa_spool_t *s);

/** Closes, and forgets what waits. */
void wa_spool_free(wa_spool_t *s);

#endif
