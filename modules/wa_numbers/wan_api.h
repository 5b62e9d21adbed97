/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WA_NUMBERS_WAN_API_H
#define WA_NUMBERS_WAN_API_H

#include "api.h"

/** Fills the C API; exported as "bind_wa_numbers". Returns 0 or -1. */
int bind_wa_numbers(wa_numbers_api_t *api);

#endif
