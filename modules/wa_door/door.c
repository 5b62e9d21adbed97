/* Who may speak, and who has lost that right: the state that all processes share.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "door.h"

#include <stdio.h>
#include <string.h>

#include "../lib/wa_random.h"
#include "conf.h"
#include "counters.h"

#define SOURCES 16384

typedef struct door_set
{
	door_set_info_t info;
	wa_range_t r[DOOR_RANGES];
} door_set_t;

typedef struct door
{
	gen_lock_t lock;
	unsigned version;
	int64_t next_expiry; /* the first ban that ends; 0 = none */
	door_set_t set[DOOR_SIDES];
	wa_strikes_t *strikes;
} door_t;

const char *const door_side_name[DOOR_SIDES] = {"meta", "pbx"};

static door_t *door;

int door_init(void)
{
	void *strikes = shm_malloc(wa_strikes_size(SOURCES));
	uint64_t seed;

	door = shm_malloc(sizeof(*door));
	if(door == NULL || strikes == NULL
			|| wa_random(&seed, sizeof(seed)) < 0) {
		LM_ERR("no shared memory, or no random bytes\n");
		return -1;
	}
	memset(door, 0, sizeof(*door));
	door->strikes = wa_strikes_init(strikes, SOURCES, seed);
	if(lock_init(&door->lock) == NULL) {
		LM_ERR("no lock\n");
		return -1;
	}
	return 0;
}

void door_destroy(void)
{
	if(door == NULL)
		return;
	shm_free(door->strikes);
	shm_free(door);
	door = NULL;
}

int64_t door_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec + 1;
}

/* Bans end by themselves; the kernel has to hear of that too. */
unsigned door_version(void)
{
	int64_t now = door_now();
	unsigned version;

	lock_get(&door->lock);
	if(door->next_expiry != 0 && now >= door->next_expiry) {
		wa_source_t s[64];
		size_t n = wa_strikes_list(
				door->strikes, WA_STRIKES_BANNED, now, s, 64);

		door->next_expiry = 0;
		for(size_t i = 0; i < n; i++)
			if(door->next_expiry == 0 || s[i].banned_until < door->next_expiry)
				door->next_expiry = s[i].banned_until;
		door->version++;
	}
	version = door->version;
	lock_release(&door->lock);
	return version;
}

void door_set_put(
		enum door_side side, const wa_range_t *r, size_t n, const char *from)
{
	door_set_t *set = &door->set[side];

	lock_get(&door->lock);
	memcpy(set->r, r, n * sizeof(*r));
	set->info = (door_set_info_t){.networks = n,
			.addresses4 = wa_ranges_count4(r, n),
			.read = time(NULL)};
	(void)!snprintf(set->info.from, sizeof(set->info.from), "%s", from);
	door->version++;
	lock_release(&door->lock);
}

size_t door_set_get(enum door_side side, wa_range_t *r)
{
	size_t n;

	lock_get(&door->lock);
	n = door->set[side].info.networks;
	memcpy(r, door->set[side].r, n * sizeof(*r));
	lock_release(&door->lock);
	return n;
}

void door_set_fail(enum door_side side, const char *error)
{
	lock_get(&door->lock);
	(void)!snprintf(door->set[side].info.error,
			sizeof(door->set[side].info.error), "%s", error);
	lock_release(&door->lock);
}

void door_set_info(enum door_side side, door_set_info_t *out)
{
	lock_get(&door->lock);
	*out = door->set[side].info;
	lock_release(&door->lock);
}

static bool has(enum door_side side, const wa_addr_t *a)
{
	return wa_ranges_has(
			door->set[side].r, door->set[side].info.networks, a);
}

bool door_set_has(enum door_side side, const wa_addr_t *a)
{
	bool found;

	lock_get(&door->lock);
	found = has(side, a);
	lock_release(&door->lock);
	return found;
}

