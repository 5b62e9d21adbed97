/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_hep.h"

#include <string.h>

#define PAYLOAD_MAX 65000
#define CHUNK_HEAD 6
#define SIP 1

/* Types of the generic chunks (vendor 0). */
enum chunk
{
	FAMILY = 1,
	PROTOCOL = 2,
	SRC4 = 3,
	DST4 = 4,
	SRC6 = 5,
	DST6 = 6,
	SRC_PORT = 7,
	DST_PORT = 8,
	SECONDS = 9,
	MICROSECONDS = 10,
	PAYLOAD_KIND = 11,
	CAPTURE_ID = 12,
	PAYLOAD = 15
};

typedef struct writer
{
	uint8_t *out;
	size_t len;
} writer_t;

static void put(writer_t *w, uint64_t n, unsigned octets)
{
	while(octets-- > 0)
		w->out[w->len++] = (uint8_t)(n >> (8 * octets));
}

static void put_head(writer_t *w, enum chunk type, size_t octets)
{
	put(w, 0, 2);
	put(w, (uint64_t)type, 2);
	put(w, CHUNK_HEAD + octets, 2);
}

static void put_number(
		writer_t *w, enum chunk type, uint64_t n, unsigned octets)
{
	put_head(w, type, octets);
	put(w, n, octets);
}

static void put_address(
		writer_t *w, enum chunk type, const uint8_t *address, size_t octets)
{
	put_head(w, type, octets);
	memcpy(w->out + w->len, address, octets);
	w->len += octets;
}

size_t wa_hep_head(const wa_hep_t *h, size_t len, uint8_t out[WA_HEP_HEAD_MAX])
{
	/* the length of it all follows when it is known */
	static const uint8_t begin[] = {'H', 'E', 'P', '3', 0, 0};
	size_t octets = h->ip6 ? 16 : 4, total;
	writer_t w = {out, 0};

	if(len > PAYLOAD_MAX)
		return 0;
	memcpy(out, begin, sizeof(begin));
	w.len = sizeof(begin);
	put_number(&w, FAMILY, h->ip6 ? 10 : 2, 1);
	put_number(&w, PROTOCOL, h->protocol, 1);
	put_address(&w, h->ip6 ? SRC6 : SRC4, h->src, octets);
	put_address(&w, h->ip6 ? DST6 : DST4, h->dst, octets);
	put_number(&w, SRC_PORT, h->src_port, 2);
	put_number(&w, DST_PORT, h->dst_port, 2);
	put_number(&w, SECONDS, h->at_us / 1000000, 4);
	put_number(&w, MICROSECONDS, h->at_us % 1000000, 4);
	put_number(&w, PAYLOAD_KIND, SIP, 1);
	put_number(&w, CAPTURE_ID, h->capture_id, 4);
	put_head(&w, PAYLOAD, len);
	total = w.len + len;
	out[4] = (uint8_t)(total >> 8);
	out[5] = (uint8_t)total;
	return w.len;
}
