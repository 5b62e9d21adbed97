/* The guardian against an rtpengine and a relay made of paper, in virtual time.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wa_bencode.h"
#include "wa_err.h"
#include "wa_guard.h"
#include "wa_guard_plan.h"

#define CALLS 4
#define RELAY "udp:192.0.2.9:2226"
#define KEYLESS "full offer\r\na=ice-lite\r\n"
#define FULL KEYLESS "a=fingerprint:f\r\na=setup:actpass\r\n"

/* What rtpengine knows, and what it was told. */
static struct world
{
	wa_guard_t *g;
	wa_guard_stats_t st;
	int64_t now;
	bool deaf;		/* does not answer */
	bool unknown;	/* "Unknown call-id" */
	bool refuses;	/* any other error */
	bool warns;		/* delete: not found */
	bool untagged;	/* the PBX's party has no tag yet */
	bool keys, filled;
	int64_t sent;
	unsigned n_offer, n_answer, n_query, n_delete;
	unsigned n_start, n_close, n_asked; /* of the relay */
	bool relay_deaf;
	bool relay_strange; /* does not know the call */
	const wa_guard_job_t *plan; /* that it has kept */
	char last_offer[128], last_answer[128], last_from[32], url[64];
	char mail[8][2048]; /* replies on their way */
	unsigned mails;
	wa_guard_view_t views[CALLS];
	unsigned warnings;
} w;

static void get(const wa_ben_t *d, const char *key, char *out, size_t size)
{
	wa_ben_t v;

	out[0] = '\0';
	if(wa_ben_get(d, wa_sv_from(key), WA_BEN_STR, &v) == 0)
		assert_int_equal(wa_sv_copy(out, size, v.body), 0);
}

static void put_party(wa_buf_t *b, const char *tag, bool keys, bool filled,
		int64_t packets)
{
	wa_ben_put_str(b, wa_sv_from(tag));
	wa_buf_put(b, WA_SV("d6:mediasld7:streamsld"));
	if(keys)
		wa_ben_put_pair(b, WA_SV("crypto suite"), WA_SV("AES"));
	wa_buf_put(b, WA_SV("5:flagsl"));
	if(filled)
		wa_ben_put_str(b, WA_SV("filled"));
	wa_buf_put(b, WA_SV("e5:statsd7:packetsi"));
	wa_buf_num(b, packets);
	wa_buf_put(b, WA_SV("eeeeeee"));
}

/* What a relay says to `cmd`. */
static void run_relay(const char *cmd, wa_buf_t *b)
{
	char mem[1024];
	wa_buf_t plan = wa_buf_on(mem, sizeof(mem));

	w.n_start += strcmp(cmd, "start") == 0;
	w.n_close += strcmp(cmd, "close") == 0;
	w.n_asked += strcmp(cmd, "query") == 0;
	if(w.plan == NULL || w.relay_strange)
		return;
	assert_int_equal(wa_guard_plan_write(w.plan, &plan), 0);
	wa_ben_put_pair(b, WA_SV("plan"), wa_buf_sv(&plan));
}

static void run_command(const char *cmd, const wa_ben_t *d, wa_buf_t *b)
{
	if(strcmp(cmd, "query") == 0) {
		w.n_query++;
		wa_buf_put(b, WA_SV("4:tagsd"));
		put_party(b, "mt", w.keys, w.filled, 0);
		put_party(b, w.untagged ? "<untagged 1>" : "pt", false, true, w.sent);
		wa_buf_put(b, WA_SV("e"));
	} else if(strcmp(cmd, "offer") == 0) {
		w.n_offer++;
		get(d, "sdp", w.last_offer, sizeof(w.last_offer));
		get(d, "from-tag", w.last_from, sizeof(w.last_from));
	} else if(strcmp(cmd, "answer") == 0) {
		w.n_answer++;
		get(d, "sdp", w.last_answer, sizeof(w.last_answer));
		get(d, "from-tag", w.last_from, sizeof(w.last_from));
	} else if(strcmp(cmd, "delete") == 0) {
		w.n_delete++;
		if(w.warns)
			wa_ben_put_pair(b, WA_SV("warning"), WA_SV("not found"));
	}
}

