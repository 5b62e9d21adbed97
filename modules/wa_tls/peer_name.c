/* The certificate of a peer that we connect to must carry the name we asked for.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kamailio's tls module verifies the chain of a server's certificate, never its
 * name: anybody with a certificate of a public CA could pose as wa.meta.vc
 * (RFC 5922 section 7, RFC 9525). The name that we want is the one that we send
 * as SNI (RFC 6066), from server_name of the client profile in tls.cfg.
 *
 * tls.so makes its SSL_CTX without asking anybody, again at each tls.reload. So
 * we have OpenSSL call us for each new SSL_CTX and put our verification into it;
 * tls.so never sets that callback (it sets the one per certificate).
 */
#include "../ksr_compat.h"

#include "peer_name.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <kamailio/core/counters.h>

static counter_handle_t refused_name, refused_chain;

static counter_def_t counters[] = {
		{&refused_name, "peer_refused_name", 0, 0, 0,
				"outgoing connections refused: certificate for another name"},
		{&refused_chain, "peer_refused_chain", 0, 0, 0,
				"outgoing connections refused: certificate chain not valid"},
		{0, 0, 0, 0, 0, 0}};

static void log_refusal(X509_STORE_CTX *store, const char *name)
{
	int err = X509_STORE_CTX_get_error(store);
	X509 *cert = X509_STORE_CTX_get_current_cert(store);
	char subject[256] = "none";

	if(cert != NULL)
		X509_NAME_oneline(
				X509_get_subject_name(cert), subject, sizeof(subject));
	LM_ERR("TLS connection to %s refused: %s (certificate: %s)\n", name,
			X509_verify_cert_error_string(err), subject);
}

/* Replaces X509_verify_cert() for a connection; 1 = accepted. */
static int verify(X509_STORE_CTX *store, void *arg KSR_UNUSED)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
			store, SSL_get_ex_data_X509_STORE_CTX_idx());
	const char *name = NULL;
	int ok;

	if(ssl != NULL && !SSL_is_server(ssl)
			&& (SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER))
		name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	if(name == NULL)
		return X509_verify_cert(store);

	if(X509_VERIFY_PARAM_set1_host(
			   X509_STORE_CTX_get0_param(store), name, 0)
			!= 1) {
		X509_STORE_CTX_set_error(store, X509_V_ERR_OUT_OF_MEM);
		return 0;
	}
	ok = X509_verify_cert(store);
	if(ok <= 0) {
		counter_inc(X509_STORE_CTX_get_error(store)
									== X509_V_ERR_HOSTNAME_MISMATCH
							? refused_name
							: refused_chain);
		log_refusal(store, name);
	}
	return ok;
}

static void new_ctx(void *ctx, void *ptr KSR_UNUSED,
		CRYPTO_EX_DATA *ad KSR_UNUSED, int idx KSR_UNUSED,
		long argl KSR_UNUSED, void *argp KSR_UNUSED)
{
	SSL_CTX_set_cert_verify_callback(ctx, verify, NULL);
}

int peer_name_init(void)
{
	if(counter_register_array("wa_tls", counters) < 0) {
		LM_ERR("cannot register the counters\n");
		return -1;
	}
	if(SSL_CTX_get_ex_new_index(0, NULL, new_ctx, NULL, NULL) < 0) {
		LM_ERR("OpenSSL gives no SSL_CTX index: names cannot be checked\n");
		return -1;
	}
	return 0;
}
