/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "follower.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "../ksr_compat.h"

#include <kamailio/core/rand/fastrand.h>

#include "../lib/wa_backoff.h"
#include "../lib/wa_clock.h"
#include "../lib/wa_err.h"
#include "directory.h"
#include "job.h"
#include "ledger.h"
#include "load.h"
#include "nodes.h"
#include "params.h"
#include "redis_link.h"
#include "status.h"
#include "tend.h"
#include "wanted.h"
#include "writer.h"

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 10000
#define BLOCK_MS 5000 /* of XREAD: a silent connection is noticed after this */
#define BATCH 500	   /* stream entries per XREAD */
#define JOBS_AT_ONCE 64
#define SENTINEL_MS 5000  /* ask whether this is the master still */
#define STABLE_MS 10000	  /* what lasted so long was a good connection */

typedef struct follower
{
	wan_link_t link;
	wan_load_t load;
	wan_job_view_t job;
	char last_id[WAN_ID_SIZE];
	char nodes_id[WAN_ID_SIZE]; /* the same in the stream of what nodes tell */
	int64_t deadline; /* by then XREAD has to have answered */
	int64_t gap_at;	  /* when to look again whether changes were missed */
	int64_t load_start;
	int64_t ask_at; /* when to ask a Sentinel again */
	int tend_ms;	/* when wan_tend() wants its turn */
	int64_t job_at; /* not before then, when Redis takes no writes */
	unsigned failures;	   /* connections in a row that came to nothing */
	unsigned job_failures; /* tries of this job */
	bool has_job;		   /* taken, and not carried out yet */
	bool in_doubt;		   /* it may have been carried out; see wan_write() */
	bool loading;
	bool force; /* an operator wants Redis' state, even an empty one */
	uint32_t reload_job; /* who asked for this load, 0 = nobody */
} follower_t;

/* Where a stream ends now: "0-0" when it is empty. */
static int read_end(follower_t *f, const char *stream, char id[WAN_ID_SIZE])
{
	wan_cmd_t c;
	redisReply *r;
	wa_sv_t end = WA_SV("0-0");
	int ret = 0;

	wan_cmd_begin(&c, "XREVRANGE");
	wan_cmd_add(&c, wa_sv_from(stream));
	wan_cmd_add(&c, WA_SV("+"));
	wan_cmd_add(&c, WA_SV("-"));
	wan_cmd_add(&c, WA_SV("COUNT"));
	wan_cmd_add(&c, WA_SV("1"));
	r = wan_link_run(&f->link, &c);
	if(r == NULL)
		return WA_EIO;
	if(r->type == REDIS_REPLY_ERROR) {
		snprintf(f->link.why, sizeof(f->link.why), "%s: %s", stream, r->str);
		ret = WA_EIO;
	} else if(r->type == REDIS_REPLY_ARRAY && r->elements == 1
			  && r->element[0]->type == REDIS_REPLY_ARRAY
			  && r->element[0]->elements == 2) {
		end = wan_reply_sv(r->element[0]->element[0]);
	}
	if(ret == 0 && wa_sv_copy(id, WAN_ID_SIZE, end) < 0)
		ret = WA_EIO;
	freeReplyObject(r);
	return ret;
}

static int read_stream_end(follower_t *f)
{
	int ret = read_end(f, WAN_STREAM, f->last_id);

	if(ret == 0)
		wan_status_last_id(f->last_id);
	return ret;
}

/* Whether the entry we read last still stands in the stream: else it was
 * trimmed beyond our position, or Redis has lost it, and something may have
 * been missed. Returns 1 = a gap, 0 = none, or WA_EIO. */
static int has_gap(follower_t *f)
{
	wan_cmd_t c;
	redisReply *r;
	int ret;

	wan_cmd_begin(&c, "XRANGE");
	wan_cmd_add(&c, WA_SV(WAN_STREAM));
	wan_cmd_add(&c, wa_sv_from(f->last_id));
	wan_cmd_add(&c, wa_sv_from(f->last_id));
	r = wan_link_run(&f->link, &c);
	if(r == NULL)
		return WA_EIO;
	ret = r->type != REDIS_REPLY_ARRAY || r->elements == 0;
	freeReplyObject(r);
	return ret;
}

