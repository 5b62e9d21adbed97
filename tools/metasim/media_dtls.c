/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef USE_OPENSSL
#define USE_OPENSSL 1 /* libre was built with it, its headers must be told */
#endif
#include "media_session.h"

#include "media_cert.h"

#include <string.h>

#include <openssl/ssl.h>

#define PROFILES "SRTP_AES128_CM_SHA1_80"

enum
{
	DTLS_LAYER = 10, /* above the gate */
	HASH_SIZE = 4,
	SHA256_BYTES = 32
};

static struct
{
	char *pem;
	size_t len;
	char fingerprint[3 * SHA256_BYTES];
} own;

static int own_fingerprint(void)
{
	uint8_t md[SHA256_BYTES];
	struct tls *tls;
	int err = tls_alloc(&tls, TLS_METHOD_DTLSV1_2, NULL, NULL);

	if(err)
		return err;
	err = tls_set_certificate_pem(tls, own.pem, own.len, NULL, 0);
	if(!err)
		err = tls_fingerprint(tls, TLS_FINGERPRINT_SHA256, md, sizeof(md));
	for(size_t i = 0; !err && i < sizeof(md); i++)
		(void)re_snprintf(own.fingerprint + 3 * i,
				sizeof(own.fingerprint) - 3 * i, "%02X%s", md[i],
				i + 1 < sizeof(md) ? ":" : "");
	mem_deref(tls);
	return err;
}

int media_dtls_global_init(void)
{
	int err = media_cert_new(&own.pem, &own.len);

	return err ? err : own_fingerprint();
}

void media_dtls_global_close(void)
{
	own.pem = mem_deref(own.pem);
}

int media_dtls_fingerprint(char *text, size_t size)
{
	return re_snprintf(text, size, "%s", own.fingerprint) < 0 ? EOVERFLOW : 0;
}

/* Whatever certificate comes is only described here; whether it is the one of
 * the SDP is seen when both are known, before any key is used. */
static int verify_handler(X509_STORE_CTX *ctx, void *arg)
{
	struct media *m = arg;
	X509 *cert = X509_STORE_CTX_get0_cert(ctx);

	if(cert == NULL
			|| media_cert_describe(cert, m->dtls.peer_sha256,
					m->dtls.peer_key, sizeof(m->dtls.peer_key)))
		return 0;
	m->dtls.peer_seen = true;
	return 1;
}

static void keys_from(struct media *m)
{
	uint8_t client[SRTP_KEY_MAX], server[SRTP_KEY_MAX];
	enum srtp_suite suite;
	int err = tls_srtp_keyinfo(m->dtls.conn, &suite, client, sizeof(client),
			server, sizeof(server));

	if(!err)
		err = media_keys_set(m, suite, m->dtls.active ? server : client,
				m->dtls.active ? client : server, 30);
	if(err)
		media_fail(m, "DTLS without SRTP keys");
	OPENSSL_cleanse(client, sizeof(client));
	OPENSSL_cleanse(server, sizeof(server));
}

static void announce(const struct media *m)
{
	struct json_object *ev = media_event(m, "media_dtls");
	const char *cipher = tls_cipher_name(m->dtls.conn);

	if(ev == NULL)
		return;
	json_object_object_add(ev, "role",
			json_object_new_string(m->dtls.active ? "client" : "server"));
	json_object_object_add(
			ev, "cipher", json_object_new_string(cipher ? cipher : ""));
	json_object_object_add(
			ev, "peer_key", json_object_new_string(m->dtls.peer_key));
	event_emit(ev);
}

static void try_keys(struct media *m)
{
	if(!m->dtls.up || !m->agreed || m->keys.ready)
		return;
	if(!m->dtls.peer_seen || m->far.fp_len != SHA256_BYTES
			|| memcmp(m->dtls.peer_sha256, m->far.fp, SHA256_BYTES)) {
		media_fail(m, "DTLS certificate does not fit the fingerprint");
		return;
	}
	announce(m);
	keys_from(m);
}

static void estab_handler(void *arg)
{
	struct media *m = arg;

	m->dtls.up = true;
	m->dtls.up_us = media_now();
	try_keys(m);
}

static void data_handler(struct mbuf *mb, void *arg)
{
	(void)mb;
	media_violation(arg, "dtls_data", "application data inside DTLS");
}

