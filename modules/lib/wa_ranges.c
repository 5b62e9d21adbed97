/* Sets of addresses: networks as text, merged into sorted ranges.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wa_ranges.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wa_err.h"

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

bool wa_addr_is4(const wa_addr_t *a)
{
	return memcmp(a->b, mapped, sizeof(mapped)) == 0;
}

uint32_t wa_addr_v4(const wa_addr_t *a)
{
	return (uint32_t)a->b[12] << 24 | (uint32_t)a->b[13] << 16
		   | (uint32_t)a->b[14] << 8 | a->b[15];
}

wa_addr_t wa_addr_of(const void *bytes, size_t len)
{
	wa_addr_t a = {{0}};

	if(len == 4) {
		memcpy(a.b, mapped, sizeof(mapped));
		memcpy(a.b + 12, bytes, 4);
	} else if(len == 16) {
		memcpy(a.b, bytes, 16);
	}
	return a;
}

int wa_addr_parse(wa_sv_t text, wa_addr_t *out)
{
	char mem[INET6_ADDRSTRLEN];
	uint8_t raw[16];

	if(wa_sv_copy(mem, sizeof(mem), text) < 0 || strlen(mem) != text.len)
		return WA_EPARSE;
	if(inet_pton(AF_INET, mem, raw) == 1)
		*out = wa_addr_of(raw, 4);
	else if(inet_pton(AF_INET6, mem, raw) == 1)
		*out = wa_addr_of(raw, 16);
	else
		return WA_EPARSE;
	return 0;
}

const char *wa_addr_text(const wa_addr_t *a, char out[WA_ADDR_TEXT])
{
	bool four = wa_addr_is4(a);

	if(inet_ntop(four ? AF_INET : AF_INET6, four ? a->b + 12 : a->b, out,
			   WA_ADDR_TEXT)
			== NULL)
		out[0] = '\0';
	return out;
}

/* Sets the bits below the first `bits` to 0 or 1. */
static void fill(wa_addr_t *a, unsigned bits, bool ones)
{
	for(unsigned i = bits; i < 128; i++) {
		uint8_t bit = (uint8_t)(0x80 >> i % 8);

		if(ones)
			a->b[i / 8] |= bit;
		else
			a->b[i / 8] &= (uint8_t)~bit;
	}
}

static int range_parse(wa_sv_t text, wa_range_t *out)
{
	bool masked = memchr(text.s, '/', text.len) != NULL;
	wa_sv_t rest = text, addr = wa_sv_cut(&rest, '/');
	unsigned long width, bits;

	if(wa_addr_parse(addr, &out->lo) < 0)
		return WA_EPARSE;
	width = memchr(addr.s, ':', addr.len) != NULL ? 128 : 32;
	bits = width;
	if(masked && wa_sv_ulong(rest, width, &bits) < 0)
		return WA_EPARSE;
	out->hi = out->lo;
	fill(&out->lo, (unsigned)(128 - width + bits), false);
	fill(&out->hi, (unsigned)(128 - width + bits), true);
	return 0;
}

static int order(const void *a, const void *b)
{
	return memcmp(&((const wa_range_t *)a)->lo, &((const wa_range_t *)b)->lo,
			sizeof(wa_addr_t));
}

/* a + 1; false: there is none */
static bool step(wa_addr_t *a)
{
	for(int i = 15; i >= 0; i--)
		if(++a->b[i] != 0)
			return true;
	return false;
}

/* Whether `b`, which begins no earlier, makes one range with `a`: they overlap, or
 * are neighbours of one family. */
static bool touches(const wa_range_t *a, const wa_range_t *b)
{
	wa_addr_t next = a->hi;

	if(memcmp(&b->lo, &a->hi, sizeof(wa_addr_t)) <= 0)
		return true;
	return wa_addr_is4(&a->hi) == wa_addr_is4(&b->lo) && step(&next)
		   && memcmp(&b->lo, &next, sizeof(wa_addr_t)) == 0;
}

