/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* memmem() */
#include "page.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>


#define PAGE_MAX (1024 * 1024)
#define HASH_SIZE 64

static char *text;
static size_t len;

static int complain(const char *path, const char *why)
{
	LM_ERR("file: %s: %s\n", path, why);
	return -1;
}

int page_load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if(fd < 0)
		return complain(path, strerror(errno));
	if(fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > PAGE_MAX) {
		close(fd);
		return complain(path, "not a file of 1 MB at most");
	}
	text = malloc((size_t)st.st_size + 1);
	n = text != NULL ? read(fd, text, (size_t)st.st_size) : -1;
	close(fd);
	if(n != st.st_size)
		return complain(path, "cannot be read");
	len = (size_t)n;
	return 0;
}

wa_sv_t page_text(void)
{
	return (wa_sv_t){text, len};
}

/* What stands between two marks; empty: nothing does. */
static wa_sv_t between(const char *begin, const char *end)
{
	const char *from = memmem(text, len, begin, strlen(begin)), *to;

	if(from == NULL)
		return (wa_sv_t){"", 0};
	from += strlen(begin);
	to = memmem(from, (size_t)(text + len - from), end, strlen(end));
	return to != NULL ? (wa_sv_t){from, (size_t)(to - from)} : (wa_sv_t){"", 0};
}

/* SHA-256 in base64, as a policy names what it lets run. */
static void hash(wa_sv_t what, char out[HASH_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	out[0] = '\0';
	if(EVP_Digest(what.s, what.len, digest, &n, EVP_sha256(), NULL) == 1)
		EVP_EncodeBlock((unsigned char *)out, digest, (int)n);
}

const char *page_headers(void)
{
	static char headers[1536];
	char script[HASH_SIZE], style[HASH_SIZE];
	int n;

	if(headers[0] != '\0')
		return headers;
	hash(between("<script>", "</script>"), script);
	hash(between("<style>", "</style>"), style);
	n = snprintf(headers, sizeof(headers),
			"Content-Security-Policy: default-src 'none'; "
			"script-src 'sha256-%s'; style-src 'sha256-%s'; connect-src 'self'; "
			"img-src data:; base-uri 'none'; form-action 'none'; "
			"frame-ancestors 'none'; require-trusted-types-for 'script'; "
			"trusted-types 'none'\r\n"
			"Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
			"X-Frame-Options: DENY\r\n"
			"Cross-Origin-Opener-Policy: same-origin\r\n"
			"Cross-Origin-Resource-Policy: same-origin\r\n",
			script, style);
	if(n < 0 || (size_t)n >= sizeof(headers))
		LM_BUG("the headers do not fit their place\n");
	return headers;
}
