# SPDX-License-Identifier: GPL-2.0-or-later
"""No media session stays behind, however a call ends; and who carries media may fail."""
import itertools
import os
import signal

import pytest

from calls import business_calls, meta_heard, nothing_in_clear, user_calls
from lab import numbers, process
from lab.control import Control
from lab.whole import Lab

EITHER_WAY = pytest.mark.parametrize("direction", ["in", "out"])


def nothing_left(lab, seconds=20):
    process.wait_until(lambda: lab.media_sessions() == [], seconds, "neither rtpengine nor the relay has a call")


def ringing(lab, pbx, direction, user):
    """A call that rings; returns Meta's call and the PBX's leg."""
    if direction == "in":
        call = lab.metasim.ring(numbers.DTLS, user)
        leg = pbx.incoming()
        leg.reply(180)
        call.wait("progress")
    else:
        lab.metasim.policy(user, action="ring")
        mark = lab.metasim.events.mark()
        leg = pbx.call(user, numbers.DTLS.digits)
        call = lab.metasim.rung(user, mark=mark)
        leg.wait_status(180)
    # media is there before it is answered
    assert lab.media_sessions() == lab.relay.calls() == [leg.call_id]
    return call, leg


def test_F01_G14_a_bye_right_behind_the_ack_leaves_no_session_that_sends_checks(lab, pbx, users):
    """The full offer that starts ICE is under way then; one that came after the delete would
    begin a session with other credentials, whose checks Meta would get for a call that is over."""
    for user in itertools.islice(users, 20):
        call = lab.metasim.ring(numbers.DTLS, user)
        leg = pbx.incoming()
        leg.answer()
        call.wait_answered()
        call.hangup()
        leg.expect("ACK")
        leg.reply(200, to=leg.expect("BYE"))
        call.wait_ended()
    nothing_left(lab)


@EITHER_WAY
@pytest.mark.parametrize("by", ["meta", "pbx"])
def test_G14_nothing_is_left_after_bye(lab, pbx, user, direction, by):
    how = user_calls if direction == "in" else business_calls
    call, leg = how(lab, pbx, numbers.SDES, user, hz=1000)
    process.wait_until(lambda: call.stats()["first"]["rx_ms"] is not None, 10, "WhatsApp got a packet")
    assert lab.relay.calls() == [leg.call_id]
    if by == "pbx":
        leg.bye()
    else:
        call.hangup()
        leg.reply(200, to=leg.expect("BYE"))
    call.wait_ended()
    nothing_left(lab)


@EITHER_WAY
@pytest.mark.parametrize("by", ["cancel", "refusal"])
def test_G14_nothing_is_left_after_cancel_and_refusal(lab, pbx, user, direction, by):
    call, leg = ringing(lab, pbx, direction, user)
    if direction == "in" and by == "cancel":
        call.hangup()
        leg.reply(200, to=leg.expect("CANCEL"))
        leg.reply(487)
    elif direction == "in":
        leg.reply(486)
    elif by == "cancel":
        leg.cancel()
        assert leg.wait_final().status == 487
    else:
        call.hangup()
        assert leg.wait_final().status == 486
    call.wait_ended()
    nothing_left(lab)


def test_G14_nothing_is_left_of_a_pbx_that_cannot_be_reached(lab, user):
    call = lab.metasim.ring(numbers.NO_GATEWAY, user)
    assert call.wait_ended()["code"] in (503, 500)
    nothing_left(lab)


def test_G14_nothing_is_left_of_a_pbx_that_says_nothing(lab, pbx, user):
    lab.rpc("cfg.set_now_int", "wasbc", "answer_timeout", 500)
    try:
        call = lab.metasim.ring(numbers.DTLS, user)
        pbx.incoming()
        call.wait_ended()
        nothing_left(lab)
    finally:
        lab.rpc("cfg.set_now_int", "wasbc", "answer_timeout", 4000)


@pytest.fixture(name="brittle_lab", scope="module")
def fixture_brittle_lab():
    """A lab whose rtpengine and relay soon give up on calls that nobody ends, with the patience of the product."""
    with Lab(site={"MEDIA_TIMEOUT": 2, "MEDIA_PATIENCE": 300}, rtpengine=["--timeout=3", "--offer-timeout=3"],
             relay=["--idle=8", "--unanswered=2", "--threads=0"]) as made:
        made.provision()
        yield made


@pytest.fixture(name="brittle")
def fixture_brittle(brittle_lab, watch):
    """That lab. What a failed test has left up is ended, so that the next one finds nothing of it."""
    brittle_lab.kamailio.wait_loaded()  # the test before may have started it again
    yield watch.lab(brittle_lab)
    brittle_lab.metasim.settle()
    nothing_left(brittle_lab, 20)


def test_E06_G14_kamailio_killed_while_it_rings_leaves_nothing(brittle, start_wire, users):
    lab = brittle
    pbx = start_wire(lab)
    ringing(lab, pbx, "in", next(users))
    lab.kamailio.kill()
    nothing_left(lab, 20)
    lab.kamailio.start()
    lab.kamailio.wait_ready()