static void merge(wa_range_t *r, size_t *n)
{
	size_t kept = 0;

	qsort(r, *n, sizeof(*r), order);
	for(size_t i = 1; i < *n; i++) {
		if(!touches(&r[kept], &r[i]))
			r[++kept] = r[i];
		else if(memcmp(&r[i].hi, &r[kept].hi, sizeof(wa_addr_t)) > 0)
			r[kept].hi = r[i].hi;
	}
	*n = kept + 1;
}

/* Whether the line is an attribute of a registry's answer ("origin: AS64496");
 * leaves in `*line` what is a network of it. */
static bool take_attribute(wa_sv_t *line)
{
	wa_sv_t rest = *line, name = wa_sv_cut(&rest, ':');
	wa_range_t r;

	if(name.len == line->len || name.len == 0
			|| range_parse(wa_sv_trim(*line), &r) == 0)
		return false;
	for(size_t i = 0; i < name.len; i++)
		if((name.s[i] < 'a' || name.s[i] > 'z') && name.s[i] != '-'
				&& (i == 0 || name.s[i] != '6'))
			return false;
	if(wa_sv_eq(name, WA_SV("route")) || wa_sv_eq(name, WA_SV("route6")))
		*line = rest;
	else
		line->len = 0;
	return true;
}

/* An attribute goes on where a line begins like this (RFC 2622 section 2). */
static bool is_continued(wa_sv_t line)
{
	return line.len > 0
		   && (line.s[0] == ' ' || line.s[0] == '\t' || line.s[0] == '+');
}

static bool is_gap(char c)
{
	return c == ',' || c == ' ' || c == '\t' || c == '\r';
}

static wa_sv_t next_word(wa_sv_t *line)
{
	wa_sv_t word;
	size_t from = 0, n;

	while(from < line->len && is_gap(line->s[from]))
		from++;
	n = from;
	while(n < line->len && !is_gap(line->s[n]))
		n++;
	word = (wa_sv_t){line->s + from, n - from};
	*line = (wa_sv_t){line->s + n, line->len - n};
	return word;
}

static int read_words(
		wa_sv_t line, wa_range_t *out, size_t max, size_t *n, wa_sv_t *bad)
{
	wa_sv_t word;

	while((word = next_word(&line)).len > 0) {
		*bad = word;
		if(*n == max)
			return WA_ETOOLONG;
		if(range_parse(word, &out[*n]) < 0)
			return WA_EPARSE;
		(*n)++;
	}
	return 0;
}

int wa_ranges_read(
		wa_sv_t text, wa_range_t *out, size_t max, size_t *n, wa_sv_t *bad)
{
	bool in_object = false;
	int err;

	*n = 0;
	while(text.len > 0) {
		wa_sv_t line = wa_sv_cut(&text, '\n');

		line = wa_sv_cut(&line, '#');
		line = wa_sv_cut(&line, '%');
		if(in_object && is_continued(line))
			continue;
		in_object = take_attribute(&line);
		err = read_words(line, out, max, n, bad);
		if(err < 0)
			return err;
	}
	*bad = (wa_sv_t){"", 0};
	if(*n == 0)
		return WA_EPARSE;
	merge(out, n);
	return 0;
}

bool wa_ranges_has(const wa_range_t *r, size_t n, const wa_addr_t *a)
{
	while(n > 0) {
		const wa_range_t *mid = &r[n / 2];

		if(memcmp(a, &mid->lo, sizeof(*a)) < 0) {
			n /= 2;
		} else if(memcmp(a, &mid->hi, sizeof(*a)) > 0) {
			r = mid + 1;
			n -= n / 2 + 1;
		} else {
			return true;
		}
	}
	return false;
}

