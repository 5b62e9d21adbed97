/* The process that does what takes time: records, journal, hanging up, the end
 * of a drained node.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_CALLS_WRITER_H
#define WA_CALLS_WRITER_H

#include "hangup.h"
#include "record.h"

typedef struct writer_conf
{
	record_conf_t record;
	hangup_conf_t hangup;
	int new_timeout; /* s: an admitted call that was never offered is over */
} writer_conf_t;

/** Binds wa_media where it is loaded. mod_init. */
void writer_bind(void);

/** Does not return. */
void writer_loop(const writer_conf_t *conf) __attribute__((noreturn));

#endif
