/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_numbers_pv.h"

#include <string.h>

#include <kamailio/core/pvapi.h>

#include "../lib/wa_err.h"
#include "../lib/wa_record.h"
#include "directory.h"

/* The record loaded last. A message is handled by one process at a time, and
 * the id tells whether it was loaded for this one. */
static struct
{
	unsigned int msg_id;
	int msg_pid;
	bool valid;
	wa_number_t number;
} loaded;

int ki_numbers_load(sip_msg_t *msg, str *digits)
{
	wa_sv_t d = KSR_SV(digits);
	int ret;

	loaded.valid = false;
	if(d.len > 0 && d.s[0] == '+')
		d = (wa_sv_t){d.s + 1, d.len - 1};
	ret = wan_dir_get(d, &loaded.number, NULL);
	if(ret < 0)
		return ret == WA_ENOTREADY ? -2 : -1;
	loaded.msg_id = msg->id;
	loaded.msg_pid = msg->pid;
	loaded.valid = true;
	return 1;
}

int w_numbers_load(sip_msg_t *msg, char *digits, char *unused KSR_UNUSED)
{
	str s;

	if(fixup_get_svalue(msg, (gparam_t *)digits, &s) < 0) {
		LM_ERR("cannot get the number\n");
		return -1;
	}
	return ki_numbers_load(msg, &s);
}

/* Names of no record field. */
enum
{
	PV_DIGITS = 1000,
	PV_HAS_PASSWORD
};

int wan_pv_parse_name(pv_spec_t *sp, str *in)
{
	wa_sv_t name = KSR_SV(in);
	const char *field;
	int id = -1;

	for(size_t i = 0; (field = wa_record_field(WA_RECORD_NUMBER, i, NULL)); i++)
		if(wa_sv_eq(name, wa_sv_from(field)))
			id = (int)i;
	if(wa_sv_eq(name, WA_SV("digits")))
		id = PV_DIGITS;
	if(wa_sv_eq(name, WA_SV("has_password")))
		id = PV_HAS_PASSWORD;
	if(id < 0) {
		LM_ERR("$wa_number(%.*s): no such field\n", STR_FMT(in));
		return -1;
	}
	sp->pvp.pvn.type = PV_NAME_INTSTR;
	sp->pvp.pvn.u.isname.type = 0;
	sp->pvp.pvn.u.isname.name.n = id;
	return 0;
}

static bool is_integer(const char *name)
{
	static const char *const integers[] = {
			"port", "calling", "sip", "rotating", "synced", "password_since", "version"};

	for(size_t i = 0; i < sizeof(integers) / sizeof(integers[0]); i++)
		if(strcmp(integers[i], name) == 0)
			return true;
	return false;
}

/* Text is copied to a buffer that Kamailio rotates: a later load in the same
 * expression does not change it. */
static int get_text(
		sip_msg_t *msg, pv_param_t *param, pv_value_t *res, const char *text)
{
	str s = {pv_get_buffer(), 0};
	size_t len = strlen(text);

	if(len >= (size_t)pv_get_buffer_size())
		return pv_get_null(msg, param, res);
	memcpy(s.s, text, len + 1);
	s.len = (int)len;
	return pv_get_strval(msg, param, res, &s);
}

int wan_pv_get(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	int id = (int)param->pvn.u.isname.name.n;
	char text[WA_HOST_SIZE + 1];
	unsigned long value;

	if(!loaded.valid || loaded.msg_id != msg->id || loaded.msg_pid != msg->pid)
		return pv_get_null(msg, param, res);
	if(id == PV_DIGITS)
		return get_text(msg, param, res, loaded.number.digits);
	if(id == PV_HAS_PASSWORD)
		return pv_get_sintval(msg, param, res, loaded.number.has_password);
	if(wa_record_number_text(&loaded.number, (size_t)id, text, sizeof(text))
			< 0)
		return pv_get_null(msg, param, res);
	if(!is_integer(wa_record_field(WA_RECORD_NUMBER, (size_t)id, NULL)))
		return get_text(msg, param, res, text);
	if(wa_sv_ulong(wa_sv_from(text), INT_MAX, &value) < 0)
		return get_text(msg, param, res, text);
	return pv_get_sintval(msg, param, res, (ksr_pvint_t)value);
}
