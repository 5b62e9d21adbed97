/* The guardian's calls: found by Call-ID, and kept in the order of their times.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Private to wa_guard.c. Bounded: `max` calls, each with a copy of its job.
 */
#ifndef WA_GUARD_TABLE_H
#define WA_GUARD_TABLE_H

#include "wa_guard.h"

enum guard_command
{
	GUARD_NONE,
	GUARD_QUERY,
	GUARD_OFFER,
	GUARD_ANSWER,
	GUARD_DELETE,
	GUARD_RELAY_START,
	GUARD_RELAY_QUERY,
	GUARD_RELAY_CLOSE
};

struct guard_call
{
	wa_guard_job_t job; /* its texts stand in `text` */
	char *text;			/* NULL: slot not in use */
	enum wa_guard_state state;
	enum guard_command pending;
	unsigned tries;
	unsigned rounds; /* of deleting what was not found */
	uint32_t seq;	 /* of the pending command, part of its cookie */
	int32_t first_ms;
	unsigned strange; /* relays that do not know the call, so far */
	bool acked;		 /* Meta's ACK came before the plan */
	bool unsure;	 /* by its plan it may not have begun: no keys will tell */
	bool ice;		 /* without Meta's fingerprint: ICE goes first */
	bool over;		 /* to be deleted once rtpengine has replied to our offer */
	int64_t due;
	int64_t since; /* keys awaited since */
	int64_t told;  /* the relay was told to begin */
	int64_t sent;  /* packets taken by rtpengine at the last look */
	unsigned heap_at;
	unsigned next; /* in the hash chain, or in the free list; max = end */
};

struct guard_table
{
	struct guard_call *calls;
	unsigned *heap; /* slots, the earliest `due` first */
	unsigned *hash; /* heads of chains */
	unsigned max, used, free, hash_mask;
};

int guard_table_init(struct guard_table *t, unsigned max);
void guard_table_free(struct guard_table *t);

unsigned guard_slot(const struct guard_table *t, const struct guard_call *c);

/** NULL when there is none. */
struct guard_call *guard_find(const struct guard_table *t, wa_sv_t callid);

/** The call whose pending command has this cookie, or NULL. */
struct guard_call *guard_by_cookie(
		const struct guard_table *t, wa_sv_t cookie, uint32_t nonce);

/** Adds a call with a copy of the job's texts; it is due at job->at.
 * Returns 0, WA_EBUSY (full) or WA_ENOMEM. */
int guard_add(struct guard_table *t, const wa_guard_job_t *job,
		struct guard_call **out);
/** Another job for the same call-id and relay. Returns 0 or WA_ENOMEM, and then
 * all is as before. */
int guard_replace(struct guard_call *c, const wa_guard_job_t *job);
void guard_del(struct guard_table *t, struct guard_call *c);

/** Sets when the call is to be looked at. */
void guard_schedule(struct guard_table *t, struct guard_call *c, int64_t due);

/** The call that is due first, or NULL. */
struct guard_call *guard_first(const struct guard_table *t);

#endif
