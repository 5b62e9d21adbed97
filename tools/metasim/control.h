/* The control channel: one JSON command a line on standard input, answered by
 * {"event":"result","id":..,"cmd":..,"ok":..}.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_CONTROL_H
#define METASIM_CONTROL_H

/** Reads commands until "quit" or, unless `stay`, the end of standard input.
 * Returns 0 or an errno value. */
int control_start(int stay);
void control_close(void);

#endif
