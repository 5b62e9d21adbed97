# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that the SBC itself ends: an operator's wish, and E04: a far side that died."""
import pytest

from calls import business_calls, user_calls
from lab import meta_wire, numbers
from lab.kamailio import RpcError
from lab.process import wait_until
from lab.sip import uri_of


def answer_bye(leg):
    bye = leg.expect("BYE", 20)
    leg.reply(200, to=bye)
    return bye


def both_ended(lab, call, leg, cause, by="sbc"):
    bye = answer_bye(leg)
    ended = call.wait_ended(20)
    assert ended["by"] == "business" and ended["code"] == 0
    record = lab.record(leg.call_id)
    assert (record["result"], record["cause"], record["ended_by"]) == ("ended", cause, by)
    assert f'"{cause}"' in bye.get("Reason")
    wait_until(lambda: leg.call_id not in lab.rtpengine.calls(), 10, "rtpengine has no session left")
    wait_until(lambda: lab.rpc("wa_calls.stats")["calls"] == 0, 20, "no call is left")
    return bye


@pytest.mark.parametrize("challenge", ["none", "md5", "both"])
def test_hangup_of_a_call_of_the_business(lab, pbx, user, challenge):
    """Meta checks Call-ID, tags, CSeq, Request-URI and Routes of the BYE; the PBX's leg is checked here."""
    lab.metasim.policy(user, challenge=challenge)
    call, leg = business_calls(lab, pbx, numbers.DTLS, user, cseq=7)
    assert lab.rpc("wa_calls.hangup", leg.call_id)["state"] == "ending"
    bye = both_ended(lab, call, leg, "operator")
    assert bye.uri == f"sip:pbx@{pbx.address[0]}:{pbx.address[1]}"
    assert bye.get("From").endswith("tag=" + leg.remote.split("tag=")[1])
    assert f"tag={leg.tag}" in bye.get("To")
    to_meta = call.received(lambda m: m.method == "BYE")[0]
    invite = call.received(lambda m: m.method == "INVITE")[-1]
    assert to_meta.cseq == invite.cseq + 1 and to_meta.call_id == invite.call_id
    for secret in (lab.addresses.pbx, leg.call_id):
        assert secret not in to_meta.text


@pytest.mark.parametrize("number", [numbers.DTLS, numbers.SDES], ids=["dtls", "sdes"])
def test_hangup_of_a_call_of_a_user(lab, pbx, user, number):
    call, leg = user_calls(lab, pbx, number, user)
    listed = lab.rpc("wa_calls.list")["calls"]
    (row,) = [c for c in listed if c["call"] == leg.call_id]
    assert row["peer"] == f"1631***{user[-2:]}" and user not in str(row)
    lab.rpc("wa_calls.hangup", row["id"])
    bye = both_ended(lab, call, leg, "operator")
    assert bye.cseq == leg.invite.cseq + 1
    to_meta = call.received(lambda m: m.method == "BYE")[0]
    contact = uri_of(call.sent(lambda m: m.method == "INVITE")[-1].get("Contact"))
    assert to_meta.uri == contact and to_meta.values("Route")[:2] == meta_wire.ROUTES


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_E01_hangup_follows_a_pbx_that_has_moved(lab, pbx, user, method):
    """Whoever took the call over within the PBX gets the BYE."""
    call, leg = user_calls(lab, pbx, numbers.SDES, user)
    leg.cseq = 100
    host, port = pbx.address
    sent = leg.request(method, sdp=leg.sdp(), headers=[f"Contact: <sip:third@{host}:{port}>"], contact=False)
    pbx.wait(lambda m: m.is_reply and m.branch == sent.branch and m.status == 200, f"200 to {method}")
    if method == "INVITE":
        leg.request("ACK", cseq=sent.cseq)
    lab.rpc("wa_calls.hangup", leg.call_id)
    assert both_ended(lab, call, leg, "operator").uri == f"sip:third@{host}:{port}"


def test_hangup_names_what_it_cannot_do(lab, pbx, user):
    with pytest.raises(RpcError) as error:
        lab.rpc("wa_calls.hangup", "no such call")
    assert error.value.code == 404
    lab.metasim.policy(user, action="ring")
    leg = pbx.call(user, numbers.DTLS.digits)
    leg.wait_status(180)
    with pytest.raises(RpcError) as error:
        lab.rpc("wa_calls.hangup", leg.call_id)
    assert error.value.code == 400
    assert lab.rpc("wa_calls.show", leg.call_id)["state"] == "ringing"
    leg.cancel()
    leg.wait_final()


@pytest.mark.parametrize("direction", ["in", "out"])
def test_E04_a_call_without_media_is_ended_on_both_sides(lab, pbx, user, direction):
    """rtpengine gives a session up when nothing comes any more: here it is told to at once."""
    make = user_calls if direction == "in" else business_calls
    call, leg = make(lab, pbx, numbers.DTLS, user)
    wait_until(lambda: call.stats()["first"]["rx_ms"] is not None, 10, "WhatsApp got a packet")
    lab.rtpengine.ng("delete", **{"call-id": leg.call_id})
    both_ended(lab, call, leg, "media_timeout")
