# SPDX-License-Identifier: GPL-2.0-or-later
"""Meta rings the business: the shape of what it sends, and what it makes of the answers."""
import re

import pytest

from lab.sip import digest, uri_of
from wire_sbc import CONTACT, OWN_ROUTE, ROUTES, responses

NUMBER, USER = "15550001111", "16315551111"
CHALLENGE = 'Proxy-Authenticate: Digest realm="sbc.wasbc.test",nonce="n0nce+/=",opaque="0p",qop="auth"'


def ring(bench, user=USER, **options):
    return bench.meta.ring(NUMBER, user, **options)


def ended(call):
    return call.wait_ended()


def test_invite_has_the_documented_shape(bench, sbc):
    ring(bench)
    leg = sbc.incoming()
    invite = leg.invite
    assert invite.uri == f"sip:+{NUMBER};tgrp=wacall;trunk-context=byoc.example.com@sbc.wasbc.test;transport=tls"
    vias = invite.all("Via")
    assert re.fullmatch(r"SIP/2\.0/TLS \[[0-9a-f:]+\]:\d+;rport;branch=z9hG4bKPj\w+;alias", vias[0])
    assert len(vias) == 3
    assert invite.all("Record-Route") == ROUTES
    assert re.fullmatch(rf'"{USER}" <sip:\+{USER}@wa\.meta\.vc>;tag=[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}',
                        invite.get("From"))
    assert invite.get("To") == f"<sip:+{NUMBER}@sbc.wasbc.test>"
    assert invite.get("Contact") == f"<sip:+{USER}@wa.meta.vc;transport=tls;ob>;isfocus"
    assert re.fullmatch(r"outgoing:wacid\.[A-Za-z0-9+/]+=", invite.call_id)
    assert invite.get("x-wa-meta-wacid") == invite.call_id.partition(":")[2]
    assert invite.get("Allow") == "INVITE, ACK, BYE, CANCEL, NOTIFY, OPTIONS"
    assert invite.get("User-Agent") == "Facebook SipGateway"
    assert invite.get("X-FB-External-Domain") == "wa.meta.vc"
    assert invite.get("Max-Forwards") == "70"
    assert invite.get("Supported") is None and invite.get("Route") is None
    assert "m=audio" in invite.body and "RTP/SAVP 111 126" in invite.body
    leg.reply(486)
    sbc.expect("ACK")


def test_a_bsuid_calls_with_every_header_there_is(bench, sbc):
    call = ring(bench, "US.13491208655302741918", name="Pablo", user_id="US.13491208655302741918",
                parent_user_id="US.ENT.1", user_name="pablo", cta_payload="a;b=c", deeplink_payload="d",
                headers={"x-wa-meta-country-code": "US"})
    leg = sbc.incoming()
    assert uri_of(leg.invite.get("From")) == "sip:US.13491208655302741918@wa.meta.vc"
    assert leg.invite.get("From").startswith('"Pablo" ')
    assert uri_of(leg.invite.get("Contact")) == "sip:US.13491208655302741918@wa.meta.vc;transport=tls;ob"
    seen = {n: v for n, v in leg.invite.headers if n.startswith("x-wa")}
    assert seen.pop("x-wa-meta-wacid")
    assert seen == {"x-wa-meta-user-id": "US.13491208655302741918", "x-wa_meta-parent-user-id": "US.ENT.1",
                    "x-wa-meta-user-name": "pablo", "x-wa-meta-cta-payload": "a;b=c",
                    "x-wa-meta-deeplink-payload": "d", "x-wa-meta-country-code": "US"}
    leg.reply(603)
    sbc.expect("ACK")
    assert ended(call)["code"] == 603


@pytest.mark.parametrize("status, asks, answers", [(407, "Proxy-Authenticate", "Proxy-Authorization"),
                                                   (401, "WWW-Authenticate", "Authorization")])
def test_a_challenge_is_answered(bench, sbc, password, status, asks, answers):
    ring(bench)
    leg = sbc.incoming()
    first = leg.invite
    leg.reply(status, headers=[CHALLENGE.replace("Proxy-Authenticate", asks)])
    _, ack = sbc.expect("ACK")
    assert ack.branch == first.branch and ack.cseq == first.cseq and "tag=" in ack.get("To")
    second = leg.again().invite
    assert second.cseq == first.cseq + 1 and second.branch != first.branch
    assert (second.call_id, second.get("From"), second.get("To")) == (
        first.call_id, first.get("From"), first.get("To"))
    given = digest(second.get(answers))
    assert given["uri"] == f"sip:+{NUMBER}@sbc.wasbc.test"
    assert given["username"] == NUMBER and given["nc"] == "00000001" and given["opaque"] == "0p"
    assert "algorithm" not in given
    assert given["response"] == responses(given, password)
    leg.reply(486)
    assert bench.violations(bench.mark) == set()


