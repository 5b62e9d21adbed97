# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever the PBX does, Meta gets one stream that never pauses, and hears nothing of why."""
import pytest

from calls import business_calls, nothing_in_clear, user_calls
from lab import numbers, process
from lab.pbx_wire import CODEC_LINES
from lab.rtp import Stream
from lab.sip import Sdp

MODES = pytest.mark.parametrize("number", [numbers.DTLS, numbers.SDES], ids=["DTLS", "SDES"])
EITHER_WAY = pytest.mark.parametrize("direction", ["in", "out"])


def place(lab, pbx, direction, number, user, **how):
    if direction == "in":
        return user_calls(lab, pbx, number, user, media={"tone_hz": 700}, **how)
    lab.metasim.policy(user, media={"tone_hz": 700})
    return business_calls(lab, pbx, number, user, **how)


def hears(call, hz):
    """Waits until Meta hears that tone now."""
    process.wait_until(lambda: abs(call.stats()["heard"]["hz"] - hz) < 10, 10, f"WhatsApp hears {hz} Hz")


def hears_as_loud(call, hz):
    """The same, as loud as it is sent: of what has holes, on a busy machine, the level is another."""
    def right(heard):
        return abs(heard["hz"] - hz) < 10 and abs(heard["dbov"] + 20) < 3
    process.wait_until(lambda: right(call.stats()["heard"]), 20, f"WhatsApp hears {hz} Hz at -20 dBov")


def packets_more(call, more, seconds=20):
    """Waits for so many further packets; returns the statistics."""
    before = call.stats()["rx"]["packets"]
    process.wait_until(lambda: call.stats()["rx"]["packets"] >= before + more, seconds, f"{more} more packets")
    return call.stats()


def one_stream(stats, digits=0):
    """One SSRC; no sequence number missing, no jump of either count, all of it SRTP. When it transcodes, rtpengine
    loses or overtakes a packet of one digit in a few, which says the same as the next."""
    assert len(stats["rx"]["ssrcs"]) == 1
    assert stats["rx"]["lost"] <= digits and stats["rx"]["duplicates"] == 0
    assert stats["rx"]["seq_jumps"] == 0 and stats["rx"]["ts_jumps"] == 0
    assert stats["rx"]["pt_changes"] == 0 and stats["rx"]["wrong_ptime"] == 0
    nothing_in_clear(stats)


def answer(leg, sdp):
    """Sends the re-INVITE; returns the SDP of its 200."""
    reply = leg.reinvite(sdp)
    assert reply.status == 200, reply.start
    return Sdp(reply.body)


def version(sdp):
    (origin,) = [line for line in sdp.lines if line.startswith("o=")]
    _, session, number, *_ = origin.split()
    return session, int(number)


@EITHER_WAY
@MODES
def test_F08_E01_one_stream_through_hold_music_resume_and_transfer(lab, pbx, user, number, direction):
    call, leg = place(lab, pbx, direction, number, user, hz=1000)
    hears(call, 1000)
    asked = len(call.received(lambda m: not m.is_reply))
    first = leg.remote_sdp

    # on hold, with music from another source at the same address
    held = answer(leg, leg.sdp(direction="sendonly"))
    assert held.has("recvonly") and held.port == first.port
    assert version(held)[0] == version(first)[0] and version(held)[1] > version(first)[1]
    leg.media.change(440)
    hears(call, 440)
    # on hold without a sound
    leg.media.pause()
    assert answer(leg, leg.sdp(direction="inactive")).has("inactive")
    reports = call.stats()["rtcp"]["sr"]
    process.wait_until(lambda: call.stats()["rtcp"]["sr"] >= reports + 2, 15, "RTCP goes on")
    one_stream(packets_more(call, 50))
    heard = len(leg.media.packets)
    packets_more(call, 25)
    assert len(leg.media.packets) <= heard + 1  # what was on its way
    # back
    assert answer(leg, leg.sdp()).has("sendrecv")
    leg.media.change(1000)
    hears(call, 1000)
    process.wait_until(lambda: len(leg.media.packets) > heard + 50, 10, "the PBX hears WhatsApp again")
    # to somebody else: another address, another source, while the old one still talks
    third = Stream(leg.media.host)
    try:
        sdp = answer(leg, leg.sdp(media=third))
        third.send((sdp.address, sdp.port), 0, 1700)
        hears(call, 1700)
        process.wait_until(lambda: abs(third.heard().hz - 700) < 10, 10, "the third party hears WhatsApp")
    finally:
        third.close()
    one_stream(call.stats())
    assert len(call.received(lambda m: not m.is_reply)) == asked  # Meta heard nothing of it
    assert leg.bye().status == 200


