/* The keeper: a process that tells the kernel who may come in.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "keeper.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <kamailio/core/cfg/cfg_struct.h>

#include "../lib/wa_err.h"
#include "conf.h"
#include "lists.h"
#include "sockets.h"

#define TICK_US 100000
#define TICKS_PER_WATCH 10

typedef struct shown
{
	gen_lock_t lock;
	keeper_state_t state;
} shown_t;

static shown_t *shown;

int keeper_init(void)
{
	shown = shm_malloc(sizeof(*shown));
	if(shown == NULL || lock_init(&shown->lock) == NULL) {
		LM_ERR("no shared memory, or no lock\n");
		return -1;
	}
	shown->state = (keeper_state_t){.dropped = -1};
	return 0;
}

void keeper_destroy(void)
{
	if(shown != NULL)
		shm_free(shown);
	shown = NULL;
}

void keeper_state(keeper_state_t *out)
{
	lock_get(&shown->lock);
	*out = shown->state;
	lock_release(&shown->lock);
}

/* The kernel is told only what is new. */
static void filter(keeper_state_t *now, const keeper_state_t *before)
{
	static unsigned told;
	static bool was_shut;
	const connections_t *c = &now->connections;
	bool shut = c->total[DOOR_PBX] >= door_conf(pbx_connections);
	unsigned version = door_version();
	int err;

	now->filtering = before->filtering;
	memcpy(now->error, before->error, sizeof(now->error));
	if(version == told && shut == was_shut
			&& c->n_held == before->connections.n_held
			&& memcmp(c->held, before->connections.held,
					   c->n_held * sizeof(c->held[0]))
					   == 0)
		return;
	err = sockets_filter(shut, c->held, c->n_held);
	now->filtering = err == 0;
	now->error[0] = '\0';
	if(err < 0)
		(void)!snprintf(now->error, sizeof(now->error), "%s",
				err == WA_EIO ? strerror(errno) : wa_strerror(err));
	if(err < 0 && before->error[0] == '\0')
		LM_WARN("the kernel filters nothing, the script does it alone: %s\n",
				now->error);
	if(shut && !was_shut)
		LM_WARN("PBXes hold %u connections: only trusted addresses get more\n",
				c->total[DOOR_PBX]);
	told = version;
	was_shut = shut;
}

static void log_held(const connections_t *c)
{
	char text[WA_ADDR_TEXT];

	if(c->closed > 0)
		LM_WARN("%u connections closed: too many of %s\n", c->closed,
				c->n_held > 0 ? wa_addr_text(&c->held[0], text) : "strangers");
}

void keeper_run(void)
{
	keeper_state_t now, before = {.dropped = -1};

	for(unsigned tick = 0;; tick++) {
		cfg_update();
		if(tick % TICKS_PER_WATCH == 0)
			lists_watch();
		connections_look(&now.connections);
		log_held(&now.connections);
		filter(&now, &before);
		now.dropped = sockets_dropped();
		lock_get(&shown->lock);
		shown->state = now;
		lock_release(&shown->lock);
		before = now;
		usleep(TICK_US);
	}
}
