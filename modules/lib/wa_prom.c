/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_prom.h"

#include <stdio.h>
#include <string.h>

/* HELP has backslash and newline escaped. */
static void put_help(wa_buf_t *b, wa_sv_t text)
{
	for(size_t i = 0; i < text.len; i++) {
		if(text.s[i] == '\n')
			wa_buf_put(b, WA_SV("\\n"));
		else if(text.s[i] == '\\')
			wa_buf_put(b, WA_SV("\\\\"));
		else
			wa_buf_put(b, (wa_sv_t){text.s + i, 1});
	}
}

void wa_prom_family(
		wa_buf_t *b, const char *name, const char *type, const char *help)
{
	wa_buf_put(b, WA_SV("# HELP "));
	wa_buf_put(b, wa_sv_from(name));
	wa_buf_put(b, WA_SV(" "));
	put_help(b, wa_sv_from(help));
	wa_buf_put(b, WA_SV("\n# TYPE "));
	wa_buf_put(b, wa_sv_from(name));
	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, wa_sv_from(type));
	wa_buf_put(b, WA_SV("\n"));
}

static void put_labels(wa_buf_t *b, const char *labels)
{
	if(labels[0] == '\0')
		return;
	wa_buf_put(b, WA_SV("{"));
	wa_buf_put(b, wa_sv_from(labels));
	wa_buf_put(b, WA_SV("}"));
}

void wa_prom_value(
		wa_buf_t *b, const char *name, const char *labels, int64_t value)
{
	wa_buf_put(b, wa_sv_from(name));
	put_labels(b, labels);
	wa_buf_put(b, WA_SV(" "));
	wa_buf_num(b, value);
	wa_buf_put(b, WA_SV("\n"));
}

/* Thousandths as a decimal fraction. */
static void put_milli(wa_buf_t *b, uint64_t n)
{
	char text[32];

	if(snprintf(text, sizeof(text), "%llu.%03u", (unsigned long long)(n / 1000),
			   (unsigned)(n % 1000))
			> 0)
		wa_buf_put(b, wa_sv_from(text));
}

static void put_bucket(wa_buf_t *b, const char *name, const char *labels,
		int64_t bound, uint64_t value)
{
	wa_buf_put(b, wa_sv_from(name));
	wa_buf_put(b, WA_SV("_bucket{"));
	if(labels[0] != '\0') {
		wa_buf_put(b, wa_sv_from(labels));
		wa_buf_put(b, WA_SV(","));
	}
	wa_buf_put(b, WA_SV("le=\""));
	if(bound < 0)
		wa_buf_put(b, WA_SV("+Inf"));
	else
		put_milli(b, (uint64_t)bound);
	wa_buf_put(b, WA_SV("\"} "));
	wa_buf_num(b, (int64_t)value);
	wa_buf_put(b, WA_SV("\n"));
}

void wa_prom_histogram(wa_buf_t *b, const char *name, const char *labels,
		const int64_t bounds[WA_HISTOGRAM_BUCKETS], const wa_histogram_t *h)
{
	/* the count first: buckets only grow, so none is above it by more than what
	 * came meanwhile, and the last is made to fit */
	uint64_t count = atomic_load(&h->count), sum = 0;

	for(int i = 0; i < WA_HISTOGRAM_BUCKETS; i++) {
		sum += atomic_load(&h->bucket[i]);
		put_bucket(b, name, labels, bounds[i], sum < count ? sum : count);
	}
	put_bucket(b, name, labels, -1, count);
	wa_buf_put(b, wa_sv_from(name));
	wa_buf_put(b, WA_SV("_sum"));
	put_labels(b, labels);
	wa_buf_put(b, WA_SV(" "));
	put_milli(b, atomic_load(&h->sum));
	wa_buf_put(b, WA_SV("\n"));
	wa_buf_put(b, wa_sv_from(name));
	wa_buf_put(b, WA_SV("_count"));
	put_labels(b, labels);
	wa_buf_put(b, WA_SV(" "));
	wa_buf_num(b, (int64_t)count);
	wa_buf_put(b, WA_SV("\n"));
}

const char *wa_prom_label(char *out, size_t size, wa_sv_t text)
{
	size_t n = 0;

	for(size_t i = 0; i < text.len && n + 2 < size; i++) {
		char c = text.s[i];

		if(c == '"' || c == '\\')
			out[n++] = '\\';
		out[n++] = (unsigned char)c < 0x20 ? ' ' : c;
	}
	out[n] = '\0';
	return out;
}

void wa_prom_name(wa_buf_t *b, wa_sv_t text)
{
	for(size_t i = 0; i < text.len; i++) {
		char c = text.s[i];
		bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
					|| (c >= '0' && c <= '9') || c == '_';

		wa_buf_put(b, good ? (wa_sv_t){text.s + i, 1} : WA_SV("_"));
	}
}
