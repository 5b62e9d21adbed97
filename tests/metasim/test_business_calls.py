# SPDX-License-Identifier: GPL-2.0-or-later
"""Meta is rung: challenges, refusals, answers."""
import re

import pytest

from lab import numbers
from lab.sip import digest, host_of, uri_of
from wire_sbc import CONTACT, OWN_ROUTE, ROUTES, Outgoing

USER = numbers.USER


def policy(bench, **members):
    bench.meta.command("policy", user=USER, set=members)


def last_ended(bench):
    return bench.meta.wait("call_ended", mark=bench.mark)


def test_two_challenges_with_values_of_their_own(bench, sbc, password):
    call = Outgoing(sbc)
    reply = call.invite()
    assert reply.status == 407
    sha, md5 = map(digest, reply.all("Proxy-Authenticate"))
    assert (sha["algorithm"], md5["algorithm"]) == ("SHA-256", "MD5")
    for asked in (sha, md5):
        assert re.fullmatch("[0-9a-f]{16}", asked["nonce"]) and re.fullmatch("[0-9a-f]{16}", asked["opaque"])
        assert asked["realm"] == "wa.meta.vc" and asked["qop"] == "auth"
    assert sha["nonce"] != md5["nonce"] and sha["opaque"] != md5["opaque"]
    assert reply.get("To").endswith(";tag=" + call.last.branch)
    assert reply.all("Record-Route") == [OWN_ROUTE]
    assert call.invite(call.credentials(reply, password)).status == 200


@pytest.mark.parametrize("challenge, algorithm", [("md5", "MD5"), ("sha256", "SHA-256"), ("both", "MD5"),
                                                  ("both", "SHA-256")])
def test_answered_acked_and_hung_up_by_the_business(bench, sbc, password, challenge, algorithm):
    policy(bench, challenge=challenge, user_id="US.1", user_name="u", parent_user_id="P.1")
    call = Outgoing(sbc)
    ok = call.connected(password, algorithm)
    assert call.reply(status=180)
    assert bench.meta.wait("authenticated", mark=bench.mark)["algorithm"] == algorithm
    assert ok.all("Record-Route") == [*reversed(ROUTES), OWN_ROUTE]
    assert uri_of(ok.get("Contact")).startswith(f"sip:+{USER}@wa.meta.vc;transport=tls;ob;X-FB-Sip-Smc-Tier=")
    assert ok.get("Supported") == "timer" and ok.get("x-wa-meta-user-id") == "US.1"
    assert ok.get("x-wa_meta-parent-user-id") == "P.1" and ok.get("x-wa-meta-user-name") == "u"
    bench.meta.wait("acked", mark=bench.mark)
    call.in_dialog("BYE", ok, cseq=call.cseq + 1)
    sbc.expect(lambda m: m.status == 200 and m.cseq_method == "BYE")
    assert last_ended(bench)["by"] == "business"
    assert bench.violations(bench.mark) == set()


def test_no_challenge_and_401(bench, sbc, password):
    policy(bench, challenge="none")
    call = Outgoing(sbc)
    ok = call.connected(password)
    call.in_dialog("BYE", ok, cseq=call.cseq + 1)
    last_ended(bench)
    policy(bench, challenge="401")
    call = Outgoing(sbc)
    reply = call.invite()
    assert reply.status == 401 and reply.get("WWW-Authenticate")
    call.headers = ["Authorization: " + call.credentials(reply, password)]
    assert call.invite().status == 200


def test_a_sequence_of_challenges(bench, sbc, password):
    policy(bench, challenge=["md5", "both", "md5+stale"])
    call = Outgoing(sbc)
    replies = [call.invite()]
    for _ in range(3):
        replies.append(call.invite(call.credentials(replies[-1], password)))
    assert [r.status for r in replies] == [407, 407, 407, 200]
    assert [digest(r.get("Proxy-Authenticate")).get("stale") for r in replies[:3]] == [None, None, "true"]


