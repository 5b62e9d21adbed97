/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "certificate.h"

#include <stdio.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "../lib/wa_prom.h"

#define FILES_MAX 16
#define LABEL_SIZE 300

static const char *files[FILES_MAX];
static int n_files;

int certificate_add(modparam_t type KSR_UNUSED, void *val)
{
	if(*(char *)val == '\0')
		return 0;
	if(n_files == FILES_MAX || *(char *)val != '/') {
		LM_ERR("certificate: up to %d absolute paths, not %s\n", FILES_MAX,
				(char *)val);
		return -1;
	}
	files[n_files++] = val;
	return 0;
}

/* Seconds until the first certificate of the file ends; false: not readable. */
static bool seconds_left(const char *path, int64_t *out)
{
	FILE *in = fopen(path, "re");
	X509 *cert = in != NULL ? PEM_read_X509(in, NULL, NULL, NULL) : NULL;
	int days = 0, secs = 0;
	bool good = cert != NULL
				&& ASN1_TIME_diff(&days, &secs, NULL, X509_get0_notAfter(cert));

	X509_free(cert);
	if(in != NULL)
		fclose(in);
	*out = (int64_t)days * 86400 + secs;
	return good;
}

void certificate_write(wa_buf_t *b)
{
	char labels[LABEL_SIZE], file[256];
	int64_t left[FILES_MAX];
	bool good[FILES_MAX];

	for(int i = 0; i < n_files; i++)
		good[i] = seconds_left(files[i], &left[i]);
	wa_prom_family(b, "wasbc_certificate_readable", "gauge",
			"1: the file holds a certificate");
	for(int i = 0; i < n_files; i++) {
		wa_prom_label(file, sizeof(file), wa_sv_from(files[i]));
		snprintf(labels, sizeof(labels), "file=\"%s\"", file);
		wa_prom_value(b, "wasbc_certificate_readable", labels, good[i]);
	}
	wa_prom_family(b, "wasbc_certificate_seconds", "gauge",
			"until the certificate is no longer valid");
	for(int i = 0; i < n_files; i++) {
		if(!good[i])
			continue;
		wa_prom_label(file, sizeof(file), wa_sv_from(files[i]));
		snprintf(labels, sizeof(labels), "file=\"%s\"", file);
		wa_prom_value(b, "wasbc_certificate_seconds", labels, left[i]);
	}
}
