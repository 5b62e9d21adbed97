/* The control channel.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "event.h"
#include "graph.h"
#include "policy.h"
#include "sip_call.h"
#include "sip_tls.h"
#include "watch.h"

enum
{
	LINE_MAX_BYTES = 1 << 20,
	READ_SIZE = 4096,
};

/* What a command found out, added to its result. */
struct result
{
	struct json_object *ev;
	char why[320];
};

typedef int(command_h)(struct json_object *cmd, struct result *r);

static struct watch input = {.fd = -1};
static struct mbuf *line;
static int stay_open;

static int need_call(struct call **cp, struct json_object *cmd, struct result *r)
{
	const char *name = arg_str(cmd, "call", "");

	*cp = call_by_name(name);
	if(*cp)
		return 0;
	snprintf(r->why, sizeof(r->why), "no call \"%.100s\"", name);
	return ENOENT;
}

static int only(struct json_object *cmd, const struct arg_member *known,
		struct result *r)
{
	return args_check(
			cmd, known, arg_str(cmd, "cmd", ""), r->why, sizeof(r->why));
}

static const struct arg_member one_call_members[] = {
	{"cmd", json_type_string},
	{"id", json_type_null},
	{"call", json_type_string},
	{"reason", json_type_string},
	{"code", json_type_int},
	{NULL, json_type_null},
};

static int cmd_call(struct json_object *cmd, struct result *r)
{
	const char *name = NULL;
	struct call *c;
	int err = sip_user_call(cmd, &name, r->why, sizeof(r->why));

	if(err)
		return err;
	c = call_by_name(name);
	event_str(r->ev, "call", name);
	event_str(r->ev, "call_id", c->callid);
	event_str(r->ev, "wacid", c->wacid);
	return 0;
}

static int cmd_hangup(struct json_object *cmd, struct result *r)
{
	struct call *c;
	const char *reason = arg_str(cmd, "reason", NULL);
	int err = only(cmd, one_call_members, r);

	if(!err)
		err = need_call(&c, cmd, r);
	if(err)
		return err;
	if(reason) {
		/* outlives the command: the call keeps it */
		json_object_put(c->options_hangup);
		c->options_hangup = json_object_get(cmd);
	}
	return sip_hangup(c, reason);
}

static int cmd_answer(struct json_object *cmd, struct result *r)
{
	struct call *c;
	int err = only(cmd, one_call_members, r);

	if(!err)
		err = need_call(&c, cmd, r);
	return err ? err : sip_business_answer(c);
}

static int cmd_ack(struct json_object *cmd, struct result *r)
{
	struct call *c;
	int err = only(cmd, one_call_members, r);

	if(!err)
		err = need_call(&c, cmd, r);
	return err ? err : sip_user_ack(c);
}

static int cmd_refuse(struct json_object *cmd, struct result *r)
{
	struct call *c;
	int err = only(cmd, one_call_members, r);

	if(!err)
		err = need_call(&c, cmd, r);
	if(err)
		return err;
	if(c->by_user || c->state != CALL_RINGING)
		return EPROTO;
	return sip_business_refuse(c, (uint16_t)arg_int(cmd, "code", 486),
			arg_str(cmd, "reason", "Busy Here"));
}

static int cmd_stats(struct json_object *cmd, struct result *r)
{
	struct call *c;
	int err = only(cmd, one_call_members, r);

	if(err)
		return err;
	if(arg_get(cmd, "call") == NULL) {
		json_object_object_add(r->ev, "calls",
				json_object_new_int((int)call_count(NULL, NULL)));
		json_object_object_add(r->ev, "violations", event_violations());
		return 0;
	}
	err = need_call(&c, cmd, r);
	if(!err)
		json_object_object_add(r->ev, "media", call_stats(c));
	return err;
}

static const struct arg_member policy_members[] = {
	{"cmd", json_type_string},
	{"id", json_type_null},
	{"user", json_type_string},
	{"set", json_type_object},
	{"permitted", json_type_null},
	{NULL, json_type_null},
};

