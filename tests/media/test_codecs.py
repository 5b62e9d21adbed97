# SPDX-License-Identifier: GPL-2.0-or-later
"""Codecs on either side of the SBC."""
import pytest

from calls import both_hear, business_calls, user_calls
from lab import numbers
from test_keys import answer_of, offer_of

EITHER_WAY = pytest.mark.parametrize("direction", ["in", "out"])


def opus_parameters(sdp):
    """The fmtp of Opus as {name: value}."""
    number = sdp.payload_type("opus/48000/2")
    assert number is not None, sdp.codecs
    found = [a for a in sdp.attributes("fmtp") if a.startswith(f"{number} ")]
    return dict(p.strip().partition("=")[::2] for p in found[0].split(None, 1)[1].split(";"))


def place(lab, pbx, direction, number, user, codecs):
    if direction == "out":
        lab.metasim.policy(user, media={"tone_hz": 700})
        return business_calls(lab, pbx, number, user, hz=1000 if "OPUS" not in codecs else None, codecs=codecs)
    call = lab.metasim.ring(number, user, media={"tone_hz": 700})
    leg = pbx.incoming(codecs=codecs)
    leg.answer(hz=1000 if "OPUS" not in codecs else None)
    call.wait_answered()
    leg.expect("ACK")
    return call, leg


@EITHER_WAY
@pytest.mark.parametrize("number", [numbers.DTLS, numbers.SDES], ids=["DTLS", "SDES"])
def test_F05_opus_toward_meta_as_meta_wants_it(lab, pbx, user, direction, number):
    call, leg = place(lab, pbx, direction, number, user, ["PCMU", "PCMA"])
    stats, _ = both_hear(call, leg.media.heard)
    leg.bye()
    sdp = answer_of(call) if direction == "in" else offer_of(call)
    asked = opus_parameters(sdp)
    assert asked.get("useinbandfec") == "1"
    assert asked.get("maxplaybackrate") == "16000" and asked.get("maxaveragebitrate") == "20000"
    assert "stereo" not in asked or asked["stereo"] == "0"
    assert sdp.attributes("ptime") == ["20"]
    assert stats["codec"].lower() == "opus" and stats["rx"]["wrong_ptime"] == 0


@EITHER_WAY
def test_F05_a_g711_trunk_is_offered_its_codecs_only(lab, pbx, user, direction):
    call, leg = place(lab, pbx, direction, numbers.DTLS, user, ["PCMA"])
    stats, heard = both_hear(call, leg.media.heard)
    leg.bye()
    names = {c.split("/")[0].upper() for c in leg.remote_sdp.codecs.values()} - {"TELEPHONE-EVENT"}
    assert names <= {"PCMU", "PCMA"}
    assert {p.pt for p in leg.media.packets} - {101} == {8}
    assert abs(heard.hz - 700) < 5 and abs(stats["heard"]["hz"] - 1000) < 10


@EITHER_WAY
def test_F05_opus_passes_untouched_where_both_have_it(lab, pbx, user, direction):
    number = numbers.OPUS_TRUNK
    call, leg = place(lab, pbx, direction, number, user, ["OPUS"])
    sdp = leg.remote_sdp
    assert sdp.payload_type("opus/48000/2") is not None
    process_until_heard(leg)
    used = rtpengine_codecs(lab)
    leg.bye()
    assert used == {"opus"}, "rtpengine has a codec of its own in this call"


def process_until_heard(leg):
    from lab import process
    process.wait_until(lambda: len(leg.media.packets) > 50, 10, "the PBX gets Opus")


def rtpengine_codecs(lab):
    """Names of all audio codecs rtpengine uses in its only call."""
    (ident,) = lab.rtpengine.calls()
    answer = lab.rtpengine.ng("query", call_id=ident)
    names = set()
    for tag in answer["tags"].values():
        for media in tag.get("medias", []):
            for codec in media.get("codecs", []) or []:
                names.add(codec["codec"].lower() if isinstance(codec, dict) else str(codec).lower())
    return {n.split("/")[0] for n in names} - {"telephone-event"}
