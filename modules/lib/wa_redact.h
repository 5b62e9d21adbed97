/* A SIP message as others may see it: what opens something is blanked.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_REDACT_H
#define WA_REDACT_H

#include <stddef.h>

/** Overwrites with "x", so that the message keeps its length: all of a digest's
 * answer that a password could be guessed from (response, rspauth), credentials of
 * any other scheme whole, SDES keys (a=crypto), ICE passwords, and the digits of
 * an INFO. Bytes after `len` are not touched. */
void wa_redact(char *message, size_t len);

#endif
