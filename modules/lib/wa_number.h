/* What the SBC knows of one business number and of one trunk.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * These are plain copies for a caller's stack: no pointers, no ownership. How
 * they are laid out in Redis is wa_record.h's business, how they are kept in
 * shared memory is wa_numbers'.
 */
#ifndef WA_NUMBER_H
#define WA_NUMBER_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define WA_DIGITS_SIZE 24	  /* an E.164 number has at most 15 digits */
#define WA_ID_SIZE 32		  /* Graph ids: phone_number_id, waba_id, app_id */
#define WA_HOST_SIZE 254	  /* RFC 1035: 253 octets */
#define WA_NAME_SIZE 64		  /* trunk name */
#define WA_PARAM_SIZE 129	  /* request_uri_user_params: 128 octets */
#define WA_PASSWORD_SIZE 129
#define WA_ERROR_SIZE 160
#define WA_GATEWAYS_MAX 8
#define WA_HEADERS_SIZE 513 /* list of header names */
#define WA_USERNAME_SIZE 65
#define WA_SEALED_SIZE 256	/* a sealed password: wa_seal.h */

/* srtp_key_exchange_protocol; absent in Meta's answer means DTLS */
enum wa_srtp
{
	WA_SRTP_DTLS = 0,
	WA_SRTP_SDES = 1
};

/* Codecs, as bits. Toward Meta Opus is always there (additional_codecs adds
 * PCMA and PCMU); toward a PBX the trunk says. */
enum wa_codec
{
	WA_CODEC_OPUS = 1,
	WA_CODEC_PCMU = 2,
	WA_CODEC_PCMA = 4,
	WA_CODEC_G722 = 8
};

typedef struct wa_number
{
	char digits[WA_DIGITS_SIZE]; /* E.164 without "+" */
	char phone_number_id[WA_ID_SIZE];
	char waba_id[WA_ID_SIZE];
	char app_id[WA_ID_SIZE];   /* which app's server entry and token are ours */
	char hostname[WA_HOST_SIZE]; /* as Meta has it configured */
	uint16_t port;
	char trunk[WA_NAME_SIZE]; /* "" = by group, else the default trunk */
	char tgrp[WA_PARAM_SIZE]; /* request_uri_user_params as Meta has them */
	char context[WA_PARAM_SIZE]; /* trunk-context (or Meta's "context") */
	enum wa_srtp srtp;
	unsigned codecs; /* enum wa_codec bits allowed toward Meta */
	bool calling_enabled;
	bool sip_enabled;
	bool rotating; /* its password is being changed: no call now */
	bool has_password;
	time_t password_since; /* when this password was first seen; 0 = never */
	time_t synced;		   /* last successful read from Graph; 0 = never */
	char sync_error[WA_ERROR_SIZE]; /* last failure of the sync; "" = none */
	uint64_t version;
} wa_number_t;

/* A secret on the stack: wipe with OPENSSL_cleanse() after use, never log. */
typedef struct wa_secret
{
	char s[WA_PASSWORD_SIZE];
	size_t len;
} wa_secret_t;

typedef struct wa_gateway
{
	char uri[WA_HOST_SIZE + 64]; /* sip:host:port;transport=udp|tcp|tls */
	unsigned weight;
	unsigned priority; /* the lowest is tried first */
} wa_gateway_t;

/* How numbers are written toward a PBX. */
enum wa_number_format
{
	WA_FORMAT_E164 = 0, /* +15550001111 */
	WA_FORMAT_DIGITS,	/* 15550001111 */
	WA_FORMAT_NATIONAL	/* 05550001111: see wa_uri_format() */
};

/* The header that tells a PBX who calls. */
enum wa_identity_header
{
	WA_ID_HEADER_NONE = 0,
	WA_ID_HEADER_PAI,
	WA_ID_HEADER_RPID
};

/* Where a PBX wants the parameters of Meta's Request-URI. */
enum wa_params_place
{
	WA_PARAMS_NONE = 0,
	WA_PARAMS_USER, /* before the "@", as Meta has them */
	WA_PARAMS_URI	/* behind the host */
};

typedef struct wa_trunk
{
	char name[WA_NAME_SIZE];
	wa_gateway_t gateways[WA_GATEWAYS_MAX];
	unsigned n_gateways;
	unsigned codecs; /* enum wa_codec bits toward the PBX, 0 = PCMU+PCMA */
	char tgrp[WA_PARAM_SIZE]; /* R-URI parameters that select this trunk */
	char context[WA_PARAM_SIZE];
	bool pstn; /* forbidden by Meta's terms: refused */
	bool options;					 /* its gateways are asked by OPTIONS */
	enum wa_number_format format;
	char country[4];				 /* code, for national numbers */
	char prefix[8];					 /* in front of national numbers */
	enum wa_identity_header identity;
	enum wa_params_place params;
	char headers[WA_HEADERS_SIZE];	 /* names that reach the PBX, "x*": all so */
	char username[WA_USERNAME_SIZE]; /* digest, either way */
	bool challenge;					 /* its INVITEs are challenged */
	char sealed[WA_SEALED_SIZE];	 /* password; "" = none */
	uint64_t version;
} wa_trunk_t;

#endif
