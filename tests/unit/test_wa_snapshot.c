/* Snapshot files: round trip, every cut and every changed byte, foreign keys, a
 * full disk, what stays behind.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE /* memmem */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_snapshot.h"

#define MADE 1700000000

static char folder[] = "/tmp/test_wa_snapshot.XXXXXX";
static char file[64], tmp[64], why[WA_SNAP_WHY_SIZE];

static wa_seal_ring_t ring_of(const char *id, uint8_t fill)
{
	wa_seal_ring_t r = {.n = 1};

	snprintf(r.keys[0].id, sizeof(r.keys[0].id), "%s", id);
	memset(r.keys[0].key, fill, sizeof(r.keys[0].key));
	return r;
}

/* Record i is i % 3001 bytes long and full of i. */
static size_t make(size_t i, uint8_t *out)
{
	memset(out, (int)i, i % 3001);
	return i % 3001;
}

static int write_file(const wa_seal_ring_t *ring, size_t n)
{
	wa_snap_writer_t *w = wa_snap_create(ring, file, MADE, why);
	uint8_t data[3001];
	int ret = 0;

	if(w == NULL)
		return WA_EIO;
	for(size_t i = 0; ret == 0 && i < n; i++)
		ret = wa_snap_add(w, i % 2 ? WA_SNAP_TRUNK : WA_SNAP_NUMBER, data,
				make(i, data), why);
	if(ret == 0)
		return wa_snap_finish(w, why);
	wa_snap_abort(w);
	return ret;
}

/* Returns how many records it has, or the error of opening it. */
static int read_file(const wa_seal_ring_t *ring)
{
	enum wa_snap_kind kind;
	const uint8_t *data;
	uint8_t want[3001];
	wa_snap_reader_t *r;
	int err = 0, n = 0, ret;
	size_t len;

	r = wa_snap_open(ring, file, &err, why);
	if(r == NULL) {
		assert_true(err < 0);
		assert_true(why[0] != '\0');
		return err;
	}
	assert_int_equal(wa_snap_time(r), MADE);
	while((ret = wa_snap_next(r, &kind, &data, &len, why)) > 0) {
		assert_int_equal(kind, n % 2 ? WA_SNAP_TRUNK : WA_SNAP_NUMBER);
		assert_int_equal(len, make((size_t)n, want));
		assert_memory_equal(data, want, len);
		n++;
	}
	wa_snap_close(r);
	assert_int_equal(ret, 0); /* what is wrong is found before a record is used */
	return n;
}

static long size_of_file(void)
{
	struct stat st;

	assert_int_equal(stat(file, &st), 0);
	return (long)st.st_size;
}

static void round_trip(void **state)
{
	static const size_t counts[] = {0, 1, 2, 50, 1000};
	wa_seal_ring_t ring = ring_of("k1", 1);
	struct stat st;

	(void)state;
	for(size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		assert_int_equal(write_file(&ring, counts[i]), 0);
		assert_int_equal(read_file(&ring), counts[i]);
	}
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(access(tmp, F_OK), -1);
}

static void records_are_not_legible(void **state)
{
	wa_seal_ring_t ring = ring_of("k1", 1);
	wa_snap_writer_t *w = wa_snap_create(&ring, file, MADE, why);
	char text[4096] = "";
	FILE *f;
	size_t n;

	(void)state;
	assert_int_equal(wa_snap_add(w, WA_SNAP_NUMBER,
							 (const uint8_t *)"15550001111", 11, why),
			0);
	assert_int_equal(wa_snap_finish(w, why), 0);
	f = fopen(file, "r");
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	assert_null(memmem(text, n, "15550001111", 11));
}

static void other_keys(void **state)
{
	wa_seal_ring_t one = ring_of("k1", 1), other = ring_of("k2", 2);
	wa_seal_ring_t same_name = ring_of("k1", 3), both = one;

	(void)state;
	assert_int_equal(write_file(&one, 10), 0);
	assert_int_equal(read_file(&other), WA_EKEY);
	assert_non_null(strstr(why, "key k1, which is not in seal_key_file"));
	assert_int_equal(read_file(&same_name), WA_EAUTH);
	both.keys[0] = other.keys[0];
	both.keys[1] = one.keys[0];
	both.n = 2;
	assert_int_equal(read_file(&both), 10);
}

static void every_cut_is_noticed(void **state)
{
	wa_seal_ring_t ring = ring_of("k1", 1);
	long size;

	(void)state;
	/* several chunks */
	assert_int_equal(write_file(&ring, 700), 0);
	size = size_of_file();
	assert_true(size > 3 * 65536);
	for(long at = size - 1; at >= 0; at -= at <= 1200 ? 1 : 997) {
		assert_int_equal(truncate(file, at), 0);
		assert_true(read_file(&ring) < 0);
	}
}

/* A file that ends at the end of a chunk has lost only whole chunks. */
static void a_cut_between_chunks_is_noticed(void **state)
{
	wa_seal_ring_t ring = ring_of("k1", 1);
	uint32_t len;
	long at = 80;
	FILE *f;

	(void)state;
	assert_int_equal(write_file(&ring, 400), 0);
	f = fopen(file, "r");
	fseek(f, at, SEEK_SET);
	assert_int_equal(fread(&len, sizeof(len), 1, f), 1);
	fclose(f);
	at += 8 + WA_SEAL_HEAD_LEN + (long)len;
	assert_true(at < size_of_file());
	assert_int_equal(truncate(file, at), 0);
	assert_int_equal(read_file(&ring), WA_EAUTH);
	assert_int_equal(truncate(file, 80), 0);
	assert_int_equal(read_file(&ring), WA_EAUTH);
}

