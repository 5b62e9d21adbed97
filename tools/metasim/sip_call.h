/* Calls: what both directions share.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * "user" is the WhatsApp user whom we play, "number" the business behind the
 * SBC. sip_user.c rings the business, sip_business.c is rung by it,
 * sip_indialog.c is what follows the 200 OK in either case.
 */
#ifndef METASIM_SIP_CALL_H
#define METASIM_SIP_CALL_H

#include "args.h"
#include "media.h"
#include "sip_conn.h"
#include "sip_trans.h"
#include "sip_write.h"
#include "store.h"

enum call_state
{
	CALL_NEW,	   /* INVITE sent or received, nothing agreed */
	CALL_CHALLENGED, /* business: our 407 is out */
	CALL_RINGING,  /* business: accepted, 180 sent or due */
	CALL_ANSWERED, /* business: 200 sent, no ACK yet */
	CALL_UNACKED,  /* user: 200 came, and we may not ACK it */
	CALL_UP,
	CALL_ENDING, /* CANCEL or BYE of ours is out */
	CALL_OVER,	 /* kept for a while for what comes late */
};

struct call
{
	struct le le; /* all calls */
	struct le he; /* by Call-ID */
	enum call_state state;
	bool by_user; /* user-initiated */
	char *name;	  /* in events */
	char *callid;
	char *wacid; /* "wacid.HBg..." or NULL */

	struct store_number *number;
	char *hostname; /* the SBC, as configured on the number */
	uint16_t port;
	char *user; /* digits or BSUID */
	char *user_id, *user_name, *parent_user_id;

	/* dialog (RFC 3261 12) */
	char *local;	/* our From or To value, with tag */
	char *remote;	/* theirs, with tag once it is known */
	char *ltag, *rtag;
	char *contact;	/* our Contact URI, as the other side must echo it */
	char *rcontact; /* theirs */
	struct mbuf *route; /* their Record-Routes as our Route lines, or NULL */
	char *next_hop; /* URI of the first of them, else rcontact */
	uint32_t lseq, rseq;

	/* the INVITE */
	char *sentby;
	char branch[SIP_BRANCH_SIZE];
	uint32_t invite_seq;
	struct sip_conn *conn;		/* it went or came by this one */
	struct sip_msg *invite;		/* business: the one to be answered */
	struct sip_ctrans *invite_ct; /* user */
	struct sip_ctrans *cancel_ct; /* user */
	struct sip_ctrans *bye_ct;	  /* of ours */
	struct mbuf *ack;			/* user: sent again for each 200 that comes again */
	struct json_object *options;  /* of the command "call"; NULL for business */
	struct json_object *options_hangup; /* the command that owns hangup_reason */
	unsigned challenges;		/* so far on this call */
	bool provisional, cancel_wanted;
	unsigned retransmissions;

	struct media *media;
	struct mbuf *sdp; /* ours */
	struct json_object *final_stats;
	uint64_t answered_at; /* tmr_jiffies(), 0 = not answered */
	const char *hangup_reason; /* for the Reason header, or NULL */
	struct tmr tmr;		  /* ringing, ACK, hang-up */
	struct tmr tmr_answer; /* retransmission of 200 */
	struct tmr tmr_linger;
};

int call_init(void);
void call_close(void);

/** A new call; `name` may be NULL (one is made up), `callid` too. The list owns
 * it until call_over() and a while longer. EEXIST: the name is taken. */
int call_new(struct call **cp, bool by_user, const char *name, const char *callid);

/** Names the call on the wire: Call-ID `prefix``rest`. Once only. */
int call_set_callid(struct call *c, const char *prefix, const char *rest);

struct call *call_by_callid(const struct pl *callid);
struct call *call_by_name(const char *name);
const char *call_name(const struct pl *callid); /* for the trace */
const char *call_next_name(void); /* that the next business call will get */

/** Live calls of the pair (user may be NULL: any user). */
unsigned call_count(const struct store_number *n, const char *user);

/** An event about this call: "call", "direction" and nothing more yet. */
struct json_object *call_event(const struct call *c, const char *name);

/** The call is over: emits "call_ended" with `by` ("user", "business", "meta"),
 * `code` (0 = BYE) and `reason`, and lets media go. */
void call_over(struct call *c, const char *by, unsigned code, const char *reason);

/** A session with the parameters of the number, overridden by `opt` (may be
 * NULL, is kept by its owner). Returns 0 or an errno value with `why` filled. */
int call_media_alloc(struct call *c, struct json_object *opt, char *why, size_t size);

/** Statistics of the media, running or final; a new reference or NULL. */
struct json_object *call_stats(const struct call *c);

/** The x-wa-meta headers that name the user. */
int call_write_identity(struct mbuf *mb, const struct call *c);

/** Every open call ends at once without a word on the wire. */
void call_forget_all(void);

/* sip_user.c */
int sip_user_call(struct json_object *cmd, const char **name, char *why, size_t size);
int sip_user_cancel(struct call *c, const char *reason);
int sip_user_ack(struct call *c); /* of a 200 that was held back or delayed */

/* sip_business.c */
void sip_business_invite(struct sip_conn *conn, const struct sip_msg *msg);
void sip_business_cancel(struct sip_conn *conn, const struct sip_msg *msg);
int sip_business_refuse(struct call *c, uint16_t code, const char *reason);
int sip_business_answer(struct call *c);
void sip_business_up(struct call *c); /* the ACK came */

/* sip_indialog.c */
void sip_indialog_request(struct sip_conn *conn, const struct sip_msg *msg);
void sip_indialog_ack(const struct sip_msg *msg);
int sip_indialog_bye(struct call *c, const char *reason);
/** Our Route lines and next hop from the Record-Routes of `msg`; of a response
 * (`reverse`) without the last `ours` ones, which are Meta's. */
int sip_indialog_routes(struct call *c, const struct sip_msg *msg, bool reverse,
		unsigned ours);
/** A connection to the next hop of the dialog. */
int sip_indialog_conn(struct sip_conn **connp, struct call *c);
/** The URI inside a Contact value. */
int sip_indialog_contact(struct call *c, const struct sip_msg *msg);

/* sip_core.c */
int sip_core_start(char *why, size_t size);
void sip_core_stop(void);
/** Hangs up in whatever way fits the state. */
int sip_hangup(struct call *c, const char *reason);

#endif
