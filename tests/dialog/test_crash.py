# SPDX-License-Identifier: GPL-2.0-or-later
"""E06, G14: Kamailio dies at once and comes again, in every state that a call can be in."""
import base64
import os

import pytest

from calls import both_hear, nothing_in_clear
from lab import numbers, process
from lab.whole import Lab
from session import Undisturbed, ask, establish, offer, reinvite

NUMBERS = [numbers.DTLS_G711, numbers.SDES_G711]
DTLS, SDES = NUMBERS


@pytest.fixture(name="fragile", scope="module")
def fixture_fragile():
    """A lab that may lose its Kamailio."""
    with Lab(listed=NUMBERS) as lab:
        lab.provision()
        yield lab


@pytest.fixture(name="home")
def fixture_home(fragile, watch, start_wire):
    """That lab, and a PBX. What a failed test has left up is ended, so that the next one finds nothing of it."""
    fragile.kamailio.wait_loaded()  # the test before may have started it again
    yield watch.lab(fragile), start_wire(fragile)
    if fragile.kamailio.daemon.ended():
        fragile.kamailio.start()
        fragile.kamailio.wait_ready()
    fragile.metasim.settle()
    nothing_left(fragile)


def nothing_left(lab):
    process.wait_until(lambda: lab.rtpengine.calls() == [], 20, "rtpengine has no session left")
    process.wait_until(lambda: lab.relay.calls() == [], 20, "the relay has no call left")


def goes_on(call, leg):
    """Waits for a second more of audio at either end."""
    heard, audio = len(leg.media.packets), call.stats()["heard"]["audio_ms"]
    process.wait_until(lambda: len(leg.media.packets) >= heard + 50 and
                       call.stats()["heard"]["audio_ms"] >= audio + 1000, 20, "both still hear each other")


def undisturbed(stats, leg):
    """Not a packet was lost toward either end while Kamailio was away."""
    nothing_in_clear(stats)
    assert len(stats["rx"]["ssrcs"]) == 1 and stats["rx"]["lost"] == 0 and stats["rx"]["seq_jumps"] == 0
    packets = [p for p in leg.media.packets if not p.marker]
    assert len({p.ssrc for p in packets}) == 1
    jumps = [(a.seq, b.seq, b.at - a.at) for a, b in zip(packets, packets[1:]) if (b.seq - a.seq) % 65536 != 1]
    assert jumps == [], stats["tx"]
    heard = leg.media.heard()
    assert abs(heard.hz - 700) < 10 and heard.hole == 0


def test_E06_calls_outlive_a_crash_and_end_by_either_side(home):
    """Each direction and each key exchange; two end by the PBX, two by the user."""
    lab, pbx = home
    tone = {"media": {"tone_hz": 700}}
    lab.metasim.policy("*", **tone)
    mark = lab.metasim.events.mark()
    calls = []
    for n, (direction, number) in enumerate([("user", DTLS), ("business", SDES), ("user", SDES),
                                             ("business", DTLS)]):
        calls.append(establish(lab, pbx, number, f"1631600000{n}", direction,
                               **(tone if direction == "user" else {})))
    for call, leg in calls:
        both_hear(call, leg.media.heard, 0.5)
    lab.kamailio.crash()
    for call, leg in calls:
        goes_on(call, leg)  # nobody steers, and everybody talks
    lab.kamailio.start()
    lab.kamailio.wait_ready()
    for call, leg in calls:
        with Undisturbed(call):
            assert reinvite(leg, sdp=offer(leg)).status == 200
        goes_on(call, leg)
        undisturbed(call.stats(), leg)
    for call, leg in calls[:2]:
        assert leg.bye().status == 200
        assert call.wait_ended()["by"] == "business"
    for call, leg in calls[2:]:
        call.hangup()
        leg.reply(200, to=leg.expect("BYE"))
        assert call.wait_ended()["by"] == "user"
    nothing_left(lab)
    assert lab.metasim.violations(mark) == []


def answered_unacked(lab, pbx, number, user):
    """A user's call that the PBX has answered, and Meta has not yet acknowledged."""
    call = lab.metasim.ring(number, user, ack_held=True)
    leg = pbx.incoming()
    leg.reply(180)
    leg.answer(hz=1000)
    call.wait_received(lambda m: m.status == 200 and m.cseq_method == "INVITE", "200 OK")
    return call, leg