BAD = {"username with +": ("digest_username", {"username": "+15550001111"}),
       "another username": ("digest_username", {"username": "15550002222"}),
       "another number's opaque": ("digest_mixed", {"opaque": "0123456789abcdef"}),
       "wrong response": ("digest_response", {"response_": "0" * 32}),
       "no qop": ("digest_qop", {"qop_": "none"})}


@pytest.mark.parametrize("rule, changed", BAD.values(), ids=BAD.keys())
def test_bad_credentials_are_403(bench, sbc, password, rule, changed):
    call = Outgoing(sbc)
    reply = call.invite(call.credentials(call.invite(), password, **changed))
    assert reply.status == 403 and reply.get("Warning").startswith("399 wa.meta.vc ")
    assert bench.violations(bench.mark) == {rule}


def test_a_nonce_of_one_header_with_the_algorithm_of_the_other(bench, sbc, password):
    call = Outgoing(sbc)
    challenged = call.invite()
    md5 = digest(challenged.all("Proxy-Authenticate")[1])
    reply = call.invite(call.credentials(challenged, password, "SHA-256", nonce=md5["nonce"]))
    assert reply.status == 403 and bench.violations(bench.mark) == {"digest_mixed"}


def test_digest_uri_and_to_must_agree_but_for_parameters(bench, sbc, password):
    call = Outgoing(sbc)
    reply = call.invite(call.credentials(call.invite(), password, uri="sip:+16315559999@wa.meta.vc"))
    assert reply.start == 'SIP/2.0 403 Proxy auth uri does not match SIP "to" uri'
    call = Outgoing(sbc)
    assert call.invite(call.credentials(call.invite(), password, uri=f"sip:+{USER}@wa.meta.vc")).status == 200


def test_a_wrong_password(bench, sbc, password):
    call = Outgoing(sbc)
    assert call.invite(call.credentials(call.invite(), password + "x")).status == 403
    policy(bench, wrong_answer=407)
    call = Outgoing(sbc)
    again = call.invite(call.credentials(call.invite(), password + "x"))
    assert again.status == 407 and "stale" not in again.get("Proxy-Authenticate")
    assert call.invite(call.credentials(again, password)).status == 200


def test_a_nonce_ahead_of_the_challenge(bench, sbc, password):
    first = Outgoing(sbc)
    asked = first.invite()
    assert first.invite(first.credentials(asked, password)).status == 200
    second = Outgoing(sbc, "16315552222")
    assert second.invite(second.credentials(asked, password, nc="00000002")).status == 200
    again = Outgoing(sbc, "16315553333")
    replayed = again.invite(again.credentials(asked, password, nc="00000002"))
    assert replayed.status == 407 and digest(replayed.get("Proxy-Authenticate"))["stale"] == "true"
    bench.meta.command("policy", user="*", set={"nonce_reuse": False})
    refused = Outgoing(sbc, "16315554444")
    reply = refused.invite(refused.credentials(asked, password, nc="00000003"))
    assert reply.status == 407
    assert refused.invite(refused.credentials(reply, password)).status == 200


def test_an_expired_nonce_is_stale(bench, sbc, password):
    policy(bench, nonce_ttl_ms=-1)
    call = Outgoing(sbc)
    reply = call.invite(call.credentials(call.invite(), password))
    assert reply.status == 407 and digest(reply.get("Proxy-Authenticate"))["stale"] == "true"


REFUSED = {
    "address in the R-URI": (404, "Not Found", "ruri_ip", {"host": "157.240.19.130"}),
    "another domain": (404, "Not Found", "ruri_host", {"host": "example.com"}),
    "unknown number": (400, "Asset not found", "from_number", {"sender": "+15559999999"}),
    "From host": (403, "SIP server example.com from INVITE does not match any SIP server configured for phone "
                  "number id 106540352242922", "from_host", {"sender_host": "example.com"}),
    "From address": (403, "SIP server 127.0.0.1 from INVITE does not match any SIP server configured for phone "
                     "number id 106540352242922", "from_host", {"sender_host": "127.0.0.1"}),
    "From wa.meta.vc": (403, "SIP server wa.meta.vc from INVITE does not match any SIP server configured for "
                        "phone number id 106540352242922", "from_host", {"sender_host": "wa.meta.vc"})}


