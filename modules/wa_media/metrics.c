/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics.h"

#include <stdio.h>

#include "../lib/wa_prom.h"
#include "instances.h"
#include "relay_client.h"

#define LABEL_SIZE 100

/* What a relay tells of itself, and what it is called here. */
static const struct figure
{
	const char *key, *name, *type, *help;
} figures[] = {
		{"calls", "wasbc_relay_calls", "gauge", "calls that a relay has"},
		{"max-calls", "wasbc_relay_calls_max", "gauge",
				"calls that it can have"},
		{"opened", "wasbc_relay_opened_total", "counter", "calls begun"},
		{"closed", "wasbc_relay_closed_total", "counter", "calls ended"},
		{"adopted", "wasbc_relay_adopted_total", "counter",
				"calls found in its memory after a restart"},
		{"idle", "wasbc_relay_idle_total", "counter",
				"calls ended because nobody spoke of them any more"},
		{"busy", "wasbc_relay_busy_total", "counter",
				"calls left to another relay because the host was busy"},
		{"no-ports", "wasbc_relay_no_ports_total", "counter",
				"calls refused for want of a port"},
		{"up", "wasbc_relay_packets_up_total", "counter",
				"packets of PBXes sent on toward Meta"},
		{"silence", "wasbc_relay_packets_silence_total", "counter",
				"packets of silence of our own sent there"},
		{"down", "wasbc_relay_packets_down_total", "counter",
				"packets of Meta sent on toward PBXes"},
		{"foreign", "wasbc_relay_packets_foreign_total", "counter",
				"packets of strangers, dropped"},
		{"unknown", "wasbc_relay_packets_unknown_total", "counter",
				"packets of a payload type that was not agreed, dropped"},
		{"malformed", "wasbc_relay_packets_malformed_total", "counter",
				"packets that are none, dropped"},
		{"behind", "wasbc_relay_packets_behind_total", "counter",
				"packets that no thread had time to make Opus of"},
		{"send-errors", "wasbc_relay_send_errors_total", "counter",
				"packets that the network refused"},
		{"commands", "wasbc_relay_commands_total", "counter",
				"commands of Kamailio"},
};
#define N_FIGURES (sizeof(figures) / sizeof(figures[0]))

static struct answer
{
	char labels[LABEL_SIZE + 16];
	bool came;
	bool has[N_FIGURES];
	int64_t value[N_FIGURES];
} answers[INSTANCES_MAX];

static void read_answer(struct answer *a, const wa_ben_t *reply)
{
	wa_ben_t v;

	for(size_t i = 0; i < N_FIGURES; i++) {
		a->has[i] = wa_ben_get(reply, wa_sv_from(figures[i].key), WA_BEN_INT, &v)
					== 0;
		a->value[i] = a->has[i] ? v.num : 0;
	}
}

/* Returns how many relays there are. */
static unsigned ask_all(void)
{
	unsigned n = 0;
	wa_ben_t reply;
	wa_sv_t url;

	for(; n < INSTANCES_MAX && relay_name(n, &url); n++) {
		struct answer *a = &answers[n];
		char label[LABEL_SIZE];

		wa_prom_label(label, sizeof(label), url);
		snprintf(a->labels, sizeof(a->labels), "relay=\"%s\"", label);
		a->came = relay_figures(url, &reply) == 0;
		if(a->came)
			read_answer(a, &reply);
	}
	return n;
}

void media_metrics_write(wa_buf_t *b)
{
	unsigned n = ask_all();

	wa_prom_family(b, "wasbc_relay_up", "gauge", "0: it does not answer");
	for(unsigned r = 0; r < n; r++)
		wa_prom_value(b, "wasbc_relay_up", answers[r].labels, answers[r].came);
	for(size_t i = 0; i < N_FIGURES; i++) {
		wa_prom_family(b, figures[i].name, figures[i].type, figures[i].help);
		for(unsigned r = 0; r < n; r++)
			if(answers[r].came && answers[r].has[i])
				wa_prom_value(b, figures[i].name, answers[r].labels,
						answers[r].value[i]);
	}
}