static enum door_verdict judge(enum door_side side, const wa_addr_t *a,
		int64_t now, unsigned rate, unsigned trusted_rate)
{
	unsigned n;

	if(!has(side, a))
		return DOOR_STRANGER;
	/* one address of Meta speaks for all of its users */
	if(side == DOOR_META)
		return DOOR_IN;
	if(wa_strikes_is_banned(door->strikes, a, now))
		return DOOR_BANNED;
	n = wa_strikes_request(door->strikes, a, now);
	if(wa_strikes_is_trusted(door->strikes, a, now))
		rate = trusted_rate;
	return rate > 0 && n > rate ? DOOR_FLOOD : DOOR_IN;
}

enum door_verdict door_enter(enum door_side side, const wa_addr_t *a)
{
	static const enum door_count counts[] = {[DOOR_STRANGER] = COUNT_STRANGERS,
			[DOOR_BANNED] = COUNT_BANNED_DROPPED,
			[DOOR_FLOOD] = COUNT_FLOOD_DROPPED};
	unsigned rate = door_conf(rate), trusted_rate = door_conf(trusted_rate);
	enum door_verdict v;

	lock_get(&door->lock);
	v = judge(side, a, door_now(), rate, trusted_rate);
	lock_release(&door->lock);
	if(v != DOOR_IN)
		door_count(counts[v]);
	return v;
}

/* Under the lock: a ban of `secs` has begun. */
static void banned(int64_t now, int64_t secs)
{
	if(door->next_expiry == 0 || now + secs < door->next_expiry)
		door->next_expiry = now + secs;
	door->version++;
}

bool door_strike(const wa_addr_t *a, unsigned weight, const char *reason)
{
	unsigned window = door_conf(ban_window), limit = door_conf(ban_score);
	int64_t now = door_now(), secs = door_conf(ban_time);
	bool is_banned = false;

	lock_get(&door->lock);
	if(!has(DOOR_META, a))
		is_banned = wa_strikes_add(door->strikes, a, now, weight, window,
				limit, secs, reason);
	if(is_banned)
		banned(now, secs);
	lock_release(&door->lock);
	door_count(COUNT_STRIKES);
	if(is_banned)
		door_count(COUNT_BANS);
	return is_banned;
}

void door_trust(const wa_addr_t *a)
{
	int64_t now = door_now(), secs = door_conf(trust_time);

	lock_get(&door->lock);
	wa_strikes_trust(door->strikes, a, now, secs);
	lock_release(&door->lock);
}

bool door_is_trusted(const wa_addr_t *a)
{
	bool found;

	lock_get(&door->lock);
	found = wa_strikes_is_trusted(door->strikes, a, door_now());
	lock_release(&door->lock);
	return found;
}

void door_ban(const wa_addr_t *a, int64_t secs, const char *reason)
{
	int64_t now = door_now();

	lock_get(&door->lock);
	wa_strikes_ban(door->strikes, a, now, secs, reason);
	banned(now, secs);
	lock_release(&door->lock);
	door_count(COUNT_BANS);
}

bool door_forget(const wa_addr_t *a)
{
	bool known;

	lock_get(&door->lock);
	known = wa_strikes_forget(door->strikes, a);
	door->version++;
	lock_release(&door->lock);
	return known;
}

void door_forget_bans(void)
{
	wa_source_t s[64];
	size_t n;

	lock_get(&door->lock);
	while((n = wa_strikes_list(
				   door->strikes, WA_STRIKES_BANNED, door_now(), s, 64))
			> 0)
		for(size_t i = 0; i < n; i++)
			wa_strikes_forget(door->strikes, &s[i].addr);
	door->version++;
	lock_release(&door->lock);
}

size_t door_list(enum wa_strikes_what what, wa_source_t *out, size_t max)
{
	size_t n;

	lock_get(&door->lock);
	n = wa_strikes_list(door->strikes, what, door_now(), out, max);
	lock_release(&door->lock);
	return n;
}
