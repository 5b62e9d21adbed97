/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http.h"

#include "../ksr_compat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>
#include <openssl/crypto.h>

#include "../lib/wa_err.h"
#include "params.h"

#define URL_SIZE 1024
#define HEADER_SIZE 1100   /* the token has 1024 characters at most */
#define BODY_FIRST 4096	   /* a settings answer has about 1 KiB */
#define ANSWER_MAX (1024 * 1024)
#define CONNECT_MS_MAX 5000

/* One request at a time; the handle is used again and again. */
typedef struct slot
{
	CURL *easy;
	struct curl_slist *headers;
	void *arg;
	char *body;
	size_t len, size;
	wa_graph_usage_t usage;
	bool usage_known;
	long clock_off;
	bool clock_known;
	bool busy, too_long;
	char error[CURL_ERROR_SIZE];
} slot_t;

static CURLM *multi;
static slot_t *slots;
static unsigned n_busy;
static wst_http_h *answer_handler;

/* Grows by doubling, by hand: realloc() would leave copies of what may be a
 * password behind. */
static bool grow(slot_t *s, size_t need)
{
	size_t size = s->size ? s->size : BODY_FIRST;
	char *bigger;

	if(need <= s->size)
		return true;
	while(size < need)
		size *= 2;
	bigger = malloc(size);
	if(bigger == NULL)
		return false;
	if(s->len > 0)
		memcpy(bigger, s->body, s->len);
	if(s->body != NULL)
		OPENSSL_cleanse(s->body, s->size);
	free(s->body);
	s->body = bigger;
	s->size = size;
	return true;
}

/* Anything but `n` ends the transfer. */
static size_t on_data(char *data, size_t one, size_t n, void *arg)
{
	slot_t *s = arg;

	(void)one; /* always 1 */
	if(n > ANSWER_MAX - s->len) {
		s->too_long = true;
		return 0;
	}
	if(!grow(s, s->len + n))
		return 0;
	memcpy(s->body + s->len, data, n);
	s->len += n;
	return n;
}

/* The two headers may both be there: the worse one counts. */
static void take_usage(slot_t *s, wa_sv_t value)
{
	wa_graph_usage_t u;

	if(wa_graph_usage_parse(&u, value) < 0)
		return;
	s->usage_known = true;
	if(u.percent > s->usage.percent)
		s->usage.percent = u.percent;
	if(u.regain_minutes > s->usage.regain_minutes)
		s->usage.regain_minutes = u.regain_minutes;
}

/* Of a whole answer it is at most as old as the answer. */
static void take_date(slot_t *s, wa_sv_t value)
{
	char text[64];
	time_t at;

	if(wa_sv_copy(text, sizeof(text), value) < 0)
		return;
	at = curl_getdate(text, NULL);
	if(at < 0)
		return;
	s->clock_known = true;
	s->clock_off = (long)(at - time(NULL));
}

static size_t on_header(char *data, size_t one, size_t n, void *arg)
{
	wa_sv_t rest = {data, n}, name = wa_sv_cut(&rest, ':');

	(void)one; /* always 1 */
	if(wa_sv_ieq(name, WA_SV("X-App-Usage"))
			|| wa_sv_ieq(name, WA_SV("X-Business-Use-Case-Usage")))
		take_usage(arg, wa_sv_trim(rest));
	else if(wa_sv_ieq(name, WA_SV("Date")))
		take_date(arg, wa_sv_trim(rest));
	return n;
}

static void slot_clear(slot_t *s)
{
	for(struct curl_slist *h = s->headers; h != NULL; h = h->next)
		OPENSSL_cleanse(h->data, strlen(h->data));
	curl_slist_free_all(s->headers);
	s->headers = NULL;
	if(s->body != NULL)
		OPENSSL_cleanse(s->body, s->size);
	free(s->body);
	s->body = NULL;
	s->len = s->size = 0;
	n_busy -= s->busy;
	s->busy = s->too_long = s->usage_known = s->clock_known = false;
	s->usage = (wa_graph_usage_t){0, 0};
}

/* What is the same for every request. Certificate and name are always verified;
 * there is no parameter that could change that. */