/* Answers at once; the reply is delivered when the world goes on. */
static int do_send(void *arg, wa_sv_t url, wa_sv_t msg)
{
	wa_sv_t rest = msg, cookie = wa_sv_cut(&rest, ' ');
	wa_buf_t b = wa_buf_on(w.mail[w.mails], sizeof(w.mail[0]) - 1);
	bool relay = wa_sv_eq(url, WA_SV(RELAY)), strange = relay && w.relay_strange;
	char cmd[16];
	wa_ben_t d;

	assert_ptr_equal(arg, &w);
	assert_int_equal(wa_ben_open(rest, &d), 0);
	get(&d, "command", cmd, sizeof(cmd));
	if(strcmp(cmd, "start") == 0 || strcmp(cmd, "close") == 0)
		assert_true(relay);
	if(relay) {
		if(w.relay_deaf)
			return 0;
	} else {
		assert_int_equal(wa_sv_copy(w.url, sizeof(w.url), url), 0);
		if(w.deaf)
			return 0;
	}
	wa_buf_put(&b, cookie);
	wa_buf_put(&b, WA_SV(" d"));
	if(relay)
		run_relay(cmd, &b);
	else if(w.unknown)
		wa_buf_put(&b, WA_SV("12:error-reason15:Unknown call-id"));
	else if(w.refuses)
		wa_buf_put(&b, WA_SV("12:error-reason4:No!!"));
	else
		run_command(cmd, &d, &b);
	wa_ben_put_pair(&b, WA_SV("result"),
			strange || (!relay && (w.unknown || w.refuses)) ? WA_SV("error") : WA_SV("ok"));
	wa_buf_put(&b, WA_SV("e"));
	assert_int_equal(wa_buf_check(&b), 0);
	w.mail[w.mails++][b.len] = '\0';
	return 0;
}

static void do_show(void *arg, unsigned slot, const wa_guard_view_t *v)
{
	(void)arg;
	assert_true(slot < CALLS);
	w.views[slot] = *v;
}

static void do_warn(void *arg, wa_sv_t callid, const char *what, wa_sv_t detail)
{
	(void)arg;
	(void)callid;
	(void)what;
	(void)detail;
	w.warnings++;
}

static int setup(void **state)
{
	wa_guard_cfg_t cfg = {.max_calls = CALLS, .poll_ms = 10, .slow_ms = 1000,
			.ack_ms = 2000, .ack_sdes_ms = 100, .ice_ms = 600, .ng_ms = 300};
	wa_guard_io_t io = {.send = do_send, .show = do_show, .warn = do_warn, .arg = &w};

	(void)state;
	memset(&w, 0, sizeof(w));
	w.now = 1000000;
	w.g = wa_guard_new(&cfg, &io, &w.st, 0xabcdef01);
	return w.g == NULL;
}

static int teardown(void **state)
{
	(void)state;
	wa_guard_free(w.g);
	return 0;
}

static void deliver(void)
{
	while(w.mails > 0) {
		char one[2048];

		memcpy(one, w.mail[0], sizeof(one));
		memmove(w.mail[0], w.mail[1], sizeof(w.mail) - sizeof(w.mail[0]));
		w.mails--;
		wa_guard_reply(w.g, wa_sv_from(one), w.now);
	}
}

/* Lets time pass, a millisecond at a time; `talk` = a PBX packet every 20 ms. */
static void pass(int64_t ms, bool talk)
{
	for(int64_t end = w.now + ms; w.now < end; w.now++) {
		if(talk && w.now % 20 == 0)
			w.sent++;
		wa_guard_run(w.g, w.now);
		deliver();
	}
}

static wa_guard_job_t job_of(enum wa_guard_kind kind, const char *callid)
{
	return (wa_guard_job_t){.kind = kind, .at = w.now,
			.url = WA_SV("udp:192.0.2.1:2223"), .relay = WA_SV(RELAY), .callid = wa_sv_from(callid),
			.meta_tag = WA_SV("mt"), .pbx_tag = WA_SV("pt"),
			.offer = WA_SV(FULL), .offer_flags = WA_SV("RTP/AVP"),
			.answer = WA_SV("answer\r\n"), .answer_flags = WA_SV("x")};
}

static int push(enum wa_guard_kind kind, bool hold, bool sdes)
{
	wa_guard_job_t j = job_of(kind, "outgoing:wacid.a=");

	j.hold = hold;
	j.sdes = sdes;
	if(sdes)
		j.offer = j.answer = WA_SV("");
	return wa_guard_job(w.g, &j, w.now);
}

/* --- the first packet --------------------------------------------------- */

static void the_first_packet_is_the_first_one_after_the_keys(void **state)
{
	(void)state;
	push(WA_GUARD_WATCH, false, true);
	pass(200, true);
	w.keys = true;
	pass(50, true);
	assert_int_equal(w.st.first_count, 0); /* keys alone do not do */
	w.filled = true;
	pass(35, true);
	assert_string_equal(w.url, "udp:192.0.2.1:2223");
	assert_true(w.views[0].first_ms >= 250 && w.views[0].first_ms <= 290);
	assert_int_equal(w.st.first_count, 1);
	assert_int_equal(w.st.first[5], 1);
	assert_int_equal(w.views[0].state, WA_GUARD_RUN);
}

