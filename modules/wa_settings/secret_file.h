/* One line of text in a file that nobody but us may read: a token, an app
 * secret. Kept in this process only, never shown.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All for the settings process only.
 */
#ifndef WA_SETTINGS_SECRET_FILE_H
#define WA_SETTINGS_SECRET_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "../lib/wa_number.h"

#define WST_SECRET_SIZE 1025 /* Meta's tokens have some 200 characters */
#define WST_PATH_SIZE 256

typedef struct wst_secret_file
{
	const char *what; /* "token_file", for words to the operator */
	char path[WST_PATH_SIZE];
	char text[WST_SECRET_SIZE]; /* "" = none */
	char error[WA_ERROR_SIZE];	/* why there is none, "" = there is one */
	unsigned generation;		/* grows with each text that differs */
	/* The file when it was read: a new one may have the same size and, within
	 * the clock's grain, the same time, but not the same inode. */
	struct timespec mtime;
	ino_t ino;
	off_t size;
} wst_secret_file_t;

/** Reads the file again if it has changed since (or always, with `force`).
 * Returns 0, or WA_EIO with a reason in `error`; the old text is then gone. */
int wst_secret_refresh(wst_secret_file_t *f, bool force);

/** Wipes and empties `f`, and has it read `path` from now on. Returns 0 or
 * WA_ETOOLONG. */
int wst_secret_set_path(wst_secret_file_t *f, const char *what, const char *path);

#endif
