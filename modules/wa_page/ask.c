/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../lib/wa_err.h"
#include "../lib/wa_http.h"
#include "../lib/wa_json_out.h"
#include "params.h"

#define REQUEST_SIZE 4096
#define PARAM_SIZE 300

/* None of them changes anything, or makes Kamailio ask somebody else. */
static const char *const known[] = {"core.uptime", "core.version",
		"wa_calls.blocked", "wa_calls.drain_status", "wa_calls.history",
		"wa_calls.list", "wa_calls.reasons", "wa_calls.recent", "wa_calls.show",
		"wa_calls.stats", "wa_door.status", "wa_media.stats", "wa_numbers.list",
		"wa_numbers.show", "wa_numbers.status", "wa_settings.list",
		"wa_settings.show", "wa_settings.status", "wa_tls.status",
		"wa_trace.ladder", "wa_trace.status", "wa_trunk.list", "wa_trunk.show"};

bool ask_is_known(wa_sv_t method)
{
	for(size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if(wa_sv_eq(method, wa_sv_from(known[i])))
			return true;
	return false;
}

static int put_params(wa_buf_t *b, wa_sv_t query)
{
	char name[8], value[PARAM_SIZE];
	bool first = true;

	while(query.len > 0) {
		int err = wa_http_param(
				&query, name, sizeof(name), value, sizeof(value));

		if(err < 0)
			return err;
		if(strcmp(name, "p") != 0)
			return WA_EPARSE;
		if(!first)
			wa_buf_put(b, WA_SV(","));
		wa_json_quote(b, wa_sv_from(value));
		first = false;
	}
	return 0;
}

static int write_request(wa_buf_t *b, wa_sv_t method, wa_sv_t query)
{
	int err;

	wa_buf_put(b, WA_SV("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"));
	wa_json_quote(b, method);
	wa_buf_put(b, WA_SV(",\"params\":["));
	err = put_params(b, query);
	wa_buf_put(b, WA_SV("]}"));
	return err < 0 ? err : wa_buf_check(b);
}

/* A socket with a name that the answer can go to, and none in a folder. */
static int open_socket(void)
{
	struct sockaddr_un self = {.sun_family = AF_UNIX}, peer = self;
	int fd, saved;

	if(wa_sv_copy(peer.sun_path, sizeof(peer.sun_path),
			   wa_sv_from(page_params.socket))
			< 0) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if(fd < 0)
		return -1;
	if(bind(fd, (struct sockaddr *)&self, sizeof(sa_family_t)) == 0
			&& connect(fd, (struct sockaddr *)&peer, sizeof(peer)) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int ask(wa_sv_t method, wa_sv_t query)
{
	char mem[REQUEST_SIZE];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));
	int err = write_request(&b, method, query), fd, saved;

	if(err < 0)
		return err;
	fd = open_socket();
	if(fd < 0)
		return WA_EIO;
	if(send(fd, b.s, b.len, MSG_DONTWAIT) == (ssize_t)b.len)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return WA_EIO;
}
