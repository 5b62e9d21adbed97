/* Figures of trunks and gateways for Prometheus.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "metrics.h"

#include "wa_trunk.h"

#include <stdio.h>

#include "../lib/wa_prom.h"

#define TRUNKS_MAX 2000 /* with figures of their own */
#define LABEL_SIZE 200

/* One family at a time: a walk through all trunks for each. */
typedef struct walk
{
	wa_buf_t *b;
	unsigned trunks;
	void (*one)(wa_buf_t *b, const char *trunk, const gateway_t *g);
} walk_t;

/* Not asked yet, or never: taken to be up, as calls do. */
static const gateway_t *state_of(const char *uri, gateway_t *g)
{
	if(!gateways_get(uri, g))
		*g = (gateway_t){.state = GW_UNKNOWN};
	wa_sv_copy(g->uri, sizeof(g->uri), wa_sv_from(uri));
	return g;
}

static int each_gateway(const wa_trunk_t *t, void *arg)
{
	walk_t *w = arg;
	char trunk[LABEL_SIZE];
	gateway_t g;

	if(w->trunks++ >= TRUNKS_MAX)
		return 0;
	wa_prom_label(trunk, sizeof(trunk), wa_sv_from(t->name));
	for(unsigned i = 0; i < t->n_gateways; i++)
		w->one(w->b, trunk, state_of(t->gateways[i].uri, &g));
	return 0;
}

static void put(wa_buf_t *b, const char *name, const char *trunk,
		const gateway_t *g, int64_t value)
{
	char uri[LABEL_SIZE], labels[2 * LABEL_SIZE + 32];

	wa_prom_label(uri, sizeof(uri), wa_sv_from(g->uri));
	snprintf(labels, sizeof(labels), "trunk=\"%s\",gateway=\"%s\"", trunk, uri);
	wa_prom_value(b, name, labels, value);
}

static void write_up(wa_buf_t *b, const char *trunk, const gateway_t *g)
{
	put(b, "wasbc_gateway_up", trunk, g, g->state != GW_DOWN);
}

static void write_failures(wa_buf_t *b, const char *trunk, const gateway_t *g)
{
	put(b, "wasbc_gateway_failures", trunk, g, g->failures);
}

static void write_addresses(wa_buf_t *b, const char *trunk, const gateway_t *g)
{
	put(b, "wasbc_gateway_addresses", trunk, g, g->n_addresses);
}

static int count_states(const wa_trunk_t *t, void *arg)
{
	walk_t *w = arg;
	int64_t n[3] = {0, 0, 0};
	char trunk[LABEL_SIZE], labels[LABEL_SIZE + 48];
	gateway_t g;

	if(w->trunks++ >= TRUNKS_MAX)
		return 0;
	for(unsigned i = 0; i < t->n_gateways; i++)
		n[state_of(t->gateways[i].uri, &g)->state]++;
	wa_prom_label(trunk, sizeof(trunk), wa_sv_from(t->name));
	for(int s = 0; s < 3; s++) {
		snprintf(labels, sizeof(labels), "trunk=\"%s\",state=\"%s\"", trunk,
				gateways_state_name((enum gw_state)s));
		wa_prom_value(w->b, "wasbc_trunk_gateways", labels, n[s]);
	}
	return 0;
}

static void walk(wa_buf_t *b, int (*cb)(const wa_trunk_t *t, void *arg),
		void (*one)(wa_buf_t *b, const char *trunk, const gateway_t *g))
{
	walk_t w = {b, 0, one};

	if(route_numbers()->each_trunk(cb, &w) < 0)
		LM_DBG("no figures of trunks: the directory is not loaded\n");
}

void trunk_metrics_write(wa_buf_t *b)
{
	wa_prom_family(b, "wasbc_trunk_gateways", "gauge",
			"gateways of a trunk by state; unknown: not asked, taken to be up");
	walk(b, count_states, NULL);
	wa_prom_family(b, "wasbc_gateway_up", "gauge",
			"0: it does not answer OPTIONS, calls pass it by");
	walk(b, each_gateway, write_up);
	wa_prom_family(b, "wasbc_gateway_failures", "gauge",
			"OPTIONS in a row that it did not answer");
	walk(b, each_gateway, write_failures);
	wa_prom_family(b, "wasbc_gateway_addresses", "gauge",
			"addresses that its name has; 0: it cannot be called");
	walk(b, each_gateway, write_addresses);
}
