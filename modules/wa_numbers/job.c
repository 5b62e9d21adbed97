/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* pipe2, F_SETPIPE_SZ */
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../lib/wa_err.h"
#include "status.h"

/* Room for about a thousand settings reads while Redis is away. */
#define PIPE_SIZE (1024 * 1024)
#define KEY_MAX 63

/* On the pipe: head, key, then per pair a name length, a value length, name and
 * value. */
typedef struct head
{
	uint16_t len; /* of the job, this included */
	uint8_t op;
	uint8_t kind;
	uint32_t id;
	uint8_t key_len;
	uint8_t n;
} head_t;

typedef struct pair_head
{
	uint16_t value_len;
	uint8_t name_len;
} pair_head_t;

_Static_assert(sizeof(head_t) + KEY_MAX + WA_RECORD_VALUE_SIZE + 2 * WA_PARAM_SIZE
						   + 6 * (sizeof(pair_head_t) + 16)
					   < PIPE_BUF,
		"the longest trunk does not fit a job");
_Static_assert(WA_GATEWAYS_MAX * WA_RECORD_GATEWAY_LEN < WA_RECORD_VALUE_SIZE,
		"the longest list of gateways does not fit a value");

static int pipe_fd[2] = {-1, -1};

/* What has been read and not been taken yet. */
static uint8_t inbox[16 * PIPE_BUF];
static size_t inbox_len = 0;
static size_t taken = 0; /* length of the job that is being worked on */

int wan_job_init(void)
{
	if(pipe2(pipe_fd, O_NONBLOCK | O_CLOEXEC) < 0) {
		LM_ERR("pipe: %s\n", strerror(errno));
		return -1;
	}
	/* An unprivileged user may be over its limit: a smaller queue works too */
	if(fcntl(pipe_fd[1], F_SETPIPE_SZ, PIPE_SIZE) < 0)
		LM_WARN("the job queue stays at the system's default size: %s\n",
				strerror(errno));
	return 0;
}

void wan_job_begin(wan_job_t *j, enum wan_op op, enum wa_record_kind kind,
		uint32_t id, wa_sv_t key)
{
	head_t h;

	if(key.len > KEY_MAX) /* callers check keys: no such record exists */
		key.len = 0;
	memset(&h, 0, sizeof(h));
	h.op = (uint8_t)op;
	h.kind = (uint8_t)kind;
	h.id = id;
	h.key_len = (uint8_t)key.len;
	memcpy(j->buf, &h, sizeof(h));
	if(key.len > 0)
		memcpy(j->buf + sizeof(h), key.s, key.len);
	j->len = sizeof(h) + key.len;
}

int wan_job_add(wan_job_t *j, wa_sv_t name, wa_sv_t value)
{
	head_t h;
	pair_head_t p;

	memcpy(&h, j->buf, sizeof(h));
	if(h.n == WA_RECORD_FIELDS_MAX || name.len > UINT8_MAX
			|| value.len > WAN_JOB_VALUE_MAX
			|| j->len + sizeof(p) + name.len + value.len > sizeof(j->buf))
		return WA_ETOOLONG;
	memset(&p, 0, sizeof(p));
	p.name_len = (uint8_t)name.len;
	p.value_len = (uint16_t)value.len;
	memcpy(j->buf + j->len, &p, sizeof(p));
	j->len += sizeof(p);
	memcpy(j->buf + j->len, name.s, name.len);
	j->len += name.len;
	if(value.len > 0)
		memcpy(j->buf + j->len, value.s, value.len);
	j->len += value.len;
	h.n++;
	memcpy(j->buf, &h, sizeof(h));
	return 0;
}

int wan_job_send(wan_job_t *j)
{
	head_t h;
	ssize_t n;

	memcpy(&h, j->buf, sizeof(h));
	h.len = (uint16_t)j->len;
	memcpy(j->buf, &h, sizeof(h));
	do
		n = write(pipe_fd[1], j->buf, j->len);
	while(n < 0 && errno == EINTR);
	explicit_bzero(j, sizeof(*j));
	if(n >= 0)
		return 0;
	counter_inc(wan_cnt_queue_full);
	return WA_EBUSY;
}

int wan_job_fd(void)
{
	return pipe_fd[0];
}

/* Views of the job at the start of the inbox, which is complete. */
static void view(const head_t *h, wan_job_view_t *out)
{
	const char *p = (const char *)inbox + sizeof(*h);

	out->op = h->op;
	out->kind = h->kind;
	out->id = h->id;
	out->key = (wa_sv_t){p, h->key_len};
	out->n = h->n;
	p += h->key_len;
	for(size_t i = 0; i < out->n; i++) {
		pair_head_t ph;

		memcpy(&ph, p, sizeof(ph));
		p += sizeof(ph);
		out->pairs[i].name = (wa_sv_t){p, ph.name_len};
		out->pairs[i].value = (wa_sv_t){p + ph.name_len, ph.value_len};
		p += ph.name_len + ph.value_len;
	}
}

bool wan_job_take(wan_job_view_t *out)
{
	head_t h;
	ssize_t n;

	if(taken > 0)
		wan_job_done();
	for(;;) {
		if(inbox_len >= sizeof(h)) {
			memcpy(&h, inbox, sizeof(h));
			if(inbox_len >= h.len)
				break;
		}
		n = read(pipe_fd[0], inbox + inbox_len, sizeof(inbox) - inbox_len);
		if(n <= 0)
			return false;
		inbox_len += (size_t)n;
	}
	taken = h.len;
	view(&h, out);
	return true;
}

void wan_job_done(void)
{
	size_t rest = inbox_len - taken;

	memmove(inbox, inbox + taken, rest);
	explicit_bzero(inbox + rest, inbox_len - rest);
	inbox_len = rest;
	taken = 0;
}
