/* The HTTPS side of the Graph API.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One request: split the path, apply a fault on order, check version, token
 * and permission, dispatch, answer, tell what happened. HTTP/1.1 only: libre's
 * server offers no ALPN.
 */
#define _GNU_SOURCE /* memfd_create */
#include "graph_http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "event.h"
#include "graph_error.h"
#include "graph_fault.h"
#include "graph_numbers.h"
#include "graph_query.h"
#include "graph_settings.h"
#include "graph_token.h"
#include "store.h"

enum
{
	SEND_QUEUE_MAX = 16 * 1024 * 1024, /* for answers above the client's limit */
	DRIP_MS = 50,
	DRIP_PROMISED = 1000000, /* below the client's limit: only its patience ends it */
};

/* A request being served. */
struct request
{
	const struct http_msg *msg;
	struct pl version;		  /* "v25.0", or unset */
	char *node;				  /* "106540352242922" */
	char *edge;				  /* "settings", "phone_numbers" or "" */
	struct json_object *body; /* of a POST, or NULL */
	const struct graph_token *token;
};

/* An answer, which may have to wait. */
struct answer
{
	struct le le;
	struct tmr tmr;
	struct http_conn *conn;
	struct mbuf *mb;
	bool close, drip;
	bool held; /* by a delay that is not over */
};

static struct http_sock *sock;
static struct graph_http_config config;
static struct list waiting; /* struct answer */
static int clock_off_s;		/* of the Date that is told */

static void request_destructor(void *arg)
{
	struct request *req = arg;

	mem_deref(req->node);
	mem_deref(req->edge);
	json_object_put(req->body);
}

/* What stands between the slash at the start of `rest` and the next one. */
static struct pl segment(struct pl *rest)
{
	struct pl seg = *rest;
	const char *end;

	if(seg.l == 0 || seg.p[0] != '/')
		return pl_null;
	pl_advance(&seg, 1);
	end = pl_strchr(&seg, '/');
	if(end)
		seg.l = (size_t)(end - seg.p);
	pl_advance(rest, (ssize_t)seg.l + 1);
	return seg;
}

/* "v25.0" */
static bool is_version(const struct pl *seg)
{
	return seg->l >= 4 && seg->p[0] == 'v' && pl_strchr(seg, '.') != NULL
		   && strspn(seg->p, "v0123456789.") >= seg->l;
}

/* Graph paths are /<version>/<node>[/<edge>]. */
static int request_alloc(struct request **reqp, const struct http_msg *msg)
{
	struct request *req = mem_zalloc(sizeof(*req), request_destructor);
	struct pl rest = msg->path, node, edge = PL("");
	int err;

	if(req == NULL)
		return ENOMEM;
	req->msg = msg;
	node = segment(&rest);
	if(is_version(&node)) {
		req->version = node;
		node = segment(&rest);
	}
	if(rest.l > 1)
		edge = (struct pl){rest.p + 1, rest.l - 1};
	err = re_sdprintf(&req->node, "%r", &node);
	err |= re_sdprintf(&req->edge, "%r", &edge);
	if(0 == pl_strcasecmp(&msg->met, "POST") && mbuf_get_left(msg->mb) > 0)
		req->body = query_body_json(msg->mb);
	if(err)
		mem_deref(req);
	else
		*reqp = req;
	return err;
}

static int check_version(const struct request *req, struct graph_error *e)
{
	unsigned long v;

	if(!pl_isset(&req->version))
		return graph_error_set(e, 400, GRAPH_PATH, "Unknown path components: /%.60s",
				req->node);
	v = strtoul(req->version.p + 1, NULL, 10);
	if(v > config.max_version)
		return graph_error_set(e, 400, GRAPH_PATH, "Unknown path components: /v%lu", v);
	if(v < config.min_version)
		return graph_error_set(e, 400, GRAPH_VERSION,
				"(#2635) You are calling a deprecated version of the API. "
				"Please update to the latest version: v%u.0.",
				config.max_version);
	return 0;
}

static int no_object(const struct request *req, struct graph_error *e)
{
	(void)graph_error_set(e, 400, GRAPH_PARAMETER,
			"Unsupported %s request. Object with ID '%.32s' does not exist, cannot be "
			"loaded due to missing permissions, or does not support this operation",
			0 == pl_strcasecmp(&req->msg->met, "GET") ? "get" : "post", req->node);
	e->subcode = GRAPH_SUBCODE_NO_OBJECT;
	return EPROTO;
}

