/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_peers.h"

#include "wa_err.h"

static bool is_there(const wa_peer_t *v)
{
	return v->name[0] != '\0';
}

static uint32_t bit(int i)
{
	return UINT32_C(1) << i;
}

static int find(const wa_peers_t *p, uint64_t run)
{
	for(int i = 0; i < WA_PEERS_MAX; i++)
		if(is_there(&p->v[i]) && p->v[i].run == run)
			return i;
	return WA_ENOENT;
}

static int find_free(const wa_peers_t *p)
{
	for(int i = 0; i < WA_PEERS_MAX; i++)
		if(!is_there(&p->v[i]))
			return i;
	return WA_EBUSY;
}

/* Those of that name: a node that has begun again, and is another one now. */
static uint32_t replace(wa_peers_t *p, wa_sv_t name)
{
	uint32_t gone = 0;

	for(int i = 0; i < WA_PEERS_MAX; i++) {
		if(!is_there(&p->v[i]) || !wa_sv_eq(wa_sv_from(p->v[i].name), name))
			continue;
		p->v[i].name[0] = '\0';
		gone |= bit(i);
	}
	return gone;
}

int wa_peers_hear(wa_peers_t *p, wa_sv_t name, uint64_t run, int64_t age, int64_t now,
		uint32_t *gone)
{
	int i = find(p, run);

	*gone = 0;
	if(i >= 0) {
		p->v[i].heard = now;
		return i;
	}
	if(name.len == 0 || name.len >= sizeof(p->v[0].name))
		return WA_ERANGE;
	/* not later: two of one name would throw each other out for ever */
	if(age < p->lease)
		*gone = replace(p, name);
	i = find_free(p);
	if(i < 0)
		return i;
	*gone |= bit(i);
	wa_sv_copy(p->v[i].name, sizeof(p->v[i].name), name);
	p->v[i].run = run;
	p->v[i].heard = now;
	return i;
}

uint32_t wa_peers_expire(wa_peers_t *p, int64_t now)
{
	uint32_t gone = 0;

	for(int i = 0; i < WA_PEERS_MAX; i++) {
		if(!is_there(&p->v[i]) || now - p->v[i].heard <= p->lease)
			continue;
		p->v[i].name[0] = '\0';
		gone |= bit(i);
	}
	return gone;
}

unsigned wa_peers_count(const wa_peers_t *p)
{
	unsigned n = 0;

	for(int i = 0; i < WA_PEERS_MAX; i++)
		n += is_there(&p->v[i]);
	return n;
}
