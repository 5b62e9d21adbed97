# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's PBXes ring each other; one of them stands where the SBC would."""
import types

import pytest

from lab import pbx_baresip, pbx_wire, process
from lab.sip import Sdp


@pytest.fixture(name="near")
def fixture_near(addresses, tmp_path):
    """What a PBX wants to know of a lab, without an SBC."""
    return types.SimpleNamespace(addresses=addresses, dir=tmp_path, number="15550001111")


@pytest.fixture(name="far")
def fixture_far(near):
    """The same, where the SBC would be."""
    swapped = types.SimpleNamespace(sip_pbx=near.addresses.pbx_sip, pbx_sip=near.addresses.sip_pbx,
                                    guard=near.addresses.guard)
    return types.SimpleNamespace(addresses=swapped, dir=near.dir, number="16315551111")


@pytest.fixture(name="start")
def fixture_start():
    running = []

    def start(pbx):
        running.append(pbx)
        if hasattr(pbx, "wait_ready"):
            pbx.wait_ready()
        return pbx
    yield start
    for pbx in running:
        pbx.stop()


@pytest.mark.parametrize("codec", ["OPUS", "G722", "PCMU", "PCMA"])
def test_baresip_plays_and_records(near, far, start, codec):
    callee = start(pbx_baresip.BaresipPbx(far, [codec], hz=1000, name="callee"))
    caller = start(pbx_baresip.BaresipPbx(near, [codec], hz=700, name="caller"))
    caller.dial(callee.number)
    caller.wait_event("CALL_ESTABLISHED")
    process.wait_until(lambda: min(caller.heard().seconds, callee.heard().seconds) > 1.2, 10, "both were heard")
    caller.hangup()
    callee.wait_event("CALL_CLOSED")
    _, sent, answer = caller.wait_sip(lambda out, m: m.status == 200 and m.cseq_method == "INVITE", "200 OK")
    assert not sent
    names = [c for c in Sdp(answer.body).codecs.values() if not c.startswith("telephone-event")]
    assert [n.split("/")[0].upper() for n in names] == [codec]
    for who, hz in ((caller, 1000), (callee, 700)):
        tone = who.heard()
        assert abs(tone.hz - hz) < 5 and tone.purity > 0.9
        assert -12 < tone.dbov < -7  # ausine plays -9.03 dBov


def test_a_silent_baresip_sends_not_one_packet(near, far, start):
    silent = start(pbx_baresip.BaresipPbx(far, ["PCMU"], hz=None, name="silent"))
    wire = start(pbx_wire.WirePbx(near))
    leg = wire.call("16315551111")
    assert leg.wait_final().status == 200
    leg.play(700)
    process.wait_until(lambda: silent.heard().seconds > 1, 10, "the silent one hears us")
    assert leg.bye().status == 200
    assert leg.media.packets == []


def test_the_wire_pbx_hears_and_plays(near, far, start):
    phone = start(pbx_baresip.BaresipPbx(far, ["PCMA"], hz=1000, name="phone"))
    wire = start(pbx_wire.WirePbx(near))
    phone.dial("15550001111")
    leg = wire.incoming()
    leg.reply(180)
    leg.answer(hz=440)
    leg.expect("ACK")
    process.wait_until(lambda: leg.media.heard().seconds > 1, 10, "the wire PBX hears the tone")
    process.wait_until(lambda: phone.heard().seconds > 1, 10, "the phone hears the tone")
    assert leg.bye().status == 200
    assert abs(leg.media.heard().hz - 1000) < 5
    assert abs(phone.heard().hz - 440) < 5


def test_a_repetition_is_answered_the_same_way(near, far, start):
    caller = start(pbx_wire.WirePbx(near, name="caller"))
    callee = start(pbx_wire.WirePbx(far, name="callee"))
    out = caller.call("16315551111")
    leg = callee.incoming()
    leg.reply(486)
    assert out.wait_final().status == 486
    leg.expect("ACK")
    caller.wires.sock.sendto(out.invite.text.encode(), callee.address)
    caller.wires.sock.sendto(b"\r\n\r\n", callee.address)
    caller.call("16315551112")
    callee.incoming()  # so the two before it have been read
    assert len(callee.received(lambda m: m.method == "INVITE" and m.call_id == out.call_id)) == 1
