/* Why a request to the Graph API failed, and what an operator does about it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Facts: meta-calling.md 1.4. Meta's own message can hold a token ("Malformed
 * access token EAAG..."), so what is kept of it has long words masked.
 */
#ifndef WA_GRAPH_ERROR_H
#define WA_GRAPH_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#include "wa_number.h"
#include "wa_sv.h"

typedef struct wa_graph_error
{
	long code;
	long subcode;
	char message[WA_ERROR_SIZE]; /* printable ASCII, long words masked */
	char details[WA_ERROR_SIZE]; /* of error_data, likewise; "" = none */
} wa_graph_error_t;

/* What the failure means for what the client does next. */
enum wa_graph_class
{
	WA_GRAPH_TEMPORARY,	 /* try again, later each time */
	WA_GRAPH_RATE,		 /* too many requests: leave the app alone for a while */
	WA_GRAPH_TOKEN,		 /* the token is refused: another one may be in the file */
	WA_GRAPH_PERMISSION, /* the app may not, or there is no such number */
	WA_GRAPH_REQUEST	 /* our request is wrong: version, parameter */
};

/** Reads an answer in Meta's error form. Returns 0, WA_ENOENT (well-formed, but
 * there is no "error" in it), WA_EPARSE, WA_ETYPE, WA_ETOOLONG or WA_ENOMEM. */
int wa_graph_error_parse(wa_graph_error_t *out, wa_sv_t json);

/** Copies words of Meta's for people, cut to fit: printable ASCII, and "***" in
 * place of a word too long to be a number or a name, which could be a token. */
void wa_graph_printable(char *dst, size_t size, wa_sv_t text);

/** `e` may be NULL: the answer had no error form. */
enum wa_graph_class wa_graph_error_class(long http_status, const wa_graph_error_t *e);

/** One line for the operator, cut to fit:
 * "graph 190: access token refused: put a new one into the token file". */
void wa_graph_error_text(
		char *buf, size_t size, long http_status, const wa_graph_error_t *e);

#endif
