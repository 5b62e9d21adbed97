/* Session descriptions: the text as Meta writes it, and what is read, strictly,
 * from the far end's.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Facts: meta-calling.md 2.5.
 */
#ifndef METASIM_MEDIA_SDP_H
#define METASIM_MEDIA_SDP_H

#include <stdbool.h>
#include <stdint.h>

#include <re/re.h>

#define MEDIA_SUITE "AES_CM_128_HMAC_SHA1_80"

enum
{
	FAR_FORMAT_MAX = 32,
	MEDIA_OPUS_PT = 111, /* of our offers */
	MEDIA_PCMU_PT = 0,
	MEDIA_PCMA_PT = 8,
	MEDIA_EVENT_PT = 126,
	MEDIA_CRYPTO_TAG = 1,
	MEDIA_PTIME = 20
};

enum far_setup
{
	SETUP_NONE,
	SETUP_ACTIVE,
	SETUP_PASSIVE,
	SETUP_ACTPASS
};

struct far_format
{
	uint8_t pt;
	char name[32]; /* encoding name, "" when there is no rtpmap */
	unsigned clock, channels;
	char fmtp[160];
};

struct far_crypto
{
	uint32_t tag;
	char suite[32];
	char key[65]; /* base64, what stands between "inline:" and the first "|" */
	bool extra;	  /* lifetime, MKI or session parameters follow */
};

/* One far-end description with its one audio line. */
struct far_sdp
{
	char proto[32];
	struct sa addr, rtcp_addr;
	bool rtcp_mux, ice_lite, bundle;
	char mid[32];
	char ufrag[64], pwd[257];
	unsigned candidates, ssrcs;
	char fp_hash[16];
	uint8_t fp[64];
	size_t fp_len;
	enum far_setup setup;
	struct far_crypto crypto; /* the first of SHA1_80, else the first */
	unsigned cryptos;
	unsigned ptime, maxptime;
	char direction[12]; /* "sendrecv" when nothing is said */
	struct far_format fmt[FAR_FORMAT_MAX]; /* in the order of the m= line */
	size_t fmtc;
};

struct media;

/** The pure reading: EPROTO with `why` for what is no SDP with one audio line. */
int media_sdp_read(struct far_sdp *far, const char *text, size_t len, char *why,
		size_t size);

/** Judges `m->far` as Meta would, and settles codec, target and keys. */
int media_sdp_judge(struct media *m, char *why, size_t size);

/** Our offer, or our answer to `m->far` when we did not offer. */
int media_sdp_write(struct media *m, struct mbuf *mb);

#endif