def test_options_of_the_answer_to_a_challenge(bench, sbc):
    ring(bench, digest_uri="ruri", username="x", password="y")
    leg = sbc.incoming()
    leg.reply(407, headers=[CHALLENGE])
    given = digest(leg.again().invite.get("Proxy-Authorization"))
    assert given["uri"] == leg.invite.uri and given["username"] == "x"
    assert given["response"] == responses(given, "y")
    leg.reply(403)


def test_an_unknown_algorithm_ends_the_call(bench, sbc):
    call = ring(bench)
    leg = sbc.incoming()
    leg.reply(407, headers=[CHALLENGE + ",algorithm=SHA-256", CHALLENGE])
    sbc.expect("ACK")
    end = ended(call)
    assert end["code"] == 407 and "SHA-256" in end["reason"]
    assert bench.violations(bench.mark) == {"challenge"}


def test_a_second_challenge_only_when_stale(bench, sbc):
    call = ring(bench)
    leg = sbc.incoming()
    leg.reply(407, headers=[CHALLENGE])
    leg.again().reply(407, headers=[CHALLENGE + ",stale=true"])
    leg.again().reply(407, headers=[CHALLENGE])
    assert ended(call)["code"] == 407
    call = ring(bench)
    leg = sbc.incoming()
    leg.reply(407, headers=[CHALLENGE])
    leg.again().reply(407, headers=[CHALLENGE])
    assert ended(call)["reason"] == "challenged again"


def test_an_unanswered_challenge(bench, sbc):
    call = ring(bench, answer_challenge=False)
    sbc.incoming().reply(407, headers=[CHALLENGE])
    assert ended(call)["code"] == 407


def test_answered_acked_and_hung_up_by_the_user(bench, sbc):
    call = ring(bench, user_id="US.1")
    leg = sbc.incoming()
    leg.reply(100, "Trying")
    leg.reply(180, "Ringing")
    assert call.wait("progress")["code"] in (100, 180)
    leg.answer()
    _, ack = sbc.expect("ACK")
    assert ack.uri == CONTACT and ack.cseq == leg.invite.cseq and ack.branch != leg.invite.branch
    assert ack.all("Route") == [OWN_ROUTE]
    call.wait_answered()
    call.hangup()
    conn, bye = sbc.expect("BYE")
    assert bye.uri == CONTACT and bye.all("Route") == [OWN_ROUTE] and bye.all("Record-Route") == ROUTES
    assert bye.cseq == leg.invite.cseq + 1 and bye.get("To").endswith(leg.tag)
    assert bye.get("x-wa-meta-wacid") and bye.get("x-wa-meta-call-duration") == "0"
    assert bye.get("x-wa-meta-user-id") == "US.1"
    leg.conn = conn
    leg.reply(200, to=bye)
    end = ended(call)
    assert end["by"] == "user" and end["code"] == 0 and end["media"]["key_exchange"] == "SDES"
    assert bench.violations(bench.mark) == set()


def test_the_200_again_gets_the_ack_again(bench, sbc):
    call = ring(bench)
    leg = sbc.incoming()
    leg.answer()
    _, first = sbc.expect("ACK")
    leg.answer()
    _, second = sbc.expect("ACK")
    assert first.text == second.text
    call.hangup()


BAD_ROUTES = {"none": [], "Meta's gone": [OWN_ROUTE], "swapped": [OWN_ROUTE, *reversed(ROUTES)],
              "ours last": [*ROUTES, OWN_ROUTE], "rewritten": [OWN_ROUTE, ROUTES[0] + ";x", ROUTES[1]],
              "one only": [OWN_ROUTE, ROUTES[0]]}


