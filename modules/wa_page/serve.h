/* The process that serves the page. SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WA_PAGE_SERVE_H
#define WA_PAGE_SERVE_H

/** Does not return. */
void serve_loop(int listener) __attribute__((noreturn));

#endif
