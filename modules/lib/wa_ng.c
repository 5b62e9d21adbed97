/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_ng.h"

#include "wa_err.h"

void wa_ng_begin(wa_buf_t *b, wa_sv_t cookie, wa_sv_t command, wa_sv_t callid)
{
	wa_buf_put(b, cookie);
	wa_buf_put(b, WA_SV(" "));
	wa_ben_put_dict(b);
	wa_ben_put_pair(b, WA_SV("command"), command);
	wa_ben_put_pair(b, WA_SV("call-id"), callid);
}

/* Words of the flag text that go into a list of their own. */
static const struct
{
	wa_sv_t prefix;
	wa_sv_t key;
} lists[] = {
		{{"replace-", 8}, {"replace", 7}},
		{{"direction=", 10}, {"direction", 9}},
		{{"rtcp-mux-", 9}, {"rtcp-mux", 8}},
		{{"SDES-", 5}, {"SDES", 4}},
};
static const wa_sv_t transports[] = {{"RTP/AVP", 7}, {"RTP/AVPF", 8},
		{"RTP/SAVP", 8}, {"RTP/SAVPF", 9}, {"UDP/TLS/RTP/SAVP", 16},
		{"UDP/TLS/RTP/SAVPF", 17}};

#define N(a) (sizeof(a) / sizeof((a)[0]))

static bool starts(wa_sv_t word, wa_sv_t prefix, wa_sv_t *rest)
{
	if(word.len < prefix.len
			|| !wa_sv_eq((wa_sv_t){word.s, prefix.len}, prefix))
		return false;
	*rest = (wa_sv_t){word.s + prefix.len, word.len - prefix.len};
	return true;
}

static bool next_word(wa_sv_t *rest, wa_sv_t *word)
{
	do {
		if(rest->len == 0)
			return false;
		*word = wa_sv_cut(rest, ' ');
	} while(word->len == 0);
	return true;
}

static void put_list(wa_buf_t *b, wa_sv_t flags, wa_sv_t prefix, wa_sv_t key)
{
	wa_sv_t word, value;
	bool open = false;

	while(next_word(&flags, &word)) {
		if(!starts(word, prefix, &value))
			continue;
		if(!open) {
			wa_ben_put_str(b, key);
			wa_ben_put_list(b);
			open = true;
		}
		wa_ben_put_str(b, value);
	}
	if(open)
		wa_ben_put_end(b);
}

static bool is_listed(wa_sv_t word)
{
	wa_sv_t rest;

	for(size_t i = 0; i < N(lists); i++)
		if(starts(word, lists[i].prefix, &rest))
			return true;
	return false;
}

static bool is_transport(wa_sv_t word)
{
	for(size_t i = 0; i < N(transports); i++)
		if(wa_sv_eq(word, transports[i]))
			return true;
	return false;
}

void wa_ng_flags(wa_buf_t *b, wa_sv_t flags)
{
	wa_sv_t rest = flags, word;
	bool open = false;

	for(size_t i = 0; i < N(lists); i++)
		put_list(b, flags, lists[i].prefix, lists[i].key);
	while(next_word(&rest, &word)) {
		wa_sv_t value = word, key = wa_sv_cut(&value, '=');

		if(is_listed(word))
			continue;
		if(is_transport(word))
			wa_ben_put_pair(b, WA_SV("transport-protocol"), word);
		else if(key.len < word.len)
			wa_ben_put_pair(b, key, value);
	}
	rest = flags;
	while(next_word(&rest, &word)) {
		wa_sv_t value = word, key = wa_sv_cut(&value, '=');

		if(is_listed(word) || is_transport(word) || key.len < word.len)
			continue;
		if(!open) {
			wa_ben_put_str(b, WA_SV("flags"));
			wa_ben_put_list(b);
			open = true;
		}
		wa_ben_put_str(b, word);
	}
	if(open)
		wa_ben_put_end(b);
}

int wa_ng_reply(wa_sv_t datagram, wa_sv_t *cookie, wa_ben_t *dict)
{
	int err;

	*cookie = wa_sv_cut(&datagram, ' ');
	err = wa_ben_open(datagram, dict);
	if(err < 0)
		return err;
	return dict->type == WA_BEN_DICT ? 0 : WA_EPARSE;
}

int wa_ng_result(const wa_ben_t *dict, wa_sv_t *reason)
{
	wa_ben_t v;

	*reason = (wa_sv_t){NULL, 0};
	if(wa_ben_get(dict, WA_SV("result"), WA_BEN_STR, &v) < 0)
		return WA_EPARSE;
	if(wa_sv_eq(v.body, WA_SV("ok")) || wa_sv_eq(v.body, WA_SV("pong")))
		return 0;
	if(wa_ben_get(dict, WA_SV("error-reason"), WA_BEN_STR, &v) < 0)
		return WA_EUNSUP;
	*reason = v.body;
	return wa_sv_ieq(v.body, WA_SV("Unknown call-id")) ? WA_ENOENT : WA_EUNSUP;
}

/* The first stream of the first media of a party: its RTP. */
static int party_stream(const wa_ben_t *tags, wa_sv_t tag, wa_ben_t *stream)
{
	wa_ben_t party, medias, media, streams;
	wa_sv_t rest;

	if(wa_ben_get(tags, tag, WA_BEN_DICT, &party) < 0
			|| wa_ben_get(&party, WA_SV("medias"), WA_BEN_LIST, &medias) < 0)
		return WA_ENOENT;
	rest = medias.body;
	if(!wa_ben_next(&rest, &media)
			|| wa_ben_get(&media, WA_SV("streams"), WA_BEN_LIST, &streams) < 0)
		return WA_ENOENT;
	rest = streams.body;
	if(!wa_ben_next(&rest, stream) || stream->type != WA_BEN_DICT)
		return WA_ENOENT;
	return 0;
}

int wa_ng_query(const wa_ben_t *dict, wa_sv_t meta_tag, wa_sv_t pbx_tag,
		wa_ng_call_t *out)
{
	wa_ben_t tags, meta, pbx, stats, v;

	*out = (wa_ng_call_t){0};
	if(wa_ben_get(dict, WA_SV("tags"), WA_BEN_DICT, &tags) < 0
			|| party_stream(&tags, meta_tag, &meta) < 0
			|| party_stream(&tags, pbx_tag, &pbx) < 0)
		return WA_ENOENT;
	out->keys = wa_ben_get(&meta, WA_SV("crypto suite"), WA_BEN_STR, &v) == 0;
	out->filled = wa_ben_get(&meta, WA_SV("flags"), WA_BEN_LIST, &v) == 0
				  && wa_ben_has(&v, WA_SV("filled"));
	if(wa_ben_get(&pbx, WA_SV("stats"), WA_BEN_DICT, &stats) < 0)
		return 0;
	/* packets from a foreign address count in both, and go no further */
	if(wa_ben_get(&stats, WA_SV("packets"), WA_BEN_INT, &v) == 0)
		out->sent = v.num;
	if(wa_ben_get(&stats, WA_SV("errors"), WA_BEN_INT, &v) == 0)
		out->sent -= v.num;
	return 0;
}