static int serve_settings(struct json_object **bodyp, const struct request *req,
		struct store_number *n, struct graph_error *e)
{
	char *creds = NULL;
	int err = 0;

	if(0 == pl_strcasecmp(&req->msg->met, "GET")) {
		query_param(&creds, &req->msg->prm, "include_sip_credentials");
		*bodyp = settings_get(n, creds && 0 == strcmp(creds, "true"));
		mem_deref(creds);
		return 0;
	}
	if(req->body == NULL)
		return graph_error_parameter(e, "the body is not valid JSON");
	err = settings_post(n, req->token->app_id, req->body, e);
	if(err)
		return err;
	*bodyp = json_object_new_object();
	json_object_object_add(*bodyp, "success", json_object_new_boolean(true));
	return 0;
}

/* Absolute, as the host that the client asked for. */
static int list_url(char **url, const struct request *req)
{
	const struct http_hdr *host = http_msg_hdr(req->msg, HTTP_HDR_HOST);

	return re_sdprintf(url, "https://%r%r", host ? &host->val : NULL, &req->msg->path);
}

static int serve_list(
		struct json_object **bodyp, const struct request *req, struct graph_error *e)
{
	static const char *const keys[] = {"fields", "filtering", "limit", "after", "before"};
	char *val[ARRAY_SIZE(keys)] = {NULL};
	char *url = NULL;
	int err = list_url(&url, req);

	for(size_t i = 0; i < ARRAY_SIZE(keys); i++)
		query_param(&val[i], &req->msg->prm, keys[i]);
	if(err)
		err = graph_error_set(e, 500, GRAPH_UNKNOWN, "An unknown error occurred");
	else
		err = numbers_list(bodyp, req->node,
				&(struct numbers_query){url, val[0], val[1], val[2], val[3], val[4]},
				config.page_size, e);
	for(size_t i = 0; i < ARRAY_SIZE(keys); i++)
		mem_deref(val[i]);
	mem_deref(url);
	return err;
}

static int serve_number(struct json_object **bodyp, const struct request *req,
		const struct store_number *n, struct graph_error *e)
{
	char *fields = NULL;
	int err;

	query_param(&fields, &req->msg->prm, "fields");
	err = numbers_get(bodyp, n, fields, req->token->app_id, e);
	mem_deref(fields);
	return err;
}

static bool is_waba(const char *id)
{
	for(struct le *le = store_numbers()->head; le; le = le->next)
		if(0 == strcmp(((struct store_number *)le->data)->waba_id, id))
			return true;
	return false;
}

static int dispatch(
		struct json_object **bodyp, const struct request *req, struct graph_error *e)
{
	struct store_number *n = store_by_id(req->node);
	bool get = 0 == pl_strcasecmp(&req->msg->met, "GET");
	bool post = 0 == pl_strcasecmp(&req->msg->met, "POST");

	if(!graph_token_covers(req->token, n ? n->waba_id : req->node))
		return no_object(req, e);
	if(0 == strcmp(req->edge, "settings") && n && (get || post))
		return serve_settings(bodyp, req, n, e);
	if(0 == strcmp(req->edge, "phone_numbers") && get && is_waba(req->node))
		return serve_list(bodyp, req, e);
	if(req->edge[0] == '\0' && n && get)
		return serve_number(bodyp, req, n, e);
	if(req->edge[0] != '\0' && (n || is_waba(req->node)))
		return graph_error_set(
				e, 400, GRAPH_PATH, "Unknown path components: /%.60s", req->edge);
	return no_object(req, e);
}

static int serve(struct json_object **bodyp, struct request *req, struct graph_error *e)
{
	const struct http_hdr *auth = http_msg_hdr(req->msg, HTTP_HDR_AUTHORIZATION);

	if(check_version(req, e) || graph_token_check(&req->token, auth ? &auth->val : NULL, e)
			|| graph_token_prove(req->token, &req->msg->prm, e)
			|| graph_token_permit(req->token, GRAPH_MANAGEMENT, e))
		return EPROTO;
	return dispatch(bodyp, req, e);
}

static void answer_destructor(void *arg)
{
	struct answer *a = arg;

	list_unlink(&a->le);
	tmr_cancel(&a->tmr);
	mem_deref(a->mb);
	mem_deref(a->conn);
}