static int slot_init(slot_t *s)
{
	long connect_ms = wst_params.timeout_ms < CONNECT_MS_MAX ? wst_params.timeout_ms
															  : CONNECT_MS_MAX;
	CURLcode rc = CURLE_OK;

	s->easy = curl_easy_init();
	if(s->easy == NULL)
		return -1;
	rc |= curl_easy_setopt(s->easy, CURLOPT_PROTOCOLS_STR, "https");
	rc |= curl_easy_setopt(s->easy, CURLOPT_SSL_VERIFYPEER, 1L);
	rc |= curl_easy_setopt(s->easy, CURLOPT_SSL_VERIFYHOST, 2L);
	rc |= curl_easy_setopt(s->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if(wst_params.ca_file != NULL) {
		rc |= curl_easy_setopt(s->easy, CURLOPT_CAINFO, wst_params.ca_file);
		rc |= curl_easy_setopt(s->easy, CURLOPT_CAPATH, NULL);
	}
	rc |= curl_easy_setopt(s->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	rc |= curl_easy_setopt(s->easy, CURLOPT_PIPEWAIT, 1L);
	rc |= curl_easy_setopt(s->easy, CURLOPT_FOLLOWLOCATION, 0L);
	rc |= curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
	rc |= curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, wst_params.timeout_ms);
	rc |= curl_easy_setopt(s->easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
	rc |= curl_easy_setopt(s->easy, CURLOPT_TCP_KEEPALIVE, 1L);
	rc |= curl_easy_setopt(s->easy, CURLOPT_USERAGENT, "wa-sbc");
	rc |= curl_easy_setopt(s->easy, CURLOPT_ERRORBUFFER, s->error);
	rc |= curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, on_data);
	rc |= curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, s);
	rc |= curl_easy_setopt(s->easy, CURLOPT_HEADERFUNCTION, on_header);
	rc |= curl_easy_setopt(s->easy, CURLOPT_HEADERDATA, s);
	rc |= curl_easy_setopt(s->easy, CURLOPT_PRIVATE, s);
	return rc == CURLE_OK ? 0 : -1;
}

int wst_http_init(wst_http_h *h)
{
	answer_handler = h;
	if(curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -1;
	multi = curl_multi_init();
	slots = calloc(wst_params.parallel, sizeof(*slots));
	if(multi == NULL || slots == NULL)
		return -1;
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)wst_params.parallel);
	curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)wst_params.parallel);
	for(unsigned i = 0; i < wst_params.parallel; i++)
		if(slot_init(&slots[i]) < 0)
			return -1;
	return 0;
}

static slot_t *slot_free(void)
{
	for(unsigned i = 0; i < wst_params.parallel; i++)
		if(!slots[i].busy)
			return &slots[i];
	return NULL;
}

unsigned wst_http_room(void)
{
	return wst_params.parallel - n_busy;
}

static int add_header(slot_t *s, const char *text)
{
	struct curl_slist *list = curl_slist_append(s->headers, text);

	if(list == NULL)
		return WA_ENOMEM;
	s->headers = list;
	return 0;
}

static int set_headers(slot_t *s, const wst_http_request_t *r)
{
	char header[HEADER_SIZE];
	int n = snprintf(header, sizeof(header), "Authorization: Bearer %s", r->token);
	int err = n > 0 && (size_t)n < sizeof(header) ? add_header(s, header) : WA_ENOMEM;

	OPENSSL_cleanse(header, sizeof(header));
	if(!err)
		err = add_header(s, "Accept: application/json");
	if(!err && r->body.len > 0)
		err = add_header(s, "Content-Type: application/json");
	/* no pause for a 100 Continue that Meta does not send */
	if(!err && r->body.len > 0)
		err = add_header(s, "Expect:");
	if(!err && curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, s->headers) != CURLE_OK)
		err = WA_ENOMEM;
	return err;
}

/* A handle is used again and again: what one request sets the next one undoes. */
static int set_method(slot_t *s, wa_sv_t body)
{
	CURLcode rc;

	if(body.len == 0) {
		rc = curl_easy_setopt(s->easy, CURLOPT_HTTPGET, 1L);
	} else {
		rc = curl_easy_setopt(s->easy, CURLOPT_POST, 1L);
		rc |= curl_easy_setopt(s->easy, CURLOPT_POSTFIELDSIZE, (long)body.len);
		rc |= curl_easy_setopt(s->easy, CURLOPT_COPYPOSTFIELDS, body.s);
	}
	return rc == CURLE_OK ? 0 : WA_ENOMEM;
}

