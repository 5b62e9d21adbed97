/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_sdp.h"

#include <string.h>
#include <strings.h>

struct reader
{
	struct far_sdp *far;
	char *why;
	size_t size;
	unsigned medias;
	bool have_c;
	bool rtcp_set;
	uint16_t rtcp_port;
	unsigned lines;
	struct pl ssrc; /* of the a=ssrc line before */
};

static int refuse(struct reader *r, const char *what, const struct pl *where)
{
	if(where)
		(void)re_snprintf(r->why, r->size, "%s: %r", what, where);
	else
		(void)re_snprintf(r->why, r->size, "%s", what);
	return EPROTO;
}

static int copy(struct reader *r, char *dst, size_t size, const struct pl *src)
{
	if(src->l >= size)
		return refuse(r, "value too long", src);
	return pl_strcpy(src, dst, size);
}

/* Strict: pl_u32() reads "12x" as 12. */
static bool number(const struct pl *pl, uint32_t max, uint32_t *v)
{
	if(pl->l == 0 || pl->l > 9)
		return false;
	for(size_t i = 0; i < pl->l; i++) {
		if(pl->p[i] < '0' || pl->p[i] > '9')
			return false;
	}
	*v = pl_u32(pl);
	return *v <= max;
}

/* The part before `sep`; `rest` moves behind it (to its end when there is
 * none). */
static struct pl cut(struct pl *rest, char sep)
{
	struct pl head = *rest;
	const char *p = rest->l ? memchr(rest->p, sep, rest->l) : NULL;

	if(p == NULL) {
		rest->p += rest->l;
		rest->l = 0;
		return head;
	}
	head.l = (size_t)(p - head.p);
	rest->l -= head.l + 1;
	rest->p = p + 1;
	return head;
}

static struct far_format *format_find(struct far_sdp *far, const struct pl *pt)
{
	uint32_t n;

	if(!number(pt, 127, &n))
		return NULL;
	for(size_t i = 0; i < far->fmtc; i++) {
		if(far->fmt[i].pt == n)
			return &far->fmt[i];
	}
	return NULL;
}

static int read_format(struct reader *r, const struct pl *pt)
{
	struct far_sdp *far = r->far;
	uint32_t n;

	if(!number(pt, 127, &n))
		return refuse(r, "bad payload type", pt);
	if(format_find(far, pt))
		return refuse(r, "payload type twice", pt);
	if(far->fmtc == FAR_FORMAT_MAX)
		return refuse(r, "too many formats", NULL);
	far->fmt[far->fmtc++] = (struct far_format){.pt = (uint8_t)n};
	if(n == 0 || n == 8) { /* RFC 3551: rtpmap may be left out */
		struct far_format *f = &far->fmt[far->fmtc - 1];

		(void)re_snprintf(f->name, sizeof(f->name), n ? "PCMA" : "PCMU");
		f->clock = 8000;
		f->channels = 1;
	}
	return 0;
}

/* m=audio 3480 RTP/SAVP 111 126 */
static int read_m(struct reader *r, struct pl v)
{
	struct pl kind = cut(&v, ' '), port = cut(&v, ' '), proto = cut(&v, ' ');
	uint32_t n;
	int err;

	if(++r->medias > 1)
		return refuse(r, "more than one m= line", NULL);
	if(pl_strcmp(&kind, "audio"))
		return refuse(r, "no audio", &kind);
	if(!number(&port, 65535, &n) || n == 0)
		return refuse(r, "bad port", &port);
	sa_set_port(&r->far->addr, (uint16_t)n);
	err = copy(r, r->far->proto, sizeof(r->far->proto), &proto);
	while(!err && v.l) {
		struct pl pt = cut(&v, ' ');

		err = read_format(r, &pt);
	}
	return err || r->far->fmtc ? err : refuse(r, "m= without formats", NULL);
}

/* c=IN IP4 192.0.2.1 */
static int read_c(struct reader *r, struct pl v)
{
	struct pl net = cut(&v, ' '), type = cut(&v, ' '), addr = cut(&v, ' ');
	uint16_t port = sa_port(&r->far->addr);

	if(pl_strcmp(&net, "IN") || sa_set(&r->far->addr, &addr, port))
		return refuse(r, "bad c= address", &addr);
	if(pl_strcmp(&type, sa_af(&r->far->addr) == AF_INET6 ? "IP6" : "IP4"))
		return refuse(r, "address type of c=", &type);
	r->have_c = true;
	return 0;
}