static void keys_without_a_packet_are_no_first_packet(void **state)
{
	(void)state;
	w.keys = w.filled = true;
	push(WA_GUARD_WATCH, false, true);
	pass(500, false);
	assert_int_equal(w.st.first_count, 0);
	assert_int_equal(w.views[0].state, WA_GUARD_FIRST);
	pass(30, true);
	assert_int_equal(w.st.first_count, 1);
}

/* By its report rtpengine stores the keys. */
static void with_keys_the_relay_is_told_once_more(void **state)
{
	(void)state;
	push(WA_GUARD_WATCH, false, true);
	pass(250, false);
	assert_int_equal(w.n_start, 1);
	w.keys = w.filled = true;
	pass(20, true);
	assert_int_equal(w.n_start, 2);
	pass(2000, true);
	assert_int_equal(w.n_start, 2);
}

static void a_relay_that_did_not_hear_the_start_is_told_again(void **state)
{
	(void)state;
	w.keys = w.filled = true;
	push(WA_GUARD_WATCH, false, true);
	pass(250, false);
	assert_int_equal(w.n_start, 2);
	pass(100, false);
	assert_int_equal(w.n_start, 3);
	pass(30, true);
	assert_int_equal(w.views[0].state, WA_GUARD_RUN);
	pass(2000, true);
	assert_int_equal(w.n_start, 3);
}

static void a_call_without_its_tag_is_looked_at_again(void **state)
{
	(void)state;
	w.keys = w.filled = w.untagged = true;
	push(WA_GUARD_WATCH, false, true);
	pass(500, true);
	assert_int_equal(w.st.first_count, 0);
	w.untagged = false;
	pass(40, true);
	assert_int_equal(w.st.first_count, 1);
}

/* --- later --------------------------------------------------------------- */

static void a_running_call_is_asked_after_rarely(void **state)
{
	unsigned before;

	(void)state;
	w.keys = w.filled = true;
	push(WA_GUARD_WATCH, false, false);
	pass(1000, true);
	before = w.n_query;
	pass(10000, true);
	assert_true(w.n_query - before <= 11);
}

static void a_call_without_keys_is_asked_after_less_and_less(void **state)
{
	unsigned before;

	(void)state;
	push(WA_GUARD_WATCH, false, true);
	pass(1000, false);
	assert_true(w.n_query >= 95);
	pass(10000, false);
	before = w.n_query;
	pass(10000, false);
	assert_true(w.n_query - before <= 51);
}

/* --- Meta rang us ---------------------------------------------------------- */

static void ice_waits_for_the_ack_and_dtls_for_ice(void **state)
{
	(void)state;
	push(WA_GUARD_WATCH, true, false);
	pass(40, false);
	assert_int_equal(w.n_query + w.n_offer + w.n_answer, 0);
	push(WA_GUARD_START, true, false);
	pass(5, false);
	assert_int_equal(w.n_offer, 1);
	assert_int_equal(w.n_answer, 1);
	assert_string_equal(w.last_offer, KEYLESS);
	assert_string_equal(w.last_answer, "answer\r\n");
	assert_string_equal(w.last_from, "mt");
	assert_int_equal(w.views[0].state, WA_GUARD_ICE);
	push(WA_GUARD_START, true, false); /* a repeated ACK */
	pass(220, false); /* 150 ms, and 40 ms twice */
	assert_int_equal(w.n_offer, 1);
	assert_int_equal(w.n_start, 0);
	pass(15, false);
	assert_int_equal(w.n_offer, 2);
	assert_int_equal(w.n_answer, 2);
	assert_string_equal(w.last_offer, FULL);
	assert_int_equal(w.n_start, 1);
	assert_int_equal(w.views[0].state, WA_GUARD_KEYS);
	w.keys = w.filled = true;
	pass(700, true);
	assert_int_equal(w.n_offer, 2);
	assert_int_equal(w.views[0].state, WA_GUARD_RUN);
}

static void without_an_ack_it_begins_all_the_same(void **state)
{
	(void)state;
	push(WA_GUARD_WATCH, true, false);
	pass(1990, false);
	assert_int_equal(w.n_offer, 0);
	pass(20, false);
	assert_int_equal(w.n_offer, 1);
	assert_int_equal(w.n_answer, 1);
	assert_int_equal(w.st.held_timeout, 1);
	pass(350, false); /* 100 ms to Meta and back are assumed */
	assert_int_equal(w.n_offer, 2);
	assert_int_equal(w.n_start, 1);
}

