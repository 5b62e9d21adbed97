/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "token.h"

#include "../ksr_compat.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "../lib/wa_err.h"
#include "../lib/wa_sv.h"
#include "params.h"
#include "state.h"

#define TOKEN_SIZE 1025 /* Meta's have some 200 characters */

static char token[TOKEN_SIZE];
static char error[WA_ERROR_SIZE] = "not read yet";
static unsigned generation;

/* What the file was like when it was read: a new one may have the same size
 * and, within the clock's grain, the same time, but not the same inode. */
static struct
{
	struct timespec mtime;
	ino_t ino;
	off_t size;
} seen;

static bool changed(const struct stat *st)
{
	return st->st_mtim.tv_sec != seen.mtime.tv_sec
		   || st->st_mtim.tv_nsec != seen.mtime.tv_nsec
		   || st->st_ino != seen.ino || st->st_size != seen.size;
}

static void remember(const struct stat *st)
{
	seen.mtime = st->st_mtim;
	seen.ino = st->st_ino;
	seen.size = st->st_size;
}

/* A failure that lasts is told once. */
static int fail(const char *reason)
{
	char text[WA_ERROR_SIZE];

	if(snprintf(text, sizeof(text), "token_file: %s", reason) < 0)
		return WA_EIO;
	if(strcmp(text, error) != 0)
		LM_ERR("%s: %s\n", wst_params.token_file, reason);
	memcpy(error, text, sizeof(error));
	OPENSSL_cleanse(token, sizeof(token));
	memset(&seen, 0, sizeof(seen));
	wst_status_token(false, error);
	return WA_EIO;
}

/* A header value must not hold a line break or a space of any kind. */
static bool is_token(wa_sv_t v)
{
	for(size_t i = 0; i < v.len; i++)
		if(v.s[i] <= ' ' || v.s[i] > '~')
			return false;
	return v.len > 0 && v.len < TOKEN_SIZE;
}

static int take(const char *text, size_t len)
{
	wa_sv_t v = wa_sv_trim((wa_sv_t){text, len});

	if(!is_token(v))
		return fail("expected one line with a token");
	if(!wa_sv_eq(v, wa_sv_from(token))) {
		OPENSSL_cleanse(token, sizeof(token));
		memcpy(token, v.s, v.len);
		generation++;
		LM_INFO("a new access token is in use\n");
	}
	error[0] = '\0';
	wst_status_token(true, "");
	return 0;
}

static int read_open(int fd, bool force)
{
	char text[TOKEN_SIZE + 8];
	struct stat st;
	ssize_t n;
	int ret;

	if(fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return fail("not a regular file");
	if(st.st_mode & S_IROTH)
		return fail("readable by everyone: chmod o-r");
	if(!force && token[0] != '\0' && !changed(&st))
		return 0;
	n = read(fd, text, sizeof(text));
	if(n < 0)
		return fail(strerror(errno));
	ret = take(text, (size_t)n);
	OPENSSL_cleanse(text, sizeof(text));
	if(ret == 0)
		remember(&st);
	return ret;
}

int wst_token_refresh(bool force)
{
	int fd = open(wst_params.token_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int ret;

	if(fd < 0)
		return fail(strerror(errno));
	ret = read_open(fd, force);
	close(fd);
	return ret;
}

unsigned wst_token_generation(void)
{
	return generation;
}

const char *wst_token(void)
{
	return token[0] != '\0' ? token : NULL;
}

const char *wst_token_error(void)
{
	return error;
}