IN_200_MS = 10  # packets of 20 ms


@EITHER_WAY
def test_E01_F08_after_a_transfer_media_follows_within_200_ms(lab, pbx, user, direction):
    """Counted in packets, each 20 ms of its stream: the machine may be slow, nobody's clock is. Everybody talks
    all the time, so whom the SBC listens to is its own decision."""
    call, leg = place(lab, pbx, direction, numbers.DTLS, user, hz=1000)
    hears(call, 1000)
    old, third = leg.media, Stream(leg.media.host)
    early = lab.relay.call(leg.call_id)["foreign"]  # what the PBX said before its answer was known

    def foreign():
        return lab.relay.call(leg.call_id)["foreign"] - early
    try:
        third.send((leg.remote_sdp.address, leg.remote_sdp.port), 0, 1700)
        process.wait_until(lambda: foreign() > 10, 10, "the third party talks already")
        before = old.sent
        assert answer(leg, leg.sdp(media=third)).port == leg.remote_sdp.port
        at = next(t for t, sent, m in reversed(pbx.trace.since()) if not sent and m.status == 200
                  and m.call_id == leg.call_id and m.cseq_method == "INVITE")
        said = third.sent
        hears(call, 1700)
        process.wait_until(lambda: len(third.packets) > 50, 10, "the third party hears WhatsApp")
        # what was not taken: of the third party until the 200, of the old one from then on
        assert foreign() - said - (old.sent - before) <= 1
        # not a packet of WhatsApp's is lost, late, or with both
        assert sum(packet.at > at for packet in old.packets) <= IN_200_MS
        assert (third.packets[0].seq - old.packets[-1].seq) % 65536 == 1
        one_stream(call.stats())  # each 20 ms of it had its packet
    finally:
        third.close()
    leg.bye()


def test_F08_a_source_that_changes_without_a_word(lab, pbx, user):
    """Music, or a bridge: another SSRC from the same port, other counts."""
    call, leg = user_calls(lab, pbx, numbers.DTLS, user, hz=1000)
    hears(call, 1000)
    for hz in (440, 1700, 600):
        leg.media.change(hz)
        hears(call, hz)
    assert lab.relay.call(leg.call_id)["switches"] >= 3
    one_stream(call.stats())
    leg.bye()


def test_E01_old_hold_and_other_payload_types(lab, pbx, user):
    call, leg = user_calls(lab, pbx, numbers.DTLS, user, hz=1000)
    hears(call, 1000)
    held = answer(leg, leg.sdp(host="0.0.0.0"))
    assert held.has("recvonly")
    moved = answer(leg, leg.sdp(event=96))
    assert moved.payload_type("telephone-event/8000") == 96
    leg.media.press("7", 96)
    process.wait_until(lambda: call.stats()["dtmf"]["digits"] == "7", 10, "WhatsApp got the digit")
    hears(call, 1000)
    one_stream(call.stats(), digits=1)
    leg.bye()


def test_E01_a_re_invite_without_an_offer_gets_ours(lab, pbx, user):
    """All codecs of ours, whatever the party before had: the next one may have another."""
    call, leg = user_calls(lab, pbx, numbers.DTLS, user, hz=1000, media={"tone_hz": 700})
    hears(call, 1000)
    leg.codecs = ["G722"]
    third = Stream(leg.media.host)
    try:
        reply = leg.reinvite(None, ack_sdp=leg.sdp(media=third))
        assert reply.status == 200
        offer = Sdp(reply.body)
        assert offer.port == leg.remote_sdp.port and offer.has("sendrecv")
        assert {line for _, line in CODEC_LINES.values()} <= set(offer.codecs.values()), offer.text
        third.send((offer.address, offer.port), 9, 1700, name="G722")
        hears(call, 1700)
        process.wait_until(lambda: abs(third.heard().hz - 700) < 10, 10, "the third party hears WhatsApp")
    finally:
        third.close()
    one_stream(call.stats())
    leg.bye()