static void a_meta_far_away_is_not_waited_for_without_end(void **state)
{
	(void)state;
	push(WA_GUARD_WATCH, true, false);
	pass(1000, false);
	push(WA_GUARD_START, true, false);
	pass(595, false);
	assert_int_equal(w.n_offer, 1);
	pass(15, false);
	assert_int_equal(w.n_offer, 2);
}

static void of_a_call_of_the_business_the_answer_comes_again_with_keys(void **state)
{
	wa_guard_job_t j = job_of(WA_GUARD_WATCH, "a");

	(void)state;
	j.rtt = 20;
	j.answer = WA_SV(FULL);
	assert_int_equal(wa_guard_job(w.g, &j, w.now), 0);
	pass(185, false);
	assert_int_equal(w.n_offer + w.n_answer + w.n_start, 0);
	pass(15, false);
	assert_int_equal(w.n_offer, 0);
	assert_int_equal(w.n_answer, 1);
	assert_string_equal(w.last_answer, FULL);
	assert_string_equal(w.last_from, "pt");
	assert_int_equal(w.n_start, 1);
	assert_int_equal(w.views[0].state, WA_GUARD_KEYS);
}

static void a_meta_that_begins_dtls_itself_is_not_kept_waiting(void **state)
{
	wa_guard_job_t j = job_of(WA_GUARD_WATCH, "a");

	(void)state;
	j.answer = WA_SV(KEYLESS "a=fingerprint:f\r\na=setup:active\r\n");
	assert_int_equal(wa_guard_job(w.g, &j, w.now), 0);
	pass(10, false);
	assert_int_equal(w.n_offer + w.n_answer, 0);
	assert_int_equal(w.n_start, 1);
	assert_int_equal(w.views[0].state, WA_GUARD_KEYS);
}

static void its_end_may_come_while_dtls_waits(void **state)
{
	(void)state;
	push(WA_GUARD_WATCH, true, false);
	push(WA_GUARD_START, true, false);
	pass(5, false);
	assert_int_equal(w.views[0].state, WA_GUARD_ICE);
	push(WA_GUARD_DELETE, true, false);
	pass(2000, false);
	assert_int_equal(w.n_offer, 1);
	assert_int_equal(w.n_delete, 1);
	assert_int_equal(w.n_close, 1);
	assert_int_equal(w.st.active, 0);
}

static void sdes_needs_nothing_but_the_relay(void **state)
{
	(void)state;
	push(WA_GUARD_WATCH, true, true);
	pass(90, false);
	assert_int_equal(w.n_start, 0);
	pass(20, false);
	assert_int_equal(w.n_offer + w.n_answer, 0);
	assert_int_equal(w.n_start, 1);
}

static void a_refused_offer_is_followed_by_the_answer(void **state)
{
	(void)state;
	push(WA_GUARD_WATCH, true, false);
	w.refuses = true;
	push(WA_GUARD_START, true, false);
	pass(1, false);
	w.refuses = false;
	pass(5, false);
	assert_true(w.n_answer <= 1);
	assert_true(w.warnings > 0);
	w.keys = w.filled = true;
	pass(700, true);
	assert_int_equal(w.st.first_count, 1);
}

/* --- trouble --------------------------------------------------------------- */

static void a_call_that_is_gone_is_forgotten(void **state)
{
	(void)state;
	push(WA_GUARD_WATCH, false, true);
	pass(50, false);
	w.unknown = true;
	pass(50, false);
	assert_int_equal(w.st.gone, 1);
	assert_int_equal(w.st.active, 0);
	assert_false(w.views[0].used);
	assert_int_equal(wa_guard_due(w.g), -1);
}

static void a_deaf_rtpengine_is_asked_again_and_later_rarely(void **state)
{
	(void)state;
	w.deaf = true;
	push(WA_GUARD_WATCH, false, false);
	pass(3000, false);
	assert_true(w.st.timeouts >= 4 && w.st.timeouts <= 10);
	w.deaf = false;
	w.keys = w.filled = true;
	pass(2000, true);
	assert_int_equal(w.st.first_count, 1);
}

