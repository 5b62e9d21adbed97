/* A call: all that its record, its journal entry and a BYE need.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Plain data of a fixed size, without pointers: it lies in shared memory, is
 * copied between processes, and goes to the journal as a line of JSON.
 */
#ifndef WA_CALL_H
#define WA_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "wa_buf.h"
#include "wa_reason.h"
#include "wa_sv.h"

#define WA_CALL_LINE_SIZE 12288 /* a line of the journal or of the CDR file */
#define WA_LEG_SIZE 1792		/* all texts of a leg with their NULs */

/* Texts of a leg, in this order. */
enum wa_leg_text
{
	WA_LEG_CALL_ID,
	WA_LEG_LOCAL,	   /* display name and URI, as From or To have it */
	WA_LEG_LOCAL_TAG,
	WA_LEG_REMOTE,
	WA_LEG_REMOTE_TAG,
	WA_LEG_TARGET, /* the far end's Contact, a URI */
	WA_LEG_ROUTES, /* value of a Route header, "" = none */
	WA_LEG_SOCKET, /* ours, "tls:192.0.2.1:5061" */
	WA_LEG_TEXTS
};

/* One side of the call as seen from here; empty until the call is answered. */
typedef struct wa_leg
{
	uint32_t cseq; /* of the next request toward the far end */
	char text[WA_LEG_SIZE];
} wa_leg_t;

/** Sets all texts. Returns 0, or WA_ETOOLONG and the leg is empty. */
int wa_leg_set(wa_leg_t *leg, const wa_sv_t text[WA_LEG_TEXTS], uint32_t cseq);

/** One text, valid as long as the leg is; "" if the leg is empty. */
wa_sv_t wa_leg_get(const wa_leg_t *leg, enum wa_leg_text which);

bool wa_leg_is_set(const wa_leg_t *leg);

enum wa_call_state
{
	WA_CALL_NEW,	  /* admitted, nothing has gone out yet */
	WA_CALL_OFFERED,
	WA_CALL_RINGING,
	WA_CALL_ANSWERED
};

enum wa_call_result
{
	WA_CALL_REFUSED,   /* by us: the other side never heard of it */
	WA_CALL_FAILED,	   /* by the other side, or on the way there */
	WA_CALL_CANCELLED, /* by the caller */
	WA_CALL_ENDED	   /* it was answered */
};
#define WA_CALL_RESULTS 4

typedef struct wa_call
{
	char id[40];	/* the record's own, unique among all nodes and starts */
	char node[64];
	char call[256]; /* the Call-ID that it began with */
	char meta_call[96]; /* the Call-ID toward Meta, where that is another */
	char wacid[160];
	char dir[4];	/* "in": the user calls, "out": the business does */
	char number[24];
	char peer[160];
	char trunk[64];
	char gateway[160];
	char src[64];
	char keys[8];	/* dtls, sdes */
	char codec_meta[16];
	char codec_pbx[16];
	char media_node[64];
	char cause[WA_REASON_CODE_SIZE];
	char phrase[128];
	char ended_by[8]; /* meta, pbx, sbc */
	char mos[12], loss[12], jitter[12]; /* as rtpengine says them */
	int32_t state;
	int32_t result;
	int32_t code;
	int32_t meta_duration; /* s, -1 = Meta did not say */
	int32_t first_ms;	   /* answer to first packet toward Meta, -1 = none */
	int32_t restarted;	   /* Kamailio ended during the call and began again */
	int64_t offered, ringing, answered, ended; /* ms since 1970, 0 = not */
	/* By the clock that nobody sets, ms; 0 = before this start. In no record. */
	int64_t admitted_at, answered_at;
	wa_leg_t meta, pbx;
} wa_call_t;

/** An empty call. */
void wa_call_init(wa_call_t *c);

/** Sets a text field by its name ("number", "trunk", ...); cut if too long.
 * Returns 0, or WA_ENOENT: there is no such text field. */
int wa_call_set(wa_call_t *c, const char *name, wa_sv_t value);

/** Takes over from `src` what it says: text fields and figures that are set; with
 * `fill` only those that are empty so far. */
void wa_call_merge(wa_call_t *dst, const wa_call_t *src, bool fill);

/** It is over, `now` (ms since 1970). What was answered since this start has lasted
 * as long as `clock` (monotonic, ms) says: somebody may have set the other one. */
void wa_call_end(wa_call_t *c, int64_t now, int64_t clock);

/** Whose doing it was: "meta", "pbx" or "sbc", of `cause` and `dir`. */
const char *wa_call_ended_by(const wa_call_t *c);

/** The record for collectors, one object, no newline; with `masked` numbers are
 * as in the log. Texts from outside are cut and cleaned. */
void wa_call_cdr(const wa_call_t *c, bool masked, wa_buf_t *b);

/** One line for the log, key=value, numbers always masked, no newline. What has
 * spaces or quotes in it stands in quotes. */
void wa_call_line(const wa_call_t *c, wa_buf_t *b);

/** The same for the journal: everything, legs too. */
void wa_call_journal(const wa_call_t *c, wa_buf_t *b);

/** Reads what wa_call_journal() wrote. Returns 0, WA_EPARSE, WA_ETYPE or
 * WA_ENOMEM. */
int wa_call_read(wa_call_t *c, wa_sv_t line);

/** Of a record that wa_call_cdr() wrote: Call-ID and direction. Returns as above. */
int wa_call_read_record(wa_call_t *c, wa_sv_t line);

/** new, offered, ringing, answered; refused, failed, cancelled, ended. */
const char *wa_call_state_name(int state);
const char *wa_call_result_name(int result);

#endif
