/* Messages as Meta writes them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sip_write.h"

#include <errno.h>
#include <string.h>

#include "event.h"
#include "sip_digest.h"
#include "sip_trans.h"

/* Hosts inside Meta, seen only in Vias. */
#define FRONT_NET "2803:6080:f948:9597"
#define PROXY_ADDR "[" FRONT_NET ":d33c:e00:400:0]"
#define GATEWAY_ADDR FRONT_NET ":1ac5:cdf8:300:0"
#define GATEWAY_PORT 63057

void sip_uuid(char uuid[SIP_UUID_SIZE])
{
	char hex[33];

	digest_random(hex, 16);
	hex[12] = '4';
	hex[16] = "89ab"[hex[16] & 3];
	re_snprintf(uuid, SIP_UUID_SIZE, "%b-%b-%b-%b-%b", hex, (size_t)8, hex + 8,
			(size_t)4, hex + 12, (size_t)4, hex + 16, (size_t)4, hex + 20,
			(size_t)12);
}

void sip_branch(char branch[SIP_BRANCH_SIZE])
{
	char hex[33];

	digest_random(hex, 16);
	re_snprintf(branch, SIP_BRANCH_SIZE, "z9hG4bKPj%s", hex);
}

void sip_sentby(char *text, size_t size, uint16_t port)
{
	re_snprintf(text, size, "[" FRONT_NET "::]:%u", port);
}

int sip_write_via(struct mbuf *mb, const char *sentby, const char *branch)
{
	return mbuf_printf(mb, "Via: SIP/2.0/TLS %s;rport;branch=%s;alias\r\n",
			sentby, branch);
}

int sip_write_vias(struct mbuf *mb, const char *sentby, const char *branch, bool rr)
{
	char inner[SIP_BRANCH_SIZE];
	int err;

	sip_branch(inner);
	err = sip_write_via(mb, sentby, branch);
	if(rr)
		err |= sip_write_record_routes(mb, true);
	err |= mbuf_printf(mb, "Via: SIP/2.0/TLS " PROXY_ADDR ":5061;branch=%s\r\n",
			branch);
	err |= mbuf_printf(mb,
			"Via: SIP/2.0/TLS [" GATEWAY_ADDR "]:%u;rport=%u;received=" GATEWAY_ADDR
			";branch=%s;alias\r\n",
			GATEWAY_PORT, GATEWAY_PORT, inner);
	return err;
}

int sip_write_record_routes(struct mbuf *mb, bool request)
{
	static const char line[] = "Record-Route: <sip:%s;transport=tls;lr>\r\n";
	int err = mbuf_printf(mb, line, request ? config.domain : config.proxy);

	return err | mbuf_printf(mb, line, request ? config.proxy : config.domain);
}

int sip_write_body(struct mbuf *mb, const struct mbuf *sdp)
{
	int err = 0;

	if(sdp)
		err = mbuf_printf(mb,
				"Content-Type: application/sdp\r\n"
				"Content-Length: %5zu\r\n\r\n",
				sdp->end);
	else
		err = mbuf_write_str(mb, "Content-Length:  0\r\n\r\n");
	return sdp ? err | mbuf_write_mem(mb, sdp->buf, sdp->end) : err;
}

struct via_writer
{
	struct mbuf *mb;
	const struct sa *peer;
	bool first;
	int err;
};

/* RFC 3261 18.2.1, RFC 3581: the top Via gets received and rport. */
static bool write_one_via(
		const struct sip_hdr *hdr, const struct sip_msg *msg, void *arg)
{
	struct via_writer *w = arg;
	struct pl value, rport; /* ";rport" with what precedes it */

	if(!w->first) {
		w->err |= mbuf_printf(w->mb, "Via: %r\r\n", &hdr->val);
		return false;
	}
	w->first = false;
	if(msg_param_decode(&msg->via.params, "rport", &value) == 0
			|| msg_param_exists(&msg->via.params, "rport", &rport) != 0) {
		w->err |= mbuf_printf(w->mb, "Via: %r;received=%j\r\n", &hdr->val, w->peer);
		return false;
	}
	w->err |= mbuf_printf(w->mb, "Via: %b=%u%b;received=%j\r\n", hdr->val.p,
			(size_t)(rport.p + rport.l - hdr->val.p), sa_port(w->peer),
			rport.p + rport.l,
			(size_t)(hdr->val.p + hdr->val.l - rport.p - rport.l), w->peer);
	return false;
}

static bool write_rr(
		const struct sip_hdr *hdr, const struct sip_msg *msg, void *arg)
{
	struct via_writer *w = arg;
	(void)msg;

	w->err |= mbuf_printf(w->mb, "Record-Route: %r\r\n", &hdr->val);
	return false;
}

static int write_head(struct mbuf *mb, const struct sip_msg *req,
		const struct sip_reply *r)
{
	struct via_writer w = {.mb = mb, .peer = &req->src, .first = true};

	w.err = mbuf_printf(mb, "SIP/2.0 %u %s\r\n", r->code, r->reason);
	sip_msg_hdr_apply(req, true, SIP_HDR_VIA, write_one_via, &w);
	if(r->rr == SIP_RR_META)
		w.err |= sip_write_record_routes(mb, false);
	if(r->rr != SIP_RR_NONE)
		sip_msg_hdr_apply(req, true, SIP_HDR_RECORD_ROUTE, write_rr, &w);
	w.err |= mbuf_printf(mb, "Call-ID: %r\r\nFrom: %r\r\nTo: %r", &req->callid,
			&req->from.val, &req->to.val);
	if(r->tag && !req->to.tag.l)
		w.err |= mbuf_printf(mb, ";tag=%s", r->tag);
	return w.err
		   | mbuf_printf(mb, "\r\nCSeq: %u %r\r\n", req->cseq.num,
				   &req->cseq.met);
}

int sip_write_reply(struct sip_conn *c, const struct sip_msg *req,
		const char *call, const struct sip_reply *r)
{
	struct mbuf *mb = mbuf_alloc(2048);
	int err;

	if(mb == NULL)
		return ENOMEM;
	err = write_head(mb, req, r);
	if(r->headers)
		err |= mbuf_write_mem(mb, r->headers->buf, r->headers->end);
	err |= sip_write_body(mb, r->sdp);
	if(!err)
		err = sip_conn_send(c, call, mb);
	if(err)
		event_violation(call, "reply_lost", "%u %s could not be sent: %s",
				r->code, r->reason, strerror(err));
	else if(r->code >= 300 && pl_strcmp(&req->met, "INVITE") == 0)
		err = sip_strans_expect_ack(req, call);
	mem_deref(mb);
	return err;
}

int sip_reply_plain(struct sip_conn *c, const struct sip_msg *req,
		const char *call, uint16_t code, const char *reason)
{
	char tag[SIP_UUID_SIZE];
	struct sip_reply r = {.code = code, .reason = reason, .tag = tag};
	struct mbuf *headers = mbuf_alloc(256);
	int err;

	if(headers == NULL)
		return ENOMEM;
	sip_uuid(tag);
	err = mbuf_printf(headers,
			"Allow: INVITE, ACK, BYE, CANCEL, NOTIFY, OPTIONS\r\n"
			"X-FB-External-Domain: %s\r\n",
			config.domain);
	r.headers = headers;
	if(!err)
		err = sip_write_reply(c, req, call, &r);
	mem_deref(headers);
	return err;
}
