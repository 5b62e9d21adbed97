/* What the last function said of the message in work.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "wa_auth.h"

#include <stdarg.h>
#include <stdio.h>

/* In failure_route tm works on a clone whose id is near those of this process'
 * own messages: the buffer tells them apart. */
auth_current_t *auth_current(const sip_msg_t *msg)
{
	static auth_current_t cur;

	if(cur.msg_id != msg->id || cur.msg_pid != msg->pid
			|| cur.msg_buf != msg->buf)
		cur = (auth_current_t){.msg_id = msg->id,
				.msg_pid = msg->pid,
				.msg_buf = msg->buf,
				.tries_left = -1};
	return &cur;
}

int auth_done(auth_current_t *cur, enum auth_count which, int ret,
		const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if(vsnprintf(cur->reason, sizeof(cur->reason), format, args) < 0)
		cur->reason[0] = '\0';
	va_end(args);
	if(which != COUNT_NONE)
		auth_count(which);
	LM_DBG("%s\n", cur->reason);
	return ret;
}
