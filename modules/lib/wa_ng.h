/* rtpengine's ng protocol: requests, and what the media guardian reads from
 * replies.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A message is "COOKIE DICTIONARY"; a reply carries the same cookie, and a
 * request repeated with its cookie gets the same reply without being run again.
 */
#ifndef WA_NG_H
#define WA_NG_H

#include "wa_bencode.h"

/** Opens a request: cookie, dictionary, "command" and "call-id". The caller
 * adds pairs and closes it with wa_ben_put_end(). */
void wa_ng_begin(wa_buf_t *b, wa_sv_t cookie, wa_sv_t command, wa_sv_t callid);

/** Adds the pairs of a flag text as Kamailio's rtpengine module understands it:
 * "replace-origin ICE=force RTP/SAVP SDES-off direction=meta".
 * The words of one kind become one list, as the protocol has it. */
void wa_ng_flags(wa_buf_t *b, wa_sv_t flags);

/** Splits a datagram into cookie and opened dictionary.
 * Returns 0, WA_EPARSE or another error of wa_ben_open(). */
int wa_ng_reply(wa_sv_t datagram, wa_sv_t *cookie, wa_ben_t *dict);

/** 0 for result ok; WA_ENOENT when rtpengine does not know the call; WA_EUNSUP
 * for any other refusal, with its text in `*reason`; WA_EPARSE. */
int wa_ng_result(const wa_ben_t *dict, wa_sv_t *reason);

/* What `query` says of a call. */
typedef struct wa_ng_call
{
	bool keys;	  /* Meta's leg has SRTP keys in the sending direction */
	bool filled;  /* and an address to send to */
	int64_t sent; /* RTP packets taken from the PBX so far */
} wa_ng_call_t;

/** Reads a query's reply. Returns 0, or WA_ENOENT when one of the two tags is
 * not there (before the answer rtpengine calls a party "<untagged N>"). */
int wa_ng_query(const wa_ben_t *dict, wa_sv_t meta_tag, wa_sv_t pbx_tag,
		wa_ng_call_t *out);

#endif
