/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "secret_file.h"

#include "../ksr_compat.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "../lib/wa_err.h"
#include "../lib/wa_sv.h"

static bool changed(const wst_secret_file_t *f, const struct stat *st)
{
	return st->st_mtim.tv_sec != f->mtime.tv_sec
		   || st->st_mtim.tv_nsec != f->mtime.tv_nsec || st->st_ino != f->ino
		   || st->st_size != f->size;
}

static void remember(wst_secret_file_t *f, const struct stat *st)
{
	f->mtime = st->st_mtim;
	f->ino = st->st_ino;
	f->size = st->st_size;
}

/* A failure that lasts is told once. */
static int fail(wst_secret_file_t *f, const char *reason)
{
	char text[WA_ERROR_SIZE];

	if(snprintf(text, sizeof(text), "%s: %s", f->what, reason) < 0)
		return WA_EIO;
	if(strcmp(text, f->error) != 0)
		LM_ERR("%s: %s\n", f->path, reason);
	memcpy(f->error, text, sizeof(f->error));
	OPENSSL_cleanse(f->text, sizeof(f->text));
	f->mtime = (struct timespec){0, 0};
	f->ino = 0;
	f->size = 0;
	return WA_EIO;
}

/* A header value must not hold a line break or a space of any kind. */
static bool is_one_word(wa_sv_t v)
{
	for(size_t i = 0; i < v.len; i++)
		if(v.s[i] <= ' ' || v.s[i] > '~')
			return false;
	return v.len > 0 && v.len < WST_SECRET_SIZE;
}

static int take(wst_secret_file_t *f, const char *text, size_t len)
{
	wa_sv_t v = wa_sv_trim((wa_sv_t){text, len});

	if(!is_one_word(v))
		return fail(f, "expected one line of text without spaces");
	if(!wa_sv_eq(v, wa_sv_from(f->text))) {
		OPENSSL_cleanse(f->text, sizeof(f->text));
		memcpy(f->text, v.s, v.len);
		f->generation++;
		LM_INFO("%s: what stands in it is in use now\n", f->path);
	}
	f->error[0] = '\0';
	return 0;
}

static int read_open(wst_secret_file_t *f, int fd, bool force)
{
	char text[WST_SECRET_SIZE + 8];
	struct stat st;
	ssize_t n;
	int ret;

	if(fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return fail(f, "not a regular file");
	if(st.st_mode & S_IROTH)
		return fail(f, "readable by everyone: chmod o-r");
	if(!force && f->text[0] != '\0' && !changed(f, &st))
		return 0;
	n = read(fd, text, sizeof(text));
	if(n < 0)
		return fail(f, strerror(errno));
	ret = take(f, text, (size_t)n);
	OPENSSL_cleanse(text, sizeof(text));
	if(ret == 0)
		remember(f, &st);
	return ret;
}

int wst_secret_refresh(wst_secret_file_t *f, bool force)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int ret;

	if(fd < 0)
		return fail(f, strerror(errno));
	ret = read_open(f, fd, force);
	close(fd);
	return ret;
}

int wst_secret_set_path(wst_secret_file_t *f, const char *what, const char *path)
{
	unsigned generation = f->generation;

	if(strlen(path) >= sizeof(f->path))
		return WA_ETOOLONG;
	OPENSSL_cleanse(f, sizeof(*f));
	f->generation = generation;
	f->what = what;
	memcpy(f->path, path, strlen(path) + 1);
	memcpy(f->error, "not read yet", sizeof("not read yet"));
	return 0;
}
