/* The knob of wa_trace, changeable at run time.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_TRACE_CONF_H
#define WA_TRACE_CONF_H

#include "../ksr_compat.h"

#include <kamailio/core/cfg/cfg.h>

struct cfg_group_wa_trace
{
	char *hep; /* "ADDRESS:PORT" or "" */
};

extern struct cfg_group_wa_trace trace_conf_default;
extern void *trace_conf_group;

/** Where copies of messages go in this process; "" = nowhere. */
#define trace_conf_hep() ((const char *)cfg_get(wa_trace, trace_conf_group, hep))

/** Makes the knob known. In mod_init. Returns 0 or -1, logged. */
int trace_conf_init(void);

#endif