/* One more byte of an answer that has no end, until the client goes. */
static void answer_drip(void *arg)
{
	struct answer *a = arg;
	struct tcp_conn *tc = http_conn_tcp(a->conn);

	mbuf_reset(a->mb);
	if(tc == NULL || mbuf_write_u8(a->mb, ' ') != 0) {
		mem_deref(a);
		return;
	}
	a->mb->pos = 0;
	(void)tcp_send(tc, a->mb);
	tmr_start(&a->tmr, DRIP_MS, answer_drip, a);
}

static void answer_send(void *arg)
{
	struct answer *a = arg;
	struct tcp_conn *tc = http_conn_tcp(a->conn);

	a->held = false;
	if(tc && a->mb) {
		tcp_conn_txqsz_set(tc, SEND_QUEUE_MAX);
		(void)tcp_send(tc, a->mb);
	}
	if(tc && a->drip) {
		tmr_start(&a->tmr, DRIP_MS, answer_drip, a);
		return;
	}
	if(a->close)
		http_conn_close(a->conn);
	mem_deref(a);
}

static const char *reason(uint16_t status)
{
	switch(status) {
		case 200:
			return "OK";
		case 400:
			return "Bad Request";
		case 401:
			return "Unauthorized";
		case 403:
			return "Forbidden";
		case 429:
			return "Too Many Requests";
		case 500:
			return "Internal Server Error";
		case 503:
			return "Service Unavailable";
		default:
			return "Status";
	}
}