static int cmd_policy(struct json_object *cmd, struct result *r)
{
	int err = only(cmd, policy_members, r);

	return err ? err
			   : policy_set(arg_str(cmd, "user", "*"), arg_get(cmd, "set"), r->why,
						 sizeof(r->why));
}

static int cmd_policy_clear(struct json_object *cmd, struct result *r)
{
	int err = only(cmd, policy_members, r);

	if(!err)
		policy_clear(arg_str(cmd, "user", "*"));
	return err;
}

/* "policy" with "permitted" alone, true when absent. */
static int cmd_permit(struct json_object *cmd, struct result *r)
{
	struct json_object *set, *val = arg_get(cmd, "permitted");
	int err = only(cmd, policy_members, r);

	if(err)
		return err;
	set = json_object_new_object();
	json_object_object_add(set, "permitted",
			val ? json_object_get(val) : json_object_new_boolean(1));
	err = policy_set(arg_str(cmd, "user", "*"), set, r->why, sizeof(r->why));
	json_object_put(set);
	return err;
}

static int cmd_disconnect(struct json_object *cmd, struct result *r)
{
	(void)cmd;
	(void)r;
	sip_conn_close_all("disconnected by command");
	return 0;
}

/* Between two tests: nothing is left of the first. */
static int cmd_reset(struct json_object *cmd, struct result *r)
{
	(void)cmd;
	(void)r;
	call_forget_all();
	sip_trans_close();
	sip_conn_close_all("reset by command");
	policy_clear(NULL);
	return 0;
}

static int cmd_resolve(struct json_object *cmd, struct result *r)
{
	static const struct arg_member known[] = {
		{"cmd", json_type_string},
		{"id", json_type_null},
		{"host", json_type_string},
		{"to", json_type_string},
		{NULL, json_type_null},
	};
	int err = only(cmd, known, r);

	if(!err && config_move(arg_str(cmd, "host", ""), arg_str(cmd, "to", "")) != 0) {
		snprintf(r->why, sizeof(r->why), "resolve: a host of the configuration's map, and IP:PORT");
		err = EINVAL;
	}
	return err;
}

static int cmd_tls_reload(struct json_object *cmd, struct result *r)
{
	static const struct arg_member known[] = {
		{"cmd", json_type_string},
		{"id", json_type_null},
		{"cert", json_type_string},
		{"key", json_type_string},
		{"ca", json_type_string},
		{"client_cert", json_type_string},
		{"client_key", json_type_string},
		{"tls_min", json_type_string},
		{"tls_max", json_type_string},
		{NULL, json_type_null},
	};
	struct tls_files files = config.tls;
	int err = only(cmd, known, r);

	if(!err)
		err = config_tls(&files, cmd, r->why, sizeof(r->why));
	if(!err)
		err = sip_tls_load(&files, r->why, sizeof(r->why));
	if(!err)
		config_keep_tls(&files, cmd);
	return err;
}

static int cmd_quit(struct json_object *cmd, struct result *r)
{
	(void)cmd;
	(void)r;
	re_cancel();
	return 0;
}

static int cmd_media(struct json_object *cmd, struct result *r)
{
	struct call *c;
	int err = need_call(&c, cmd, r);

	if(err)
		return err;
	if(c->media == NULL || c->state == CALL_OVER) {
		snprintf(r->why, sizeof(r->why), "the call has no media any more");
		return ENOENT;
	}
	return media_command(c->media, cmd, r->why, sizeof(r->why));
}

/* To us "id" is that of the command, to the Graph side that of the number: it
 * comes as "phone_number_id", or as an "id" that is a number's. */
static int cmd_graph(struct json_object *cmd, struct result *r)
{
	struct json_object *number = json_object_get(arg_get(cmd, "phone_number_id"));

	if(number || store_by_id(arg_str(cmd, "id", "")) == NULL)
		json_object_object_del(cmd, "id");
	json_object_object_del(cmd, "phone_number_id");
	if(number)
		json_object_object_add(cmd, "id", number);
	return graph_command(cmd, r->why, sizeof(r->why));
}