/* The position is taken before the records are read: what changes meanwhile
 * is seen again in the stream. */
static int start_load(follower_t *f)
{
	if(read_stream_end(f) < 0)
		return WA_EIO;
	wan_load_begin(&f->load);
	f->loading = true;
	f->load_start = wa_clock_ms();
	wan_status_loading(true);
	return 0;
}

static int check_gap(follower_t *f)
{
	int gap = f->loading ? 0 : has_gap(f);

	if(gap <= 0)
		return gap;
	LM_NOTICE("changes may have been missed after %s: loading all anew\n",
			f->last_id);
	return start_load(f);
}

static int send_xread(follower_t *f)
{
	wan_cmd_t c;
	char block[16], count[16];

	snprintf(block, sizeof(block), "%d", BLOCK_MS);
	snprintf(count, sizeof(count), "%d", BATCH);
	wan_cmd_begin(&c, "XREAD");
	wan_cmd_add(&c, WA_SV("COUNT"));
	wan_cmd_add(&c, wa_sv_from(count));
	wan_cmd_add(&c, WA_SV("BLOCK"));
	wan_cmd_add(&c, wa_sv_from(block));
	wan_cmd_add(&c, WA_SV("STREAMS"));
	wan_cmd_add(&c, WA_SV(WAN_STREAM));
	if(wan_nodes_wanted())
		wan_cmd_add(&c, WA_SV(WAN_NODES));
	wan_cmd_add(&c, wa_sv_from(f->last_id));
	if(wan_nodes_wanted())
		wan_cmd_add(&c, wa_sv_from(f->nodes_id));
	f->deadline = wa_clock_ms() + BLOCK_MS + wan_params.redis.timeout_ms;
	return wan_link_send_follow(&f->link, &c);
}

/* One entry: [id, [name, value, ...]]. False: nothing in it for us. */
static bool parse_entry(const redisReply *entry, wan_key_t *k)
{
	wa_pair_t pairs[8];
	wa_sv_t kind = {NULL, 0};
	size_t n;

	*k = (wan_key_t){WA_RECORD_NUMBER, {NULL, 0}};
	n = wan_reply_pairs(entry->element[1], pairs, 8);
	for(size_t i = 0; i < n; i++) {
		if(wa_sv_eq(pairs[i].name, WA_SV("kind")))
			kind = pairs[i].value;
		else if(wa_sv_eq(pairs[i].name, WA_SV("key")))
			k->key = pairs[i].value;
	}
	if(wa_sv_eq(kind, WA_SV("trunk")))
		k->kind = WA_RECORD_TRUNK;
	else if(wa_sv_eq(kind, WA_SV("wanted")))
		k->kind = WA_RECORD_WANTED;
	else if(!wa_sv_eq(kind, WA_SV("number")))
		return false;
	return wan_key_is_valid(k);
}

static void note_visible(const redisReply *entries)
{
	for(size_t i = 0; i < entries->elements && i < BATCH; i++)
		wan_status_visible(entries->element[i]->element[0]->str);
}

/* What an entry says is only that a record has changed; how, is read. */
static int handle_entries(follower_t *f, const redisReply *entries)
{
	wan_key_t keys[BATCH];
	size_t n = 0;

	/* Redis may have lost all it had, and have been written to since. What is
	 * loaded anew includes these entries; they are read once more, too. */
	if(strcmp(f->last_id, "0-0") != 0 && check_gap(f) < 0)
		return WA_EIO;
	for(size_t i = 0; i < entries->elements && n < BATCH; i++) {
		const redisReply *e = entries->element[i];

		if(e->type != REDIS_REPLY_ARRAY || e->elements != 2
				|| wa_sv_copy(f->last_id, sizeof(f->last_id),
						   wan_reply_sv(e->element[0]))
						   < 0) {
			snprintf(f->link.why, sizeof(f->link.why),
					"unexpected reply to XREAD");
			return WA_EIO;
		}
		if(parse_entry(e, &keys[n]))
			n++;
	}
	wan_status_last_id(f->last_id);
	if(wan_fetch(&f->link, keys, n) < 0)
		return WA_EIO;
	note_visible(entries);
	return 0;
}

