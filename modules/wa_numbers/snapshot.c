/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "snapshot.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../ksr_compat.h"

#include "../lib/wa_clock.h"
#include "../lib/wa_err.h"
#include "../lib/wa_pack.h"
#include "../lib/wa_snapshot.h"
#include "../lib/wa_stream.h"
#include "directory.h"
#include "keys.h"
#include "params.h"
#include "status.h"
#include "tend.h"

#define STEP_RECORDS 1000 /* about a millisecond */
#define STEP_MS 1		  /* between two steps */

/* The file being written, and what of the directory is in it. */
static struct
{
	wa_snap_writer_t *writer;
	enum wa_record_kind kind;
	uint32_t cursor;
	uint64_t changes; /* of the directory, as the file was begun */
	uint64_t saved;	  /* the same, of the last complete file */
	int64_t not_before;
	bool tried; /* to restore */
	bool failing;
	char why[WA_SNAP_WHY_SIZE];
	wan_snapshot_status_t status;
} snap;

static bool is_wanted(void)
{
	return wan_params.snapshot_file != NULL
		   && wan_params.snapshot_file[0] != '\0';
}

static void tell(void)
{
	wan_status_snapshot(&snap.status);
}

/* Once, not at every try, until it works again. */
static void note_failure(void)
{
	counter_inc(wan_cnt_snapshot_errors);
	if(!snap.failing)
		LM_ERR("the snapshot cannot be written: %s; the one before stays\n",
				snap.why);
	snap.failing = true;
	if(wa_sv_copy(snap.status.error, sizeof(snap.status.error),
			   wa_sv_from(snap.why))
			< 0)
		snap.status.error[0] = '\0';
	tell();
}

static void begin(void)
{
	snap.changes = wan_dir_changes();
	snap.not_before =
			wa_clock_ms() + (int64_t)wan_params.snapshot_interval * 1000;
	snap.kind = WA_RECORD_NUMBER;
	snap.cursor = 0;
	snap.writer = wa_snap_create(
			wan_keys(), wan_params.snapshot_file, time(NULL), snap.why);
	if(snap.writer == NULL)
		note_failure();
}

static int add_record(const uint8_t *data, size_t len, void *arg KSR_UNUSED)
{
	uint8_t packed[WA_PACK_TRUNK_MAX];
	wa_trunk_t t;
	int n;

	if(snap.kind == WA_RECORD_NUMBER)
		return wa_snap_add(snap.writer, WA_SNAP_NUMBER, data, len, snap.why);
	memcpy(&t, data, sizeof(t));
	n = wa_pack_trunk(&t, packed, sizeof(packed));
	return n < 0 ? n
				 : wa_snap_add(snap.writer, WA_SNAP_TRUNK, packed, (size_t)n,
						 snap.why);
}

static void complete(void)
{
	uint64_t size = wa_snap_size(snap.writer);
	int ret = wa_snap_finish(snap.writer, snap.why);

	snap.writer = NULL;
	if(ret < 0) {
		note_failure();
		return;
	}
	if(snap.failing)
		LM_NOTICE("the snapshot is written again\n");
	snap.failing = false;
	snap.saved = snap.changes;
	snap.status.written_at = time(NULL);
	snap.status.kbytes = (unsigned)(size / 1024);
	snap.status.error[0] = '\0';
	counter_inc(wan_cnt_snapshots);
	tell();
}

/* Some records more. */
static void go_on(void)
{
	int ret = wan_dir_walk(
			snap.kind, &snap.cursor, STEP_RECORDS, add_record, NULL);

	if(ret < 0) {
		wa_snap_abort(snap.writer);
		snap.writer = NULL;
		note_failure();
		return;
	}
	if(snap.cursor != 0)
		return;
	if(snap.kind == WA_RECORD_NUMBER)
		snap.kind = WA_RECORD_TRUNK;
	else
		complete();
}

/* Nothing is due before the first load: what stands on the disk is better. */
static bool has_changed(void)
{
	return is_wanted() && wan_dir_ready() && wan_dir_changes() != snap.saved;
}

int wan_snapshot_step(void)
{
	int64_t left = snap.not_before - wa_clock_ms();

	if(snap.writer == NULL) {
		if(!has_changed())
			return WAN_TEND_MS;
		if(left > 0)
			return left < WAN_TEND_MS ? (int)left : WAN_TEND_MS;
		begin();
	}
	if(snap.writer == NULL)
		return WAN_TEND_MS;
	go_on();
	return STEP_MS;
}

void wan_snapshot_last(void)
{
	wa_snap_abort(snap.writer);
	snap.writer = NULL;
	if(!has_changed())
		return;
	begin();
	while(snap.writer != NULL)
		go_on();
}

/* What Redis has brought already is newer. */
static int put_record(
		enum wa_snap_kind kind, const uint8_t *data, size_t len)
{
	wa_number_t n;
	wa_trunk_t t;
	wa_sv_t sealed;

	if(kind == WA_SNAP_NUMBER) {
		if(wa_unpack_number(data, len, &n, &sealed) < 0)
			return WA_EPARSE;
		return wan_dir_has(wa_sv_from(n.digits)) ? 0
												 : wan_dir_put(&n, sealed);
	}
	if(kind != WA_SNAP_TRUNK || wa_unpack_trunk(data, len, &t) < 0)
		return WA_EPARSE;
	return wan_dir_has_trunk(wa_sv_from(t.name)) ? 0 : wan_dir_put_trunk(&t);
}

static int put_all(wa_snap_reader_t *r)
{
	enum wa_snap_kind kind;
	const uint8_t *data;
	size_t len;
	int ret;

	while((ret = wa_snap_next(r, &kind, &data, &len, snap.why)) > 0) {
		ret = put_record(kind, data, len);
		if(ret < 0) {
			if(snprintf(snap.why, sizeof(snap.why), "%s: a record in it: %s",
					   wan_params.snapshot_file, wa_strerror(ret))
					< 0)
				snap.why[0] = '\0';
			break;
		}
	}
	return ret;
}

static void take(wa_snap_reader_t *r)
{
	time_t now = time(NULL), made = wa_snap_time(r);

	if(put_all(r) < 0) {
		LM_ERR("the snapshot is refused: %s\n", snap.why);
		return;
	}
	snap.saved = wan_dir_changes();
	snap.status.taken_from = made;
	tell();
	wan_dir_set_ready();
	LM_WARN("Redis is away: %zu numbers and %zu trunks are those of the "
			"snapshot %s, %lld s old\n",
			wan_dir_numbers(), wan_dir_trunks(), wan_params.snapshot_file,
			(long long)(now > made ? now - made : 0));
}

void wan_snapshot_restore(void)
{
	wa_snap_reader_t *r;
	int err;

	if(snap.tried || wan_dir_ready())
		return;
	snap.tried = true;
	if(!is_wanted())
		return;
	r = wa_snap_open(wan_keys(), wan_params.snapshot_file, &err, snap.why);
	if(r != NULL)
		take(r);
	else if(err == WA_ENOENT)
		LM_WARN("there is no snapshot yet: %s\n", snap.why);
	else
		LM_ERR("the snapshot is refused: %s; no number is known until Redis "
			   "is back\n",
				snap.why);
	wa_snap_close(r);
}
