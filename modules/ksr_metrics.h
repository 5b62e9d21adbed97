/* Figures of a module for Prometheus, which wa_calls serves.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Counters of Kamailio's own kind are shown by themselves: as a counter, unless
 * their documentation says at the definition that they also fall:
 *
 *     {NULL, "numbers", CNT_F_NO_RESET, count_numbers, NULL,
 *             KSR_NOW("numbers in the directory")},
 *
 * What has labels a module writes itself, in wa_calls' process for metrics, where
 * it may wait for a moment:
 *
 *     static cmd_export_t cmds[] = {KSR_METRICS(write_figures), ...
 */
#ifndef KSR_METRICS_H
#define KSR_METRICS_H

#include "ksr_compat.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/wa_buf.h"

#define KSR_NOW_PREFIX "now: "
#define KSR_NOW(doc) KSR_NOW_PREFIX doc

typedef void (*ksr_metrics_f)(wa_buf_t *b);

#define KSR_METRICS(f) {"wa_metrics", KSR_CMD(f), 0, 0, 0, 0}

/** What the module writes; NULL: nothing, or it is not loaded. */
static inline ksr_metrics_f ksr_metrics_of(const char *module)
{
	return (ksr_metrics_f)(void (*)(void))find_mod_export(
			(char *)(uintptr_t)module, "wa_metrics", 0, 0);
}

/** Does the counter of this documentation also fall? `doc` is moved behind what
 * says so. */
static inline bool ksr_is_now(const char **doc)
{
	const size_t n = sizeof(KSR_NOW_PREFIX) - 1;

	if(*doc == NULL || strncmp(*doc, KSR_NOW_PREFIX, n) != 0)
		return false;
	*doc += n;
	return true;
}

#endif