/* Nothing for a while: is the stream still the one we know? */
static int check_silence(follower_t *f)
{
	if(strcmp(f->last_id, "0-0") == 0 || wa_clock_ms() < f->gap_at)
		return 0;
	f->gap_at = wa_clock_ms() + BLOCK_MS;
	return check_gap(f);
}

/* One stream: [name, entries]. Other streams than these two were not asked for. */
static int handle_stream(follower_t *f, const redisReply *stream)
{
	if(stream->type != REDIS_REPLY_ARRAY || stream->elements != 2
			|| stream->element[1]->type != REDIS_REPLY_ARRAY)
		return 0;
	if(wa_sv_eq(wan_reply_sv(stream->element[0]), WA_SV(WAN_NODES))) {
		if(wan_nodes_take(stream->element[1], f->nodes_id, sizeof(f->nodes_id)) == 0)
			return 0;
		snprintf(f->link.why, sizeof(f->link.why), "unexpected entry in " WAN_NODES);
		return WA_EIO;
	}
	f->gap_at = wa_clock_ms() + BLOCK_MS;
	return handle_entries(f, stream->element[1]);
}

static int handle_xread(follower_t *f, const redisReply *r)
{
	int ret = 0;

	if(r->type == REDIS_REPLY_ARRAY)
		for(size_t i = 0; ret == 0 && i < r->elements; i++)
			ret = handle_stream(f, r->element[i]);
	if(ret == 0)
		ret = check_silence(f);
	return ret < 0 ? ret : send_xread(f);
}

static int read_follow(follower_t *f)
{
	redisReply *r;
	int ret = wan_link_read_follow(&f->link, &r);

	if(ret == 0 && r != NULL)
		ret = handle_xread(f, r);
	if(r != NULL)
		freeReplyObject(r);
	return ret;
}

static void answer_reload(
		follower_t *f, enum wan_job_state state, const char *text)
{
	wan_result_set(f->reload_job, state, text);
	f->reload_job = 0;
}

/* Redis was flushed, or came back without its data: that must not take numbers
 * out of service that have calls. */
static void keep_what_we_have(follower_t *f, size_t had)
{
	char text[WAN_TEXT_SIZE];

	snprintf(text, sizeof(text),
			"Redis holds %zu numbers where there were %zu: not taken",
			f->load.numbers, had);
	answer_reload(f, WAN_JOB_FAILED,
			"Redis has lost numbers; force takes it as it is");
	wan_status_loading(false);
	wan_status_error(text);
	LM_ERR("%s, it looks like lost data; all serve on; wa_numbers.reload "
		   "force takes it as it is\n",
			text);
}

static void finish_load(follower_t *f)
{
	unsigned ms = (unsigned)(wa_clock_ms() - f->load_start);
	size_t had = wan_dir_numbers(), gone;

	f->loading = false;
	if(f->load.numbers < had - had / 2 && !f->force) {
		keep_what_we_have(f, had);
		return;
	}
	f->force = false;
	gone = wan_dir_sweep();
	wan_wanted_sweep();
	wan_dir_set_ready();
	wan_status_loaded(ms);
	answer_reload(f, WAN_JOB_DONE, NULL);
	LM_INFO("loaded %zu numbers and %zu trunks in %u ms, %zu are gone\n",
			f->load.numbers, f->load.trunks, ms, gone);
}

static int continue_load(follower_t *f)
{
	int ret = wan_load_step(&f->load, &f->link);

	if(ret > 0)
		finish_load(f);
	return ret < 0 ? ret : 0;
}

/* Redis takes no write for now: the job waits, what others change is followed. A
 * master that has become a replica is for the Sentinels to replace. */
