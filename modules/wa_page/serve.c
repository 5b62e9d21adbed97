/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "serve.h"

#include "../ksr_compat.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "../lib/wa_err.h"
#include "../lib/wa_httpd.h"
#include "ask.h"
#include "page.h"
#include "params.h"

#define ANSWER_SIZE (1024 * 1024)
#define API "/api/"

/* Nobody else reads what was answered, or has it shown. */
#define PRIVATE                            \
	"Cache-Control: no-store\r\n"          \
	"Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n" \
	"Cross-Origin-Resource-Policy: same-origin\r\n"

static void answer_text(wa_httpd_client_t *c, const char *status)
{
	wa_httpd_answer(c, status, PRIVATE, "text/plain", wa_sv_from(status));
}

/* --- who may ask ----------------------------------------------------------------- */

/* A page elsewhere, whose name has been made to lead here, says its own name. */
static bool is_our_name(wa_sv_t header)
{
	wa_sv_t host = wa_http_host(header);
	wa_sv_t own = wa_http_host(wa_sv_from(page_params.listen));
	wa_sv_t rest = wa_sv_from(page_params.hosts);

	if(host.len == 0)
		return false;
	if(wa_sv_ieq(host, own) || wa_sv_ieq(host, WA_SV("localhost")))
		return true;
	while(rest.len > 0)
		if(wa_sv_ieq(host, wa_sv_trim(wa_sv_cut(&rest, ' '))))
			return true;
	return false;
}

/* Browsers say where a request comes from: typed in, or our own page. */
static bool is_our_page(wa_sv_t site)
{
	return site.len == 0 || wa_sv_eq(site, WA_SV("same-origin"))
		   || wa_sv_eq(site, WA_SV("none"));
}

/* --- answers --------------------------------------------------------------------- */

/* A fault of the RPC too is an answer; the page shows it. */
static void ready(wa_httpd_client_t *c, int fd)
{
	static char text[ANSWER_SIZE];
	ssize_t n = fd >= 0 ? recv(fd, text, sizeof(text), MSG_DONTWAIT) : -1;

	if(n <= 0)
		answer_text(c, "504 Gateway Timeout");
	else
		wa_httpd_answer(c, "200 OK", PRIVATE, "application/json",
				(wa_sv_t){text, (size_t)n});
}

static void serve_question(wa_httpd_client_t *c, const wa_http_request_t *r)
{
	const size_t head = sizeof(API) - 1;
	wa_sv_t method = {r->path.s + head, r->path.len - head};
	int fd;

	if(!is_our_page(r->site)) {
		answer_text(c, "403 Forbidden");
		return;
	}
	if(!ask_is_known(method)) {
		answer_text(c, "404 Not Found");
		return;
	}
	fd = ask(method, r->query);
	if(fd >= 0) {
		wa_httpd_wait(c, fd);
	} else if(fd == WA_EIO) {
		LM_WARN("%s: %s\n", page_params.socket, strerror(errno));
		answer_text(c, "503 Service Unavailable");
	} else {
		answer_text(c, "400 Bad Request");
	}
}

static bool is_question(wa_sv_t path)
{
	const size_t head = sizeof(API) - 1;

	return path.len > head && memcmp(path.s, API, head) == 0;
}

static void serve(wa_httpd_client_t *c, const wa_http_request_t *r)
{
	if(!wa_sv_eq(r->method, WA_SV("GET")))
		answer_text(c, "405 Method Not Allowed");
	else if(!is_our_name(r->host))
		answer_text(c, "421 Misdirected Request");
	else if(wa_sv_eq(r->path, WA_SV("/")))
		wa_httpd_answer(c, "200 OK", page_headers(),
				"text/html; charset=utf-8", page_text());
	else if(is_question(r->path))
		serve_question(c, r);
	else
		answer_text(c, "404 Not Found");
}

void serve_loop(int listener)
{
	static const wa_httpd_t server = {.serve = serve, .ready = ready};

	wa_httpd_loop(listener, &server);
}
