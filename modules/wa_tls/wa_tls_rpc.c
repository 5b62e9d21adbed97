/* RPC of wa_tls. SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_tls_rpc.h"

#include <stdio.h>

#include "watch.h"

static void date(time_t t, char out[32])
{
	struct tm tm;

	if(t == 0 || gmtime_r(&t, &tm) == NULL
			|| strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
}

static const char *rpc_status_doc[] = {
		"The certificates in use, until when they are valid; when they were read",
		"again, and why the last change was refused; ca: whom we trust when we",
		"connect to Meta.", 0};

static void rpc_status(rpc_t *rpc, void *ctx)
{
	static watch_state_t s;
	char reloaded[32], until[32];
	void *head, *list, *h;

	watch_state(&s);
	date(s.reloaded, reloaded);
	if(rpc->add(ctx, "{", &head) < 0
			|| rpc->struct_add(head, "ddsss[", "days", (int)watch_days(),
					   "reloads", (int)s.reloads, "reloaded", reloaded, "error",
					   s.error, "ca", s.certs.ca, "certificates", &list)
					   < 0)
		return;
	for(size_t i = 0; i < s.certs.n; i++) {
		date(s.certs.c[i].not_after, until);
		if(rpc->array_add(list, "{", &h) == 0)
			rpc->struct_add(h, "sssd", "file", s.certs.c[i].path, "subject",
					s.certs.c[i].subject, "not_after", until, "days",
					(int)((s.certs.c[i].not_after - time(NULL)) / 86400));
	}
}

static const char *rpc_reload_doc[] = {
		"Reads tls.cfg and the certificates again; connections stay. Refused, and",
		"nothing changed, when a file is unusable or a key does not fit.", 0};

static void rpc_reload(rpc_t *rpc, void *ctx)
{
	static watch_state_t s;

	if(watch_reload() == 0)
		return;
	watch_state(&s);
	rpc->fault(ctx, 500, "%s",
			s.error[0] != '\0' ? s.error : "not done yet: see wa_tls.status");
}

rpc_export_t wa_tls_rpcs[] = {{"wa_tls.status", rpc_status, rpc_status_doc, 0},
		{"wa_tls.reload", rpc_reload, rpc_reload_doc, 0}, {NULL, NULL, NULL, 0}};