static void a_late_or_foreign_reply_changes_nothing(void **state)
{
	static const char *const bad[] = {"", "x", "abcdef0100000000000001 d",
			"abcdef0100000000000001 d6:result2:oke",
			"abcdef01ffffff00000001 d6:result2:oke",
			"abcdef0100000100000001 d6:result2:oke",
			"00000000000000000001 d6:result2:oke",
			"ABCDEF0100000000000001 d6:result2:oke"};

	(void)state;
	push(WA_GUARD_WATCH, true, false);
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		wa_guard_reply(w.g, wa_sv_from(bad[i]), w.now);
	assert_int_equal(w.views[0].state, WA_GUARD_HOLD);
	assert_int_equal(w.st.active, 1);
}

static void a_malformed_reply_counts_as_a_refusal(void **state)
{
	(void)state;
	w.deaf = true;
	push(WA_GUARD_WATCH, false, true);
	pass(6, false);
	wa_guard_reply(w.g, WA_SV("abcdef0100000000000002 d6:res"), w.now);
	assert_int_equal(w.st.errors, 1);
	w.deaf = false;
	w.keys = w.filled = true;
	pass(1100, true);
	assert_int_equal(w.st.first_count, 1);
}

static void the_end_is_told_to_the_relay(void **state)
{
	(void)state;
	w.keys = w.filled = true;
	push(WA_GUARD_WATCH, false, false);
	pass(100, true);
	assert_int_equal(push(WA_GUARD_END, false, false), 0);
	pass(1, false);
	assert_int_equal(w.n_close, 1);
	assert_int_equal(w.n_delete, 0);
	assert_int_equal(wa_guard_due(w.g), -1);
	/* an ACK that comes again: the relay does not know the call either */
	w.relay_strange = true;
	assert_int_equal(push(WA_GUARD_START, false, false), 0);
	pass(1, false);
	assert_int_equal(w.n_asked, 1);
	assert_int_equal(wa_guard_due(w.g), -1);
}

/* --- after a restart ---------------------------------------------------------- */

static wa_guard_job_t held(void)
{
	wa_guard_job_t j = job_of(WA_GUARD_WATCH, "outgoing:wacid.a=");

	j.hold = true;
	return j;
}

/* All that an ACK says is which call it is. */
static void an_ack_after_a_restart_begins_what_the_relay_has_kept(void **state)
{
	wa_guard_job_t plan = held(), ack = {.kind = WA_GUARD_START, .at = w.now,
			.relay = WA_SV(RELAY), .callid = WA_SV("outgoing:wacid.a=")};

	(void)state;
	w.plan = &plan;
	assert_int_equal(wa_guard_job(w.g, &ack, w.now), 0);
	pass(10, false);
	assert_int_equal(w.n_asked, 1);
	assert_string_equal(w.last_offer, KEYLESS);
	assert_string_equal(w.last_answer, "answer\r\n");
	assert_string_equal(w.last_from, "mt");
	assert_string_equal(w.url, "udp:192.0.2.1:2223");
	pass(400, false);
	assert_string_equal(w.last_offer, FULL);
	assert_int_equal(w.n_start, 1);
	w.keys = w.filled = true;
	pass(100, true);
	assert_int_equal(w.st.first_count, 1);
}

static wa_guard_job_t adopted(void)
{
	wa_guard_job_t j = held();

	j.ask = true;
	j.hold = false;
	j.offer = j.answer = WA_SV("");
	return j;
}

static void a_call_that_is_taken_over_before_its_ack_waits_for_it(void **state)
{
	wa_guard_job_t plan = held(), j = adopted();

	(void)state;
	w.plan = &plan;
	assert_int_equal(wa_guard_job(w.g, &j, w.now), 0);
	pass(500, false);
	assert_int_equal(w.views[0].state, WA_GUARD_HOLD);
	assert_int_equal(w.n_offer, 0);
	push(WA_GUARD_START, true, false);
	pass(1000, false);
	assert_int_equal(w.n_offer, 2);
	assert_int_equal(w.n_answer, 2);
}

static void a_call_that_is_taken_over_without_keys_gets_its_answer_again(void **state)
{
	wa_guard_job_t plan = held(), j = adopted();

	(void)state;
	plan.hold = false;
	plan.answer = WA_SV(FULL);
	w.plan = &plan;
	assert_int_equal(wa_guard_job(w.g, &j, w.now), 0);
	pass(50, false);
	assert_int_equal(w.n_offer, 0);
	assert_int_equal(w.n_answer, 1);
	assert_string_equal(w.last_answer, FULL);
	w.keys = w.filled = true;
	pass(100, true);
	assert_int_equal(w.views[0].state, WA_GUARD_RUN);
	assert_int_equal(w.n_answer, 1);
}

