/* The rows of the dictionary: code, SIP status, class, text, remedy.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Included by wa_reason.c alone. Codes are what others keep in their data: one
 * is added, none changes its meaning. tests/cfg compares with cfg/README.md and
 * with the causes that the script names. A status of 0: the call was answered, or
 * the answer is that of whoever refused it.
 */
/* clang-format off */
ROW("none", 0, NORMAL, "nothing to explain", "")
ROW("bye_meta", 0, NORMAL, "the WhatsApp user hung up", "")
ROW("bye_pbx", 0, NORMAL, "the PBX hung up", "")
ROW("cancelled", 487, NORMAL, "the caller gave up", "")
ROW("operator", 0, NORMAL, "an operator ended the call", "")

ROW("unreachable", 480, USER, "the WhatsApp user is not reachable or did not answer", "try later; it counts against the call permission")
ROW("declined", 486, USER, "the WhatsApp user declined", "do not call again at once; it counts against the call permission")
ROW("ring_timeout", 480, USER, "nobody answered within ring_timeout", "try later, or raise ring_timeout")
ROW("permission_missing", 403, USER, "no call permission, no such WhatsApp user, or new terms not accepted: Meta does not tell which", "ask the user for permission by a message; do not call before")

ROW("number_not_registered", 400, SETTINGS, "Meta does not know the calling number", "check the number and its phone_number_id in WhatsApp Manager")
ROW("hostname_mismatch", 403, SETTINGS, "From has another host than the number's SIP server at Meta", "make hostname in Meta's settings and SBC_HOSTNAME agree, then wasbcctl number sync")
ROW("app_not_authorized", 403, SETTINGS, "the app that wrote the SIP server may not send for the number", "give that app whatsapp_business_messaging on the number")
ROW("sip_disabled_at_meta", 403, SETTINGS, "Meta says that SIP is disabled for the number", "enable calling and SIP in the number's settings")
ROW("meta_auth", 403, SETTINGS, "Meta refuses our credentials", "wasbcctl number sync; is the SIP password of our app the one in use?")
ROW("meta_auth_uri", 403, SETTINGS, "digest uri and To differ in Meta's eyes", "nothing between the SBC and Meta may rewrite To")
ROW("payment", 403, SETTINGS, "Meta names a payment issue", "settle the account in WhatsApp Manager")
ROW("number_unknown", 404, SETTINGS, "Meta calls a number that the directory does not have", "wasbcctl number set")
ROW("sip_disabled", 503, SETTINGS, "calling or SIP is off for the number", "enable both at Meta, then wasbcctl number sync")
ROW("password_rotating", 503, SETTINGS, "the number's SIP password is being changed", "none: it takes seconds; wasbcctl tasks says how far it is")
ROW("no_password", 503, SETTINGS, "the number's SIP password is not known (yet)", "wasbcctl number show: sync_error says why")
ROW("wrong_credentials", 403, SETTINGS, "Meta's answer to our challenge is wrong", "the password may have changed: it is read again by itself")
ROW("no_trunk", 503, SETTINGS, "neither group nor number nor default names a trunk with gateways", "wasbcctl trunk set; number set trunk=")
ROW("pstn_forbidden", 403, SETTINGS, "the trunk leads to the telephone network, which Meta's terms forbid", "use a trunk that stays VoIP")
ROW("caller_unknown", 403, SETTINGS, "neither From nor P-Asserted-Identity is one of our numbers", "have the PBX send a business number as caller")
ROW("peer_not_allowed", 403, SETTINGS, "the number belongs to a trunk without this peer", "add the peer to the trunk's gateways")

