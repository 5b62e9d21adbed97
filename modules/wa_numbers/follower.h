/* The directory process: follows Redis, carries out jobs.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_NUMBERS_FOLLOWER_H
#define WA_NUMBERS_FOLLOWER_H

/** The process' main loop; does not return. All I/O with Redis happens here. */
void wan_follower_run(void) __attribute__((noreturn));

#endif
