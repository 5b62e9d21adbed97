/* What every fuzz target has: one function per kind of input.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A target takes any bytes and returns; what must always hold it states with
 * FUZZ_CHECK. libFuzzer calls it through entry.c, the unit tests replay the
 * corpus through test_fuzz_corpus.c.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "wa_sv.h"

/* Each name is also that of a source, fuzz_NAME.c, and of a corpus. */
#define FUZZ_TARGETS(X)                                                       \
	X(apps) X(call) X(challenge) X(credentials) X(graph_error) X(graph_health) \
	X(graph_list) X(graph_usage) X(headers) X(leg) X(nft) X(ng) X(pack) X(record) \
	X(operator) X(ranges) X(redis_url) X(relay) X(sdp) X(seal)                \
	X(settings) X(shape) X(tls_files) X(token) X(trace) X(trunk) X(uri) X(usage) \
	X(voice) X(wanted)

#define FUZZ_DECLARE(name) void fuzz_##name(const uint8_t *data, size_t size);
FUZZ_TARGETS(FUZZ_DECLARE)
#undef FUZZ_DECLARE

#define FUZZ_CHECK(cond)                                                      \
	do {                                                                      \
		if(!(cond)) {                                                         \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
					#cond);                                                   \
			abort();                                                          \
		}                                                                     \
	} while(0)

static inline wa_sv_t fuzz_text(const uint8_t *data, size_t size)
{
	return (wa_sv_t){(const char *)data, size};
}

/* Whether `v` is empty or lies inside `whole`. */
static inline bool fuzz_inside(wa_sv_t v, wa_sv_t whole)
{
	return v.len == 0
		   || ((uintptr_t)v.s >= (uintptr_t)whole.s
				   && (uintptr_t)v.s + v.len <= (uintptr_t)whole.s + whole.len);
}

#endif
