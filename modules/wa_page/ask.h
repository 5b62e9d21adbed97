/* Questions of the page to Kamailio: those RPCs that only tell something.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_PAGE_ASK_H
#define WA_PAGE_ASK_H

#include "../lib/wa_sv.h"

/** May the page ask that? */
bool ask_is_known(wa_sv_t method);

/** Sends it with the parameters that the query has, each named "p". Returns a
 * descriptor from which the answer can be read, one datagram; WA_EPARSE or
 * WA_ETOOLONG (the query), WA_EIO and errno. */
int ask(wa_sv_t method, wa_sv_t query);

#endif
