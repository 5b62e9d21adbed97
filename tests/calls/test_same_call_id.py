# SPDX-License-Identifier: GPL-2.0-or-later
"""A second INVITE under the Call-ID of a call that is there: RFC 3261 8.2.2.2, or a PBX gone wrong."""
import os
import signal

import pytest

from calls import business_calls, user_calls
from lab import numbers, process


def once_more(leg, cseq):
    """The INVITE of a call, under another branch; returns its final reply."""
    sent = leg.request("INVITE", sdp=leg.sdp(), cseq=cseq)
    reply = leg.pbx.wait(lambda m: m.is_reply and m.branch == sent.branch and m.status >= 200, "a final reply")
    leg.request("ACK", cseq=sent.cseq, branch=sent.branch)
    return reply


@pytest.mark.parametrize("wrong", ["merged", "unknown_caller"])
def test_G07_G14_a_second_call_under_one_call_id_harms_not_the_first(lab, pbx, user, wrong):
    call, leg = business_calls(lab, pbx, numbers.SDES, user, hz=1000)
    process.wait_until(lambda: call.stats()["first"]["rx_ms"] is not None, 10, "WhatsApp got a packet")
    kept = leg.remote, leg.local, leg.target, leg.routes
    leg.remote, leg.target, leg.routes = leg.invite.get("To"), leg.invite.start.split()[1], []
    if wrong == "unknown_caller":
        leg.local = leg.local.replace(numbers.SDES.digits, "49309999999")
    refused = once_more(leg, leg.invite.cseq + 10)
    assert refused.status == (482 if wrong == "merged" else 403)
    leg.remote, leg.local, leg.target, leg.routes = kept
    before = call.stats()["heard"]["audio_ms"]
    process.wait_until(lambda: call.stats()["heard"]["audio_ms"] > before + 500, 10, "the first call goes on")
    assert lab.relay.calls() == [leg.call_id]
    assert leg.bye().status == 200
    call.wait_ended()
    process.wait_until(lambda: len(lab.records(leg.call_id)) == 2, 10, "a record of each")
    assert sorted(r["result"] for r in lab.records(leg.call_id)) == ["ended", "refused"]


def test_G03_G07_a_second_invite_does_not_end_a_call_that_is_not_offered_yet(own_lab, start_wire, user):
    """The first waits for rtpengine: it is admitted, and counts, whatever is refused meanwhile."""
    lab = own_lab(site={"MEDIA_PATIENCE": 20000}, listed=[numbers.SDES])
    lab.provision()
    pbx = start_wire(lab)
    hung = lab.rtpengine.daemon.process.pid
    os.kill(hung, signal.SIGSTOP)
    try:
        leg = pbx.call(user, numbers.SDES.digits)
        process.wait_until(lambda: lab.rpc("wa_calls.list")["calls"], 10, "the call is admitted")
        assert once_more(leg, leg.invite.cseq + 1).status == 482
        assert len(lab.rpc("wa_calls.list")["calls"]) == 1
    finally:
        os.kill(hung, signal.SIGCONT)
    assert leg.wait_final().status == 200
    assert leg.bye().status == 200
    process.wait_until(lambda: len(lab.records(leg.call_id)) == 2, 10, "a record of each")
    assert sorted(r["result"] for r in lab.records(leg.call_id)) == ["ended", "refused"]


def test_G03_E01_the_call_id_of_a_call_of_a_user_begins_none_of_the_business(lab, pbx, users):
    """A proxy that leads a call back to us: media knows both by one Call-ID."""
    call, leg = user_calls(lab, pbx, numbers.SDES, next(users), hz=1000)
    led_back = pbx.call(next(users), numbers.DTLS.digits, call_id=leg.call_id)
    assert led_back.wait_final().status == 482
    before = call.stats()["heard"]["audio_ms"]
    process.wait_until(lambda: call.stats()["heard"]["audio_ms"] > before + 500, 10, "the first call goes on")
    assert leg.bye().status == 200
    call.wait_ended()