/* RFC 9110 6.6.1 */
static int write_date(struct mbuf *mb)
{
	time_t now = time(NULL) + clock_off_s;
	struct tm tm;
	char text[64];

	if(gmtime_r(&now, &tm) == NULL
			|| strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
		return 0;
	return mbuf_printf(mb, "Date: %s\r\n", text);
}

void graph_http_clock(int off_s)
{
	clock_off_s = off_s;
}

static int answer_write(struct mbuf *mb, uint16_t status, const char *body,
		const struct request *req, const struct graph_fault *f)
{
	size_t len = strlen(body);
	uint32_t pad = f ? f->pad : 0;
	uint32_t promised = f && f->drip ? DRIP_PROMISED : 0;
	size_t head;
	int err;

	err = mbuf_printf(mb,
			"HTTP/1.1 %u %s\r\n"
			"Content-Type: application/json; charset=UTF-8\r\n"
			"Content-Length: %zu\r\n",
			status, reason(status), len + pad + promised);
	err |= write_date(mb);
	if(pl_isset(&req->version))
		err |= mbuf_printf(mb, "facebook-api-version: %r\r\n", &req->version);
	if(status == 401)
		err |= mbuf_printf(mb, "WWW-Authenticate: OAuth \"Facebook Platform\"\r\n");
	if(f && f->retry_after)
		err |= mbuf_printf(mb, "Retry-After: %u\r\n", f->retry_after);
	if(f && f->usage)
		err |= mbuf_printf(mb, "X-Business-Use-Case-Usage: %s\r\n", f->usage);
	err |= mbuf_write_str(mb, "\r\n");
	head = mb->end;
	err |= mbuf_write_str(mb, body);
	if(pad)
		err |= mbuf_fill(mb, ' ', pad);
	if(f && f->truncated && head + f->truncate < mb->end)
		mb->end = head + f->truncate;
	mb->pos = 0;
	return err;
}

static void answer(struct http_conn *conn, uint16_t status, const char *body,
		const struct request *req, const struct graph_fault *f)
{
	struct answer *a = mem_zalloc(sizeof(*a), answer_destructor);

	if(a == NULL)
		return;
	a->conn = mem_ref(conn);
	a->close = f && (f->close || f->truncated);
	a->drip = f && f->drip;
	if(f == NULL || !f->close) {
		a->mb = mbuf_alloc(1024);
		if(a->mb == NULL || answer_write(a->mb, status, body, req, f))
			a->close = true;
	}
	list_append(&waiting, &a->le, a);
	a->held = f && f->delay_ms;
	if(a->held)
		tmr_start(&a->tmr, f->delay_ms, answer_send, a);
	else
		answer_send(a);
}

void graph_http_release(void)
{
	for(struct le *le = waiting.head; le; le = le->next) {
		struct answer *a = le->data;

		if(a->held)
			tmr_start(&a->tmr, 0, answer_send, a);
	}
}

static void add_pl(struct json_object *ev, const char *key, const struct pl *pl)
{
	if(pl_isset(pl))
		json_object_object_add(ev, key, json_object_new_string_len(pl->p, (int)pl->l));
}

/* Never the token, nor a password: a query that carries a token is left out,
 * and so are secrets that a client has put into its body. */
static void tell(struct http_conn *conn, const struct request *req, uint16_t status,
		int code, bool fault)
{
	struct json_object *ev = config.trace ? event_new("graph_request") : NULL;
	char peer[64];

	if(ev == NULL)
		return;
	add_pl(ev, "method", &req->msg->met);
	add_pl(ev, "version", &req->version);
	json_object_object_add(ev, "id", json_object_new_string(req->node));
	json_object_object_add(ev, "edge", json_object_new_string(req->edge));
	if(!query_has(&req->msg->prm, "access_token"))
		add_pl(ev, "query", &req->msg->prm);
	if(req->token)
		json_object_object_add(ev, "app_id", json_object_new_string(req->token->app_id));
	json_object_object_add(ev, "status", json_object_new_int(status));
	if(code)
		json_object_object_add(ev, "code", json_object_new_int(code));
	if(fault)
		json_object_object_add(ev, "fault", json_object_new_boolean(true));
	if(re_snprintf(peer, sizeof(peer), "%J", http_conn_peer(conn)) > 0)
		json_object_object_add(ev, "peer", json_object_new_string(peer));
	if(req->body) {
		query_redact(req->body);
		json_object_object_add(ev, "body", json_object_get(req->body));
	}
	event_emit(ev);
}

/* A fault with a status answers in place of everything else. */
static uint16_t forced_answer(
		struct json_object **bodyp, struct graph_error *e, const struct graph_fault *f)
{
	*e = (struct graph_error){0};
	if(f->status >= 400) {
		(void)graph_error_set(
				e, f->status, f->code, "%s", f->message ? f->message : "forced by a test");
		*bodyp = graph_error_json(e);
	} else {
		*bodyp = json_object_new_object();
	}
	return f->status;
}

static void serve_and_answer(
		struct http_conn *conn, struct request *req, const struct graph_fault *f)
{
	struct json_object *body = NULL;
	struct graph_error e = {0};
	uint16_t status = 200;

	if(f && f->status) {
		status = forced_answer(&body, &e, f);
	} else if(serve(&body, req, &e)) {
		status = e.status;
		body = graph_error_json(&e);
	}
	tell(conn, req, status, e.code, f != NULL);
	answer(conn, status,
			f && f->body ? f->body
						 : json_object_to_json_string_ext(body, JSON_C_TO_STRING_PLAIN),
			req, f);
	json_object_put(body);
}

static void request_handler(struct http_conn *conn, const struct http_msg *msg, void *arg)
{
	struct graph_fault *f;
	struct request *req;

	(void)arg;
	if(request_alloc(&req, msg)) {
		http_conn_close(conn);
		return;
	}
	f = graph_fault_take(req->node, req->edge, &msg->met);
	serve_and_answer(conn, req, f);
	mem_deref(f);
	mem_deref(req);
}

static int append_file(int fd, const char *path)
{
	char buf[4096];
	FILE *fp = fopen(path, "re");
	size_t n;
	int err = fp ? 0 : errno;

	while(fp && !err && (n = fread(buf, 1, sizeof(buf), fp)) > 0)
		if(write(fd, buf, n) != (ssize_t)n)
			err = EIO;
	if(fp)
		(void)fclose(fp);
	return err;
}

/* libre reads certificate and key from one file: they are put together in
 * memory, so that no second copy of the key comes to lie on a disk. */
static int listen_tls(const struct sa *laddr, const char *cert, const char *key)
{
	char path[32];
	int fd = memfd_create("graph-tls", MFD_CLOEXEC);
	int err;

	if(fd < 0)
		return errno;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = append_file(fd, cert);
	if(!err && 0 != strcmp(cert, key))
		err = append_file(fd, key);
	if(!err)
		err = https_listen(&sock, laddr, path, request_handler, NULL);
	(void)close(fd);
	return err;
}

int graph_http_listen(const struct sa *laddr, const char *cert, const char *key,
		const struct graph_http_config *cfg)
{
	config = *cfg;
	return listen_tls(laddr, cert, key);
}

void graph_http_close(void)
{
	list_flush(&waiting);
	sock = mem_deref(sock);
}
