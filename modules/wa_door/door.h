/* Who may speak, and who has lost that right: the state that all processes share.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_DOOR_DOOR_H
#define WA_DOOR_DOOR_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "../lib/wa_ranges.h"
#include "../lib/wa_strikes.h"

#define DOOR_RANGES 2000 /* networks of one side, merged */

enum door_side
{
	DOOR_META,
	DOOR_PBX,
	DOOR_SIDES
};

/** "meta" or "pbx". */
extern const char *const door_side_name[DOOR_SIDES];

/** What is known of one side's networks, without the networks. */
typedef struct door_set_info
{
	size_t networks;
	uint64_t addresses4;
	time_t read;	  /* when the set in use was read */
	char from[16];	  /* "configuration", "file", "operator" */
	char error[160]; /* why the last list was refused; "" = it was not */
} door_set_info_t;

/** Allocates the shared state. In mod_init. Returns 0 or -1, logged. */
int door_init(void);
void door_destroy(void);

/** Seconds of the clock that strikes and bans are kept by. */
int64_t door_now(void);

/** Grows with each change of a set or a ban: the kernel has to be told. */
unsigned door_version(void);

/** Puts `n` ranges in use, read `from`; forgets the side's last error. */
void door_set_put(enum door_side side, const wa_range_t *r, size_t n,
		const char *from);

/** Copies a side's ranges to `r` (DOOR_RANGES of them). Returns how many. */
size_t door_set_get(enum door_side side, wa_range_t *r);

/** Keeps why a list was refused; the set in use stays. */
void door_set_fail(enum door_side side, const char *error);

void door_set_info(enum door_side side, door_set_info_t *out);
bool door_set_has(enum door_side side, const wa_addr_t *a);

/** What became of a request. */
enum door_verdict
{
	DOOR_IN,
	DOOR_STRANGER,
	DOOR_BANNED,
	DOOR_FLOOD
};

/** Judges one request of `a` at `side` and counts it. */
enum door_verdict door_enter(enum door_side side, const wa_addr_t *a);

/** Strikes `a`; true if that has banned it. Meta's networks are never struck,
 * trusted addresses never banned. */
bool door_strike(const wa_addr_t *a, unsigned weight, const char *reason);

void door_trust(const wa_addr_t *a);
bool door_is_trusted(const wa_addr_t *a);
void door_ban(const wa_addr_t *a, int64_t secs, const char *reason);
bool door_forget(const wa_addr_t *a);
void door_forget_bans(void);

/** Up to `max` banned or trusted sources. Returns how many. */
size_t door_list(enum wa_strikes_what what, wa_source_t *out, size_t max);

#endif