static int postpone_job(follower_t *f)
{
	if(f->link.conf->n_sentinels > 0
			&& strstr(f->link.why, "READONLY") != NULL)
		return WA_EIO;
	if(f->job_failures == 0)
		LM_ERR("Redis at %s takes no change: %s; it is tried again, calls go "
			   "on\n",
				f->link.at, f->link.why);
	wan_status_error(f->link.why);
	f->job_failures++;
	f->job_at = wa_clock_ms()
				+ (int64_t)wa_backoff(f->job_failures, BACKOFF_MIN_MS,
						BACKOFF_MAX_MS, fastrand());
	return 0;
}

static int run_job(follower_t *f)
{
	int ret = 0;

	if(f->job.op == WAN_OP_RELOAD) {
		ret = start_load(f);
		if(ret == 0) {
			answer_reload(f, WAN_JOB_FAILED, "another reload was asked for");
			f->force = f->job.key.len > 0;
			f->reload_job = f->job.id;
		}
	} else if(f->job.op == WAN_OP_TELL) {
		ret = wan_nodes_job(&f->link, &f->job);
	} else if(wan_is_ledger_job(&f->job)) {
		ret = wan_ledger_job(&f->link, &f->job);
	} else if(!wan_tend_job(&f->job)) {
		ret = wan_write(&f->link, &f->job, &f->in_doubt);
	}
	if(ret == WA_EBUSY)
		return postpone_job(f);
	if(ret < 0)
		return ret; /* kept for the next connection */
	if(f->job_failures > 0)
		LM_NOTICE("Redis at %s takes changes again\n", f->link.at);
	f->has_job = false;
	f->job_failures = 0;
	f->job_at = 0;
	wan_job_done();
	return 0;
}

static bool take_job(follower_t *f)
{
	if(!f->has_job) {
		f->has_job = wan_job_take(&f->job);
		f->in_doubt = false;
	}
	return f->has_job;
}

/* Returns 1 = there may be more, 0 = none to be done now, or WA_EIO. */
static int run_jobs(follower_t *f)
{
	for(int i = 0; i < JOBS_AT_ONCE; i++) {
		if(!take_job(f) || wa_clock_ms() < f->job_at)
			return 0;
		if(run_job(f) < 0)
			return WA_EIO;
	}
	return 1;
}

static int connect_redis(follower_t *f)
{
	if(wan_link_open(&f->link) < 0)
		return WA_EIO;
	/* a load that was cut off begins again */
	if(f->loading || !wan_dir_ready() || strcmp(f->last_id, "0-0") == 0) {
		if(start_load(f) < 0)
			return WA_EIO;
	} else if(check_gap(f) < 0) {
		return WA_EIO;
	}
	/* what was told while we were away is told again */
	if(wan_nodes_wanted() && read_end(f, WAN_NODES, f->nodes_id) < 0)
		return WA_EIO;
	return send_xread(f);
}

/* Milliseconds to sleep when nothing happens. */
static int poll_ms(const follower_t *f, bool more)
{
	int64_t left = f->job_at - wa_clock_ms();

	if(more || f->loading)
		return 0;
	if(!f->has_job || left > f->tend_ms)
		return f->tend_ms;
	return left > 0 ? (int)left : 0;
}

/* Waits for Redis, a job, or the time. 0 or WA_EIO. */
static int wait_and_read(follower_t *f, bool more)
{
	/* while a job waits for its time, the others wait behind it */
	struct pollfd fds[] = {{f->link.follow.stream.fd, POLLIN, 0},
			{f->link.cmd.stream.fd, POLLIN, 0},
			{f->has_job ? -1 : wan_job_fd(), POLLIN, 0}};

	if(poll(fds, 3, poll_ms(f, more)) < 0 && errno != EINTR)
		LM_ERR("poll: %s\n", strerror(errno));
	if(fds[1].revents != 0 && wan_link_check_idle(&f->link) < 0)
		return WA_EIO;
	if(fds[0].revents != 0 && read_follow(f) < 0)
		return WA_EIO;
	if(wa_clock_ms() > f->deadline) {
		snprintf(f->link.why, sizeof(f->link.why), "no answer to XREAD");
		return WA_EIO;
	}
	return 0;
}