def test_E06_media_goes_on_while_kamailio_is_killed(brittle, start_wire, users):
    lab = brittle
    pbx = start_wire(lab)
    call, leg = user_calls(lab, pbx, numbers.DTLS, next(users), hz=1000, media={"tone_hz": 700})
    process.wait_until(lambda: abs(call.stats()["heard"]["hz"] - 1000) < 10, 10, "WhatsApp hears the PBX")
    lab.kamailio.kill()
    lab.kamailio.start()
    lab.kamailio.wait_ready()
    before = call.stats()["rx"]["packets"]
    process.wait_until(lambda: call.stats()["rx"]["packets"] > before + 50, 10, "media goes on")
    stats = call.stats()
    assert stats["rx"]["lost"] == 0 and len(stats["rx"]["ssrcs"]) == 1
    # what only the relay still knows is enough for a re-INVITE
    assert leg.reinvite(leg.sdp(direction="sendonly")).status == 200
    assert leg.bye().status == 200
    call.wait_ended()
    nothing_left(lab)


@pytest.mark.parametrize("side", ["pbx", "meta"])
def test_E04_media_that_ends_ends_the_call_on_both_sides(brittle, start_wire, users, side):
    lab = brittle
    pbx = start_wire(lab)
    call, leg = user_calls(lab, pbx, numbers.SDES, next(users), hz=1000, media={"tone_hz": 700})
    process.wait_until(lambda: leg.media.heard().seconds > 0.5, 10, "the PBX hears WhatsApp")
    if side == "pbx":
        leg.media.pause()
    else:
        lab.metasim.command("media_loss", call=call.name, fraction=1)
    leg.reply(200, to=leg.expect("BYE", 20))
    call.wait_ended()
    assert int(lab.rpc("wa_media.stats")["silent"]) >= 1
    nothing_left(lab)


def test_E04_a_pbx_that_holds_the_call_may_be_silent(brittle, start_wire, users):
    lab = brittle
    pbx = start_wire(lab)
    call, leg = user_calls(lab, pbx, numbers.SDES, next(users), hz=1000, media={"tone_hz": 700})
    process.wait_until(lambda: lab.relay.call(leg.call_id)["up-packets"] > 0, 10, "the PBX has begun to speak")
    leg.media.pause()
    assert leg.reinvite(leg.sdp(direction="inactive")).status == 200
    before = int(lab.rpc("wa_media.stats")["silent"])
    process.wait_until(lambda: lab.relay.call(leg.call_id)["pbx-silent-ms"] > 4500, 20, "it is silent for long")
    assert int(lab.rpc("wa_media.stats")["silent"]) == before and not call.over()
    assert leg.bye().status == 200


def test_G11_a_relay_that_is_gone_refuses_calls_at_once(brittle, start_wire, users):
    lab = brittle
    pbx = start_wire(lab)
    lab.relay.kill()
    try:
        with Control(streams=1) as control:
            leg = pbx.call(next(users), numbers.DTLS.digits)
            reply = leg.wait_final()
            assert reply.status == 503 and "media_down" in reply.get("Warning")
            assert took(pbx, leg) < 5 + stood_still(control)
        call = lab.metasim.ring(numbers.DTLS, next(users))
        assert call.wait_ended()["code"] == 503
    finally:
        lab.relay.start()
        lab.relay.wait_ready()
    nothing_left(lab)
    # back again: the next call works
    process.wait_until(lambda: works(lab, pbx, next(users)), 10, "calls work again", pause=0.2)


def test_F01_F02_calls_beyond_what_the_guardian_takes_care_of_have_media(own_lab, start_wire, users):
    lab = own_lab(site={"MEDIA_CALLS": 1}, listed=[numbers.DTLS])
    lab.provision()
    pbx = start_wire(lab)
    calls = [how(lab, pbx, numbers.DTLS, next(users), hz=1000) for how in (business_calls, business_calls, user_calls)]
    for call, _ in calls:
        process.wait_until(lambda c=call: meta_heard(c.stats(), 1000), 15, "WhatsApp hears the PBX")
        nothing_in_clear(call.stats())
    assert int(lab.rpc("wa_media.stats")["active"]) == 1
    for call, leg in calls:
        leg.bye()
        call.wait_ended()
    nothing_left(lab)


def works(lab, pbx, user):
    leg = pbx.call(user, numbers.DTLS.digits)
    reply = leg.wait_final()
    if reply.status == 200:
        leg.bye()
    return reply.status == 200


def took(pbx, leg):
    """Seconds from our INVITE to its final reply."""
    times = [at for at, sent, m in pbx.trace.since(0) if m.call_id == leg.call_id and (
        sent and m.method == "INVITE" or not sent and m.is_reply and m.status >= 200)]
    return times[1] - times[0]


def stood_still(control):
    """Seconds that this machine takes by itself, at worst."""
    process.wait_until(control.lateness, 20, "packets are passed on without any SBC", pause=0.05)
    return 2 * control.worst() / 1000


@pytest.mark.parametrize("part", ["rtpengine", "relay"])
def test_G13_who_is_hung_does_not_hold_up_callers(brittle, start_wire, users, part):
    lab = brittle
    pbx = start_wire(lab)
    hung = getattr(lab, part).daemon.process.pid
    os.kill(hung, signal.SIGSTOP)
    try:
        # more at a time than there are workers: all are answered
        with Control(streams=1) as control:
            legs = [pbx.call(next(users), numbers.DTLS.digits) for _ in range(8)]
            replies = [leg.wait_final() for leg in legs]
            assert [r.status for r in replies] == [503] * 8
            assert max(took(pbx, leg) for leg in legs) < 8 + stood_still(control)
            assert took(pbx, legs[0]) < 3 + stood_still(control)
    finally:
        os.kill(hung, signal.SIGCONT)
    process.wait_until(lambda: works(lab, pbx, next(users)), 15, "calls work again", pause=0.2)
    nothing_left(lab, 20)
