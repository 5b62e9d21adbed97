/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_calls_rpc.h"

#include "../lib/wa_reason.h"

static const char *reasons_doc[] = {
		"The dictionary of reasons: code, status, class, text, remedy.", 0};

static void rpc_reasons(rpc_t *rpc, void *ctx)
{
	const wa_reason_t *r;
	void *h;

	for(size_t i = 0; (r = wa_reason_row(i)) != NULL; i++) {
		if(rpc->add(ctx, "{", &h) < 0) {
			rpc->fault(ctx, 500, "Out of memory");
			return;
		}
		rpc->struct_add(h, "sdsss", "code", r->code, "status", (int)r->sip,
				"class", wa_reason_class_name(r->class), "text", r->text,
				"remedy", r->remedy);
	}
}

rpc_export_t calls_rpcs[] = {
		{"wa_calls.reasons", rpc_reasons, reasons_doc, RPC_RET_ARRAY},
		{0, 0, 0, 0}};
