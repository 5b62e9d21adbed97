/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_glance.h"

#include <string.h>

#include "wa_err.h"
#include "wa_headers.h"
#include "wa_mask.h"

#define REPLY "SIP/2.0 "

static wa_sv_t first_line(wa_sv_t message)
{
	return wa_sv_trim(wa_sv_cut(&message, '\n'));
}

static bool is_method(wa_sv_t v)
{
	for(size_t i = 0; i < v.len; i++)
		if(v.s[i] < 'A' || v.s[i] > 'Z')
			return false;
	return v.len > 0 && v.len < WA_GLANCE_METHOD;
}

/* Whoever shows it may not know what else the bytes could be. */
static void keep_ascii(char *text)
{
	for(; *text != '\0'; text++)
		if((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e)
			*text = '?';
}

/* Code and reason phrase, or the method: never a URI. */
static int read_first(wa_sv_t line, wa_glance_t *out)
{
	const size_t head = sizeof(REPLY) - 1;

	out->reply = line.len > head
				 && wa_sv_ieq((wa_sv_t){line.s, head}, WA_SV(REPLY));
	if(out->reply) {
		wa_mask_text((wa_sv_t){line.s + head, line.len - head}, out->what,
				sizeof(out->what));
		keep_ascii(out->what);
		return 0;
	}
	line = wa_sv_cut(&line, ' ');
	return is_method(line) ? wa_sv_copy(out->what, sizeof(out->what), line)
						   : WA_EPARSE;
}

static void read_cseq(wa_sv_t value, wa_glance_t *out)
{
	wa_sv_t number = wa_sv_cut(&value, ' ');
	unsigned long n;

	value = wa_sv_trim(value);
	if(wa_sv_ulong(number, UINT32_MAX, &n) < 0 || !is_method(value))
		return;
	out->cseq = (uint32_t)n;
	wa_sv_copy(out->method, sizeof(out->method), value);
}

static bool is(wa_sv_t name, const char *full, const char *compact)
{
	return wa_sv_ieq(name, wa_sv_from(full))
		   || wa_sv_ieq(name, wa_sv_from(compact));
}

static void read_header(wa_sv_t name, wa_sv_t value, wa_glance_t *out)
{
	if(is(name, "Call-ID", "i"))
		out->call_id = value;
	else if(is(name, "CSeq", "CSeq"))
		read_cseq(value, out);
	else if(is(name, "Content-Type", "c"))
		out->sdp = wa_sv_ieq(
				wa_sv_trim(wa_sv_cut(&value, ';')), WA_SV("application/sdp"));
	else if(is(name, "Authorization", "Proxy-Authorization"))
		out->credentials = true;
}

int wa_glance(wa_sv_t message, wa_glance_t *out)
{
	wa_headers_t walk;
	wa_sv_t name, value;

	memset(out, 0, sizeof(*out));
	/* line ends may precede a message */
	while(message.len > 0 && (*message.s == '\r' || *message.s == '\n'))
		message = (wa_sv_t){message.s + 1, message.len - 1};
	if(read_first(first_line(message), out) < 0)
		return WA_EPARSE;
	wa_headers_begin(&walk, message);
	while(wa_headers_next(&walk, &name, &value))
		read_header(name, value, out);
	return out->call_id.len > 0 && out->method[0] != '\0' ? 0 : WA_EPARSE;
}

bool wa_glance_is_call(const wa_glance_t *g)
{
	static const char *const others[] = {
			"OPTIONS", "REGISTER", "SUBSCRIBE", "NOTIFY", "PUBLISH", "MESSAGE"};

	for(size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if(strcmp(g->method, others[i]) == 0)
			return false;
	return true;
}
