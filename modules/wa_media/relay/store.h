/* The relay's calls: a mapped file of records, found by Call-ID and by
 * rtpengine's address.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef RELAY_STORE_H
#define RELAY_STORE_H

#include "call.h"

#define NO_SLOT UINT32_MAX

/* Of the file, and of what is sent to another host. */
#define STORE_FORMAT 8

struct store
{
	int fd;
	struct call *calls;
	uint32_t max, used;
	void *map;
	size_t map_size;
	uint32_t mask;
	/* chains of slots, NO_SLOT at the end */
	uint32_t *by_callid, *by_engine, *by_engine_rtcp;
	struct links *links;
	uint32_t free; /* chain of free slots by links.callid */
};

struct links
{
	uint32_t callid, engine, engine_rtcp;
};

/** Opens or makes the file, which only one process may have at a time. One that
 * another version of the program made is begun anew.
 * Returns 0, WA_EBUSY (another relay has it), WA_EIO or WA_ENOMEM. */
int store_open(struct store *s, const char *path, uint32_t max);

/** Every record in use that store_open() has found is the owner's to judge:
 * store_adopt() links it, store_release() frees it unread. */
void store_adopt(struct store *s, struct call *c);
void store_release(struct store *s, struct call *c);
/** Ends a call that is linked. */
void store_forget(struct store *s, struct call *c);

/** Is a record of a former process what it should be? One of the future is of
 * a host before its restart. */
bool store_is_sane(const struct call *c, int64_t now);

/** How far the clock of the calls is ahead of CLOCK_MONOTONIC: 0, unless the calls have
 * begun on another host. Microseconds. */
int64_t store_clock(const struct store *s);
void store_set_clock(struct store *s, int64_t ahead);

uint32_t store_slot(const struct store *s, const struct call *c);

struct call *store_find(const struct store *s, wa_sv_t callid);
struct call *store_by_engine(const struct store *s, const wa_endpoint_t *e, bool rtcp);

/** A new record with its Call-ID, or NULL: full. store_keep() makes it last. */
struct call *store_add(struct store *s, wa_sv_t callid);
void store_keep(struct call *c);

/** rtpengine's end has another address. */
void store_set_engine(struct store *s, struct call *c, const wa_endpoint_t *rtp);

#endif
