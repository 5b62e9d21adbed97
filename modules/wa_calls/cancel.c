/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tm sends no CANCEL before a provisional response is there (RFC 3261 9.1): it
 * marks the branch, and the first response that meets the mark sends it. Between
 * the look at the mark and the note of its status a response is neither here nor
 * there. A CANCEL that another process works on meanwhile would find none, and
 * nobody would send it: the called phone rings on until the timer ends it. tm
 * holds the lock of an INVITE's responses all that time, so it is taken here.
 */
#include "cancel.h"

#include <kamailio/modules/tm/tm_load.h>

#include "events.h"

/* As tm's own, which it does not export; a process may take it again. */
static void lock_replies(tm_cell_t *t)
{
	if(atomic_get(&t->reply_locker_pid) == my_pid()) {
		t->reply_rec_lock_level++;
		return;
	}
	lock(&t->reply_mutex);
	atomic_set(&t->reply_locker_pid, my_pid());
}

static void unlock_replies(tm_cell_t *t)
{
	if(t->reply_rec_lock_level > 0) {
		t->reply_rec_lock_level--;
		return;
	}
	atomic_set(&t->reply_locker_pid, 0);
	unlock(&t->reply_mutex);
}

int cancel_relay(sip_msg_t *msg)
{
	const struct tm_binds *tm = events_tm();
	tm_cell_t *invite = tm->t_lookup_original(msg);
	int rc;

	if(invite == NULL)
		return -1;
	lock_replies(invite);
	rc = tm->t_relay(msg, NULL, NULL);
	unlock_replies(invite);
	tm->unref_cell(invite);
	return rc;
}
