/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rpc.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define REPLY_SIZE (1024 * 1024)
#define REQUEST_MAX 65000 /* jsonrpcs reads no more */
#define PAGE "200"		  /* of a list: its reply has to fit one datagram */
#define JOB_POLL_MS 20

static enum ctl_exit unreached(
		const ctl_opts_t *o, const char *why, char out[CTL_WHY_SIZE])
{
	if(snprintf(out, CTL_WHY_SIZE, "kamailio at %s: %s", o->socket, why) < 0)
		out[0] = '\0';
	return CTL_UNREACHED;
}

/* Why it is not reached, and what helps. */
static const char *reason(int error)
{
	switch(error) {
		case EAGAIN:
			return "no answer in time: does it hang, or does it need longer (-t)?";
		case ECONNRESET:
			return "it ended before it answered: journalctl -u kamailio says why";
		case ENOENT:
		case ECONNREFUSED:
			return "nobody is there: is it running? systemctl status kamailio; is it this socket (-s)?";
		case EACCES:
		case EPERM:
			return "not for this user: run it as root, or as one of the group kamailio";
		default:
			return strerror(error);
	}
}

/* A socket with a name of its own that the answer can go to. The name is in the
 * abstract namespace (an empty name is bound to one), because Kamailio may see
 * another /tmp than we do. */
