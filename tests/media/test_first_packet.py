# SPDX-License-Identifier: GPL-2.0-or-later
"""WhatsApp waits for the business: the first SRTP packet has to be ours, and SRTP."""
import pytest

from calls import business_calls, nothing_in_clear, user_calls
from lab import numbers, process
from pace import Pace

MODES = pytest.mark.parametrize("number", [numbers.DTLS, numbers.SDES], ids=["DTLS", "SDES"])


def first_is_ours(call):
    """Waits for Meta to have heard us; the simulator sends nothing before."""
    process.wait_until(lambda: call.stats()["first"]["rx_ms"] is not None, 10, "WhatsApp got a packet")
    stats = call.stats()
    assert stats["first"]["sender"] == "business"
    return stats


TURNS = 4  # rtpengine, the relay, rtpengine again, the simulator


def soon_after_keys(stats, pace):
    """Nothing but the handshake may lie between the answer and the first packet, and what this machine has stood still."""
    ready = max(0, stats["first"]["keys_ms"])
    assert stats["first"]["rx_ms"] - ready < 500 + TURNS * pace.worst_ms()


@MODES
def test_C10_F13_first_packet_is_ours_though_the_pbx_is_silent(lab, pbx, user, number):
    with Pace(lab) as pace:
        call, leg = user_calls(lab, pbx, number, user, hz=None, media={"tone_hz": 700})
        stats = first_is_ours(call)
    soon_after_keys(stats, pace)
    # and WhatsApp, having heard us, now speaks: there was no deadlock
    process.wait_until(lambda: leg.media.heard().seconds > 0.5, 10, "the PBX hears WhatsApp")
    leg.bye()
    nothing_in_clear(call.stats())


@MODES
def test_C10_F13_silence_goes_on_while_the_pbx_is_silent(lab, pbx, user, number):
    call, leg = user_calls(lab, pbx, number, user, hz=None)
    first_is_ours(call)
    # two seconds of 20 ms each: a stream, not a first packet and no more
    process.wait_until(lambda: call.stats()["rx"]["packets"] > 100, 10, "two seconds of silence have come")
    leg.bye()
    stats = call.stats()
    nothing_in_clear(stats)
    assert stats["rx"]["lost"] == 0 and stats["rx"]["seq_jumps"] == 0


@MODES
def test_C10_F13_first_packet_is_ours_and_the_pbx_takes_over(lab, pbx, user, number):
    with Pace(lab) as pace:
        call, leg = user_calls(lab, pbx, number, user, hz=1000)
        stats = first_is_ours(call)
    soon_after_keys(stats, pace)
    process.wait_until(lambda: abs(call.stats()["heard"]["hz"] - 1000) < 10, 10, "WhatsApp hears the PBX")
    leg.bye()
    nothing_in_clear(call.stats())


@MODES
def test_C10_F13_business_calls_too(lab, pbx, user, number):
    with Pace(lab) as pace:
        call, leg = business_calls(lab, pbx, number, user, hz=None)
        stats = first_is_ours(call)
    soon_after_keys(stats, pace)
    leg.bye()
    nothing_in_clear(call.stats())


@MODES
def test_F13_early_media_of_the_pbx_does_not_leak(lab, pbx, user, number):
    call = lab.metasim.ring(number, user)
    leg = pbx.incoming()
    leg.reply(183, sdp=leg.sdp())
    leg.play(440)
    process.wait_until(lambda: leg.media.sent > 25, 20, "half a second of early media went out")
    assert call.stats()["early"]["packets"] == 0
    leg.reply(200, sdp=leg.sdp())
    call.wait_answered()
    leg.expect("ACK")
    process.wait_until(lambda: abs(call.stats()["heard"]["hz"] - 440) < 10, 10, "WhatsApp hears the PBX")
    leg.bye()
    nothing_in_clear(call.stats())


def test_F13_slow_handshake_with_the_pbx_talking(lab, pbx, user):
    """The first flights of DTLS are lost: the PBX's voice has to wait for the keys."""
    call, leg = user_calls(lab, pbx, numbers.DTLS, user, hz=440, media={"dtls_lost": 2})
    process.wait_until(lambda: call.stats()["heard"]["audio_ms"] > 200, 20, "WhatsApp hears the PBX")
    leg.bye()
    stats = call.stats()
    # the voice was there long before the keys
    assert leg.media.sent > stats["rx"]["packets"] + 25
    nothing_in_clear(stats)