static void a_call_that_has_keys_is_not_begun_again(void **state)
{
	wa_guard_job_t plan = held(), j = adopted();

	(void)state;
	w.plan = &plan;
	w.keys = true;
	assert_int_equal(wa_guard_job(w.g, &j, w.now), 0);
	pass(20, false);
	w.keys = false; /* whatever comes later */
	push(WA_GUARD_START, true, false);
	pass(3000, false);
	assert_int_equal(w.n_offer + w.n_answer, 0);
}

static void a_call_of_which_the_relay_knows_nothing_is_taken_over_all_the_same(void **state)
{
	wa_guard_job_t j = adopted();

	(void)state;
	w.relay_strange = w.keys = w.filled = true;
	assert_int_equal(wa_guard_job(w.g, &j, w.now), 0);
	pass(100, true);
	assert_int_equal(w.st.first_count, 1);
	assert_int_equal(push(WA_GUARD_END, false, false), 0);
	pass(1, false);
	assert_int_equal(w.st.active, 0);
}

static void an_ack_that_no_relay_answers_is_forgotten(void **state)
{
	wa_guard_job_t ack = job_of(WA_GUARD_START, "c");

	(void)state;
	w.relay_deaf = true;
	ack.url = ack.meta_tag = WA_SV("");
	assert_int_equal(wa_guard_job(w.g, &ack, w.now), 0);
	pass(2000, false);
	assert_int_equal(w.n_offer, 0);
	assert_int_equal(wa_guard_due(w.g), -1);
}

/* Whoever ends it names rtpengine. */
static void the_end_overtakes_the_question(void **state)
{
	wa_guard_job_t ack = job_of(WA_GUARD_START, "outgoing:wacid.a=");

	(void)state;
	w.relay_deaf = true;
	ack.url = ack.meta_tag = WA_SV("");
	assert_int_equal(wa_guard_job(w.g, &ack, w.now), 0);
	pass(10, false);
	w.relay_deaf = false;
	assert_int_equal(push(WA_GUARD_DELETE, false, false), 0);
	pass(10, false);
	assert_int_equal(w.n_delete, 1);
	assert_int_equal(w.n_close, 1);
	assert_int_equal(w.st.active, 0);
}

/* --- several relays ------------------------------------------------------------ */

#define TWO RELAY " udp:192.0.2.10:2226"

static char asked[64]; /* what the relays were asked last */

static int send_to_two(void *arg, wa_sv_t url, wa_sv_t msg)
{
	(void)arg;
	if(wa_sv_eq(url, WA_SV(TWO)))
		assert_int_equal(wa_sv_copy(asked, sizeof(asked), wa_sv_cut(&msg, ' ')), 0);
	return 0;
}

static void answer_as(const char *result)
{
	char mem[128];

	assert_true(snprintf(mem, sizeof(mem), "%s d6:result%zu:%se", asked, strlen(result), result) > 0);
	wa_guard_reply(w.g, wa_sv_from(mem), w.now);
}

/* The relay that knows the call is away for a while. */
static void one_that_does_not_know_the_call_closes_nothing(void **state)
{
	wa_guard_cfg_t cfg = {.max_calls = CALLS, .poll_ms = 10, .slow_ms = 1000,
			.ack_ms = 2000, .ack_sdes_ms = 100, .ng_ms = 300};
	wa_guard_io_t io = {.send = send_to_two, .arg = &w};
	wa_guard_job_t j = job_of(WA_GUARD_END, "c");

	(void)state;
	wa_guard_free(w.g);
	w.g = wa_guard_new(&cfg, &io, &w.st, 0xabcdef01);
	j.relay = WA_SV(TWO);
	assert_int_equal(wa_guard_job(w.g, &j, w.now), 0);
	answer_as("error");
	assert_int_equal(w.st.closed, 0);
	/* asked again, the same one says it again */
	w.now += 301;
	wa_guard_run(w.g, w.now);
	answer_as("error");
	assert_int_equal(w.st.closed, 0);
	answer_as("ok");
	assert_int_equal(w.st.closed, 1);
	assert_int_equal(wa_guard_due(w.g), -1);
	/* neither has it */
	assert_int_equal(wa_guard_job(w.g, &j, w.now), 0);
	answer_as("error");
	answer_as("error");
	assert_int_equal(w.st.closed, 2);
}