def test_E06_crash_between_answer_and_ack(home):
    """With DTLS nothing has begun before the ACK: who comes after the crash has to know how."""
    lab, pbx = home
    ours, theirs, third = (answered_unacked(lab, pbx, number, f"1631700000{n}")
                           for n, number in enumerate((SDES, DTLS, DTLS)))
    lab.kamailio.crash_and_restart()
    for call, leg in (ours, theirs, third):
        lab.metasim.command("ack", call=call.name)
        call.wait_answered()
        ack = leg.expect("ACK")
        assert ack.cseq == leg.invite.cseq
        process.wait_until(lambda c=call: abs(c.stats()["heard"]["hz"] - 1000) < 10, 10, "WhatsApp hears the PBX")
    assert ours[1].bye().status == 200
    assert ours[0].wait_ended()["by"] == "business"
    for call, leg in (theirs, third):
        nothing_in_clear(call.stats())
        call.hangup()
        leg.reply(200, to=leg.expect("BYE"))
        call.wait_ended()
    nothing_left(lab)


def test_E06_crash_before_a_call_of_the_business_has_its_keys(home):
    """DTLS waits for ICE just then: who comes after the crash gives rtpengine Meta's fingerprint."""
    lab, pbx = home
    call, leg = establish(lab, pbx, DTLS, "16317000009", "business")
    lab.kamailio.crash_and_restart()
    process.wait_until(lambda: abs(call.stats()["heard"]["hz"] - 1000) < 10, 10, "WhatsApp hears the PBX")
    nothing_in_clear(call.stats())
    assert leg.bye().status == 200
    call.wait_ended()
    nothing_left(lab)


def test_E06_crash_while_the_pbx_rings(home):
    """Meta has given the call up with its connection. Whoever lifts the receiver is told so by his BYE."""
    lab, pbx = home
    call = lab.metasim.ring(DTLS, "16318000001")
    leg = pbx.incoming()
    leg.reply(180)
    lab.metasim.wait("progress", call=call.name, code=180)
    lab.kamailio.crash_and_restart()
    call.wait_ended()
    mark = lab.metasim.events.mark()
    leg.answer()
    assert leg.bye().status == 481  # Meta's own word
    lab.metasim.catch_up()
    assert [m.method for _, sent, m in lab.metasim.messages(mark) if not sent] == ["BYE"]
    nothing_left(lab)


def test_E06_crash_while_the_user_is_rung(home):
    """Meta can no longer answer; the PBX gives up, and is told that nobody knows the call."""
    lab, pbx = home
    user = "16318000002"
    lab.metasim.policy(user, action="ring")
    leg = pbx.call(user, DTLS.digits)
    leg.wait_status(180)
    lab.kamailio.crash_and_restart()
    assert leg.call_id in lab.rtpengine.calls()
    leg.cancel()
    pbx.wait(lambda m: m.cseq_method == "CANCEL" and m.status == 481, "481 to CANCEL")
    nothing_left(lab)


@pytest.mark.parametrize("direction", ["user", "business"])
def test_E06_a_call_that_began_under_the_old_key_ends_under_the_new_one(home, users, direction):
    """Both keys are in the file, the new one first: of the calls that run nothing may get 481."""
    lab, pbx = home
    ended = [establish(lab, pbx, SDES, next(users), direction) for _ in range(2)]
    lab.kamailio.crash()
    key = lab.dir / "seal.key"
    key.write_text(f"{direction} {base64.b64encode(os.urandom(32)).decode()}\n" + key.read_text())
    lab.kamailio.start()
    lab.kamailio.wait_ready()
    (call, leg), (other, other_leg) = ended
    assert leg.bye().status == 200
    assert call.wait_ended()["by"] == "business"
    other.hangup()
    other_leg.reply(200, to=other_leg.expect("BYE"))
    assert other.wait_ended()["by"] == "user"
    nothing_left(lab)


def test_G07_a_bye_that_comes_again_after_a_crash_makes_no_second_record(home):
    """Its 200 got lost with Kamailio."""
    lab, pbx = home
    call, leg = establish(lab, pbx, SDES, "16316000077", "business")
    assert leg.bye().status == 200
    call.wait_ended()
    lab.record(leg.call_id)
    lab.kamailio.crash()
    lab.kamailio.start()
    lab.kamailio.wait_ready()
    assert ask(leg, "BYE", cseq=leg.cseq).status == 481
    # records are written in order: had the BYE made one, it would stand before this
    refused = pbx.call("16316000078", "49309999999")
    assert refused.wait_final().status >= 400
    lab.record(refused.call_id)
    assert len(lab.records(leg.call_id)) == 1
