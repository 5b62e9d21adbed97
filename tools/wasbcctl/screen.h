/* A terminal that a live command draws on.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 *     screen_open();
 *     do
 *         draw();
 *     while(screen_wait(2000));
 *     screen_close();
 */
#ifndef WASBCCTL_SCREEN_H
#define WASBCCTL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

typedef struct screen_size
{
	size_t lines, columns;
} screen_size_t;

/** Is standard output a terminal that the cursor can be moved on? */
bool screen_is_one(void);

/** May it be coloured? Not where NO_COLOR is set. */
bool screen_has_colours(void);

/** As it is now: it may be changed at any time. */
screen_size_t screen_size(void);

/** Takes single keys from now on, without showing them. However the process is
 * ended or stopped, the terminal is then as it was before (but for SIGKILL). */
void screen_open(void);

/** Waits so long, or until the size of the screen changes. False: the user wants to
 * end it (q, Enter, the end of the input). */
bool screen_wait(int ms);

void screen_close(void);

#endif