static void a_plan_is_read_as_it_was_written(void **state)
{
	static const char *const bad[] = {"", "x", "de", "d2:ati5ee", "d2:ati5e4:holdi1e4:sdesi0ee"};
	wa_guard_job_t j = held(), r;
	char mem[1024];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));

	(void)state;
	j.sdes = true;
	assert_int_equal(wa_guard_plan_write(&j, &b), 0);
	assert_int_equal(wa_guard_plan_read(wa_buf_sv(&b), &r), 0);
	assert_true(r.hold && r.sdes && r.at == j.at && r.callid.len == 0);
	assert_true(wa_sv_eq(r.url, j.url) && wa_sv_eq(r.meta_tag, j.meta_tag) && wa_sv_eq(r.pbx_tag, j.pbx_tag));
	assert_true(wa_sv_eq(r.offer, j.offer) && wa_sv_eq(r.offer_flags, j.offer_flags));
	assert_true(wa_sv_eq(r.answer, j.answer) && wa_sv_eq(r.answer_flags, j.answer_flags));
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(wa_guard_plan_read(wa_sv_from(bad[i]), &r), WA_EPARSE);
	j.pbx_tag = WA_SV(""); /* nothing can be repeated without */
	b = wa_buf_on(mem, sizeof(mem));
	assert_int_equal(wa_guard_plan_write(&j, &b), 0);
	assert_int_equal(wa_guard_plan_read(wa_buf_sv(&b), &r), WA_EPARSE);
	b = wa_buf_on(mem, 20);
	assert_int_equal(wa_guard_plan_write(&j, &b), WA_ETOOLONG);
}

/* Kamailio was restarted: the guardian has never heard of the call. */
static void the_end_of_an_unknown_call_is_told_too(void **state)
{
	wa_guard_job_t j = job_of(WA_GUARD_END, "other");

	(void)state;
	assert_int_equal(push(WA_GUARD_END, false, false), 0);
	pass(1, false);
	assert_int_equal(w.n_close, 1);
	j.relay = WA_SV("");
	assert_int_equal(wa_guard_job(w.g, &j, w.now), WA_ENOENT);
}

static void a_relay_that_is_away_hears_of_the_end_later(void **state)
{
	(void)state;
	w.relay_deaf = true;
	push(WA_GUARD_WATCH, false, true);
	push(WA_GUARD_END, false, true);
	pass(5000, false);
	assert_int_equal(w.st.active, 1);
	assert_int_equal(push(WA_GUARD_END, false, true), 0);
	w.relay_deaf = false;
	pass(400, false);
	assert_int_equal(w.n_close, 1);
	assert_int_equal(w.st.closed, 1);
	assert_int_equal(w.st.active, 0);
}

/* The worker has said that the call is over, and then that rtpengine was away. */
static void a_delete_after_the_end_is_done(void **state)
{
	(void)state;
	w.relay_deaf = true;
	push(WA_GUARD_WATCH, false, false);
	push(WA_GUARD_END, false, false);
	push(WA_GUARD_DELETE, false, false);
	w.relay_deaf = false;
	pass(10, false);
	assert_int_equal(w.n_delete, 1);
	assert_int_equal(w.n_close, 1);
	assert_int_equal(w.st.active, 0);
}

/* BYE right after ACK: a worker's delete may reach rtpengine before our offer,
 * which then makes a new session. */
static void an_offer_that_the_end_overtakes_is_deleted(void **state)
{
	(void)state;
	w.deaf = true; /* no reply to the offer yet */
	push(WA_GUARD_WATCH, true, false);
	push(WA_GUARD_START, true, false);
	assert_int_equal(push(WA_GUARD_END, false, false), 0);
	w.deaf = false;
	pass(2000, false);
	assert_int_equal(w.n_delete, 1);
	assert_int_equal(w.st.active, 0);
	assert_int_equal(wa_guard_due(w.g), -1);
}

static void a_session_is_deleted_when_rtpengine_is_back(void **state)
{
	(void)state;
	w.deaf = true;
	push(WA_GUARD_DELETE, false, false);
	pass(5000, false);
	assert_int_equal(w.st.active, 1);
	assert_int_equal(push(WA_GUARD_END, false, false), 0);
	w.deaf = false;
	pass(400, false);
	assert_int_equal(w.n_delete, 1);
	assert_int_equal(w.st.deleted, 1);
	assert_int_equal(w.st.active, 0);
}

static void what_is_not_found_is_deleted_again(void **state)
{
	(void)state;
	w.warns = true;
	push(WA_GUARD_DELETE, false, false);
	pass(1500, false);
	assert_int_equal(w.n_delete, 2);
	w.warns = false;
	pass(1000, false);
	assert_int_equal(w.n_delete, 3);
	assert_int_equal(w.st.active, 0);
}

