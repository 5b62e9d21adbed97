/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/wa_err.h"
#include "../lib/wa_journal.h"
#include "../lib/wa_spool.h"
#include "shared.h"
#include "to_redis.h"

#define MB ((size_t)1024 * 1024)
#define JOURNAL_MAX (16 * MB) /* then it is written anew */
#define CDR_TAIL (8 * MB)	   /* where a record may be that the journal misses */
#define OVER_TAIL (256 * 1024) /* of it, calls whose BYE may come once more */
#define TELL_MS 60000

static const record_conf_t *conf;
static wa_spool_t cdr, journal;
static wa_spool_t done; /* lines for the journal when the records are written */
static char line[WA_CALL_LINE_SIZE];

void record_init(const record_conf_t *c)
{
	conf = c;
	wa_spool_init(&cdr, c->cdr_file, (size_t)c->buffer * MB);
	wa_spool_init(&journal, c->journal_file, (size_t)c->buffer * MB);
	wa_spool_init(&done, c->journal_file, (size_t)c->buffer * MB);
	to_redis_init(c->redis, c->redis_max, (size_t)c->buffer * MB);
}

static bool has(const char *path)
{
	return path != NULL && *path != '\0';
}

/* A full disk fails every write: one line a minute. */
static void complain(const char *what, const wa_spool_t *s, int64_t *told)
{
	int64_t now = shared_now();
	int err = errno;

	if(now - *told < TELL_MS)
		return;
	*told = now;
	LM_ERR("%s %s cannot be written: %s; %zu lines wait in memory%s\n", what,
			s->path, strerror(err), s->lines,
			err == ENOSPC ? ": make room on that disk" : "");
}

/* --- writing ---------------------------------------------------------------- */

static void put_journal(
		wa_spool_t *to, const char *word, const wa_call_t *c, bool whole)
{
	wa_buf_t b = wa_buf_on(line, sizeof(line));

	if(!has(conf->journal_file))
		return;
	wa_buf_put(&b, wa_sv_from(word));
	wa_buf_put(&b, WA_SV(" "));
	if(whole)
		wa_call_journal(c, &b);
	else
		wa_buf_put(&b, wa_sv_from(c->id));
	if(wa_buf_check(&b) < 0 || wa_spool_put(to, wa_buf_sv(&b)) < 0)
		atomic_fetch_add(&shared_stats()->journal_errors, 1);
}

void record_open(const wa_call_t *c)
{
	put_journal(&journal, "open", c, true);
}

/* What a person reads: one line per call. */
static void put_log(const wa_call_t *c)
{
	wa_buf_t b = wa_buf_on(line, sizeof(line) - 1);

	wa_call_line(c, &b);
	line[b.len] = '\0';
	LM_INFO("event=over %s\n", line);
}

static void put_cdr(const wa_call_t *c)
{
	wa_buf_t b = wa_buf_on(line, sizeof(line) - 1);

	wa_call_cdr(c, conf->mask != 0, &b);
	if(wa_buf_check(&b) < 0) {
		LM_BUG("a record does not fit its line\n");
		return;
	}
	line[b.len] = '\0';
	if(conf->syslog)
		LM_NOTICE("cdr %s\n", line);
	to_redis_put(wa_buf_sv(&b));
	if(!has(conf->cdr_file))
		return;
	if(wa_spool_put(&cdr, wa_buf_sv(&b)) == 0) {
		atomic_fetch_add(&shared_stats()->cdr_written, 1);
		return;
	}
	if(atomic_fetch_add(&shared_stats()->cdr_lost, 1) == 0)
		LM_ERR("records are lost: %d MB of them wait for %s already\n",
				conf->buffer, conf->cdr_file);
}

void record_close(const wa_call_t *c)
{
	put_log(c);
	put_cdr(c);
	put_journal(&done, "done", c, false);
}

static void journal_anew(void);

/* The journal forgets a call when its record is in the file, not before. */
static void take_done(void)
{
	wa_sv_t rest = {done.mem, done.len};

	while(rest.len > 0)
		if(wa_spool_put(&journal, wa_sv_cut(&rest, '\n')) < 0)
			atomic_fetch_add(&shared_stats()->journal_errors, 1);
	done.len = done.lines = 0;
}

