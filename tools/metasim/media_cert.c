/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_cert.h"

#include <errno.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <re/re.h>

enum
{
	LIFETIME = 30 * 24 * 3600, /* seconds, as browsers do */
	SKEW = 24 * 3600
};

static int self_sign(X509 *cert, EVP_PKEY *key)
{
	X509_NAME *name = X509_get_subject_name(cert);
	int ok = X509_set_version(cert, X509_VERSION_3);

	ok &= ASN1_INTEGER_set(X509_get_serialNumber(cert), rand_u32() & INT32_MAX);
	ok &= X509_gmtime_adj(X509_getm_notBefore(cert), -SKEW) != NULL;
	ok &= X509_gmtime_adj(X509_getm_notAfter(cert), LIFETIME) != NULL;
	ok &= X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
			(const unsigned char *)"WebRTC", -1, -1, 0);
	ok &= X509_set_issuer_name(cert, name);
	ok &= X509_set_pubkey(cert, key);
	return ok && X509_sign(cert, key, EVP_sha256()) > 0 ? 0 : ENOMEM;
}

static int to_pem(char **pemp, size_t *lenp, X509 *cert, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *pem = NULL;
	long len;
	int err = ENOMEM;

	if(bio == NULL || !PEM_write_bio_X509(bio, cert)
			|| !PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
		goto out;
	len = BIO_get_mem_data(bio, &data);
	pem = mem_alloc((size_t)len, NULL);
	if(pem == NULL)
		goto out;
	memcpy(pem, data, (size_t)len);
	*pemp = pem;
	*lenp = (size_t)len;
	err = 0;
out:
	BIO_free(bio);
	return err;
}

int media_cert_new(char **pemp, size_t *lenp)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	int err = key && cert ? self_sign(cert, key) : ENOMEM;

	if(!err)
		err = to_pem(pemp, lenp, cert, key);
	X509_free(cert);
	EVP_PKEY_free(key);
	return err;
}

int media_cert_describe(X509 *cert, uint8_t sha256[32], char *key, size_t size)
{
	EVP_PKEY *pub = X509_get0_pubkey(cert);
	char group[32] = "";
	unsigned len = 32;
	size_t grouplen;
	const char *type = pub ? EVP_PKEY_get0_type_name(pub) : NULL;

	if(type == NULL || !X509_digest(cert, EVP_sha256(), sha256, &len))
		return EPROTO;
	if(!EVP_PKEY_get_group_name(pub, group, sizeof(group), &grouplen))
		(void)re_snprintf(group, sizeof(group), "%d", EVP_PKEY_get_bits(pub));
	return re_snprintf(key, size, "%s %s", type, group) < 0 ? EOVERFLOW : 0;
}
