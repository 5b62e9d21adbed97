/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "http.h"

#include "../ksr_compat.h"

#include <errno.h>
#include <string.h>

#include "../lib/wa_err.h"
#include "../lib/wa_httpd.h"
#include "metrics.h"

#define BODY_SIZE (4 * 1024 * 1024)

static int listener = -1;

int http_listen(const char *where)
{
	listener = wa_httpd_listen(where);
	if(listener >= 0)
		return 0;
	if(listener == WA_EPARSE)
		LM_ERR("metrics_listen: \"%s\" is not ADDRESS:PORT\n", where);
	else
		LM_ERR("metrics_listen: %s: %s\n", where, strerror(errno));
	return -1;
}

static void answer_text(wa_httpd_client_t *c, const char *status)
{
	wa_httpd_answer(c, status, "", "text/plain", wa_sv_from(status));
}

static void answer_metrics(wa_httpd_client_t *c)
{
	static char mem[BODY_SIZE];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));

	metrics_write(&b);
	if(wa_buf_check(&b) < 0) {
		LM_ERR("the figures do not fit %d bytes\n", BODY_SIZE);
		answer_text(c, "500 Internal Server Error");
		return;
	}
	wa_httpd_answer(c, "200 OK", "",
			"text/plain; version=0.0.4; charset=utf-8", wa_buf_sv(&b));
}

static void serve(wa_httpd_client_t *c, const wa_http_request_t *r)
{
	if(!wa_sv_eq(r->method, WA_SV("GET")))
		answer_text(c, "405 Method Not Allowed");
	else if(wa_sv_eq(r->path, WA_SV("/metrics")))
		answer_metrics(c);
	else if(wa_sv_eq(r->path, WA_SV("/ping")))
		answer_text(c, "200 OK");
	else
		answer_text(c, "404 Not Found");
}

void http_loop(void)
{
	static const wa_httpd_t server = {.serve = serve};

	wa_httpd_loop(listener, &server);
}