@pytest.mark.parametrize("status, reason, rule, how", REFUSED.values(), ids=REFUSED.keys())
def test_refused_before_the_challenge(bench, sbc, status, reason, rule, how):
    reply = Outgoing(sbc, **how).invite()
    assert (reply.status, reply.reason) == (status, reason)
    assert (reply.get("Warning") == f'399 wa.meta.vc "{reason}"') == (status == 403)
    assert rule in bench.violations(bench.mark)
    assert last_ended(bench)["code"] == status


def test_a_parent_domain_in_from_is_fine(bench, sbc):
    assert Outgoing(sbc, sender_host="wasbc.test").invite().status == 407


NOTED = {"e164_plus": {"sender": "15550001111"}, "contact_fqdn": {"contact": "sip:x@10.0.0.1"},
         "to_uri": {"to": "<sip:+16315550000@wa.meta.vc>"}, "session_timer": {"headers": ["Supported: timer"]},
         "100rel": {"headers": ["Supported: 100rel"]}}


@pytest.mark.parametrize("rule, how", NOTED.items(), ids=NOTED.keys())
def test_noted_but_not_refused(bench, sbc, rule, how):
    assert Outgoing(sbc, **how).invite().status == 407
    assert bench.violations(bench.mark) == {rule}


def refused(sbc, password):
    call = Outgoing(sbc)
    reply = call.invite(call.credentials(call.invite(), password))
    return reply.status, reply.reason


def test_permission(bench, sbc, password):
    none = (403, "No Approved Call Permission Found")
    bench.meta.command("permit", user=USER, permitted=False)
    assert refused(sbc, password) == none
    bench.meta.command("permit", user=USER, permitted=["15550002222"])
    assert refused(sbc, password) == none
    bench.meta.command("permit", user="*", permitted=False)
    bench.meta.command("permit", user=USER)
    assert refused(sbc, password)[0] == 200


def test_an_app_without_messaging(bench, sbc, password):
    bench.meta.command("graph_authorize", phone_number_id="106540352242922", authorized=False)
    assert refused(sbc, password) == (
        403, f"The app {numbers.APP} configured for SIP server sbc.wasbc.test is not authorized")
    bench.meta.command("graph_authorize", phone_number_id="106540352242922", authorized=True)


def test_limits(bench, sbc, password):
    policy(bench, day_limit=1)
    call = Outgoing(sbc)
    ok = call.connected(password)
    assert refused(sbc, password) == (403, "Business Initiated Connected Call Per Day Limit Hit")
    policy(bench, day_limit=100)
    assert refused(sbc, password) == (403, "Duplicate call")
    bench.meta.command("policy", user="*", set={"capacity": 1})
    other = Outgoing(sbc, "16315552222")
    assert other.invite(other.credentials(other.invite(), password)).reason == "Concurrent call limit hit"
    call.in_dialog("BYE", ok, cseq=call.cseq + 1)
    sbc.expect(lambda m: m.status == 200 and m.cseq_method == "BYE")


def test_forced_refusals_are_used_up(bench, sbc, password):
    policy(bench, refuse={"code": 503, "reason": "Try later", "warning": "x", "count": 1})
    assert refused(sbc, password) == (503, "Try later")
    assert refused(sbc, password)[0] == 200