ROW("limit_pair_day", 403, LIMIT, "connected calls of this business to this user used up for 24 h", "not before tomorrow")
ROW("duplicate_call", 403, LIMIT, "Meta has a call of this pair already", "wait for the other call to end")
ROW("call_id_in_use", 482, LIMIT, "a call with this Call-ID is there already", "find out what forks or repeats INVITEs before they get here")
ROW("limit_number", 486, LIMIT, "the number has as many calls as it may have", "wait; or raise number_calls if Meta allows more")
ROW("limit_trunk", 503, LIMIT, "the trunk has as many calls as it may have", "wait, or raise trunk_calls")
ROW("limit_rate_number", 503, LIMIT, "too many calls of the number in one second", "slow down, or raise number_cps")
ROW("limit_rate_trunk", 503, LIMIT, "too many calls of the trunk in one second", "slow down, or raise trunk_cps")
ROW("limit_pair", 486, LIMIT, "this business and this user are in a call already", "wait for the other call to end")
ROW("limit_node", 503, LIMIT, "the table of calls is full", "raise max_calls of wa_calls, or add a node")
ROW("pattern_blocked", 503, LIMIT, "number or trunk is blocked for a suspicious pattern of calls", "look at its calls; wasbcctl unblock")
ROW("draining", 503, LIMIT, "this node takes no new calls", "use another node; wasbcctl undrain")

ROW("meta_unreachable", 503, META, "no connection to Meta, or no response by it", "the log of wa_tls says why; check DNS, firewall and certificates")
ROW("meta_sdp", 403, META, "our SDP displeases Meta", "report it with the call's ladder; check codecs and key exchange of the number")
ROW("meta_forbidden", 403, META, "another 403 of Meta", "phrase in the CDR; show it to Meta's support with the wacid")
ROW("meta_not_found", 404, META, "Meta does not take the Request-URI", "META_NAME must be a name, not an address")
ROW("meta_no_media", 408, META, "Meta ended the call for lack of media", "UDP from here to Meta: firewall, NAT, interfaces of rtpengine")
ROW("meta_error", 500, META, "an error within Meta", "try later")
ROW("meta_busy", 503, META, "Meta's generic internal error", "try later")
ROW("meta_refused", 0, META, "another refusal of Meta", "phrase in the CDR")

ROW("pbx_busy", 486, PBX, "the PBX says busy", "")
ROW("pbx_declined", 603, PBX, "the PBX declined", "")
ROW("pbx_no_answer", 480, PBX, "nobody answered at the PBX", "")
ROW("pbx_not_found", 404, PBX, "the PBX does not know the number", "route the number in the PBX")
ROW("pbx_refused", 0, PBX, "another refusal of the PBX", "look into the PBX's log by the call's Call-ID")
ROW("pbx_error", 0, PBX, "an error within the PBX", "look into the PBX's log by the call's Call-ID")
ROW("pbx_timeout", 408, PBX, "no final response of a gateway in time", "is the PBX up, and does it route the number?")
ROW("pbx_unreachable", 503, PBX, "no gateway of the trunk could be reached", "wasbcctl trunk list; check address, port and transport")
ROW("callee_invalid", 404, PBX, "neither a number nor a business-scoped user id", "have the PBX dial E.164 digits")
ROW("extension_required", 420, PBX, "the PBX requires an extension that cannot cross", "turn it off in the PBX: 100rel, timer as required")
ROW("no_contact", 400, PBX, "the PBX's request has no usable Contact", "mend the PBX")
ROW("bad_address", 400, PBX, "an address of the PBX has a character that cannot be carried", "mend the PBX")
ROW("state_too_long", 513, PBX, "addresses of the PBX are too long to be carried", "shorter Contact, Record-Route and Call-ID at the PBX")
ROW("media_refused", 488, PBX, "no codec or key exchange in common", "codecs of trunk and number")

ROW("media_down", 503, SBC, "no rtpengine, or a 200 OK without usable SDP", "is rtpengine up? wasbcctl status")
ROW("media_timeout", 0, SBC, "no media any more: the far side died", "network between the sides; was it the PBX, was it Meta?")
ROW("transport_lost", 0, SBC, "a side's connection is gone and cannot be opened again", "network to that side")
ROW("directory_not_loaded", 503, SBC, "just started, and Redis has not been read", "is Redis up? wasbcctl status")
ROW("node_restarted", 0, SBC, "Kamailio ended during the call", "journalctl -u kamailio says why")
ROW("unknown", 500, SBC, "a cause that is not in this table", "report it")
