/* Meta's answer to GET /<phone number id>?fields=health_status,display_phone_number.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * {"health_status":{"can_send_message":"AVAILABLE","entities":[
 *   {"entity_type":"PHONE_NUMBER","id":"...","can_send_message":"AVAILABLE",
 *    "can_receive_call_sip":"BLOCKED","errors":[{"error_code":138024,
 *    "error_description":"...","possible_solution":"..."}]},
 *   {"entity_type":"WABA",...},{"entity_type":"BUSINESS",...},
 *   {"entity_type":"APP","can_receive_call_sip":"AVAILABLE",...}]},
 *  "display_phone_number":"+1 631-555-1111"}
 */
#ifndef WA_GRAPH_HEALTH_H
#define WA_GRAPH_HEALTH_H

#include <stddef.h>

#include "wa_number.h"
#include "wa_sv.h"

enum wa_health_level
{
	WA_HEALTH_UNKNOWN, /* Meta does not say */
	WA_HEALTH_AVAILABLE,
	WA_HEALTH_LIMITED,
	WA_HEALTH_BLOCKED
};

#define WA_ENTITY_SIZE 20

typedef struct wa_graph_health
{
	enum wa_health_level sip;	  /* can_receive_call_sip: the worst of all entities */
	enum wa_health_level message; /* can_send_message, as a whole */
	char entity[WA_ENTITY_SIZE];  /* whose `sip` it is; "" = nobody's */
	long code;					  /* of the first error of that entity, 0 = none */
	char text[WA_ERROR_SIZE];	  /* its remedy, else its description; printable */
	char number[WA_DIGITS_SIZE];  /* digits of display_phone_number, "" = not said */
} wa_graph_health_t;

/** Returns 0, or with `*out` untouched and `why` naming the member WA_ETOOLONG
 * (above 1 MiB), WA_EPARSE, WA_ETYPE or WA_ENOMEM. A level that is new to us
 * counts as unknown. */
int wa_graph_health_parse(wa_graph_health_t *out, wa_sv_t json, char *why, size_t size);

/** "AVAILABLE" and so on, "" for unknown. */
const char *wa_health_name(enum wa_health_level level);

#endif
