/* Wanted state: what a deployment's file says of its business numbers.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 *     {"defaults": {"hostname": "sbc.example.com", "srtp": "SDES"},
 *      "numbers": [{"number": "+15550001111", "phone_number_id": "106540352242922",
 *                   "calling": "ENABLED", "sip": "ENABLED",
 *                   "policy": {"drift": "repair", "rotate_days": 90}}]}
 *
 * modules/wa_settings/wanted.schema.json is the same as a JSON schema. A member
 * that is not in the file is nobody's wish: it is neither compared nor written.
 */
#ifndef WA_WANTED_H
#define WA_WANTED_H

#include <stdbool.h>
#include <stdint.h>

#include "wa_hours.h"
#include "wa_number.h"
#include "wa_sv.h"

#define WA_WANTED_FILE_MAX (64 * 1024 * 1024)
#define WA_WANTED_TEXT_SIZE 3584 /* of one number; the longest fits */
#define WA_WANTED_WHY_SIZE 320
#define WA_WANTED_ROTATE_MAX 3650

/* What a number's entry says. */
enum wa_wanted_said
{
	WA_SAYS_PHONE_NUMBER_ID = 1 << 0,
	WA_SAYS_WABA_ID = 1 << 1,
	WA_SAYS_APP_ID = 1 << 2,
	WA_SAYS_TRUNK = 1 << 3,
	WA_SAYS_CALLING = 1 << 4,
	WA_SAYS_SIP = 1 << 5,
	WA_SAYS_HOSTNAME = 1 << 6,
	WA_SAYS_PORT = 1 << 7,
	WA_SAYS_PARAMS = 1 << 8,
	WA_SAYS_SRTP = 1 << 9,
	WA_SAYS_CODECS = 1 << 10,
	WA_SAYS_ICON = 1 << 11,
	WA_SAYS_CALLBACK = 1 << 12,
	WA_SAYS_WEBHOOK = 1 << 13,
	WA_SAYS_HOURS = 1 << 14,
	WA_SAYS_DRIFT = 1 << 15,
	WA_SAYS_ROTATE = 1 << 16
};

typedef struct wa_wanted
{
	char digits[WA_DIGITS_SIZE];
	unsigned said; /* enum wa_wanted_said */
	char phone_number_id[WA_ID_SIZE];
	char waba_id[WA_ID_SIZE];
	char app_id[WA_ID_SIZE];
	char trunk[WA_NAME_SIZE];
	bool calling, sip;
	bool out; /* "service": "out": off, and without a server entry of ours */
	char hostname[WA_HOST_SIZE];
	uint16_t port;
	char tgrp[WA_PARAM_SIZE];
	char trunk_context[WA_PARAM_SIZE];
	char context[WA_PARAM_SIZE]; /* Meta's example spelling, a parameter of its own */
	enum wa_srtp srtp;
	unsigned codecs; /* Opus, and what additional_codecs adds */
	bool icon_hidden; /* DISABLE_ALL */
	bool callback, webhook;
	wa_hours_t hours;
	bool repair;		  /* drift is repaired, not only reported */
	unsigned rotate_days; /* 0 = only when somebody asks */
} wa_wanted_t;

/** Reads one number's entry as text, defaults already in it.
 * Returns 0, or with `why` naming the field: WA_EPARSE, WA_ETYPE, WA_ERANGE,
 * WA_ETOOLONG, WA_ENOENT (unknown field) or WA_ENOMEM. */
int wa_wanted_parse(wa_wanted_t *out, wa_sv_t json, char *why, size_t size);

/** The entry as JSON text that wa_wanted_parse() reads to the same, members in a
 * fixed order: the same wish is the same text. Returns 0, WA_ETOOLONG or
 * WA_ENOMEM. */
int wa_wanted_text(const wa_wanted_t *w, char *out, size_t size);

typedef struct wa_wanted_file
{
	struct json_object *root, *numbers, *defaults;
	size_t n;
} wa_wanted_file_t;

/** Reads a whole file and checks every entry: all of it is right, or nothing is
 * taken. Numbers and phone_number_ids have to differ. Returns as
 * wa_wanted_parse(); the path in `why` is that of the file. */
int wa_wanted_open(wa_wanted_file_t *f, wa_sv_t text, char *why, size_t size);
/** Entry `i`, with the defaults where it says nothing. */
void wa_wanted_get(const wa_wanted_file_t *f, size_t i, wa_wanted_t *out);
void wa_wanted_close(wa_wanted_file_t *f);

#endif