static uint64_t count4(const wa_range_t *r)
{
	return wa_addr_is4(&r->lo) ? (uint64_t)wa_addr_v4(&r->hi)
										 - wa_addr_v4(&r->lo) + 1
							   : 0;
}

uint64_t wa_ranges_count4(const wa_range_t *r, size_t n)
{
	uint64_t sum = 0;

	for(size_t i = 0; i < n; i++)
		sum += count4(&r[i]);
	return sum;
}

/* Private, loopback, link-local, shared, documentation, multicast (RFC 6890) */
#define SPECIAL                                                      \
	"0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 " \
	"172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.168.0.0/16 "        \
	"198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3 "      \
	"2001:db8::/32"

static bool overlaps(const wa_range_t *a, const wa_range_t *b)
{
	return memcmp(&a->lo, &b->hi, sizeof(wa_addr_t)) <= 0
		   && memcmp(&b->lo, &a->hi, sizeof(wa_addr_t)) <= 0;
}

static bool is_special(const wa_range_t *r)
{
	wa_range_t s[32];
	size_t n;
	wa_sv_t bad;

	if(wa_ranges_read(WA_SV(SPECIAL), s, 32, &n, &bad) < 0)
		return true;
	for(size_t i = 0; i < n; i++)
		if(overlaps(r, &s[i]))
			return true;
	/* global unicast is 2000::/3 (RFC 4291) */
	return !wa_addr_is4(&r->lo)
		   && ((r->lo.b[0] & 0xe0) != 0x20 || (r->hi.b[0] & 0xe0) != 0x20);
}

/* AS32934 had 23 networks and half a million IPv4 addresses in 2024; no operator's
 * single network comes near a /8, nor its IPv6 near a /20. */
#define COUNT_MIN (1u << 16)
#define COUNT_MAX (1u << 23)
#define RANGE_MAX (1u << 22)

static bool is_huge6(const wa_range_t *r)
{
	wa_addr_t end = r->lo;

	fill(&end, 20, true);
	return !wa_addr_is4(&r->lo) && memcmp(&r->hi, &end, sizeof(end)) >= 0;
}

int wa_ranges_sane(
		const wa_range_t *r, size_t n, const char **why, const wa_range_t **at)
{
	uint64_t sum = wa_ranges_count4(r, n);

	for(size_t i = 0; i < n; i++) {
		*at = &r[i];
		*why = "an absurdly large network";
		if(count4(&r[i]) > RANGE_MAX || is_huge6(&r[i]))
			return WA_ERANGE;
		*why = "a private or reserved network";
		if(is_special(&r[i]))
			return WA_ERANGE;
	}
	*at = NULL;
	*why = sum < COUNT_MIN ? "too few addresses (fewer than 65536)"
						   : "too many addresses (more than 8388608)";
	return sum < COUNT_MIN || sum > COUNT_MAX ? WA_ERANGE : 0;
}

bool wa_range_next(wa_range_t *r, char out[WA_ADDR_TEXT])
{
	bool four = wa_addr_is4(&r->lo);
	unsigned bits = 128, base = four ? 96 : 0;
	wa_addr_t end = r->lo, lo;

	if(memcmp(&r->lo, &r->hi, sizeof(wa_addr_t)) > 0)
		return false;
	while(bits > base) {
		wa_addr_t first = r->lo, last = r->lo;

		fill(&first, bits - 1, false);
		fill(&last, bits - 1, true);
		if(memcmp(&first, &r->lo, sizeof(first)) != 0
				|| memcmp(&last, &r->hi, sizeof(last)) > 0)
			break;
		end = last;
		bits--;
	}
	lo = r->lo;
	wa_addr_text(&lo, out);
	if(snprintf(out + strlen(out), WA_ADDR_TEXT - strlen(out), "/%u",
			   bits - base)
			< 0)
		return false;
	r->lo = end;
	if(!step(&r->lo))
		*r = (wa_range_t){.lo = {{1}}};
	return true;
}