static int set_url(slot_t *s, const char *path)
{
	char url[URL_SIZE];
	int n = snprintf(url, sizeof(url), "%.*s%s", WA_SV_ARG(wst_params.graph_url), path);
	int err = 0;

	if(n < 0 || (size_t)n >= sizeof(url)
			|| curl_easy_setopt(s->easy, CURLOPT_URL, url) != CURLE_OK)
		err = WA_ENOMEM;
	OPENSSL_cleanse(url, sizeof(url)); /* a proof may stand in it */
	return err;
}

int wst_http_start(const wst_http_request_t *r)
{
	slot_t *s = slot_free();

	if(s == NULL)
		return WA_EBUSY;
	s->error[0] = '\0';
	s->arg = r->arg;
	s->busy = true;
	n_busy++;
	if(set_headers(s, r) == 0 && set_method(s, r->body) == 0
			&& set_url(s, r->path) == 0
			&& curl_multi_add_handle(multi, s->easy) == CURLM_OK)
		return 0;
	slot_clear(s);
	return WA_ENOMEM;
}

/* Words for the operator; curl's own where they are as good. */
static void transport_error(const slot_t *s, CURLcode rc, char *buf, size_t size)
{
	const char *words = s->error[0] != '\0' ? s->error : curl_easy_strerror(rc);

	switch(rc) {
		case CURLE_OPERATION_TIMEDOUT:
			words = "no answer in time";
			break;
		case CURLE_PEER_FAILED_VERIFICATION:
		case CURLE_SSL_CACERT_BADFILE:
			words = "the server's certificate does not verify: check ca_file and the "
					"name in graph_url";
			break;
		case CURLE_PARTIAL_FILE:
		case CURLE_GOT_NOTHING:
		case CURLE_SEND_ERROR:
		case CURLE_RECV_ERROR:
			words = "the answer was cut short";
			break;
		case CURLE_WRITE_ERROR:
			words = s->too_long ? "the answer is longer than 1 MiB" : "out of memory";
			break;
		default:
			break;
	}
	/* cut where it is too long: it is for people */
	if(snprintf(buf, size, "graph: %s", words) < 0)
		buf[0] = '\0';
}

/* Whether Meta may have acted on it. */
static bool was_sent(CURL *easy, CURLcode rc)
{
	long bytes = 0;

	if(rc == CURLE_OK)
		return true;
	return curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &bytes) == CURLE_OK
		   && bytes > 0;
}

static void finish(slot_t *s, CURLcode rc)
{
	wst_http_answer_t a = {.body = {s->body, s->len},
			.usage = s->usage,
			.usage_known = s->usage_known,
			.clock_off = s->clock_off,
			.clock_known = s->clock_known,
			.sent = was_sent(s->easy, rc)};
	curl_off_t us = 0, retry = 0;

	if(rc == CURLE_OK)
		curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &a.status);
	else
		transport_error(s, rc, a.error, sizeof(a.error));
	if(curl_easy_getinfo(s->easy, CURLINFO_TOTAL_TIME_T, &us) == CURLE_OK && us > 0)
		a.took_ms = (unsigned)(us / 1000);
	if(curl_easy_getinfo(s->easy, CURLINFO_RETRY_AFTER, &retry) == CURLE_OK && retry > 0)
		a.retry_after_s = (uint64_t)retry;
	curl_multi_remove_handle(multi, s->easy);
	answer_handler(&a, s->arg);
	slot_clear(s);
}

void wst_http_run(int fd, int timeout_ms)
{
	struct curl_waitfd extra = {.fd = fd, .events = CURL_WAIT_POLLIN};
	int running, left;
	CURLMsg *m;

	if(curl_multi_perform(multi, &running) == CURLM_OK)
		curl_multi_poll(multi, &extra, 1, timeout_ms, NULL);
	curl_multi_perform(multi, &running);
	while((m = curl_multi_info_read(multi, &left)) != NULL) {
		CURLcode rc = m->data.result;
		char *s = NULL;

		if(m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &s);
		/* `m` does not outlive the removal of its handle */
		finish((slot_t *)(void *)s, rc);
	}
}