@pytest.mark.parametrize("late", ["m=audio 4000 RTP/AVP 18", None], ids=["no codec of ours", "no answer"])
def test_E01_a_late_answer_that_will_not_do_changes_nothing(lab, pbx, user, late):
    call, leg = user_calls(lab, pbx, numbers.SDES, user, hz=1000, media={"tone_hz": 700})
    hears(call, 1000)
    head = "\r\n".join(leg.sdp().split("\r\n")[:5])
    assert leg.reinvite(None, ack_sdp=late and f"{head}\r\n{late}\r\n").status == 200
    process.wait_until(lambda: any("event=late_answer" in line and f"call={leg.call_id}:" in line
                                   for line in lab.kamailio.daemon.log().splitlines()), 10, "it is logged")
    heard = len(leg.media.packets)
    one_stream(packets_more(call, 25))
    hears(call, 1000)
    process.wait_until(lambda: len(leg.media.packets) > heard + 25, 10, "the PBX hears WhatsApp on")
    assert answer(leg, leg.sdp()).has("sendrecv")
    leg.bye()


def party_hears(party, codec):
    """Waits until the party hears WhatsApp's tone, as loud as it was sent, by the clock of its codec."""
    process.wait_until(lambda: party.heard().seconds > 0.6, 10, "the third party hears WhatsApp")
    heard = party.heard()
    assert abs(heard.hz - 700) < 10 and abs(heard.dbov + 20) < 3, heard
    packets = party.audio_packets()
    steps = {(b.timestamp - a.timestamp) % 2 ** 32 for a, b in zip(packets, packets[1:]) if b.seq == (a.seq + 1) % 2 ** 16}
    frame = 960 if codec == "OPUS" else 160
    assert min(steps) == frame and all(step % frame == 0 for step in steps), steps


def party_presses(call, party, digit, payload_type):
    before = call.stats()["dtmf"]["digits"]
    party.press(digit, payload_type)
    process.wait_until(lambda: call.stats()["dtmf"]["digits"] == before + digit, 10, "a digit passes")


@pytest.mark.parametrize("number, direction, codecs", [
    (numbers.DTLS, "in", ["PCMA", "G722", "OPUS", "PCMA"]),
    (numbers.SDES, "out", ["PCMA", "G722", "OPUS", "PCMA"]),
    (numbers.OPUS_TRUNK, "out", ["OPUS", "PCMA", "G722", "OPUS"]),
    (numbers.SDES_G711, "in", ["PCMA", "PCMU", "OPUS", "PCMA"]),
], ids=["DTLS", "SDES", "Opus passing", "G.711 passing"])
def test_E01_F05_F08_a_pbx_that_moves_to_another_codec(lab, pbx, user, number, direction, codecs):
    """Transferred to parties that have one codec each, and back: rtpengine and Meta go on with what was agreed on."""
    call, leg = place(lab, pbx, direction, number, user, hz=1000, codecs=codecs[:1])
    hears(call, 1000)
    asked = len(call.received(lambda m: not m.is_reply))
    tones = [440, 1700, 600]
    for codec, hz in zip(codecs[1:], tones):
        leg.codecs = [codec]
        payload_type, line = CODEC_LINES[codec]
        party = Stream(leg.media.host)
        try:
            sdp = answer(leg, leg.sdp(media=party))
            assert sdp.payload_type(line) == payload_type and len(sdp.codecs) == 2, sdp.text
            party.send((sdp.address, sdp.port), payload_type, hz, name=codec)
            hears_as_loud(call, hz)
            party_hears(party, codec)
            party_presses(call, party, "7", sdp.payload_type("telephone-event/8000"))
        finally:
            party.close()
    stats = call.stats()
    one_stream(stats, digits=len(codecs) - 1)
    assert abs(stats["rx"]["ts_behind_ms"]) < 500, stats["rx"]
    assert len(call.received(lambda m: not m.is_reply)) == asked
    assert leg.bye().status == 200


