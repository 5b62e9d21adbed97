/* How many connections each source holds, and the end of those too many.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "connections.h"

#include <stdlib.h>
#include <string.h>

#include <kamailio/core/pass_fd.h>
#include <kamailio/core/tcp_conn.h>

#include "conf.h"
#include "counters.h"
#include "sockets.h"

extern gen_lock_t *tcpconn_lock;
extern struct tcp_connection **tcpconn_id_hash;
extern int unix_tcp_sock;

#define SEEN_MAX 65536

typedef struct seen
{
	wa_addr_t addr;
	enum door_side side;
	int id;
	bool silent; /* no SIP message yet */
} seen_t;

static seen_t seen[SEEN_MAX];

static size_t collect(void)
{
	size_t n = 0;

	lock_get(tcpconn_lock);
	for(unsigned i = 0; i < TCP_ID_HASH_SIZE; i++)
		for(const struct tcp_connection *c = tcpconn_id_hash[i];
				c != NULL && n < SEEN_MAX; c = c->id_next)
			if((c->flags & F_CONN_PASSIVE) && c->rcv.bind_address != NULL)
				seen[n++] = (seen_t){wa_addr_of(c->rcv.src_ip.u.addr,
											 c->rcv.src_ip.len),
						sockets_side(c->rcv.bind_address), c->id,
						c->state == S_CONN_ACCEPT};
	lock_release(tcpconn_lock);
	return n;
}

/* By source, the oldest first; ids only grow. */
static int order(const void *a, const void *b)
{
	const seen_t *x = a, *y = b;
	int d = memcmp(&x->addr, &y->addr, sizeof(x->addr));

	if(d == 0)
		d = (int)x->side - (int)y->side;
	return d != 0 ? d : (x->id > y->id) - (x->id < y->id);
}

/* As tcpops does it. */
void connections_close(int id)
{
	struct tcp_connection *c = tcpconn_get(id, NULL, 0, NULL, 0);
	long cmd[2] = {(long)c, CONN_EOF};

	if(c == NULL)
		return;
	c->send_flags.f |= SND_F_CON_CLOSE;
	c->flags |= F_CONN_FORCE_EOF;
	if(send_all(unix_tcp_sock, cmd, sizeof(cmd)) <= 0) {
		LM_ERR("cannot tell the TCP process to close a connection\n");
		tcpconn_put(c);
	}
}

static void close_one(int id)
{
	connections_close(id);
	door_count(COUNT_CONNECTIONS_CLOSED);
}

/* Those of one source: `n` of them from `s`. */
static void look_at_source(
		connections_t *out, const seen_t *s, size_t n, unsigned limit)
{
	out->total[s->side] += (unsigned)n;
	if(n < limit)
		return;
	if(out->n_held < sizeof(out->held) / sizeof(out->held[0]))
		out->held[out->n_held++] = s->addr;
	for(size_t i = limit; i < n; i++) {
		close_one(s[i].id);
		out->closed++;
	}
}

/* Strangers give up what they have opened beyond all PBXes' share. */
static void make_room(connections_t *out, size_t n)
{
	unsigned limit = door_conf(pbx_connections);

	for(size_t i = 0; i < n && out->total[DOOR_PBX] > limit; i++)
		if(seen[i].side == DOOR_PBX && seen[i].silent
				&& !door_is_trusted(&seen[i].addr)) {
			close_one(seen[i].id);
			out->total[DOOR_PBX]--;
			out->closed++;
		}
}

void connections_look(connections_t *out)
{
	size_t n = collect(), from = 0;
	unsigned limit[DOOR_SIDES] = {
			door_conf(meta_source_connections), door_conf(source_connections)};

	*out = (connections_t){.closed = 0};
	qsort(seen, n, sizeof(seen[0]), order);
	for(size_t i = 1; i <= n; i++)
		if(i == n || seen[i].side != seen[from].side
				|| memcmp(&seen[i].addr, &seen[from].addr, sizeof(wa_addr_t))
						   != 0) {
			look_at_source(out, &seen[from], i - from, limit[seen[from].side]);
			from = i;
		}
	make_room(out, n);
}
