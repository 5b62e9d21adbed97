/* Work on one number at Meta that must not be left half done, as it stands in
 * Redis: whoever finds it goes on with it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A rotation, step by step (Meta knows no other way to a new password):
 *
 *   disable   calling and SIP off, our server entry cleared
 *   enable    the entry written as it was, and what was on is on again
 *   srtp      SDES, in a write of its own, where it was SDES
 *   read      settings with the new password; all of it as before?
 *
 * Each step can be done again after a crash: none depends on having been done
 * once.
 */
#ifndef WA_JOB_H
#define WA_JOB_H

#include <stdint.h>

#include "wa_calling.h"
#include "wa_wanted.h"

#define WA_JOB_BODY_SIZE 2816
#define WA_JOB_TEXT_SIZE 3456
#define WA_JOB_BY_SIZE 64
#define WA_FINGERPRINT_SIZE 16

enum wa_job_kind
{
	WA_JOB_APPLY = 0,
	WA_JOB_REPAIR,
	WA_JOB_ROTATE
};

enum wa_job_step
{
	WA_STEP_NONE = 0, /* apply and repair begin anew, whatever was done */
	WA_STEP_DISABLE,
	WA_STEP_ENABLE,
	WA_STEP_SRTP,
	WA_STEP_READ
};

typedef struct wa_job
{
	enum wa_job_kind kind;
	enum wa_job_step step;
	char by[WA_JOB_BY_SIZE]; /* who wanted it */
	int64_t begun;			 /* seconds since 1970 */
	enum wa_srtp srtp;		 /* as it is to be in the end, said in the file or not */
	char old[WA_FINGERPRINT_SIZE]; /* of the password before */
	char body[WA_JOB_BODY_SIZE];   /* of a rotation: what `enable` writes */
} wa_job_t;

/** Returns 0, WA_ETOOLONG or WA_ENOMEM. */
int wa_job_text(const wa_job_t *j, char *out, size_t size);
/** Returns 0, WA_EPARSE, WA_ETOOLONG or WA_ENOMEM. */
int wa_job_parse(wa_job_t *out, wa_sv_t text);

const char *wa_job_kind_name(enum wa_job_kind kind);
const char *wa_job_step_name(enum wa_job_step step);

/** A rotation of a number that Meta has as in `meta`: its first step and the body
 * that brings all back. Returns 0, WA_ENOENT (no server entry of ours: there is
 * no password to change), WA_ETOOLONG or WA_ENOMEM. */
int wa_job_rotate(wa_job_t *out, const wa_calling_t *meta, const char *by, int64_t now);

/** The body that `step` writes; a constant, or j->body. NULL: it writes nothing. */
const char *wa_job_write(const wa_job_t *j);

/** The step after. WA_STEP_NONE after the last. */
enum wa_job_step wa_job_next(const wa_job_t *j);

/** "sha256:" and 8 hexadecimal digits: enough to tell two passwords apart, too
 * little to find one by. "" for an empty one. */
void wa_fingerprint(char out[WA_FINGERPRINT_SIZE], wa_sv_t digits, const wa_secret_t *s);

#endif
