/* TLS as Meta does it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sip_tls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "event.h"

static SSL_CTX *server_ctx, *client_ctx;
static int asked_index = -1; /* client side: were we asked for a certificate? */

/* Meta's front end knows no ALPN protocol: alert 120, no_application_protocol.
 * The list is length-prefixed names; it is shown as "a,b". */
static int alpn_refuse(SSL *ssl, const unsigned char **out,
		unsigned char *outlen, const unsigned char *in, unsigned int inlen,
		void *arg)
{
	char names[256] = "";
	size_t used = 0;
	(void)ssl;
	(void)out;
	(void)outlen;
	(void)arg;

	for(unsigned int i = 0; i < inlen; i += in[i] + 1u) {
		int n = snprintf(names + used, sizeof(names) - used, "%s%.*s",
				used ? "," : "", (int)in[i], (const char *)in + i + 1);

		if(n < 0 || (size_t)n >= sizeof(names) - used)
			break;
		used += (size_t)n;
	}
	event_violation(NULL, "alpn", "the TLS client offered ALPN \"%s\"", names);
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* Called only when the server has sent a CertificateRequest; what the context
 * has, if anything, is then shown. */
static int certificate_asked(SSL *ssl, void *arg)
{
	(void)arg;
	SSL_set_ex_data(ssl, asked_index, ssl);
	return 1;
}

static int version_number(const char *text)
{
	return strcmp(text, "1.2") == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

static int fail(const char *what, const char *file, char *why, size_t size)
{
	char text[160];

	ERR_error_string_n(ERR_peek_last_error(), text, sizeof(text));
	ERR_clear_error();
	snprintf(why, size, "sip: %s %s: %s", what, file ? file : "", text);
	return EINVAL;
}

static SSL_CTX *new_ctx(const SSL_METHOD *method, const struct tls_files *files)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	if(ctx == NULL)
		return NULL;
	SSL_CTX_set_min_proto_version(ctx, version_number(files->min));
	SSL_CTX_set_max_proto_version(ctx, version_number(files->max));
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE
								  | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	return ctx;
}

static int load_pair(SSL_CTX *ctx, const char *cert, const char *key, char *why,
		size_t size)
{
	if(SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
		return fail("certificate", cert, why, size);
	if(SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return fail("key", key, why, size);
	if(SSL_CTX_check_private_key(ctx) != 1)
		return fail("key does not fit the certificate", cert, why, size);
	return 0;
}

static int load_server(SSL_CTX **ctxp, const struct tls_files *files, char *why,
		size_t size)
{
	*ctxp = new_ctx(TLS_server_method(), files);
	if(*ctxp == NULL)
		return fail("server context", NULL, why, size);
	SSL_CTX_set_alpn_select_cb(*ctxp, alpn_refuse, NULL);
	SSL_CTX_set_verify(*ctxp, SSL_VERIFY_NONE, NULL);
	return load_pair(*ctxp, files->cert, files->key, why, size);
}

static int load_client(SSL_CTX **ctxp, const struct tls_files *files, char *why,
		size_t size)
{
	*ctxp = new_ctx(TLS_client_method(), files);
	if(*ctxp == NULL)
		return fail("client context", NULL, why, size);
	if(SSL_CTX_load_verify_locations(*ctxp, files->ca, NULL) != 1)
		return fail("ca", files->ca, why, size);
	SSL_CTX_set_verify(*ctxp, SSL_VERIFY_PEER, NULL);
	if(files->client_cert
			&& load_pair(*ctxp, files->client_cert, files->client_key, why,
					   size)
					   != 0)
		return EINVAL;
	SSL_CTX_set_cert_cb(*ctxp, certificate_asked, NULL);
	return 0;
}

int sip_tls_load(const struct tls_files *files, char *why, size_t size)
{
	SSL_CTX *server = NULL, *client = NULL;
	int err;

	if(asked_index < 0)
		asked_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	err = load_server(&server, files, why, size);
	if(!err)
		err = load_client(&client, files, why, size);
	if(err) {
		SSL_CTX_free(server);
		SSL_CTX_free(client);
		return err;
	}
	sip_tls_close();
	server_ctx = server;
	client_ctx = client;
	return 0;
}

void sip_tls_close(void)
{
	SSL_CTX_free(server_ctx);
	SSL_CTX_free(client_ctx);
	server_ctx = client_ctx = NULL;
}

SSL *sip_tls_client(int fd, const char *host)
{
	SSL *ssl = SSL_new(client_ctx);

	if(ssl == NULL)
		return NULL;
	if(SSL_set_fd(ssl, fd) != 1 || SSL_set1_host(ssl, host) != 1
			|| SSL_set_tlsext_host_name(ssl, host) != 1) {
		SSL_free(ssl);
		return NULL;
	}
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	SSL_set_connect_state(ssl);
	return ssl;
}

SSL *sip_tls_server(int fd)
{
	SSL *ssl = SSL_new(server_ctx);

	if(ssl == NULL)
		return NULL;
	if(SSL_set_fd(ssl, fd) != 1) {
		SSL_free(ssl);
		return NULL;
	}
	SSL_set_accept_state(ssl);
	return ssl;
}

static void check_sni(const char *sni)
{
	if(sni == NULL)
		event_violation(NULL, "sni", "no server name was sent");
	else if(strcasecmp(sni, config.domain) != 0)
		event_violation(NULL, "sni", "server name \"%s\", not %s", sni,
				config.domain);
}

void sip_tls_report(SSL *ssl, bool server, const char *host, const struct sa *peer)
{
	struct json_object *ev = event_new("tls");
	char text[64];

	re_snprintf(text, sizeof(text), "%J", peer);
	event_str(ev, "dir", server ? "in" : "out");
	event_str(ev, "peer", text);
	event_str(ev, "version", SSL_get_version(ssl));
	event_str(ev, "cipher", SSL_get_cipher_name(ssl));
	if(server) {
		const char *sni = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

		event_str(ev, "sni", sni);
		event_emit(ev);
		check_sni(sni);
		return;
	}
	event_str(ev, "host", host);
	json_object_object_add(ev, "client_cert_asked",
			json_object_new_boolean(SSL_get_ex_data(ssl, asked_index) != NULL));
	event_emit(ev);
}

void sip_tls_why(SSL *ssl, int ret, char *why, size_t size)
{
	int sys = errno, code = SSL_get_error(ssl, ret);
	long verify = SSL_get_verify_result(ssl);
	unsigned long e = ERR_peek_error();

	if(verify != X509_V_OK)
		snprintf(why, size, "certificate verify failed: %s",
				X509_verify_cert_error_string(verify));
	else if(e)
		snprintf(why, size, "%s", ERR_reason_error_string(e));
	else if(code == SSL_ERROR_ZERO_RETURN)
		snprintf(why, size, "closed by the peer");
	else
		snprintf(why, size, "%s", sys ? strerror(sys) : "connection lost");
	ERR_clear_error();
}
