/* File descriptors in libre's loop, whichever libre it is.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Debian 12 has libre 1.1, where a descriptor is its own handle; since 3.x
 * fd_listen() hands out one. LIBRE_MAJOR comes from build.mk (pkg-config).
 */
#ifndef METASIM_WATCH_H
#define METASIM_WATCH_H

#include <re/re.h>

struct watch
{
	int fd;
#if LIBRE_MAJOR >= 3
	struct re_fhs *fhs;
#else
	bool on;
#endif
};

/** Calls `h` when `fd` is ready; again with other flags to change them.
 * Returns 0 or an errno value. */
static inline int watch_set(
		struct watch *w, int fd, int flags, fd_h *h, void *arg)
{
	w->fd = fd;
#if LIBRE_MAJOR >= 3
	return fd_listen(&w->fhs, fd, flags, h, arg);
#else
	w->on = true;
	return fd_listen(fd, flags, h, arg);
#endif
}

/** Stops watching; does not close the descriptor. */
static inline void watch_stop(struct watch *w)
{
#if LIBRE_MAJOR >= 3
	w->fhs = fd_close(w->fhs);
#else
	if(w->on)
		fd_close(w->fd);
	w->on = false;
#endif
}

#endif