/* A master that was cut off from the others knows nothing of its successor. */
static int check_master(follower_t *f)
{
	if(wa_clock_ms() < f->ask_at)
		return 0;
	f->ask_at = wa_clock_ms() + SENTINEL_MS;
	return wan_link_has_moved(&f->link) ? WA_EIO : 0;
}

/* Serves one connection until it fails. */
static void serve(follower_t *f)
{
	int more = run_jobs(f); /* what came while Redis was away */

	while(more >= 0) {
		cfg_update();
		if(wait_and_read(f, more > 0) < 0 || check_master(f) < 0)
			return;
		more = run_jobs(f);
		if(more >= 0 && f->loading && continue_load(f) < 0)
			return;
		if(more >= 0 && wan_tend(&f->link, &f->tend_ms) < 0)
			return;
	}
}

/* Half of the delay is random, so that not all nodes come back at once. */
static void wait_backoff(follower_t *f)
{
	int64_t until, left;

	f->failures++;
	left = (int64_t)wa_backoff(
			f->failures, BACKOFF_MIN_MS, BACKOFF_MAX_MS, fastrand());
	until = wa_clock_ms() + left;
	for(; left > 0; left = until - wa_clock_ms()) {
		wan_tend(NULL, &f->tend_ms);
		poll(NULL, 0, left < f->tend_ms ? (int)left : f->tend_ms);
	}
}

/* One line for each new reason, not for each try. */
static void report_down(follower_t *f, bool was_up)
{
	static char told[WAN_WHY_SIZE];

	wan_status_connected(false);
	wan_status_error(f->link.why);
	if(!was_up && strcmp(told, f->link.why) == 0)
		return;
	memcpy(told, f->link.why, sizeof(told));
	LM_ERR("Redis at %s is away: %s; %s\n", f->link.at, f->link.why,
			wan_dir_ready() ? "the directory serves on as it is"
							: "there is no directory yet, no number is known");
}

/* All that the Redis near us has. Returns 0, or WA_EIO and `why`. */
static int read_near(follower_t *f)
{
	if(wan_link_open_near(&f->link) < 0 || start_load(f) < 0)
		return WA_EIO;
	if(strcmp(f->last_id, "0-0") == 0) {
		snprintf(f->link.why, sizeof(f->link.why), "it has nothing yet");
		return WA_EIO;
	}
	while(f->loading) {
		wan_tend_end();
		if(continue_load(f) < 0)
			return WA_EIO;
	}
	return 0;
}

/* A replica beside us knows what the master knew a moment ago: there are numbers
 * before the Sentinels have found a new master. What it lacks comes when that is
 * followed from where the replica was. */
static void begin_near(follower_t *f)
{
	if(!f->link.conf->has_near)
		return;
	if(read_near(f) == 0)
		LM_INFO("the numbers are those of the Redis near us at %s until the "
				"master is found\n",
				f->link.at);
	else
		LM_WARN("the Redis near us at %s does not help: %s\n", f->link.at,
				f->link.why);
	/* a load that was cut off begins again with the master */
	wan_status_loading(false);
	wan_link_close(&f->link);
}

void wan_follower_run(void)
{
	static follower_t f; /* the process has only this one */

	f = (follower_t){.last_id = "0-0"};
	wan_link_init(&f.link, &wan_params.redis);
	wan_tend_init();
	begin_near(&f);
	for(;;) {
		int64_t start = wa_clock_ms();
		bool up;

		cfg_update();
		up = connect_redis(&f) == 0;
		if(up) {
			LM_INFO("following Redis at %s\n", f.link.at);
			wan_status_connected(true);
			f.ask_at = start + SENTINEL_MS;
			serve(&f);
			if(wa_clock_ms() - start > STABLE_MS)
				f.failures = 0;
		}
		report_down(&f, up);
		wan_link_close(&f.link);
		wait_backoff(&f);
	}
}
