/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wa_err.h"

#define FILE_MODE 0640
#define STEP 65536

void wa_spool_init(wa_spool_t *s, const char *path, size_t limit)
{
	*s = (wa_spool_t){.path = path, .fd = -1, .limit = limit};
}

void wa_spool_close(wa_spool_t *s)
{
	if(s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

void wa_spool_free(wa_spool_t *s)
{
	wa_spool_close(s);
	free(s->mem);
	wa_spool_init(s, s->path, s->limit);
}

static int make_room(wa_spool_t *s, size_t more)
{
	size_t size = s->size;
	char *mem;

	if(more > s->limit || s->len > s->limit - more)
		return WA_ENOMEM;
	while(size < s->len + more)
		size = size == 0 ? STEP : size * 2;
	if(size == s->size)
		return 0;
	mem = realloc(s->mem, size);
	if(mem == NULL)
		return WA_ENOMEM;
	s->mem = mem;
	s->size = size;
	return 0;
}

int wa_spool_put(wa_spool_t *s, wa_sv_t line)
{
	if(make_room(s, line.len + 1) < 0)
		return WA_ENOMEM;
	memcpy(s->mem + s->len, line.s, line.len);
	s->len += line.len;
	s->mem[s->len++] = '\n';
	s->lines++;
	return 0;
}

/* Somebody has renamed or removed the file. */
static bool has_moved(const wa_spool_t *s)
{
	struct stat st;

	return stat(s->path, &st) < 0 || (uint64_t)st.st_dev != s->dev
		   || (uint64_t)st.st_ino != s->ino;
}

static bool ends_within_a_line(int fd, int64_t size)
{
	char last;

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static int open_file(wa_spool_t *s)
{
	struct stat st;

	s->fd = open(s->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
			FILE_MODE);
	if(s->fd < 0)
		return WA_EIO;
	if(fstat(s->fd, &st) < 0)
		return WA_EIO;
	s->dev = (uint64_t)st.st_dev;
	s->ino = (uint64_t)st.st_ino;
	s->bytes = st.st_size;
	if(!ends_within_a_line(s->fd, st.st_size))
		return 0;
	if(write(s->fd, "\n", 1) != 1)
		return WA_EIO;
	s->bytes++;
	return 0;
}

static void count_lines(wa_spool_t *s)
{
	s->lines = 0;
	for(size_t i = 0; i < s->len; i++)
		s->lines += s->mem[i] == '\n';
}

/* The disk is full: half a line is taken back, and comes as a whole later. */
static size_t whole_lines(wa_spool_t *s, size_t done)
{
	size_t whole = done;

	while(whole > 0 && s->mem[whole - 1] != '\n')
		whole--;
	if(whole < done && ftruncate(s->fd, s->bytes + (int64_t)whole) < 0)
		return done;
	return whole;
}

static int write_all(wa_spool_t *s)
{
	size_t done = 0;
	int err = 0;

	while(err == 0 && done < s->len) {
		ssize_t n = write(s->fd, s->mem + done, s->len - done);

		if(n > 0)
			done += (size_t)n;
		else if(n < 0 && errno != EINTR)
			err = WA_EIO;
	}
	if(err < 0) {
		int saved = errno;

		done = whole_lines(s, done);
		errno = saved;
	}
	s->bytes += (int64_t)done;
	memmove(s->mem, s->mem + done, s->len - done);
	s->len -= done;
	count_lines(s);
	return err;
}

int wa_spool_flush(wa_spool_t *s)
{
	int err, saved;

	if(s->len == 0)
		return 0;
	if(s->fd >= 0 && has_moved(s))
		wa_spool_close(s);
	err = s->fd < 0 ? open_file(s) : 0;
	if(err == 0)
		err = write_all(s);
	if(err < 0) {
		saved = errno;
		if(s->fd >= 0 && saved != ENOSPC && saved != EDQUOT)
			wa_spool_close(s);
		errno = saved;
	}
	return err;
}
