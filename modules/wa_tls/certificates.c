/* The certificates of tls.cfg: do they fit, how long do they last?
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "certificates.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "../lib/wa_tls_files.h"

#define CONFIG_MAX 65536
#define FILES_MAX 128

static char text[CONFIG_MAX];

static int fail(char error[CERT_TEXT], const char *path, const char *why)
{
	if(snprintf(error, CERT_TEXT, "%s: %s", path, why) < 0)
		error[0] = '\0';
	return -1;
}

/* FNV-1a */
static uint64_t mix(uint64_t h, const void *bytes, size_t len)
{
	const unsigned char *b = bytes;

	for(size_t i = 0; i < len; i++)
		h = (h ^ b[i]) * UINT64_C(0x100000001b3);
	return h;
}

static uint64_t stamp_file(uint64_t h, const char *path)
{
	struct stat st;

	if(stat(path, &st) < 0)
		return mix(h, &errno, sizeof(errno));
	h = mix(h, &st.st_ino, sizeof(st.st_ino));
	h = mix(h, &st.st_size, sizeof(st.st_size));
	return mix(h, &st.st_mtim, sizeof(st.st_mtim));
}

static size_t read_config(const char *config, wa_tls_file_t *files)
{
	int fd = open(config, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : -1;

	if(fd >= 0)
		close(fd);
	return n > 0 ? wa_tls_files((wa_sv_t){text, (size_t)n}, files, FILES_MAX)
				 : 0;
}

static uint64_t stamp_all(
		const char *config, const wa_tls_file_t *files, size_t n)
{
	uint64_t h = stamp_file(UINT64_C(0xcbf29ce484222325), config);
	char path[CERT_PATH];

	for(size_t i = 0; i < n; i++)
		if(wa_sv_copy(path, sizeof(path), files[i].path) == 0)
			h = stamp_file(h, path);
	return h;
}

uint64_t certificates_stamp(const char *config)
{
	static wa_tls_file_t files[FILES_MAX];
	size_t n = read_config(config, files);

	return stamp_all(config, files, n);
}

static X509 *load_certificate(const char *path)
{
	FILE *in = fopen(path, "re");
	X509 *x = in != NULL ? PEM_read_X509(in, NULL, NULL, NULL) : NULL;

	if(in != NULL)
		fclose(in);
	return x;
}

static EVP_PKEY *load_key(const char *path)
{
	FILE *in = fopen(path, "re");
	/* a password would be asked for at a terminal: "" instead */
	EVP_PKEY *k = in != NULL ? PEM_read_PrivateKey(in, NULL, NULL,
									   (void *)(uintptr_t)"")
							 : NULL;

	if(in != NULL)
		fclose(in);
	return k;
}

static void describe(certificate_t *c, X509 *x)
{
	struct tm tm;

	c->not_after = ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm) == 1
						   ? timegm(&tm)
						   : 0;
	X509_NAME_oneline(X509_get_subject_name(x), c->subject, sizeof(c->subject));
}

static const wa_tls_file_t *key_of(
		const wa_tls_file_t *cert, const wa_tls_file_t *files, size_t n)
{
	for(size_t i = 0; i < n; i++)
		if(files[i].profile == cert->profile && files[i].kind == WA_TLS_KEY)
			return &files[i];
	return NULL;
}

static int check_key(X509 *x, const wa_tls_file_t *key, char error[CERT_TEXT])
{
	char path[CERT_PATH];
	EVP_PKEY *k;
	int fits;

	if(key == NULL)
		return 0;
	if(wa_sv_copy(path, sizeof(path), key->path) < 0)
		return fail(error, "private_key", "the path is too long");
	k = load_key(path);
	if(k == NULL)
		return fail(error, path, "no private key that can be read");
	fits = X509_check_private_key(x, k);
	EVP_PKEY_free(k);
	return fits == 1 ? 0 : fail(error, path, "does not fit its certificate");
}

static int take(certificates_t *out, const wa_tls_file_t *file,
		const wa_tls_file_t *files, size_t n, char error[CERT_TEXT])
{
	certificate_t *c = &out->c[out->n];
	X509 *x;
	int err;

	if(wa_sv_copy(c->path, sizeof(c->path), file->path) < 0)
		return fail(error, "certificate", "the path is too long");
	x = load_certificate(c->path);
	if(x == NULL)
		return fail(error, c->path, "no certificate that can be read");
	c->is_server = file->is_server;
	describe(c, x);
	err = check_key(x, key_of(file, files, n), error);
	X509_free(x);
	out->n++;
	return err;
}

int certificates_read(
		const char *config, certificates_t *out, char error[CERT_TEXT])
{
	static wa_tls_file_t files[FILES_MAX];
	size_t n = read_config(config, files);
	int err = 0;

	*out = (certificates_t){.stamp = stamp_all(config, files, n)};
	if(n == 0)
		return fail(error, config, "cannot be read, or names no file");
	for(size_t i = 0; i < n; i++)
		if(files[i].kind == WA_TLS_CA && !files[i].is_server)
			(void)wa_sv_copy(out->ca, sizeof(out->ca), files[i].path);
	for(size_t i = 0; i < n && err == 0; i++)
		if(files[i].kind == WA_TLS_CERTIFICATE && out->n < CERTS_MAX)
			err = take(out, &files[i], files, n, error);
	ERR_clear_error();
	return err;
}
