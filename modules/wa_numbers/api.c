/* The C API of api.h. SPDX-License-Identifier: GPL-2.0-or-later */
#include "wan_api.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include "../lib/wa_err.h"
#include "directory.h"
#include "job.h"
#include "keys.h"
#include "nodes.h"
#include "params.h"
#include "status.h"
#include "wanted.h"

static int get(wa_sv_t digits, wa_number_t *out)
{
	return wan_dir_get(digits, out, NULL);
}

static int open_password(enum wa_record_kind kind, wa_sv_t key,
		const char *sealed, wa_secret_t *out)
{
	char aad[WA_SEAL_AAD_SIZE];
	int ret;

	if(sealed[0] == '\0')
		return WA_ENOENT;
	ret = wan_password_aad(kind, key, aad, sizeof(aad));
	if(ret == 0)
		ret = wa_seal_open(
				wan_keys(), wa_sv_from(sealed), wa_sv_from(aad), out);
	if(ret == 0)
		return 0;
	counter_inc(wan_cnt_seal_errors);
	if(wan_dir_refuse(kind, key))
		LM_ERR("%s %.*s: its sealed password is refused: %s\n",
				kind == WA_RECORD_TRUNK ? "trunk" : "number", WA_SV_ARG(key),
				ret == WA_EKEY
						? "sealed with a key that is not in seal_key_file"
						: "damaged, sealed with another key, or for another "
						  "record");
	/* malformed is as good as forged */
	return ret == WA_EKEY || ret == WA_ENOMEM ? ret : WA_EAUTH;
}

static int password(wa_sv_t digits, wa_secret_t *out)
{
	char sealed[WA_SEAL_TEXT_SIZE];
	wa_number_t n;
	int ret;

	memset(out, 0, sizeof(*out));
	ret = wan_dir_get(digits, &n, sealed);
	return ret < 0 ? ret
				   : open_password(WA_RECORD_NUMBER, digits, sealed, out);
}

static int trunk_password(wa_sv_t name, wa_secret_t *out)
{
	wa_trunk_t t;
	int ret;

	memset(out, 0, sizeof(*out));
	ret = wan_dir_trunk(name, &t);
	return ret < 0 ? ret : open_password(WA_RECORD_TRUNK, name, t.sealed, out);
}

static int each_trunk(int (*cb)(const wa_trunk_t *t, void *arg), void *arg)
{
	uint32_t cursor = 0;

	return wan_dir_trunk_page(&cursor, SIZE_MAX, cb, arg);
}

static int each(int (*cb)(const wa_number_t *n, void *arg), void *arg)
{
	uint32_t cursor = 0;

	return wan_dir_page(&cursor, SIZE_MAX, cb, arg);
}

/* All that Meta says about the number; what it does not have is emptied. */
static int add_seen_fields(wan_job_t *j, const wa_number_t *n)
{
	char text[WA_HOST_SIZE + 1];
	const char *name;
	unsigned flags;

	for(size_t i = 0;
			(name = wa_record_field(WA_RECORD_NUMBER, i, &flags)) != NULL;
			i++) {
		if(!(flags & WA_RECORD_SEEN))
			continue;
		if(wa_record_number_text(n, i, text, sizeof(text)) < 0
				|| wan_job_add(j, wa_sv_from(name), wa_sv_from(text)) < 0)
			return WA_ETOOLONG;
	}
	return 0;
}

static int put_seen(const wa_seen_t *seen)
{
	wan_job_t j;
	wa_number_t n = seen->number;
	int ret;

	wan_job_begin(&j, WAN_OP_SEEN, WA_RECORD_NUMBER, 0, wa_sv_from(n.digits));
	if(!seen->ok) {
		ret = wan_job_add(
				&j, WA_SV("sync_error"), wa_sv_from(n.sync_error));
	} else {
		if(n.synced == 0)
			n.synced = time(NULL);
		ret = add_seen_fields(&j, &n);
		if(ret == 0 && seen->password.len > 0)
			ret = wan_job_add(&j, WA_SV("password"),
					(wa_sv_t){seen->password.s, seen->password.len});
	}
	if(ret == 0)
		return wan_job_send(&j);
	OPENSSL_cleanse(&j, sizeof(j));
	LM_BUG("a settings read does not fit a job\n");
	return ret;
}

static int put_cdr(wa_sv_t json, unsigned keep)
{
	wan_status_t status;
	wan_job_t j;
	char text[16];
	int ret;

	wan_status_get(&status);
	if(!status.connected)
		return WA_EBUSY;
	snprintf(text, sizeof(text), "%u", keep);
	wan_job_begin(&j, WAN_OP_CDR, WA_RECORD_NUMBER, 0, wa_sv_from(text));
	ret = wan_job_add(&j, WA_SV("cdr"), json);
	return ret < 0 ? ret : wan_job_send(&j);
}

static void begin_order(
		wan_job_t *j, enum wa_order order, uint32_t id, wa_sv_t digits)
{
	static const struct
	{
		enum wan_op op;
		enum wa_record_kind kind;
	} orders[] = {[WA_ORDER_NUMBER] = {WAN_OP_SET, WA_RECORD_NUMBER},
			[WA_ORDER_FLAG] = {WAN_OP_SEEN, WA_RECORD_NUMBER},
			[WA_ORDER_WANTED] = {WAN_OP_SET, WA_RECORD_WANTED},
			[WA_ORDER_LEASE] = {WAN_OP_LEASE, WA_RECORD_WANTED},
			[WA_ORDER_RELEASE] = {WAN_OP_RELEASE, WA_RECORD_WANTED},
			[WA_ORDER_AUDIT] = {WAN_OP_AUDIT, WA_RECORD_WANTED}};

	wan_job_begin(j, orders[order].op, orders[order].kind, id, digits);
}

static uint32_t queue(enum wa_order order, wa_sv_t digits, const wa_pair_t *pairs,
		size_t n)
{
	uint32_t id = wan_result_new();
	wan_job_t j;
	int ret = 0;

	begin_order(&j, order, id, digits);
	for(size_t i = 0; ret == 0 && i < n; i++)
		ret = wan_job_add(&j, pairs[i].name, pairs[i].value);
	if(ret == 0)
		ret = wan_job_send(&j);
	if(ret == 0)
		return id;
	wan_result_set(id, WAN_JOB_FAILED, wa_strerror(ret));
	return 0;
}

static int outcome(uint32_t id, char *why, size_t size)
{
	char text[WAN_TEXT_SIZE] = "forgotten";
	enum wan_job_state state = wan_result_get(id, text);

	if(state == WAN_JOB_DONE)
		return 1;
	if(state == WAN_JOB_QUEUED)
		return 0;
	if(size > 0 && snprintf(why, size, "%s", text) < 0)
		why[0] = '\0';
	return WA_EIO;
}

int bind_wa_numbers(wa_numbers_api_t *api)
{
	if(api == NULL)
		return -1;
	*api = (wa_numbers_api_t){.get = get,
			.password = password,
			.trunk = wan_dir_trunk,
			.trunk_by_group = wan_dir_trunk_by_group,
			.trunk_password = trunk_password,
			.each_trunk = each_trunk,
			.each = each,
			.put_seen = put_seen,
			.put_cdr = put_cdr,
			.tell = wan_nodes_tell,
			.hear = wan_nodes_hear,
			.wanted = wan_wanted_get,
			.each_wanted = wan_wanted_each,
			.queue = queue,
			.outcome = outcome};
	return 0;
}
