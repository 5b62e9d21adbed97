/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_session.h"

#include <string.h>

/* ICE-lite, always controlled (RFC 8445 2.5, 7.3): answers checks, sends none.
 * Sources that no candidate announced are taken when their checks are
 * authentic, as Meta does. */

void media_ice_init(struct media *m)
{
	rand_str(m->ice.ufrag, sizeof(m->ice.ufrag));
	rand_str(m->ice.pwd, sizeof(m->ice.pwd));
}

bool media_ice_is_valid(const struct media *m, const struct sa *src)
{
	for(size_t i = 0; i < m->ice.validc; i++) {
		if(sa_cmp(&m->ice.valid[i], src, SA_ALL))
			return true;
	}
	return false;
}

static void remember(struct media *m, const struct sa *src)
{
	if(media_ice_is_valid(m, src))
		return;
	/* a flood of sources pushes out the oldest */
	if(m->ice.validc == MEDIA_ICE_VALID_MAX) {
		memmove(m->ice.valid, m->ice.valid + 1,
				(MEDIA_ICE_VALID_MAX - 1) * sizeof(m->ice.valid[0]));
		m->ice.validc--;
	}
	m->ice.valid[m->ice.validc++] = *src;
}

static void nominate(struct media *m, const struct sa *src)
{
	struct media_ice *ice = &m->ice;
	struct json_object *ev;
	char text[64];

	if(ice->is_nominated && sa_cmp(&ice->nominated, src, SA_ALL))
		return;
	if(ice->is_nominated) {
		ice->renominations++;
		media_violation(m, "ice_renomination", "pair changed during the call");
	}
	ice->nominated = *src;
	ice->is_nominated = true;
	ice->nominated_us = media_now();
	(void)re_snprintf(text, sizeof(text), "%J", src);
	ev = media_event(m, "media_ice");
	if(ev) {
		json_object_object_add(ev, "nominated", json_object_new_string(text));
		event_emit(ev);
	}
	media_dtls_proceed(m);
}

static void reject(struct media *m, const struct sa *src,
		const struct stun_msg *msg, uint16_t code, const char *reason)
{
	bool authentic = code == 487;

	m->ice.bad++;
	(void)stun_ereply(IPPROTO_UDP, m->us, src, 0, msg, code, reason,
			authentic ? (uint8_t *)m->ice.pwd : NULL,
			authentic ? strlen(m->ice.pwd) : 0, true, 0);
}

/* USERNAME is "ours:theirs"; theirs is not known before the answer. */
static bool username_fits(const struct media *m, const char *name)
{
	size_t len = strlen(m->ice.ufrag);

	if(strncmp(name, m->ice.ufrag, len) || name[len] != ':')
		return false;
	return !m->agreed || !strcmp(name + len + 1, m->far.ufrag);
}

/* Returns true when the check is good; else it was answered. */
static bool check_request(struct media *m, const struct sa *src,
		const struct stun_msg *msg, const struct stun_unknown_attr *unknown)
{
	const struct stun_attr *user = stun_msg_attr(msg, STUN_ATTR_USERNAME);

	if(user == NULL || !stun_msg_attr(msg, STUN_ATTR_MSG_INTEGRITY)
			|| !stun_msg_attr(msg, STUN_ATTR_PRIORITY)) {
		media_violation(m, "ice_check", "USERNAME, MESSAGE-INTEGRITY or "
										"PRIORITY is missing");
		reject(m, src, msg, 400, "Bad Request");
		return false;
	}
	if(!username_fits(m, user->v.username)
			|| stun_msg_chk_mi(
					msg, (uint8_t *)m->ice.pwd, strlen(m->ice.pwd))) {
		media_violation(m, "ice_credentials", "check with wrong credentials");
		reject(m, src, msg, 401, "Unauthorized");
		return false;
	}
	if(unknown->typec) {
		m->ice.bad++;
		(void)stun_ereply(IPPROTO_UDP, m->us, src, 0, msg, 420,
				"Unknown Attribute", (uint8_t *)m->ice.pwd,
				strlen(m->ice.pwd), true, 1, STUN_ATTR_UNKNOWN_ATTR, unknown);
		return false;
	}
	if(!stun_msg_attr(msg, STUN_ATTR_CONTROLLING)) {
		m->ice.conflicts++;
		media_violation(m, "ice_role", "the far end is not controlling");
		reject(m, src, msg, 487, "Role Conflict");
		return false;
	}
	return true;
}

static void binding_request(struct media *m, const struct sa *src,
		const struct stun_msg *msg, const struct stun_unknown_attr *unknown)
{
	bool use = stun_msg_attr(msg, STUN_ATTR_USE_CAND) != NULL;

	if(stun_msg_chk_fingerprint(msg)) {
		m->ice.bad++;
		media_violation(m, "ice_fingerprint", "check without FINGERPRINT");
		return;
	}
	if(!check_request(m, src, msg, unknown))
		return;
	if(m->ice.checks++ == 0) {
		m->ice.aggressive = use;
		m->ice.first_us = media_now();
	}
	(void)stun_reply(IPPROTO_UDP, m->us, src, 0, msg, (uint8_t *)m->ice.pwd,
			strlen(m->ice.pwd), true, 1, STUN_ATTR_XOR_MAPPED_ADDR, src);
	remember(m, src);
	if(use)
		nominate(m, src);
}

void media_ice_recv(struct media *m, const struct sa *src, struct mbuf *mb)
{
	struct stun_unknown_attr unknown;
	struct stun_msg *msg;

	if(m->prm.sdes) {
		m->ice.ignored++;
		media_violation(m, "ice_with_sdes", "STUN on an SDES call");
		return;
	}
	if(!m->established && !m->prm.stun_before_answer
			&& !m->prm.refuse_before_answer) {
		m->ice.ignored++;
		return;
	}
	if(stun_msg_decode(&msg, mb, &unknown)) {
		m->ice.bad++;
		return;
	}
	if(stun_msg_method(msg) == STUN_METHOD_BINDING
			&& stun_msg_class(msg) == STUN_CLASS_REQUEST) {
		if(!m->established && m->prm.refuse_before_answer) {
			m->ice.refused++;
			reject(m, src, msg, 403, "Forbidden");
		} else {
			binding_request(m, src, msg, &unknown);
		}
	}
	mem_deref(msg);
}
