/* Redis fields: read leniently, written, read again; checked strictly.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Input: a line with digits or a trunk's name, then lines name=value.
 */
#include "fuzz.h"

#include <string.h>

#include "wa_err.h"
#include "wa_pack.h"
#include "wa_record.h"

#define PAIRS_MAX 32

typedef int (*text_fn)(const void *rec, size_t i, char *out, size_t size);

static int number_text(const void *rec, size_t i, char *out, size_t size)
{
	return wa_record_number_text(rec, i, out, size);
}

static int trunk_text(const void *rec, size_t i, char *out, size_t size)
{
	return wa_record_trunk_text(rec, i, out, size);
}

/* What a record is stored as, field by field. */
static size_t store(enum wa_record_kind kind, text_fn text, const void *rec,
		char mem[][WA_RECORD_VALUE_SIZE], wa_pair_t *pairs)
{
	size_t n = 0;
	const char *name;

	for(size_t i = 0; (name = wa_record_field(kind, i, NULL)) != NULL; i++) {
		FUZZ_CHECK(i < WA_RECORD_FIELDS_MAX);
		FUZZ_CHECK(text(rec, i, mem[i], WA_RECORD_VALUE_SIZE) == 0);
		if(mem[i][0] != '\0')
			pairs[n++] = (wa_pair_t){wa_sv_from(name), wa_sv_from(mem[i])};
	}
	return n;
}

static char one[WA_RECORD_FIELDS_MAX][WA_RECORD_VALUE_SIZE];
static char two[WA_RECORD_FIELDS_MAX][WA_RECORD_VALUE_SIZE];

static void same_fields(const wa_pair_t *a, size_t n, const wa_pair_t *b, size_t m)
{
	FUZZ_CHECK(n == m);
	for(size_t i = 0; i < n; i++)
		FUZZ_CHECK(wa_sv_eq(a[i].name, b[i].name) && wa_sv_eq(a[i].value, b[i].value));
}

static void number(wa_sv_t digits, const wa_pair_t *pairs, size_t n)
{
	wa_pair_t a[WA_RECORD_FIELDS_MAX], b[WA_RECORD_FIELDS_MAX];
	wa_number_t rec, again;
	wa_sv_t sealed, bad;
	uint8_t packed[WA_PACK_MAX];
	size_t na, nb;
	int len;

	if(wa_record_read_number(digits, pairs, n, &rec, &sealed, &bad) < 0)
		return;
	/* a second time: control characters become spaces, spaces at the ends go */
	na = store(WA_RECORD_NUMBER, number_text, &rec, one, a);
	FUZZ_CHECK(wa_record_read_number(digits, a, na, &rec, NULL, &bad) == 0);
	na = store(WA_RECORD_NUMBER, number_text, &rec, one, a);
	FUZZ_CHECK(wa_record_read_number(digits, a, na, &again, NULL, &bad) == 0);
	FUZZ_CHECK(bad.len == 0);
	nb = store(WA_RECORD_NUMBER, number_text, &again, two, b);
	same_fields(a, na, b, nb);
	len = wa_pack_number(&rec, sealed, packed, sizeof(packed));
	FUZZ_CHECK(len > 0 || (len == WA_ETOOLONG && sealed.len > 255));
	if(len < 0)
		return;
	FUZZ_CHECK(wa_unpack_number(packed, (size_t)len, &again, NULL) == 0);
	nb = store(WA_RECORD_NUMBER, number_text, &again, two, b);
	same_fields(a, na, b, nb);
}

static void trunk(wa_sv_t name, const wa_pair_t *pairs, size_t n)
{
	wa_pair_t a[WA_RECORD_FIELDS_MAX], b[WA_RECORD_FIELDS_MAX];
	wa_trunk_t rec, again;
	wa_sv_t bad;
	size_t na, nb;

	if(wa_record_read_trunk(name, pairs, n, &rec, &bad) < 0)
		return;
	FUZZ_CHECK(rec.n_gateways <= WA_GATEWAYS_MAX);
	na = store(WA_RECORD_TRUNK, trunk_text, &rec, one, a);
	FUZZ_CHECK(wa_record_read_trunk(name, a, na, &again, &bad) == 0);
	FUZZ_CHECK(bad.len == 0);
	nb = store(WA_RECORD_TRUNK, trunk_text, &again, two, b);
	same_fields(a, na, b, nb);
}

/* What the strict reader takes, the lenient one understands. */
static void check(enum wa_record_kind kind, wa_pair_t p)
{
	char out[WA_RECORD_VALUE_SIZE], err[160];
	wa_pair_t stored = {p.name, {out, 0}};
	wa_number_t n;
	wa_trunk_t t;
	wa_sv_t bad;

	if(wa_record_check(kind, p.name, p.value, out, sizeof(out), err, sizeof(err)) < 0) {
		FUZZ_CHECK(memchr(err, '\0', sizeof(err)) != NULL);
		return;
	}
	stored.value.len = strlen(out);
	if(stored.value.len == 0)
		return;
	if(kind == WA_RECORD_NUMBER)
		FUZZ_CHECK(wa_record_read_number(
						   WA_SV("15550001111"), &stored, 1, &n, NULL, &bad) == 0);
	else
		FUZZ_CHECK(wa_record_read_trunk(WA_SV("pbx"), &stored, 1, &t, &bad) == 0);
	FUZZ_CHECK(bad.len == 0);
}

void fuzz_record(const uint8_t *data, size_t size)
{
	wa_sv_t rest = fuzz_text(data, size), key = wa_sv_cut(&rest, '\n');
	wa_pair_t pairs[PAIRS_MAX];
	size_t n = 0;

	while(rest.len > 0 && n < PAIRS_MAX) {
		wa_sv_t value = wa_sv_cut(&rest, '\n'), name = wa_sv_cut(&value, '=');

		pairs[n++] = (wa_pair_t){name, value};
	}
	number(key, pairs, n);
	trunk(key, pairs, n);
	for(size_t i = 0; i < n; i++) {
		check(WA_RECORD_NUMBER, pairs[i]);
		check(WA_RECORD_TRUNK, pairs[i]);
	}
}
