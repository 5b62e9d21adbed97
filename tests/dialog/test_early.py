# SPDX-License-Identifier: GPL-2.0-or-later
"""C09, C11: before the answer. What the PBX plays while it rings stays with it, and a caller may give up at any moment."""
import pytest

from calls import nothing_in_clear
from held import held_at, wait_for_cancel
from lab import numbers, process
from lab.pbx_wire import token

MODES = pytest.mark.parametrize("number", [numbers.DTLS, numbers.SDES], ids=["DTLS", "SDES"])


def nothing_left(lab):
    process.wait_until(lambda: lab.rtpengine.calls() == [], 20, "rtpengine has no session left")
    process.wait_until(lambda: lab.relay.calls() == [], 20, "the relay has no call left")


@MODES
def test_C09_early_media_of_the_pbx_is_held_back(lab, pbx, user, number):
    """Even from a Meta that would take it, and from two phones that ring one after the other."""
    willing = {"stun_before_answer": True, "dtls_before_answer": True} if number is numbers.DTLS else {}
    call = lab.metasim.ring(number, user, media=willing)
    leg = pbx.incoming()
    first, second = leg.tag, token()
    leg.reply(183, sdp=leg.sdp())
    lab.metasim.wait("progress", call=call.name, code=183)
    leg.play(440)
    process.wait_until(lambda: leg.media.sent > 50, 10, "a second of early media went out")
    leg.tag = second
    mark = lab.metasim.events.mark()
    leg.reply(183, sdp=leg.sdp())
    lab.metasim.wait("progress", call=call.name, code=183, mark=mark)
    played = leg.media.sent
    process.wait_until(lambda: leg.media.sent > played + 25, 10, "half a second more")
    stats = call.stats()
    assert stats["early"]["packets"] == 0 and stats["rx"]["packets"] == 0
    assert stats["first"]["rx_ms"] is None and stats["first"]["keys_ms"] is None or number is numbers.SDES
    assert len(leg.media.packets) == 0  # Meta says nothing either
    leg.tag = first
    leg.answer()
    call.wait_answered()
    leg.expect("ACK")
    process.wait_until(lambda: abs(call.stats()["heard"]["hz"] - 440) < 10, 10, "WhatsApp hears the PBX")
    ringing = call.received(lambda m: m.is_reply and m.cseq_method == "INVITE" and 100 < m.status < 200)
    assert [m.status for m in ringing] == [183, 183]
    for reply in ringing:
        assert reply.body == "" and reply.get("Content-Type") is None and reply.get("Content-Length") == "0"
        assert reply.get("Require") is None and reply.get("RSeq") is None
    leg.bye()
    nothing_in_clear(call.stats())
    nothing_left(lab)


def test_C11_cancel_before_the_pbx_has_said_anything(lab, pbx, user):
    """RFC 3261 9.1: the CANCEL waits for a provisional response of the PBX, Meta need not."""
    call = lab.metasim.ring(numbers.DTLS, user)
    leg = pbx.incoming()
    call.hangup()
    call.wait_received(lambda m: m.status == 200 and m.cseq_method == "CANCEL", "200 to CANCEL")
    assert pbx.received(lambda m: m.method == "CANCEL") == []
    leg.reply(180)
    cancel = leg.expect("CANCEL")
    assert cancel.branch == leg.invite.branch
    leg.reply(200, to=cancel)
    leg.reply(487)
    leg.expect("ACK")
    assert call.wait_ended()["code"] == 487
    nothing_left(lab)


def test_C11_cancel_beside_the_first_response(own_lab, start_wire, user):
    """Another process is just between seeing that nobody has given up and noting that the PBX rings."""
    lab = own_lab()
    lab.provision()
    pbx = start_wire(lab)
    with held_at(lab, "udp receiver", "relay_reply") as ringing:
        call = lab.metasim.ring(numbers.DTLS, user)
        leg = pbx.incoming()
        leg.reply(180)
        ringing.wait()
        call.hangup()
        wait_for_cancel(lab, leg)
    leg.reply(200, to=leg.expect("CANCEL"))
    leg.reply(487)
    leg.expect("ACK")
    assert call.wait_ended()["code"] == 487
    nothing_left(lab)


def test_C11_cancel_that_meets_the_answer(lab, pbx, user):
    """The receiver is lifted in the moment in which the caller gives up: both sides end up without a call."""
    call = lab.metasim.ring(numbers.DTLS, user)
    leg = pbx.incoming()
    leg.reply(180)
    lab.metasim.wait("progress", call=call.name, code=180)
    call.hangup()
    cancel = leg.expect("CANCEL")
    leg.answer()
    leg.reply(200, to=cancel)
    ack = leg.expect("ACK")
    assert ack.cseq == leg.invite.cseq
    leg.reply(200, to=leg.expect("BYE"))
    call.wait_ended()
    nothing_left(lab)
