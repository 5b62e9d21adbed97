# SPDX-License-Identifier: GPL-2.0-or-later
"""A PBX without a sound, and media that starts late or ends badly."""
import time

import pytest

from calls import nothing_in_clear
from lab import numbers, process, rtpengine
from lab.pbx_wire import WirePbx
from lab.whole import Lab

LIMIT_MS = 4000  # of the simulator: Meta's 20 s and 30 s
RINGS = (0.2, 3, 20, 30)
FAR_ENDS = {"ignores": {}, "answers": {"stun_before_answer": True, "dtls_before_answer": True},
            "refuses": {"refuse_before_answer": True}}


def impatient(config):
    config["media"].update(rtp_timeout_start_ms=LIMIT_MS, rtp_timeout_call_ms=LIMIT_MS)


@pytest.fixture(name="impatient_lab", scope="module")
def fixture_impatient_lab():
    with Lab(meta=impatient) as made:
        made.provision()
        yield made


def test_F09_a_silent_pbx_keeps_its_calls(impatient_lab, start_pbx, watch, users):
    """Three times as long as Meta's limit here, both ways and both kinds of keys at once."""
    lab = watch.lab(impatient_lab)
    pbx = start_pbx(WirePbx, lab)
    calls = []
    for number in (numbers.DTLS, numbers.SDES):
        call = lab.metasim.ring(number, next(users))
        leg = pbx.incoming()
        leg.answer()
        call.wait_answered()
        calls.append((call, leg))
        user = next(users)
        mark = lab.metasim.events.mark()
        leg = pbx.call(user, number.digits)
        assert leg.wait_final().status == 200
        calls.append((lab.metasim.rung(user, mark=mark), leg))
    enough = 3 * LIMIT_MS // 20
    for call, leg in calls:
        process.wait_until(lambda c=call: c.over() or c.stats()["rx"]["packets"] > enough, 60, "the time is over", pause=0.1)
        assert not call.over()
        stats = call.stats()
        assert len(stats["rx"]["ssrcs"]) == 1 and stats["rx"]["lost"] == 0
        assert stats["rtcp"]["sr"] > 2 and stats["srtp"]["undecryptable_rtcp"] == 0
        assert stats["heard"]["dbov"] < -80  # silence it is
        nothing_in_clear(stats)
        assert leg.bye().status == 200
    assert lab.metasim.violations(watch.event_mark) == []


def test_F09_the_instrument_hangs_up_on_silence(impatient_lab, start_pbx, watch, users):
    """Without the relay Meta ends the call: the test above can fail."""
    lab = watch.lab(impatient_lab)
    pbx = start_pbx(WirePbx, lab)
    call = lab.metasim.ring(numbers.SDES, next(users))
    leg = pbx.incoming()
    leg.answer()
    call.wait_answered()
    process.wait_until(lambda: call.stats()["first"]["rx_ms"] is not None, 10, "WhatsApp got a packet")
    lab.relay.kill()
    try:
        call.wait("media_timeout", 3 * LIMIT_MS / 1000)
        leg.reply(200, to=leg.expect("BYE"))
    finally:
        lab.relay.start()
        lab.relay.wait_ready()


# Between ACK and first packet rtpengine has its turn so many times: offer, answer, checks of ICE, flights of DTLS.
TURNS = 10
# 12.5 drops the far end's first flight, which then comes again a second later (rtpengine/README.md).
FIRST_MS = 2000 if rtpengine.version().startswith("12.5") else 500


def ping_ms(lab):
    """How long rtpengine takes to say a word: that of a busy machine is slow."""
    began = time.monotonic()
    assert lab.rtpengine.ng("ping")
    return 1000 * (time.monotonic() - began)


def first_packet(lab, call):
    """(milliseconds from Meta's ACK to the first packet, those that this machine may take now)"""
    pings = [ping_ms(lab)]
    process.wait_until(lambda: pings.append(ping_ms(lab)) or call.stats()["first"]["rx_ms"] is not None, 15,
                       "WhatsApp got a packet")
    return call.stats()["first"]["rx_ms"], FIRST_MS + TURNS * max(pings)


def test_F14_ringing_does_not_delay_media(lab, pbx, users):
    """All at once: each time of ringing with each kind of far end."""
    began, waiting = time.monotonic(), []
    for media in FAR_ENDS.values():
        for ring in RINGS:
            user = next(users)
            call = lab.metasim.ring(numbers.DTLS, user, media=media, ring_timeout_ms=60000)
            leg = pbx.incoming()
            leg.reply(180)
            waiting.append((ring, call, leg))
    late = {}
    for ring, call, leg in sorted(waiting, key=lambda w: w[0]):
        process.wait_until(lambda r=ring: time.monotonic() - began >= r, 40, "it has rung so long", pause=0.05)
        assert call.stats()["early"]["packets"] == 0
        leg.answer(hz=1000)
        call.wait_answered()
        late[ring, call.name] = first_packet(lab, call)
    for _, call, leg in waiting:
        process.wait_until(lambda c=call: abs(c.stats()["heard"]["hz"] - 1000) < 10, 15, "WhatsApp hears the PBX")
        nothing_in_clear(call.stats())
        leg.bye()
    # ICE and DTLS that back off are 5 s late after 10 s of ringing, 11 s after 20 s
    assert all(ms < limit for ms, limit in late.values()), late
