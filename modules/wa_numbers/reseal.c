/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reseal.h"

#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include "../lib/wa_clock.h"
#include "../lib/wa_err.h"
#include "../lib/wa_stream.h"
#include "directory.h"
#include "keys.h"
#include "params.h"
#include "status.h"
#include "writer.h"

#define LOOK_AT 1000 /* numbers per step that need no writing */
#define PAUSE_MS 10	 /* the rate is kept over so long */

static struct
{
	bool running;
	bool in_doubt; /* see wan_write() */
	enum wa_record_kind kind; /* numbers, and then trunks */
	uint32_t cursor;
	char (*keys)[WA_NAME_SIZE]; /* found and not done yet */
	size_t n, next, size;
	int64_t at; /* when the next burst may go */
	wan_reseal_status_t status;
} work;

void wan_reseal_begin(void)
{
	work.running = true;
	work.in_doubt = false;
	work.kind = WA_RECORD_NUMBER;
	work.cursor = 0;
	work.n = work.next = 0;
	work.at = 0;
	memset(&work.status, 0, sizeof(work.status));
	work.status.state = WAN_RESEAL_RUNNING;
	work.status.started_at = time(NULL);
	wan_status_reseal(&work.status);
	LM_NOTICE("sealing passwords anew under key %s\n", wan_keys()->keys[0].id);
}

static void finish(void)
{
	work.running = false;
	work.status.state = WAN_RESEAL_DONE;
	work.status.finished_at = time(NULL);
	wan_status_reseal(&work.status);
	LM_NOTICE("of %u passwords %u were sealed anew, %u could not be opened\n",
			work.status.seen, work.status.resealed, work.status.failed);
}

/* After the numbers come the trunks. */
static void finish_kind(void)
{
	if(work.kind == WA_RECORD_TRUNK) {
		finish();
		return;
	}
	work.kind = WA_RECORD_TRUNK;
	work.n = work.next = 0;
	wan_status_reseal(&work.status);
}

static int note(wa_sv_t key)
{
	if(work.n == work.size) {
		size_t size = work.size > 0 ? 2 * work.size : LOOK_AT;
		void *bigger =
				pkg_realloc(work.keys, size * sizeof(work.keys[0]));

		if(bigger == NULL) {
			PKG_MEM_ERROR;
			return WA_ENOMEM;
		}
		work.keys = bigger;
		work.size = size;
	}
	return wa_sv_copy(work.keys[work.n++], sizeof(work.keys[0]), key);
}

static int note_number(const wa_number_t *n, void *arg KSR_UNUSED)
{
	return n->has_password ? note(wa_sv_from(n->digits)) : 0;
}

static int note_trunk(const wa_trunk_t *t, void *arg KSR_UNUSED)
{
	return t->sealed[0] != '\0' ? note(wa_sv_from(t->name)) : 0;
}

/* What is sealed now; "" when there is nothing (any more). */
static void sealed_of(wa_sv_t key, char sealed[WA_SEAL_TEXT_SIZE])
{
	wa_number_t n;
	wa_trunk_t t;

	sealed[0] = '\0';
	if(work.kind == WA_RECORD_NUMBER)
		wan_dir_get(key, &n, sealed);
	else if(wan_dir_trunk(key, &t) == 0)
		wa_sv_copy(sealed, WA_SEAL_TEXT_SIZE, wa_sv_from(t.sealed));
}

/* Whether the stored password can be sealed anew, and has to be. */
static bool is_due(wa_sv_t key)
{
	char sealed[WA_SEAL_TEXT_SIZE], aad[WA_SEAL_AAD_SIZE];
	wa_secret_t secret;
	int ret;

	sealed_of(key, sealed);
	if(sealed[0] == '\0')
		return false;
	work.status.seen++;
	if(wa_seal_is_current(wan_keys(), wa_sv_from(sealed)))
		return false;
	ret = wan_password_aad(work.kind, key, aad, sizeof(aad));
	if(ret == 0)
		ret = wa_seal_open(
				wan_keys(), wa_sv_from(sealed), wa_sv_from(aad), &secret);
	OPENSSL_cleanse(&secret, sizeof(secret));
	if(ret == 0)
		return true;
	work.status.failed++;
	if(wan_dir_refuse(work.kind, key))
		LM_ERR("%s %.*s: its sealed password cannot be sealed anew: %s\n",
				work.kind == WA_RECORD_NUMBER ? "number" : "trunk",
				WA_SV_ARG(key), wa_strerror(ret));
	return false;
}

/* The writer reads what stands in Redis by now: it may be another password, or
 * one that another node has sealed anew. */
static int reseal(wan_link_t *l, wa_sv_t key)
{
	wan_job_view_t job = {.op = WAN_OP_RESEAL,
			.kind = work.kind,
			.key = key,
			.n = 1,
			.pairs = {{WA_SV("password"), {NULL, 0}}}};
	int ret = wan_write(l, &job, &work.in_doubt);

	if(ret == 0) {
		work.status.resealed++;
		work.in_doubt = false;
	}
	return ret;
}

static void find_some(void)
{
	int ret;

	work.n = work.next = 0;
	if(work.kind == WA_RECORD_NUMBER)
		ret = wan_dir_page(&work.cursor, LOOK_AT, note_number, NULL);
	else
		ret = wan_dir_trunk_page(&work.cursor, LOOK_AT, note_trunk, NULL);
	if(ret == 0)
		return;
	LM_ERR("sealing anew ends early: %s\n", wa_strerror(ret));
	work.cursor = 0;
}

/* One burst. Returns as wan_reseal_step(). */
static int seal_some(wan_link_t *l)
{
	unsigned left = wan_params.reseal_rate * PAUSE_MS / 1000;
	int ret;

	left += left == 0;
	while(work.next < work.n) {
		wa_sv_t key = wa_sv_from(work.keys[work.next]);

		if(is_due(key)) {
			ret = reseal(l, key);
			if(ret < 0) {
				work.status.seen--; /* it comes again */
				return ret;
			}
			left--;
		}
		work.next++;
		if(left == 0)
			break;
	}
	return 0;
}

int wan_reseal_step(wan_link_t *l, int *wait_ms)
{
	unsigned rate = wan_params.reseal_rate;
	int64_t now = wa_clock_ms();
	int ret = 0;

	if(!work.running)
		return 0;
	if(now >= work.at) {
		work.at = now + (rate * PAUSE_MS < 1000 ? 1000 / rate : PAUSE_MS);
		if(work.next < work.n)
			ret = seal_some(l);
		else
			find_some();
		if(ret == 0 && work.next == work.n && work.cursor == 0)
			finish_kind();
		else
			wan_status_reseal(&work.status);
		now = wa_clock_ms();
	}
	if(ret == WA_EBUSY) { /* Redis takes no writes for now */
		work.at = now + 1000;
		ret = 0;
	}
	if(work.running && work.at - now < *wait_ms)
		*wait_ms = work.at > now ? (int)(work.at - now) : 0;
	return ret;
}