/* Nothing but the result: whoever has it has read every event before it. */
static int cmd_sync(struct json_object *cmd, struct result *r)
{
	(void)cmd;
	(void)r;
	return 0;
}

static const struct
{
	const char *name; /* ending in "_": a prefix */
	command_h *h;
} commands[] = {
	{"call", cmd_call}, {"hangup", cmd_hangup}, {"answer", cmd_answer},
	{"ack", cmd_ack},
	{"refuse", cmd_refuse}, {"stats", cmd_stats}, {"policy", cmd_policy},
	{"policy_clear", cmd_policy_clear},
	{"permit", cmd_permit}, {"disconnect", cmd_disconnect},
	{"reset", cmd_reset}, {"sync", cmd_sync}, {"tls_reload", cmd_tls_reload}, {"resolve", cmd_resolve}, {"quit", cmd_quit}, {"media_", cmd_media},
	{"graph_", cmd_graph},
};

static command_h *find(const char *name)
{
	for(size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		size_t len = strlen(commands[i].name);
		bool prefix = commands[i].name[len - 1] == '_';

		if(prefix ? strncmp(name, commands[i].name, len) == 0
				  : strcmp(name, commands[i].name) == 0)
			return commands[i].h;
	}
	return NULL;
}

static void run(struct json_object *cmd)
{
	struct result r = {.ev = event_new("result")};
	const char *name = arg_str(cmd, "cmd", "");
	command_h *h = find(name);
	int err = EINVAL;

	json_object_object_add(r.ev, "id", json_object_get(arg_get(cmd, "id")));
	event_str(r.ev, "cmd", name);
	if(h)
		err = h(cmd, &r);
	else
		snprintf(r.why, sizeof(r.why), "unknown command \"%.60s\"", name);
	json_object_object_add(r.ev, "ok", json_object_new_boolean(err == 0));
	if(err)
		event_str(r.ev, "why", *r.why ? r.why : strerror(err));
	event_emit(r.ev);
}

static void run_line(const char *text, size_t len)
{
	struct json_tokener *tok = json_tokener_new();
	struct json_object *cmd = json_tokener_parse_ex(tok, text, (int)len);

	if(json_object_is_type(cmd, json_type_object))
		run(cmd);
	else
		event_text("error", "not a JSON object: %.200s",
				json_tokener_error_desc(json_tokener_get_error(tok)));
	json_object_put(cmd);
	json_tokener_free(tok);
}

static void run_lines(void)
{
	char *start = (char *)line->buf, *end;
	size_t left = line->end;

	while((end = memchr(start, '\n', left)) != NULL) {
		size_t len = (size_t)(end - start);

		if(strspn(start, " \t\r") < len)
			run_line(start, len);
		start = end + 1;
		left = line->end - (size_t)(start - (char *)line->buf);
	}
	memmove(line->buf, start, left);
	line->end = line->pos = left;
	if(left > LINE_MAX_BYTES) {
		event_text("error", "command line too long");
		mbuf_rewind(line);
	}
}

static void input_ready(int flags, void *arg)
{
	uint8_t buf[READ_SIZE];
	ssize_t n = read(input.fd, buf, sizeof(buf));
	(void)flags;
	(void)arg;

	if(n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if(n <= 0) {
		watch_stop(&input);
		if(!stay_open)
			re_cancel();
		return;
	}
	line->pos = line->end;
	if(mbuf_write_mem(line, buf, (size_t)n) == 0)
		run_lines();
}

int control_start(int stay)
{
	stay_open = stay;
	line = mbuf_alloc(READ_SIZE);
	if(line == NULL)
		return ENOMEM;
	return watch_set(&input, STDIN_FILENO, FD_READ, input_ready, NULL);
}

void control_close(void)
{
	watch_stop(&input);
	line = mem_deref(line);
}
