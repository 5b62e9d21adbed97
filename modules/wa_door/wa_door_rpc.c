/* RPC of wa_door. SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_door_rpc.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../ksr_rpc.h"
#include "conf.h"
#include "door.h"
#include "keeper.h"
#include "lists.h"
#include "sockets.h"

#define BANS_SHOWN 200 /* the reply has to fit one datagram */
#define BAN_MAX 604800

static bool read_side(rpc_t *rpc, void *ctx, enum door_side *side)
{
	str s;

	if(rpc_text(rpc, ctx, &s))
		for(int i = 0; i < DOOR_SIDES; i++)
			if(wa_sv_eq(KSR_SV(&s), wa_sv_from(door_side_name[i]))) {
				*side = (enum door_side)i;
				return true;
			}
	rpc->fault(ctx, 400, "side: meta or pbx");
	return false;
}

static bool read_address(rpc_t *rpc, void *ctx, wa_addr_t *a)
{
	str s;

	if(rpc_text(rpc, ctx, &s) && wa_addr_parse(KSR_SV(&s), a) == 0)
		return true;
	rpc->fault(ctx, 400, "an address, such as 192.0.2.1 or 2001:db8::1");
	return false;
}

static bool read_force(rpc_t *rpc, void *ctx, bool *force)
{
	str s;

	*force = rpc_text(rpc, ctx, &s);
	if(!*force || wa_sv_eq(KSR_SV(&s), WA_SV("force")))
		return true;
	rpc->fault(ctx, 400, "the only option is: force");
	return false;
}

static void show_side(rpc_t *rpc, void *head, enum door_side side,
		const keeper_state_t *keeper)
{
	door_set_info_t info;
	void *s;

	door_set_info(side, &info);
	if(rpc->struct_add(head, "{", (char *)(uintptr_t)door_side_name[side], &s)
			< 0)
		return;
	rpc->struct_add(s, "ddsdsd", "networks", (int)info.networks, "addresses",
			(int)(info.addresses4 > INT32_MAX ? INT32_MAX : info.addresses4),
			"from", info.from, "age", (int)(time(NULL) - info.read), "error",
			info.error, "connections", (int)keeper->connections.total[side]);
}

static const char *rpc_status_doc[] = {
		"Networks of each side, where they come from and why the last list was",
		"refused; bans, trusted addresses, connections, the kernel's filter.", 0};

static void rpc_status(rpc_t *rpc, void *ctx)
{
	static wa_source_t s[1000];
	keeper_state_t keeper;
	void *head;

	keeper_state(&keeper);
	if(rpc->add(ctx, "{", &head) < 0)
		return;
	for(int side = 0; side < DOOR_SIDES; side++)
		show_side(rpc, head, (enum door_side)side, &keeper);
	rpc->struct_add(head, "sdddsd", "meta_socket", sockets_meta(), "banned",
			(int)door_list(WA_STRIKES_BANNED, s, 1000), "trusted",
			(int)door_list(WA_STRIKES_TRUSTED, s, 1000), "held",
			(int)keeper.connections.n_held, "kernel",
			keeper.filtering ? "filters" : keeper.error, "kernel_dropped",
			(int)keeper.dropped);
}

static const char *rpc_sources_doc[] = {"The networks of a side.",
		"Parameters: meta or pbx; cursor and limit, as of every list.", 0};

static void rpc_sources(rpc_t *rpc, void *ctx)
{
	static wa_range_t r[DOOR_RANGES];
	char text[WA_ADDR_TEXT];
	enum door_side side;
	uint32_t cursor;
	size_t limit, n;
	void *head, *list;

	if(!read_side(rpc, ctx, &side) || !rpc_page(rpc, ctx, &cursor, &limit)
			|| rpc->add(ctx, "{", &head) < 0
			|| rpc->struct_add(head, "[", "networks", &list) < 0)
		return;
	n = door_set_get(side, r);
	for(size_t i = cursor; i < n && i < cursor + limit; i++)
		while(wa_range_next(&r[i], text))
			rpc->array_add(list, "s", text);
	rpc->struct_add(head, "dd", "total", (int)n, "next",
			(int)(cursor + limit < n ? cursor + limit : 0));
}

static const char *rpc_check_doc[] = {
		"What would become of a request of this address.",
		"Parameter: an address.", 0};

static void rpc_check(rpc_t *rpc, void *ctx)
{
	static wa_source_t s[1000];
	wa_addr_t a;
	const wa_source_t *ban = NULL;
	size_t n;
	void *h;

	if(!read_address(rpc, ctx, &a) || rpc->add(ctx, "{", &h) < 0)
		return;
	n = door_list(WA_STRIKES_BANNED, s, 1000);
	for(size_t i = 0; i < n && ban == NULL; i++)
		if(memcmp(&s[i].addr, &a, sizeof(a)) == 0)
			ban = &s[i];
	rpc->struct_add(h, "dddds", "meta", door_set_has(DOOR_META, &a), "pbx",
			door_set_has(DOOR_PBX, &a), "trusted", door_is_trusted(&a),
			"banned_for", ban ? (int)(ban->banned_until - door_now()) : 0,
			"reason", ban ? ban->reason : "");
}