static int open_socket(const ctl_opts_t *o)
{
	struct sockaddr_un self = {.sun_family = AF_UNIX}, peer = self;
	struct timeval tv = {
			o->timeout_ms / 1000, (o->timeout_ms % 1000) * 1000};
	int fd, saved;

	if(strlen(o->socket) >= sizeof(peer.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(peer.sun_path, o->socket, strlen(o->socket) + 1);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if(fd < 0)
		return -1;
	if(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) == 0
			&& setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)) == 0
			&& bind(fd, (struct sockaddr *)&self, sizeof(sa_family_t)) == 0
			&& connect(fd, (struct sockaddr *)&peer, sizeof(peer)) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* Sends one datagram and reads one. -1 with errno. */
static ssize_t exchange(
		const ctl_opts_t *o, const char *request, char *reply, size_t size)
{
	int fd = open_socket(o), saved;
	ssize_t n;

	if(fd < 0)
		return -1;
	n = send(fd, request, strlen(request), 0);
	if(n >= 0)
		n = recv(fd, reply, size, 0);
	saved = errno;
	close(fd);
	errno = saved;
	return n;
}

static json_object *parse(const char *text, size_t len)
{
	json_tokener *t = json_tokener_new();
	json_object *obj = NULL;

	if(t != NULL)
		obj = json_tokener_parse_ex(t, text, (int)len);
	json_tokener_free(t);
	return obj;
}

const char *ctl_member(json_object *obj, const char *name)
{
	json_object *m;

	if(!json_object_object_get_ex(obj, name, &m) || m == NULL)
		return "";
	return json_object_get_string(m);
}

/* Takes the result out of a reply, or says what the fault is. */
static enum ctl_exit take_result(
		const ctl_opts_t *o, json_object *reply, json_object **result,
		char why[CTL_WHY_SIZE])
{
	json_object *error;

	if(reply == NULL)
		return unreached(o, "the answer is no JSON", why);
	if(json_object_object_get_ex(reply, "error", &error)) {
		if(snprintf(why, CTL_WHY_SIZE, "%s (%s)", ctl_member(error, "message"),
				   ctl_member(error, "code"))
				< 0)
			why[0] = '\0';
		return CTL_FAILED;
	}
	if(!json_object_object_get_ex(reply, "result", result))
		return unreached(o, "the answer is no JSON-RPC", why);
	json_object_get(*result);
	return CTL_DONE;
}

static json_object *make_request(const char *method, json_object *params)
{
	json_object *req = json_object_new_object();

	json_object_object_add(req, "jsonrpc", json_object_new_string("2.0"));
	json_object_object_add(req, "method", json_object_new_string(method));
	if(params != NULL)
		json_object_object_add(req, "params", params);
	json_object_object_add(req, "id", json_object_new_int(1));
	return req;
}

enum ctl_exit ctl_try(const ctl_opts_t *o, const char *method,
		json_object *params, json_object **result, char why[CTL_WHY_SIZE])
{
	json_object *req = make_request(method, params), *reply = NULL;
	const char *text =
			json_object_to_json_string_ext(req, JSON_C_TO_STRING_PLAIN);
	char *buf = malloc(REPLY_SIZE);
	enum ctl_exit ret;
	ssize_t n;

	*result = NULL;
	if(buf == NULL || strlen(text) > REQUEST_MAX) {
		(void)!snprintf(why, CTL_WHY_SIZE, "the request is too long");
		ret = CTL_USAGE;
	} else if((n = exchange(o, text, buf, REPLY_SIZE)) < 0) {
		ret = unreached(o, reason(errno), why);
	} else {
		reply = parse(buf, (size_t)n);
		ret = take_result(o, reply, result, why);
	}
	free(buf);
	json_object_put(reply);
	json_object_put(req);
	return ret;
}

enum ctl_exit ctl_call(const ctl_opts_t *o, const char *method,
		json_object *params, json_object **result)
{
	char why[CTL_WHY_SIZE];
	enum ctl_exit ret = ctl_try(o, method, params, result, why);

	if(ret != CTL_DONE)
		fprintf(stderr, "wasbcctl: %s\n", why);
	return ret;
}

json_object *ctl_params(int n, char **words)
{
	json_object *a = json_object_new_array();

	for(int i = 0; i < n; i++)
		json_object_array_add(a, json_object_new_string(words[i]));
	return a;
}

static enum ctl_exit wait_for_job(const ctl_opts_t *o, const char *job)
{
	char *word = strdup(job);
	enum ctl_exit ret = CTL_FAILED;
	bool queued = word != NULL;

	for(int ms = 0; queued && ms <= o->timeout_ms; ms += JOB_POLL_MS) {
		json_object *r;
		const char *state;

		ret = ctl_call(o, "wa_numbers.job", ctl_params(1, &word), &r);
		if(ret != CTL_DONE)
			break;
		state = ctl_member(r, "state");
		queued = strcmp(state, "queued") == 0;
		if(strcmp(state, "done") != 0)
			ret = CTL_FAILED;
		if(strcmp(state, "failed") == 0)
			fprintf(stderr, "wasbcctl: %s\n", ctl_member(r, "error"));
		json_object_put(r);
		if(queued)
			poll(NULL, 0, JOB_POLL_MS);
	}
	if(queued)
		fprintf(stderr,
				"wasbcctl: job %s is not done yet and stays queued (see wasbcctl "
				"status: is Redis away?)\n",
				job);
	free(word);
	return ret;
}

enum ctl_exit ctl_call_job(
		const ctl_opts_t *o, const char *method, json_object *params)
{
	json_object *r;
	enum ctl_exit ret = ctl_call(o, method, params, &r);

	if(ret == CTL_DONE)
		ret = wait_for_job(o, ctl_member(r, "job"));
	if(ret == CTL_DONE && o->json)
		printf("{\"job\":%s,\"state\":\"done\"}\n", ctl_member(r, "job"));
	json_object_put(r);
	return ret;
}

enum ctl_exit ctl_call_page(const ctl_opts_t *o, const char *method,
		json_object *params, const char *page_method, json_object **page)
{
	json_object *r;
	enum ctl_exit ret = ctl_call(o, method, params, &r);
	char *job = NULL;

	*page = NULL;
	if(ret == CTL_DONE)
		job = strdup(ctl_member(r, "job"));
	if(job != NULL)
		ret = wait_for_job(o, job);
	if(job != NULL && ret == CTL_DONE)
		ret = ctl_call(o, page_method, ctl_params(1, &job), page);
	free(job);
	json_object_put(r);
	return ret;
}

static const char *sort_key; /* qsort() takes no argument for it */

static int compare_members(const void *a, const void *b)
{
	return strcmp(ctl_member(*(json_object *const *)a, sort_key),
			ctl_member(*(json_object *const *)b, sort_key));
}

/* Moves one page to `all`. Returns the cursor of the next. */
static char *add_page(json_object *page, const char *name, json_object *all)
{
	json_object *records;
	const char *next = ctl_member(page, "next");

	if(json_object_object_get_ex(page, name, &records)
			&& json_object_is_type(records, json_type_array))
		for(size_t i = 0; i < json_object_array_length(records); i++)
			json_object_array_add(all,
					json_object_get(json_object_array_get_idx(records, i)));
	return strdup(*next != '\0' ? next : "0");
}

enum ctl_exit ctl_call_list(const ctl_opts_t *o, const char *method,
		const char *name, const char *key, json_object **list)
{
	return ctl_call_filtered(o, method, NULL, name, key, list);
}

enum ctl_exit ctl_call_filtered(const ctl_opts_t *o, const char *method,
		const char *filter, const char *name, const char *key, json_object **list)
{
	char *cursor = strdup("0"), page[] = PAGE;
	enum ctl_exit ret;

	*list = json_object_new_array();
	do {
		char *words[] = {cursor, page};
		json_object *r, *params = ctl_params(2, words);

		if(filter != NULL)
			json_object_array_add(params, json_object_new_string(filter));
		ret = ctl_call(o, method, params, &r);
		free(cursor);
		cursor = ret == CTL_DONE ? add_page(r, name, *list) : NULL;
		json_object_put(r);
	} while(cursor != NULL && strcmp(cursor, "0") != 0);
	free(cursor);
	sort_key = key;
	json_object_array_sort(*list, compare_members);
	if(ret != CTL_DONE) {
		json_object_put(*list);
		*list = NULL;
	}
	return ret;
}
