# SPDX-License-Identifier: GPL-2.0-or-later
"""How calls of WhatsApp users end, and that nothing is left of them."""
import pytest

from calls import user_calls
from lab import meta_wire, numbers, process
from lab.sip import uri_of


def no_session_left(lab):
    process.wait_until(lambda: lab.rtpengine.calls() == [], 20, "rtpengine has no session left")


def media_is_up(call):
    process.wait_until(lambda: call.stats()["first"]["rx_ms"] is not None, 10, "WhatsApp got a packet")


def test_C11_cancel_ends_the_pbx_leg_with_487(lab, pbx, user):
    call = lab.metasim.ring(numbers.DTLS, user)
    leg = pbx.incoming()
    leg.reply(180)
    call.wait("progress")
    call.hangup()
    cancel = leg.expect("CANCEL")
    assert cancel.branch == leg.invite.branch and cancel.cseq == leg.invite.cseq
    leg.reply(200, to=cancel)
    leg.reply(487)
    leg.expect("ACK")
    ended = call.wait_ended()
    assert ended["code"] == 487 and ended["by"] == "user"
    replies = [(m.status, m.cseq_method) for m in call.received(lambda m: m.is_reply)]
    assert (200, "CANCEL") in replies and (487, "INVITE") in replies
    no_session_left(lab)


def test_C12_bye_of_meta_reaches_the_pbx(lab, pbx, user):
    call, leg = user_calls(lab, pbx, numbers.DTLS, user)
    media_is_up(call)
    call_id = call.sent()[0].call_id
    call.hangup()
    bye = leg.expect("BYE")
    leg.reply(200, to=bye)
    assert call.wait_ended()["by"] == "user"
    sent = call.sent(lambda m: m.method == "BYE")[0]
    duration = sent.get("x-wa-meta-call-duration")
    assert duration is not None
    assert call.received(lambda m: m.status == 200 and m.cseq_method == "BYE")
    no_session_left(lab)
    record = lab.call_record(call_id)
    assert record["meta_duration"] == duration


def test_C13_bye_of_the_pbx_reaches_meta_by_the_recorded_route(lab, pbx, user):
    call, leg = user_calls(lab, pbx, numbers.DTLS, user)
    media_is_up(call)
    assert leg.bye().status == 200
    ended = call.wait_ended()
    assert ended["by"] == "business" and ended["code"] == 0
    bye = call.received(lambda m: m.method == "BYE")[0]
    contact = uri_of(call.sent(lambda m: m.method == "INVITE")[-1].get("Contact"))
    assert contact.endswith(";ob") and bye.uri == contact
    assert bye.values("Route")[:2] == meta_wire.ROUTES
    no_session_left(lab)


@pytest.mark.parametrize("turn", range(5))
def test_G14_bye_right_after_the_ack_leaves_no_session(lab, pbx, watch, user, turn):
    """The guardian's offer and the worker's delete meet in rtpengine, in either order."""
    # a session made anew by the offer may live long enough for one check of ICE
    watch.provoked.add("ice_credentials")
    call, leg = user_calls(lab, pbx, numbers.DTLS, user)
    if turn % 2:
        leg.bye()
    else:
        call.hangup()
        leg.reply(200, to=leg.expect("BYE"))
    call.wait_ended()
    no_session_left(lab)