static void close_handler(int err, void *arg)
{
	struct media *m = arg;

	if(!m->dtls.up)
		media_fail(m, "DTLS handshake failed: %s", strerror(err));
}

static void conn_handler(const struct sa *peer, void *arg)
{
	struct media *m = arg;
	struct media_dtls *d = &m->dtls;
	int err;

	(void)peer;
	if(d->conn || d->active) {
		d->ignored++;
		return;
	}
	err = dtls_accept(&d->conn, d->tls, d->sock, estab_handler, data_handler,
			close_handler, m);
	if(err)
		media_fail(m, "DTLS: %s", strerror(err));
}

int media_dtls_init(struct media *m)
{
	struct media_dtls *d = &m->dtls;
	int err = tls_alloc(&d->tls, TLS_METHOD_DTLSV1_2, NULL, NULL);

	if(err)
		return err;
	err = tls_set_certificate_pem(d->tls, own.pem, own.len, NULL, 0);
	if(!err)
		err = tls_set_srtp(d->tls, PROFILES);
	if(!err
			&& !SSL_CTX_set_min_proto_version(
					tls_openssl_context(d->tls), DTLS1_2_VERSION))
		err = ENOSYS;
	if(err)
		return err;
	tls_set_verify_client(d->tls);
	SSL_CTX_set_cert_verify_callback(
			tls_openssl_context(d->tls), verify_handler, m);
	return dtls_listen(&d->sock, NULL, m->us, HASH_SIZE, DTLS_LAYER,
			conn_handler, m);
}

void media_dtls_close(struct media *m)
{
	m->dtls.conn = mem_deref(m->dtls.conn);
	m->dtls.sock = mem_deref(m->dtls.sock);
	m->dtls.tls = mem_deref(m->dtls.tls);
}

void media_dtls_proceed(struct media *m)
{
	struct media_dtls *d = &m->dtls;
	int err;

	if(m->prm.sdes)
		return;
	if(d->active && m->agreed && m->ice.is_nominated && d->conn == NULL) {
		err = dtls_connect(&d->conn, d->tls, d->sock, &m->ice.nominated,
				estab_handler, data_handler, close_handler, m);
		if(err)
			media_fail(m, "DTLS: %s", strerror(err));
	}
	try_keys(m);
}

/* A fatal alert in the clear, as a server that is not there yet sends it. */
static void send_alert(struct media *m, const struct sa *dst)
{
	static const uint8_t alert[] = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			0, 2, 2, 40};
	struct mbuf *mb = mbuf_alloc(sizeof(alert));

	if(mb && !mbuf_write_mem(mb, alert, sizeof(alert))) {
		mb->pos = 0;
		(void)udp_send(m->us, dst, mb);
	}
	mem_deref(mb);
}

static bool held_back(struct media *m, const struct sa *src)
{
	if(m->established || m->prm.dtls_before_answer)
		return false;
	if(m->prm.refuse_before_answer) {
		m->dtls.refused++;
		send_alert(m, src);
	} else {
		m->dtls.ignored++;
	}
	return true;
}

/* The business finishes ICE before DTLS (meta-calling.md 4). On a pair that
 * passed its check data may flow before the nomination (RFC 8445 12.1), and
 * rtpengine does so; whether Meta minds is not known. */
static bool after_ice(struct media *m, const struct sa *src)
{
	if(!media_ice_is_valid(m, src)) {
		m->dtls.unchecked++;
		media_violation(m, "dtls_before_ice", "DTLS before any good check");
		return false;
	}
	if(m->ice.is_nominated)
		return sa_cmp(&m->ice.nominated, src, SA_ALL);
	m->dtls.before_nomination++;
	return !m->prm.dtls_after_nomination;
}

void media_dtls_recv(struct media *m, const struct sa *src, struct mbuf *mb)
{
	if(m->dtls.first_us == 0)
		m->dtls.first_us = media_now();
	if(m->prm.sdes) {
		m->dtls.ignored++;
		media_violation(m, "dtls_with_sdes", "DTLS on an SDES call");
		return;
	}
	if(held_back(m, src))
		return;
	if(!after_ice(m, src))
		return;
	dtls_recv_packet(m->dtls.sock, src, mb);
}