@pytest.mark.parametrize("offer", ["m=image 4000 udptl t38", "m=audio 4000 RTP/AVP 18", "m=audio 0 RTP/AVP 0",
                                   "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"
                                   + "A" * 40])
def test_E01_what_cannot_be_is_refused_and_the_call_goes_on(lab, pbx, user, offer):
    call, leg = user_calls(lab, pbx, numbers.SDES, user, hz=1000)
    hears(call, 1000)
    head = "\r\n".join(leg.sdp().split("\r\n")[:5])
    assert leg.reinvite(f"{head}\r\n{offer}\r\n").status == 488
    one_stream(packets_more(call, 25))
    hears(call, 1000)
    leg.bye()


@EITHER_WAY
@MODES
def test_E03_F07_digits_of_info_are_events_once_each(lab, pbx, user, number, direction):
    call, leg = place(lab, pbx, direction, number, user, hz=1000)
    hears(call, 1000)
    asked = len(call.received(lambda m: not m.is_reply))
    for digit, ms in (("5", 250), ("5", 40), ("#", 100), ("*", 100)):
        request = leg.request("INFO", body=f"Signal={digit}\r\nDuration={ms}\r\n", kind="application/dtmf-relay")
        assert leg.wait_reply(request).status == 200
        leg.send_again(request)  # as if the reply had been lost
    request = leg.request("INFO", body="9", kind="application/dtmf")
    assert leg.wait_reply(request).status == 200
    process.wait_until(lambda: call.stats()["dtmf"]["digits"] == "55#*9", 10, "WhatsApp got all digits")
    hears(call, 1000)
    one_stream(packets_more(call, 25), digits=5)
    assert call.stats()["dtmf"]["digits"] == "55#*9"
    assert len(call.received(lambda m: not m.is_reply)) == asked
    for body, kind in (("Signal=x\r\n", "application/dtmf-relay"), ("<hook/>", "application/media_control+xml")):
        assert leg.wait_reply(leg.request("INFO", body=body, kind=kind)).status == 415
    leg.bye()


@MODES
def test_F08_F13_the_relay_killed_goes_on_where_it_was(lab, pbx, user, number):
    call, leg = user_calls(lab, pbx, number, user, hz=1000, media={"tone_hz": 700})
    if number is numbers.SDES:  # has moved to another codec since
        leg.codecs = ["OPUS"]
        sdp = answer(leg, leg.sdp())
        leg.media.send((sdp.address, sdp.port), CODEC_LINES["OPUS"][0], 1000, name="OPUS")
    hears(call, 1000)
    lab.relay.kill()
    lab.relay.start()
    lab.relay.wait_ready()
    assert lab.relay.ask("stats")["adopted"] == 1
    heard = len(leg.media.packets)
    stats = packets_more(call, 50)
    assert len(stats["rx"]["ssrcs"]) == 1 and stats["rx"]["ts_jumps"] == 0 and stats["rx"]["seq_jumps"] == 0
    nothing_in_clear(stats)
    hears(call, 1000)
    process.wait_until(lambda: len(leg.media.packets) > heard + 50, 10, "the PBX hears WhatsApp again")
    # and it can still be spoken with
    assert answer(leg, leg.sdp(direction="sendonly")).has("recvonly")
    leg.bye()
    process.wait_until(lambda: lab.relay.calls() == [], 20, "the relay has no call left")


def test_F12_only_the_pbx_of_the_sdp_is_heard(lab, pbx, user):
    call, leg = user_calls(lab, pbx, numbers.DTLS, user, hz=1000)
    hears(call, 1000)
    stranger = Stream(lab.addresses.pbx)
    try:
        stranger.send((leg.remote_sdp.address, leg.remote_sdp.port), 0, 440)
        process.wait_until(lambda: lab.relay.call(leg.call_id)["foreign"] > 50, 10, "a second of foreign media came")
        hears(call, 1000)
    finally:
        stranger.close()
    assert not any(abs(tone["hz"] - 440) < 10 for tone in call.stats()["heard"]["tones"])
    one_stream(call.stats())
    leg.bye()
