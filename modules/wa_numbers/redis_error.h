/* What an error of Redis means for us.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_NUMBERS_REDIS_ERROR_H
#define WA_NUMBERS_REDIS_ERROR_H

#include <stddef.h>

enum wan_error
{
	WAN_ERROR_OTHER, /* of this command, not of the server */
	WAN_ERROR_WRITE, /* reading works, this write does not, for now */
	WAN_ERROR_AWAY	 /* of no use at the moment: leave and come back */
};

/** Sorts `error` by its first words and writes one line for people to `why`,
 * except for WAN_ERROR_OTHER. */
enum wan_error wan_error_explain(const char *error, char *why, size_t size);

#endif
