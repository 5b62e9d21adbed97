/* wa_numbers_load() and $wa_number(field).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_NUMBERS_PV_H
#define WA_NUMBERS_PV_H

#include "../ksr_compat.h"

/** Loads the record of `digits` for this message, in this process: 1 = found,
 * -1 = unknown, -2 = the directory is not loaded. Also for KEMI. */
int ki_numbers_load(sip_msg_t *msg, str *digits);
int w_numbers_load(sip_msg_t *msg, char *digits, char *unused);

int wan_pv_parse_name(pv_spec_t *sp, str *in);
int wan_pv_get(sip_msg_t *msg, pv_param_t *param, pv_value_t *res);

#endif