bool record_flush(void)
{
	static int64_t told_cdr, told_journal;
	bool waiting = false;

	if(has(conf->cdr_file) && wa_spool_flush(&cdr) < 0) {
		atomic_fetch_add(&shared_stats()->cdr_errors, 1);
		complain("the file of call records", &cdr, &told_cdr);
		waiting = true;
	} else {
		take_done();
	}
	if(has(conf->journal_file) && wa_spool_flush(&journal) < 0) {
		atomic_fetch_add(&shared_stats()->journal_errors, 1);
		complain("the journal of calls", &journal, &told_journal);
		waiting = true;
	}
	if(journal.bytes > (int64_t)JOURNAL_MAX && !waiting)
		journal_anew();
	shared_stats()->cdr_pending = cdr.lines;
	return to_redis_flush() || waiting;
}

void record_reopen(void)
{
	wa_spool_close(&cdr);
}

/* --- the journal ------------------------------------------------------------ */

/* Writes all calls of the table to a file beside the journal, and puts it in its
 * place. */
static void journal_anew(void)
{
	char path[PATH_MAX];
	wa_spool_t fresh, old = journal;
	wa_call_t c, *p;

	if(snprintf(path, sizeof(path), "%s.new", conf->journal_file)
			>= (int)sizeof(path))
		return;
	unlink(path);
	wa_spool_init(&fresh, path, old.limit);
	journal = fresh;
	for(unsigned at = 0;;) {
		p = wa_calls_next(shared_lock(), &at);
		if(p != NULL)
			c = *p;
		shared_unlock();
		if(p == NULL)
			break;
		record_open(&c);
	}
	/* an empty table makes an empty file */
	wa_spool_put(&journal, WA_SV("# calls that are not over"));
	if(wa_spool_flush(&journal) == 0 && rename(path, conf->journal_file) == 0) {
		journal.path = conf->journal_file;
		wa_spool_free(&old);
		return;
	}
	LM_ERR("the journal of calls cannot be written anew: %s\n", strerror(errno));
	wa_spool_free(&journal);
	journal = old;
	journal.bytes = 0; /* not at once again */
}

/* The last `max` octets of a file; NULL: there is none. */
static char *read_tail(const char *path, size_t max, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *text = NULL;
	ssize_t n = -1;

	*len = 0;
	if(fd >= 0 && fstat(fd, &st) == 0) {
		size_t size = (size_t)st.st_size < max ? (size_t)st.st_size : max;

		text = malloc(size + 1);
		if(text != NULL)
			n = pread(fd, text, size, st.st_size - (off_t)size);
	}
	if(fd >= 0)
		close(fd);
	if(n < 0) {
		free(text);
		return NULL;
	}
	*len = (size_t)n;
	return text;
}

static void each_open(wa_sv_t journal_text, wa_sv_t cdr_text,
		void (*cb)(wa_call_t *c))
{
	wa_journal_t *j = wa_journal_read(journal_text, cdr_text);
	wa_call_t c;
	wa_sv_t entry;

	if(j == NULL) {
		LM_ERR("out of memory: the journal of calls is not read\n");
		return;
	}
	while(wa_journal_next(j, &entry)) {
		int err = wa_call_read(&c, entry);

		if(err == 0)
			cb(&c);
		else
			LM_WARN("a line of %s cannot be read: %s\n", conf->journal_file,
					wa_strerror(err));
	}
	wa_journal_free(j);
}

/* The first line may have lost its beginning: that is none then. */
static void each_over(wa_sv_t records, void (*cb)(const wa_call_t *c))
{
	size_t skip = records.len > OVER_TAIL ? records.len - OVER_TAIL : 0;
	wa_call_t c;

	records = (wa_sv_t){records.s + skip, records.len - skip};
	while(records.len > 0)
		if(wa_call_read_record(&c, wa_sv_cut(&records, '\n')) == 0)
			cb(&c);
}

void record_recover(void (*cb)(wa_call_t *c), void (*over)(const wa_call_t *c))
{
	size_t journal_len, cdr_len = 0;
	char *text, *records = NULL;

	if(!has(conf->journal_file))
		return;
	text = read_tail(conf->journal_file, 8 * JOURNAL_MAX, &journal_len);
	if(text != NULL) {
		if(has(conf->cdr_file))
			records = read_tail(conf->cdr_file, CDR_TAIL, &cdr_len);
		if(records != NULL)
			each_over((wa_sv_t){records, cdr_len}, over);
		each_open((wa_sv_t){text, journal_len}, (wa_sv_t){records, cdr_len},
				cb);
	}
	free(text);
	free(records);
	record_flush();
	journal_anew();
}
