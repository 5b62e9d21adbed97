/* Threads that make Opus: nothing is lost, nothing overtakes.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>

#include "../../modules/wa_media/relay/crew.c"

#define CALLS 12
#define PACKETS 200
#define FRAME 160

static unsigned came, by_slot[CALLS];
static uint32_t serials[CALLS];

static void take(const struct crew_packet *p, void *arg)
{
	(void)arg;
	assert_in_range(p->slot, 0, CALLS - 1);
	assert_int_equal(p->rtp.seq, by_slot[p->slot]);
	assert_int_equal(p->rtp.ts, by_slot[p->slot] * 960);
	assert_int_equal(p->to, p->event ? 101 : 111);
	assert_int_equal(p->event, p->rtp.seq % 10 == 9);
	if(p->event)
		assert_memory_equal(p->payload, "\5\12\0\240", 4);
	else
		assert_in_range(p->rtp.len, 4, 250);
	serials[p->slot] = p->serial;
	by_slot[p->slot]++;
	came++;
}

static void wait_for(struct crew *c, int fd, unsigned n)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	while(came < n) {
		assert_int_equal(poll(&ready, 1, 20000), 1);
		assert_int_equal(crew_take(c, take, NULL), 0);
	}
}

static bool give(struct crew *c, uint32_t slot, uint16_t seq, uint32_t serial)
{
	static uint8_t pcma[FRAME];
	bool event = seq % 10 == 9;
	struct crew_packet p = {.slot = slot, .serial = serial, .to = event ? 101 : 111, .event = event,
			.from = event ? WA_CODEC_OPUS : WA_CODEC_PCMA, .payload = event ? (const uint8_t *)"\5\12\0\240" : pcma,
			.rtp = {.seq = seq, .ts = seq * 960u, .ssrc = slot, .len = event ? 4 : FRAME}};

	for(unsigned i = 0; i < FRAME; i++)
		pcma[i] = (uint8_t)(i * slot + seq);
	return crew_give(c, &p);
}

static int setup(void **state)
{
	(void)state;
	came = 0;
	memset(by_slot, 0, sizeof(by_slot));
	return 0;
}

static void all_of_a_call_comes_in_its_order(void **state)
{
	int fd;
	struct crew *c = crew_open(3, CALLS, &fd);

	(void)state;
	assert_non_null(c);
	for(unsigned n = 0; n < PACKETS; n++) {
		for(uint32_t slot = 0; slot < CALLS; slot++)
			while(!give(c, slot, (uint16_t)n, 7))
				wait_for(c, fd, came + 1);
		wait_for(c, fd, came + 1);
	}
	wait_for(c, fd, PACKETS * CALLS);
	crew_close(c);
}

/* Behind an end comes another call in the same place, with a converter of its own. */
static void a_call_is_forgotten(void **state)
{
	int fd;
	struct crew *c = crew_open(1, CALLS, &fd);

	(void)state;
	for(uint32_t serial = 0; serial < 50; serial++) {
		for(unsigned n = 0; n < 3; n++)
			while(!give(c, 4, (uint16_t)n, serial))
				wait_for(c, fd, came + 1);
		crew_forget(c, 4);
		wait_for(c, fd, (serial + 1) * 3);
		assert_int_equal(serials[4], serial);
		by_slot[4] = 0;
	}
	crew_close(c);
}

/* More than a thread can do is dropped, and said. */
static void who_is_behind_drops(void **state)
{
	int fd;
	struct crew *c = crew_open(1, CALLS, &fd);
	unsigned given = 0, dropped = 0;

	(void)state;
	for(unsigned n = 0; n < 20 * WAITING && dropped == 0; n++) {
		bool taken = give(c, 0, (uint16_t)given, 0);

		given += taken;
		dropped += !taken;
	}
	assert_int_equal(dropped, 1);
	assert_in_range(given, WAITING, 20 * WAITING);
	crew_close(c); /* with work undone */
}

static void what_is_none_is_counted(void **state)
{
	struct crew_packet p = {.slot = 1, .from = WA_CODEC_G722, .payload = (const uint8_t *)"", .rtp = {.len = 0}};
	struct pollfd ready = {.events = POLLIN};
	struct crew *c = crew_open(2, CALLS, &ready.fd);
	unsigned failed = 0;

	(void)state;
	assert_true(crew_give(c, &p));
	assert_int_equal(poll(&ready, 1, 20000), 1);
	failed += crew_take(c, take, NULL);
	assert_int_equal(failed, 1);
	assert_int_equal(came, 0);
	p.rtp.len = WA_VOICE_MAX + 1;
	assert_false(crew_give(c, &p));
	crew_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test_setup(all_of_a_call_comes_in_its_order, setup),
			cmocka_unit_test_setup(a_call_is_forgotten, setup),
			cmocka_unit_test_setup(who_is_behind_drops, setup),
			cmocka_unit_test_setup(what_is_none_is_counted, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