/* a=rtpmap:111 opus/48000/2 */
static int read_rtpmap(struct reader *r, struct pl v)
{
	struct pl whole = v, pt = cut(&v, ' ');
	struct pl name = cut(&v, '/'), clock = cut(&v, '/'), ch = cut(&v, '/');
	struct far_format *f = format_find(r->far, &pt);
	uint32_t hz, n = 1;

	if(f == NULL)
		return refuse(r, "rtpmap of no format in m=", &whole);
	if(!number(&clock, 1000000, &hz) || (ch.l && !number(&ch, 8, &n)))
		return refuse(r, "bad rtpmap", &whole);
	f->clock = hz;
	f->channels = n;
	return copy(r, f->name, sizeof(f->name), &name);
}

static int read_fmtp(struct reader *r, struct pl v)
{
	struct pl whole = v, pt = cut(&v, ' ');
	struct far_format *f = format_find(r->far, &pt);

	return f ? copy(r, f->fmtp, sizeof(f->fmtp), &v)
			 : refuse(r, "fmtp of no format in m=", &whole);
}

static int hex_digit(char c)
{
	if(c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* a=fingerprint:sha-256 AB:CD:... */
static int read_fingerprint(struct reader *r, struct pl v)
{
	struct pl whole = v, hash = cut(&v, ' ');
	struct far_sdp *far = r->far;

	far->fp_len = 0;
	while(v.l) {
		struct pl byte = cut(&v, ':');
		int hi = byte.l == 2 ? hex_digit(byte.p[0]) : -1;
		int lo = byte.l == 2 ? hex_digit(byte.p[1]) : -1;

		if(hi < 0 || lo < 0 || far->fp_len == sizeof(far->fp))
			return refuse(r, "bad fingerprint", &whole);
		far->fp[far->fp_len++] = (uint8_t)(hi << 4 | lo);
	}
	return copy(r, far->fp_hash, sizeof(far->fp_hash), &hash);
}

static int read_setup(struct reader *r, struct pl v)
{
	if(!pl_strcmp(&v, "active"))
		r->far->setup = SETUP_ACTIVE;
	else if(!pl_strcmp(&v, "passive"))
		r->far->setup = SETUP_PASSIVE;
	else if(!pl_strcmp(&v, "actpass"))
		r->far->setup = SETUP_ACTPASS;
	else
		return refuse(r, "bad setup", &v);
	return 0;
}

/* a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:<40 characters> (RFC 4568) */
static int read_crypto(struct reader *r, struct pl v)
{
	struct pl tag = cut(&v, ' '), suite = cut(&v, ' ');
	struct pl method = cut(&v, ':'), params = cut(&v, ' ');
	struct pl key = cut(&params, '|');
	struct far_crypto c = {.extra = params.l || v.l};

	/* the key itself must not get into a message */
	if(!number(&tag, 999999999, &c.tag) || pl_strcmp(&method, "inline"))
		return refuse(r, "bad crypto line", NULL);
	if(suite.l >= sizeof(c.suite) || key.l >= sizeof(c.key))
		return refuse(r, "bad crypto line", NULL);
	(void)pl_strcpy(&suite, c.suite, sizeof(c.suite));
	(void)pl_strcpy(&key, c.key, sizeof(c.key));
	if(r->far->cryptos++ == 0
			|| (strcmp(r->far->crypto.suite, "AES_CM_128_HMAC_SHA1_80")
					&& !strcmp(c.suite, "AES_CM_128_HMAC_SHA1_80")))
		r->far->crypto = c;
	return 0;
}

static int read_number(struct reader *r, unsigned *out, const struct pl *v)
{
	uint32_t n;

	if(!number(v, 10000, &n))
		return refuse(r, "bad number", v);
	*out = n;
	return 0;
}

static int read_rtcp(struct reader *r, struct pl v)
{
	struct pl port = cut(&v, ' ');
	uint32_t n;

	if(!number(&port, 65535, &n))
		return refuse(r, "bad a=rtcp", &port);
	r->rtcp_set = true;
	r->rtcp_port = (uint16_t)n;
	return 0;
}

static int read_group(struct reader *r, struct pl v)
{
	struct pl kind = cut(&v, ' ');

	if(!pl_strcmp(&kind, "BUNDLE"))
		r->far->bundle = true;
	return 0;
}

/* a=ssrc:1234 cname:x; several lines may describe the same source. */
static int read_ssrc(struct reader *r, struct pl v)
{
	struct pl id = cut(&v, ' ');

	if(pl_cmp(&r->ssrc, &id) != 0)
		r->far->ssrcs++;
	r->ssrc = id;
	return 0;
}

static int read_flag(struct reader *r, const struct pl *name)
{
	if(!pl_strcmp(name, "rtcp-mux"))
		r->far->rtcp_mux = true;
	else if(!pl_strcmp(name, "ice-lite"))
		r->far->ice_lite = true;
	else if(!pl_strcmp(name, "sendrecv") || !pl_strcmp(name, "sendonly")
			|| !pl_strcmp(name, "recvonly") || !pl_strcmp(name, "inactive"))
		return copy(r, r->far->direction, sizeof(r->far->direction), name);
	return 0;
}

static int read_a(struct reader *r, struct pl v)
{
	struct far_sdp *far = r->far;
	struct pl name = cut(&v, ':');

	if(!pl_strcmp(&name, "rtpmap"))
		return read_rtpmap(r, v);
	if(!pl_strcmp(&name, "fmtp"))
		return read_fmtp(r, v);
	if(!pl_strcmp(&name, "crypto"))
		return read_crypto(r, v);
	if(!pl_strcmp(&name, "fingerprint"))
		return read_fingerprint(r, v);
	if(!pl_strcmp(&name, "setup"))
		return read_setup(r, v);
	if(!pl_strcmp(&name, "ice-ufrag"))
		return copy(r, far->ufrag, sizeof(far->ufrag), &v);
	if(!pl_strcmp(&name, "ice-pwd"))
		return copy(r, far->pwd, sizeof(far->pwd), &v);
	if(!pl_strcmp(&name, "mid"))
		return copy(r, far->mid, sizeof(far->mid), &v);
	if(!pl_strcmp(&name, "ptime"))
		return read_number(r, &far->ptime, &v);
	if(!pl_strcmp(&name, "maxptime"))
		return read_number(r, &far->maxptime, &v);
	if(!pl_strcmp(&name, "rtcp"))
		return read_rtcp(r, v);
	if(!pl_strcmp(&name, "group"))
		return read_group(r, v);
	if(!pl_strcmp(&name, "candidate"))
		far->candidates++;
	if(!pl_strcmp(&name, "ssrc"))
		return read_ssrc(r, v);
	return read_flag(r, &name);
}

static int read_line(struct reader *r, struct pl line)
{
	struct pl v = {line.p + 2, line.l - 2};

	if(line.l < 2 || line.p[1] != '=')
		return refuse(r, "not an SDP line", &line);
	if(r->lines++ == 0 && pl_strcmp(&line, "v=0"))
		return refuse(r, "does not begin with v=0", &line);
	switch(line.p[0]) {
		case 'm':
			return read_m(r, v);
		case 'c':
			return read_c(r, v);
		case 'a':
			return read_a(r, v);
		default:
			return 0;
	}
}

static int finish(struct reader *r)
{
	struct far_sdp *far = r->far;
	uint16_t port = sa_port(&far->addr);

	if(r->medias == 0)
		return refuse(r, "no m= line", NULL);
	if(!r->have_c)
		return refuse(r, "no c= line", NULL);
	if(sa_is_any(&far->addr) && far->candidates == 0)
		return refuse(r, "address 0.0.0.0", NULL);
	far->rtcp_addr = far->addr;
	if(!far->rtcp_mux)
		sa_set_port(&far->rtcp_addr,
				r->rtcp_set ? r->rtcp_port : (uint16_t)(port + 1));
	return 0;
}

int media_sdp_read(struct far_sdp *far, const char *text, size_t len,
		char *why, size_t size)
{
	struct reader r = {.far = far, .why = why, .size = size};
	struct pl rest = {text, len};
	int err = 0;

	memset(far, 0, sizeof(*far));
	sa_init(&far->addr, AF_INET);
	(void)re_snprintf(far->direction, sizeof(far->direction), "sendrecv");
	while(rest.l && !err) {
		struct pl line = cut(&rest, '\n');

		if(line.l && line.p[line.l - 1] == '\r')
			line.l--;
		else if(line.l)
			err = refuse(&r, "line does not end in CR LF", &line);
		if(!err && line.l)
			err = read_line(&r, line);
	}
	return err ? err : finish(&r);
}