static void flip(long at)
{
	FILE *f = fopen(file, "r+");
	int c;

	fseek(f, at, SEEK_SET);
	c = fgetc(f);
	fseek(f, at, SEEK_SET);
	fputc(c ^ 0x10, f);
	fclose(f);
}

static void every_change_is_noticed(void **state)
{
	wa_seal_ring_t ring = ring_of("k1", 1);
	long size;

	(void)state;
	assert_int_equal(write_file(&ring, 40), 0);
	size = size_of_file();
	for(long at = 0; at < size; at++) {
		/* the nonce that the file has is not the one that is used */
		if(at >= 88 && at < 100)
			continue;
		flip(at);
		assert_true(read_file(&ring) < 0);
		flip(at);
	}
	assert_int_equal(read_file(&ring), 40);
}

static void what_follows_the_end_is_noticed(void **state)
{
	wa_seal_ring_t ring = ring_of("k1", 1);

	(void)state;
	assert_int_equal(write_file(&ring, 4), 0);
	assert_int_equal(truncate(file, size_of_file() + 1), 0);
	assert_int_equal(read_file(&ring), WA_EAUTH);
}

static void two_files_never_use_one_key_stream(void **state)
{
	wa_seal_ring_t ring = ring_of("k1", 1);
	uint8_t a[64], b[64];
	FILE *f;

	(void)state;
	for(int i = 0; i < 2; i++) {
		assert_int_equal(write_file(&ring, 40), 0);
		f = fopen(file, "r");
		fseek(f, 200, SEEK_SET);
		assert_int_equal(fread(i ? b : a, sizeof(a), 1, f), 1);
		fclose(f);
	}
	assert_memory_not_equal(a, b, sizeof(a));
}

static void no_file_and_no_regular_file(void **state)
{
	wa_seal_ring_t ring = ring_of("k1", 1);

	(void)state;
	unlink(file);
	assert_int_equal(read_file(&ring), WA_ENOENT);
	assert_int_equal(mkdir(file, 0700), 0);
	assert_int_equal(read_file(&ring), WA_EPARSE);
	assert_true(write_file(&ring, 1) < 0);
	assert_int_equal(access(tmp, F_OK), -1);
	rmdir(file);
}

/* Where the disk ends is simulated by the largest file that may be made. */
static void full_disk_keeps_the_old_file(void **state)
{
	wa_seal_ring_t ring = ring_of("k1", 1);
	struct rlimit old, small;

	(void)state;
	assert_int_equal(write_file(&ring, 3), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 100000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(write_file(&ring, 1000), WA_EIO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_non_null(strstr(why, "File too large"));
	assert_int_equal(access(tmp, F_OK), -1);
	assert_int_equal(read_file(&ring), 3);
}

/* A link under the name of the unfinished file is not followed. */
static void a_link_is_not_written_through(void **state)
{
	wa_seal_ring_t ring = ring_of("k1", 1);
	char victim[80];

	(void)state;
	snprintf(victim, sizeof(victim), "%s/victim", folder);
	assert_int_equal(symlink(victim, tmp), 0);
	assert_int_equal(write_file(&ring, 3), 0);
	assert_int_equal(access(victim, F_OK), -1);
	assert_int_equal(read_file(&ring), 3);
}

static void a_record_too_long_is_refused(void **state)
{
	wa_seal_ring_t ring = ring_of("k1", 1);
	wa_snap_writer_t *w = wa_snap_create(&ring, file, MADE, why);
	static uint8_t data[WA_SNAP_RECORD_MAX + 1];

	(void)state;
	assert_int_equal(
			wa_snap_add(w, WA_SNAP_NUMBER, data, WA_SNAP_RECORD_MAX, why), 0);
	assert_int_equal(
			wa_snap_add(w, WA_SNAP_NUMBER, data, sizeof(data), why),
			WA_ETOOLONG);
	wa_snap_abort(w);
	wa_snap_abort(NULL);
	wa_snap_close(NULL);
}

static int set_up(void **state)
{
	(void)state;
	if(mkdtemp(folder) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/snapshot", folder);
	snprintf(tmp, sizeof(tmp), "%s/snapshot.tmp", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(file);
	unlink(tmp);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(round_trip),
			cmocka_unit_test(records_are_not_legible),
			cmocka_unit_test(other_keys),
			cmocka_unit_test(every_cut_is_noticed),
			cmocka_unit_test(a_cut_between_chunks_is_noticed),
			cmocka_unit_test(every_change_is_noticed),
			cmocka_unit_test(what_follows_the_end_is_noticed),
			cmocka_unit_test(two_files_never_use_one_key_stream),
			cmocka_unit_test(no_file_and_no_regular_file),
			cmocka_unit_test(full_disk_keeps_the_old_file),
			cmocka_unit_test(a_link_is_not_written_through),
			cmocka_unit_test(a_record_too_long_is_refused)};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