def test_a_disabled_number(bench, sbc):
    calling = {"sip": {"status": "DISABLED"}}
    bench.meta.command("graph_settings", phone_number_id="106540352242922", app_id=numbers.APP, calling=calling)
    try:
        assert Outgoing(sbc).invite().status == 403
        assert bench.violations(bench.mark) == {"sip_disabled"}
    finally:
        calling["sip"]["status"] = "ENABLED"
        bench.meta.command("graph_settings", phone_number_id="106540352242922", app_id=numbers.APP,
                           calling=calling)


@pytest.mark.parametrize("action, status", [("decline", 486), ("noanswer", 480)])
def test_the_user_does_not_answer(bench, sbc, password, action, status):
    policy(bench, action=action, ring_ms=20)
    assert refused(sbc, password)[0] == status


def test_answer_by_command_and_cancel(bench, sbc, password):
    policy(bench, action="ring")
    call = Outgoing(sbc)
    call.send(call.credentials(call.invite(), password))
    call.reply(status=180)
    name = bench.meta.wait("ringing", mark=bench.mark)["call"]
    bench.meta.command("answer", call=name)
    ok = call.reply()
    assert ok.status == 200
    call.ack(ok)
    bench.meta.command("hangup", call=name)
    conn, bye = sbc.expect("BYE")
    assert bye.uri == CONTACT and bye.all("Route") == [OWN_ROUTE] and bye.all("Record-Route") == ROUTES
    conn.send(["SIP/2.0 200 OK", *(f"Via: {v}" for v in bye.all("Via")), f"From: {bye.get('From')}",
               f"To: {bye.get('To')}", f"Call-ID: {bye.call_id}", f"CSeq: {bye.get('CSeq')}"])
    assert last_ended(bench)["by"] == "user"

    call = Outgoing(sbc)
    call.send(call.credentials(call.invite(), password))
    call.reply(status=180)
    call.cancel()
    sbc.expect(lambda m: m.status == 200 and m.cseq_method == "CANCEL")
    assert call.reply().status == 487
    assert bench.violations(bench.mark) == set()


def test_the_200_is_repeated_until_its_ack_and_then_hung_up(hasty_bench, start_sbc, password):
    bench, sbc = hasty_bench, start_sbc(hasty_bench)
    call = Outgoing(sbc)
    ok = call.invite(call.credentials(call.invite(), password))
    assert call.reply().text == ok.text
    call.ack(ok, routes=ROUTES[:1])  # one Route is missing: never arrives
    assert call.reply().text == ok.text
    _, bye = sbc.expect("BYE")
    assert "no ACK" in bye.get("Reason")
    assert bench.violations(bench.mark) == {"in_dialog_route", "ack_missing"}


def test_the_ack_of_a_challenge_is_missed(hasty_bench, start_sbc):
    bench, sbc = hasty_bench, start_sbc(hasty_bench)
    call = Outgoing(sbc)
    call.send()
    call.reply(ack=False)
    assert bench.meta.wait("violation", mark=bench.mark)["rule"] == "ack_missing"
    assert last_ended(bench)["reason"] == "challenge not answered"


def test_cseq_of_the_second_invite(bench, sbc, password):
    call = Outgoing(sbc)
    reply = call.invite()
    call.invite(call.credentials(reply, password), cseq=call.cseq + 5)
    assert bench.violations(bench.mark) == {"auth_cseq"}


def test_bad_sdp(bench, sbc, password):
    call = Outgoing(sbc, body=sbc.sdp().replace("AES_CM_128_HMAC_SHA1_80", "NULL_HMAC_SHA1_80"))
    reply = call.invite(call.credentials(call.invite(), password))
    assert (reply.status, reply.reason) == (403, "SDP validation error")
    assert "sdp" in bench.violations(bench.mark)


def test_a_bsuid_is_called(bench, sbc, password):
    call = Outgoing(sbc, "US.134912")
    ok = call.connected(password)
    assert uri_of(ok.get("Contact")).startswith("sip:US.134912@wa.meta.vc;")
    assert host_of(uri_of(ok.get("To"))) == "wa.meta.vc"
