# SPDX-License-Identifier: GPL-2.0-or-later
"""Media counts only from where the SDP, or ICE, says that it comes from."""
import pytest

from calls import both_hear, business_calls, nothing_in_clear, user_calls
from lab import numbers, process
from lab.rtp import Stream

KEYS = pytest.mark.parametrize("number", [numbers.DTLS, numbers.SDES], ids=["DTLS", "SDES"])
FOREIGN = 440  # Hz, of the stranger


@pytest.fixture(name="stranger")
def fixture_stranger(lab):
    """RTP from an address that nobody has named."""
    stream = Stream(lab.addresses.backend)
    yield stream
    stream.close()


def heard_tones(stats):
    return [round(tone["hz"]) for tone in stats["heard"]["tones"]]


@KEYS
def test_F12_a_stranger_at_the_pbx_side_is_not_heard(lab, pbx, user, number, stranger):
    """He speaks first, before the PBX has sent one packet, and goes on when it speaks."""
    call, leg = user_calls(lab, pbx, number, user, hz=None)
    target = (leg.remote_sdp.address, leg.remote_sdp.port)
    stranger.send(target, 0, FOREIGN)
    process.wait_until(lambda: call.stats()["rx"]["packets"] > 50, 10, "WhatsApp has had a second of something")
    assert stranger.sent > 25 and heard_tones(call.stats()) == []
    leg.play(1000)
    process.wait_until(lambda: heard_tones(call.stats()), 10, "WhatsApp hears a tone")
    sent = stranger.sent
    process.wait_until(lambda: stranger.sent > sent + 50, 10, "the stranger has gone on")
    leg.bye()
    stats = call.stats()
    assert all(abs(hz - 1000) < 20 for hz in heard_tones(stats))
    nothing_in_clear(stats)


@KEYS
def test_F12_a_stranger_at_metas_side_is_not_heard(lab, pbx, user, number, stranger):
    call, leg = business_calls(lab, pbx, number, user, hz=1000)
    process.wait_until(lambda: call.stats()["path"]["peer"], 10, "WhatsApp knows where our media comes from")
    host, port = call.stats()["path"]["peer"].rsplit(":", 1)
    call.tone(700)
    both_hear(call, leg.media.heard, seconds=0.5)
    mark = len(leg.media.packets)
    stranger.send((host, int(port)), 0, FOREIGN)
    process.wait_until(lambda: stranger.sent > 60 and len(leg.media.packets) > mark + 60, 10, "both were speaking")
    heard = leg.media.heard(mark)
    leg.bye()
    assert abs(heard.hz - 700) < 5 and heard.purity > 0.9, heard
    assert len({packet.ssrc for packet in leg.media.packets[mark:]}) == 1


def gone_on(call, packets):
    sent = call.stats()["tx"]["packets"]
    process.wait_until(lambda: call.stats()["tx"]["packets"] > sent + packets, 20, "WhatsApp has gone on")


@KEYS
def test_F12_right_keys_from_a_foreign_port_are_not_enough(lab, pbx, user, number):
    """Meta's own packets, encrypted as they should be, from a port that no candidate names."""
    call, leg = user_calls(lab, pbx, number, user, hz=1000, media={"tone_hz": 700})
    both_hear(call, leg.media.heard, seconds=0.5)
    lab.metasim.command("media_elsewhere", call=call.name)
    gone_on(call, 60)
    mark = len(leg.media.packets)  # what was under way has come
    gone_on(call, 60)
    foreign = leg.media.heard(mark)
    lab.metasim.command("media_elsewhere", call=call.name, on=False)
    mark = len(leg.media.packets)
    process.wait_until(lambda: leg.media.heard(mark).seconds > 0.4, 10, "the PBX hears WhatsApp again")
    leg.bye()
    assert foreign.hz == 0, foreign
