/* From a job into Redis. The directory process only.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_NUMBERS_WRITER_H
#define WA_NUMBERS_WRITER_H

#include "job.h"
#include "redis_link.h"

/* The stream that every node follows, and its length cap. */
#define WAN_STREAM "wa:changes"
#define WAN_STREAM_CAP "100000"

/* Records of calls, for collectors. */
#define WAN_CDR_STREAM "wa:cdr"

/** Carries out one job (not WAN_OP_RELOAD): writes what has changed, tells the
 * other nodes, brings the directory up to date and sets the job's result.
 * `*in_doubt` is false for a new job and kept for the next try of it: whether it
 * was done though nobody has said so.
 * Returns 0, also when the job was refused; WA_EIO: try it again on the next
 * connection; or WA_EBUSY and l->why: Redis takes no write at the moment, try it
 * again later. */
int wan_write(wan_link_t *l, const wan_job_view_t *job, bool *in_doubt);

#endif