static void the_table_is_bounded(void **state)
{
	char id[] = "call-0";

	(void)state;
	for(int i = 0; i < CALLS; i++) {
		wa_guard_job_t j;

		id[5] = (char)('0' + i);
		j = job_of(WA_GUARD_WATCH, id);
		assert_int_equal(wa_guard_job(w.g, &j, w.now), 0);
		assert_int_equal(wa_guard_job(w.g, &j, w.now), 0); /* repeated */
	}
	assert_int_equal(push(WA_GUARD_WATCH, false, false), WA_EBUSY);
	assert_int_equal(push(WA_GUARD_DELETE, false, false), WA_EBUSY);
	assert_int_equal(w.st.refused, 2);
	assert_int_equal(w.st.active, CALLS);
	for(int i = 0; i < CALLS; i++) {
		wa_guard_job_t j;

		id[5] = (char)('0' + (i * 3) % CALLS);
		j = job_of(WA_GUARD_END, id);
		assert_int_equal(wa_guard_job(w.g, &j, w.now), 0);
		deliver();
	}
	assert_int_equal(push(WA_GUARD_WATCH, false, false), 0);
	assert_int_equal(w.st.active, 1);
}

/* Many calls come, talk, fall silent and go; the order of times has to hold. */
static void calls_come_and_go(void **state)
{
	unsigned seed = 7;

	(void)state;
	w.keys = w.filled = true;
	for(int i = 0; i < 3000; i++) {
		char id[16];
		wa_guard_job_t j;

		seed = seed * 1103515245u + 12345u;
		assert_true(snprintf(id, sizeof(id), "c%u", seed >> 16 & 7) > 0);
		j = job_of((enum wa_guard_kind)(seed >> 20 & 3), id);
		j.hold = seed >> 23 & 1;
		(void)wa_guard_job(w.g, &j, w.now);
		pass(seed >> 24 & 31, seed >> 25 & 1);
		assert_true(w.st.active <= CALLS);
		assert_true(wa_guard_due(w.g) == -1 || wa_guard_due(w.g) >= w.now);
	}
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(wa_guard_state_name(WA_GUARD_HOLD), "hold");
	assert_string_equal(wa_guard_state_name(WA_GUARD_GONE), "gone");
	assert_string_equal(wa_guard_state_name((enum wa_guard_state)99), "?");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
			T(the_first_packet_is_the_first_one_after_the_keys),
			T(keys_without_a_packet_are_no_first_packet),
			T(with_keys_the_relay_is_told_once_more),
			T(a_relay_that_did_not_hear_the_start_is_told_again),
			T(a_call_without_its_tag_is_looked_at_again),
			T(a_running_call_is_asked_after_rarely),
			T(a_call_without_keys_is_asked_after_less_and_less),
			T(ice_waits_for_the_ack_and_dtls_for_ice),
			T(without_an_ack_it_begins_all_the_same),
			T(a_meta_far_away_is_not_waited_for_without_end),
			T(of_a_call_of_the_business_the_answer_comes_again_with_keys),
			T(a_meta_that_begins_dtls_itself_is_not_kept_waiting),
			T(its_end_may_come_while_dtls_waits),
			T(sdes_needs_nothing_but_the_relay),
			T(a_refused_offer_is_followed_by_the_answer),
			T(a_call_that_is_gone_is_forgotten),
			T(a_deaf_rtpengine_is_asked_again_and_later_rarely),
			T(a_late_or_foreign_reply_changes_nothing),
			T(a_malformed_reply_counts_as_a_refusal),
			T(the_end_is_told_to_the_relay),
			T(an_ack_after_a_restart_begins_what_the_relay_has_kept),
			T(a_call_that_is_taken_over_before_its_ack_waits_for_it),
			T(a_call_that_is_taken_over_without_keys_gets_its_answer_again),
			T(a_call_that_has_keys_is_not_begun_again),
			T(a_call_of_which_the_relay_knows_nothing_is_taken_over_all_the_same),
			T(an_ack_that_no_relay_answers_is_forgotten),
			T(the_end_overtakes_the_question),
			T(one_that_does_not_know_the_call_closes_nothing),
			T(a_plan_is_read_as_it_was_written),
			T(the_end_of_an_unknown_call_is_told_too),
			T(a_relay_that_is_away_hears_of_the_end_later),
			T(a_delete_after_the_end_is_done),
			 T(an_offer_that_the_end_overtakes_is_deleted),
			T(a_session_is_deleted_when_rtpengine_is_back),
			T(what_is_not_found_is_deleted_again),
			T(the_table_is_bounded),
			T(calls_come_and_go),
			T(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