@pytest.mark.parametrize("routes", BAD_ROUTES.values(), ids=BAD_ROUTES.keys())
def test_a_rewritten_record_route_means_no_ack_and_404(bench, sbc, routes):
    call = ring(bench)
    leg = sbc.incoming()
    leg.answer(routes=routes)
    call.meta.wait("violation", rule="record_route", call=call.name)
    assert leg.request("BYE", routes=routes[1:]).status == 404
    assert leg.request("BYE").status == 200  # with the right route Meta would know it
    assert call.wait_ended()["by"] == "business"
    assert not call.sent(lambda m: m.method == "ACK")


@pytest.mark.parametrize("rule, headers, contact", [
    ("contact_fqdn", (), "sip:15550001111@127.0.0.1:5061;transport=tls"),
    ("contact_transport", (), "sip:15550001111@sbc.wasbc.test"),
    ("session_timer", ("Session-Expires: 1800",), CONTACT)])
def test_what_meta_lets_pass_is_noted(bench, sbc, rule, headers, contact):
    call = ring(bench)
    leg = sbc.incoming()
    leg.answer(headers=headers, contact=contact)
    sbc.expect("ACK")
    assert bench.violations(bench.mark) == {rule}
    leg.request("BYE")
    call.wait_ended()


def test_early_media_and_reliable_answers_are_noted(bench, sbc):
    call = ring(bench)
    leg = sbc.incoming()
    leg.reply(183, headers=["Require: 100rel", "RSeq: 1"], body=sbc.sdp())
    leg.reply(486)
    ended(call)
    assert bench.violations(bench.mark) == {"early_media", "100rel"}


def test_an_answer_without_the_lower_vias_is_noted(bench, sbc):
    call = ring(bench)
    leg = sbc.incoming()
    leg.invite.headers = [h for i, h in enumerate(leg.invite.headers) if h[0] != "Via" or i == 0]
    leg.reply(486)
    ended(call)
    assert bench.violations(bench.mark) == {"via"}


def test_an_answer_on_another_connection_is_noted(bench, sbc):
    call = ring(bench)
    leg = sbc.incoming()
    leg.conn = sbc.connect()
    leg.reply(486)
    ended(call)
    assert bench.violations(bench.mark) == {"reply_connection"}


def test_a_bad_sdp_answer_is_hung_up(bench, sbc):
    call = ring(bench)
    leg = sbc.incoming()
    leg.reply(200, body=sbc.sdp().replace("opus/48000/2", "G729/8000"))
    sbc.expect("ACK")
    _, bye = sbc.expect("BYE")
    assert "SDP validation error" in bye.get("Reason")
    leg.reply(200, to=bye)
    ended(call)
    assert "sdp" in bench.violations(bench.mark)


def test_cancel_waits_for_a_provisional_answer(bench, sbc):
    call = ring(bench)
    leg = sbc.incoming()
    call.hangup()
    leg.reply(100, "Trying")
    _, cancel = sbc.expect("CANCEL")
    assert cancel.uri == leg.invite.uri and cancel.cseq == leg.invite.cseq
    assert cancel.all("Via") == leg.invite.all("Via")[:1]
    leg.reply(200, to=cancel)
    leg.reply(487)
    _, ack = sbc.expect("ACK")
    assert ack.branch == leg.invite.branch
    end = ended(call)
    assert (end["code"], end["by"]) == (487, "user")
    assert bench.violations(bench.mark) == set()


def test_a_200_that_crosses_the_cancel_is_acked_and_hung_up(bench, sbc):
    call = ring(bench, cancel_ms=50)
    leg = sbc.incoming()
    leg.reply(180)
    _, cancel = sbc.expect("CANCEL")
    leg.answer()
    leg.reply(200, to=cancel)
    sbc.expect("ACK")
    _, bye = sbc.expect("BYE")
    leg.reply(200, to=bye)
    assert ended(call)["by"] == "user"


def test_nobody_answers(hasty_bench, start_sbc):
    bench, sbc = hasty_bench, start_sbc(hasty_bench)
    call = ring(bench)
    sbc.incoming()
    assert ended(call)["code"] == 408  # 32 s, scaled


def test_the_sbc_is_away(bench):
    call = ring(bench)
    end = ended(call)
    assert (end["by"], end["code"]) == ("meta", 503)


def test_one_call_per_pair(bench, sbc):
    ring(bench)
    answer = None
    try:
        ring(bench)
    except Exception as err:  # what it is called is not the point
        answer = str(err)
    assert "already" in answer
    sbc.incoming().reply(486)
    sbc.expect("ACK")