static const char *rpc_reload_doc[] = {
		"Reads the files of networks now.",
		"Parameter: force (optional): without the check against absurd lists.",
		0};

static void rpc_reload(rpc_t *rpc, void *ctx)
{
	char error[LISTS_ERROR];
	bool force;
	int read = 0;

	if(!read_force(rpc, ctx, &force))
		return;
	for(int side = 0; side < DOOR_SIDES; side++) {
		if(lists_params.file[side][0] == '\0')
			continue;
		if(lists_read_file((enum door_side)side, force, error) < 0) {
			rpc->fault(ctx, 500, "%s: %s", door_side_name[side], error);
			return;
		}
		read++;
	}
	if(read == 0)
		rpc->fault(ctx, 404, "no file is configured (meta_file, pbx_file)");
}

static const char *rpc_set_doc[] = {
		"Puts a list of networks in use until the next restart or reload.",
		"Parameters: meta or pbx; the networks, commas between; force",
		"(optional): without the check against absurd lists.", 0};

static void rpc_set(rpc_t *rpc, void *ctx)
{
	char error[LISTS_ERROR];
	enum door_side side;
	bool force;
	str list;

	if(!read_side(rpc, ctx, &side))
		return;
	if(!rpc_text(rpc, ctx, &list)) {
		rpc->fault(ctx, 400, "a list of networks, commas between");
		return;
	}
	if(read_force(rpc, ctx, &force)
			&& lists_set(side, KSR_SV(&list), force, error) < 0)
		rpc->fault(ctx, 400, "%s", error);
}

static const char *rpc_bans_doc[] = {"Banned sources (at most 200).", 0};

static void rpc_bans(rpc_t *rpc, void *ctx)
{
	static wa_source_t s[BANS_SHOWN];
	char text[WA_ADDR_TEXT];
	size_t n = door_list(WA_STRIKES_BANNED, s, BANS_SHOWN);
	void *head, *list, *h;

	if(rpc->add(ctx, "{", &head) < 0
			|| rpc->struct_add(head, "[", "bans", &list) < 0)
		return;
	for(size_t i = 0; i < n; i++)
		if(rpc->array_add(list, "{", &h) == 0)
			rpc->struct_add(h, "sds", "address", wa_addr_text(&s[i].addr, text),
					"seconds", (int)(s[i].banned_until - door_now()), "reason",
					s[i].reason);
}

static const char *rpc_ban_doc[] = {"Bans an address.",
		"Parameters: an address; seconds (default: the knob ban_time).", 0};

static void rpc_ban(rpc_t *rpc, void *ctx)
{
	unsigned long secs = door_conf(ban_time);
	wa_addr_t a;
	str s;

	if(!read_address(rpc, ctx, &a))
		return;
	if(rpc_text(rpc, ctx, &s)
			&& (wa_sv_ulong(KSR_SV(&s), BAN_MAX, &secs) < 0 || secs == 0)) {
		rpc->fault(ctx, 400, "seconds: 1 to %d", BAN_MAX);
		return;
	}
	if(door_set_has(DOOR_META, &a)) {
		rpc->fault(ctx, 400, "an address of Meta: all of its users would lose "
							 "their calls");
		return;
	}
	door_ban(&a, (int64_t)secs, "operator");
}

static const char *rpc_unban_doc[] = {
		"Ends a ban and forgets what the source has done.",
		"Parameter: an address, or all.", 0};

static void rpc_unban(rpc_t *rpc, void *ctx)
{
	wa_addr_t a;
	str s;

	if(!rpc_text(rpc, ctx, &s)) {
		rpc->fault(ctx, 400, "an address, or all");
		return;
	}
	if(wa_sv_eq(KSR_SV(&s), WA_SV("all")))
		door_forget_bans();
	else if(wa_addr_parse(KSR_SV(&s), &a) < 0)
		rpc->fault(ctx, 400, "an address, or all");
	else if(!door_forget(&a))
		rpc->fault(ctx, 404, "nothing is known of this address");
}

rpc_export_t door_rpcs[] = {{"wa_door.status", rpc_status, rpc_status_doc, 0},
		{"wa_door.sources", rpc_sources, rpc_sources_doc, 0},
		{"wa_door.check", rpc_check, rpc_check_doc, 0},
		{"wa_door.reload", rpc_reload, rpc_reload_doc, 0},
		{"wa_door.set", rpc_set, rpc_set_doc, 0},
		{"wa_door.bans", rpc_bans, rpc_bans_doc, 0},
		{"wa_door.ban", rpc_ban, rpc_ban_doc, 0},
		{"wa_door.unban", rpc_unban, rpc_unban_doc, 0}, {NULL, NULL, NULL, 0}};
