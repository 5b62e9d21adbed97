# SPDX-License-Identifier: GPL-2.0-or-later
"""Codecs on either side of the SBC."""
import pytest

from calls import both_hear, business_calls, meta_heard
from lab import numbers
from lab.pbx_baresip import BaresipPbx
from lab.process import wait_until
from lab.sip import Sdp
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
    assert abs(heard.hz - 700) < 5 and meta_heard(stats, 1000)


def with_parameters(sdp):
    """Format parameters where there are none, as some PBXes write them."""
    lines = sdp.rstrip().split("\r\n")
    return "\r\n".join([*lines, *(f"a=fmtp:{Sdp(sdp).payload_type(line)} vad=yes" for line in
                                  ("PCMU/8000", "PCMA/8000", "G722/8000") if Sdp(sdp).payload_type(line) is not None), ""])


@pytest.mark.parametrize("direction, number, codecs", [("in", numbers.SDES, ["PCMU", "PCMA"]),
                                                       ("out", numbers.G722_SDES, ["G722"])], ids=["G711", "G722"])
def test_F05_a_pbx_with_format_parameters_for_g711_and_g722(lab, pbx, user, direction, number, codecs):
    """There are none (RFC 4856), and rtpengine 12.5 would drop the codec for it."""
    if direction == "out":
        lab.metasim.policy(user, media={"tone_hz": 700})
        call, leg = business_calls(lab, pbx, number, user, hz=1000, codecs=codecs, edit=with_parameters)
    else:
        call = lab.metasim.ring(number, user, media={"tone_hz": 700})
        leg = pbx.incoming(codecs=codecs)
        leg.reply(200, sdp=with_parameters(leg.sdp()))
        leg.play(1000)
        call.wait_answered()
        leg.expect("ACK")
    # what rtpengine was told of the PBX, as the relay keeps it
    told = lab.relay.call(leg.call_id)["plan"]
    assert "telephone-event" in told and "vad=yes" not in told
    stats, heard = both_hear(call, leg.media.heard, seconds=0.5)
    leg.bye()
    assert meta_heard(stats, 1000) and abs(heard.hz - 700) < 5


def transcoded_since(lab, before):
    """Packets of audio that rtpengine has transcoded, by chain."""
    now = lab.rtpengine.transcoded()
    return {chain: n - before.get(chain, 0) for chain, n in now.items()
            if n > before.get(chain, 0) and "telephone-event" not in chain}


@EITHER_WAY
def test_F05_opus_passes_untouched_where_both_have_it(lab, start_pbx, user, direction):
    before = lab.rtpengine.transcoded()
    pbx = start_pbx(BaresipPbx, lab, codecs=["OPUS"], hz=1000, number=numbers.OPUS_TRUNK.digits)
    if direction == "in":
        call = lab.metasim.ring(numbers.OPUS_TRUNK, user, media={"tone_hz": 700})
    else:
        lab.metasim.policy(user, media={"tone_hz": 700})
        pbx.dial(user)
        call = lab.metasim.rung(user)
    call.wait_answered()
    both_hear(call, pbx.heard)
    call.end()
    assert transcoded_since(lab, before) == {}


@EITHER_WAY
def test_F05_what_is_transcoded_is_the_relays(lab, pbx, user, direction):
    before = lab.rtpengine.transcoded()
    call, leg = place(lab, pbx, direction, numbers.DTLS, user, ["PCMU"])
    both_hear(call, leg.media.heard)
    maps = lab.relay.call(leg.call_id)
    leg.bye()
    assert transcoded_since(lab, before) == {}
    assert ":PCMU:OPUS" in maps["up"] and ":PCMU:OPUS" in maps["down"], maps


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_F05_g711_passes_untouched_to_a_number_that_has_it(lab, start_pbx, user, codec):
    before = lab.rtpengine.transcoded()
    lab.metasim.policy(user, media={"tone_hz": 700})
    pbx = start_pbx(BaresipPbx, lab, codecs=[codec], hz=1000, number=numbers.DTLS_G711.digits)
    pbx.dial(user)
    call = lab.metasim.rung(user)
    call.wait_answered()
    stats, _ = both_hear(call, pbx.heard)
    call.end()
    assert stats["codec"].upper() == codec
    assert transcoded_since(lab, before) == {}


def g711_in(sdp):
    return {c.split("/")[0].upper() for c in sdp.codecs.values()} & {"PCMU", "PCMA"}


@EITHER_WAY
@pytest.mark.parametrize("number", [numbers.DTLS, numbers.SDES], ids=["DTLS", "SDES"])
def test_F06_no_g711_toward_meta_for_a_number_without_it(lab, pbx, user, direction, number):
    call, leg = place(lab, pbx, direction, number, user, ["PCMU", "PCMA"])
    stats, _ = both_hear(call, leg.media.heard, seconds=0.5)
    leg.bye()
    assert g711_in(answer_of(call) if direction == "in" else offer_of(call)) == set()
    assert stats["codec"].lower() == "opus" and stats["rx"]["unknown_pt"] == 0


@EITHER_WAY
@pytest.mark.parametrize("number", [numbers.DTLS_G711, numbers.SDES_G711], ids=["DTLS", "SDES"])
@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_F06_g711_toward_meta_for_a_number_that_has_it(lab, pbx, user, direction, number, codec):
    call, leg = place(lab, pbx, direction, number, user, [codec])
    stats, heard = both_hear(call, leg.media.heard, seconds=0.5)
    leg.bye()
    assert codec in g711_in(answer_of(call) if direction == "in" else offer_of(call))
    assert stats["codec"].upper() == codec
    assert meta_heard(stats, 1000) and abs(heard.hz - 700) < 5


def test_F06_opus_is_offered_beside_g711(lab, pbx, user):
    call, leg = place(lab, pbx, "out", numbers.DTLS_G711, user, ["PCMA"])
    leg.bye()
    offered = [c.split("/")[0].upper() for c in offer_of(call).codecs.values()]
    assert offered == ["PCMA", "OPUS", "TELEPHONE-EVENT"]


@pytest.fixture(name="trunk_has_opus")
def fixture_trunk_has_opus(lab):
    """trunk_has_opus(number): the trunk's codecs, which for now has Opus as well."""
    changed = {}

    def change(number):
        changed[number.trunk] = codecs = numbers.trunks(lab.addresses)[number.trunk]["codecs"]
        lab.job("wa_numbers.trunk_set", number.trunk, f"codecs={codecs},OPUS")
    yield change
    for trunk, codecs in changed.items():
        lab.job("wa_numbers.trunk_set", trunk, f"codecs={codecs}")


def pressed_in_full(call, leg, digit):
    leg.press(digit)
    leg.media.wait_pressed()
    wait_until(lambda: [e["end"] for e in call.stats()["dtmf"]["events"]] == [True], 10, "WhatsApp has the digit")
    event, = call.stats()["dtmf"]["events"]
    return event["digit"] == digit and 90 <= event["duration_ms"] <= 110


@pytest.mark.parametrize("number, offered", [(numbers.PCMA_SDES, ["PCMA"]), (numbers.G722_TRUNK, ["G722"]),
                                             (numbers.SDES_G711, ["PCMU", "OPUS"])], ids=["PCMA", "G722", "both"])
def test_F05_F07_a_pbx_that_may_have_opus_is_answered_with_what_it_has(lab, pbx, user, trunk_has_opus, number, offered):
    """WhatsApp takes Opus here even where G.711 is offered."""
    trunk_has_opus(number)
    lab.metasim.command("graph_settings", digits=number.digits, app_id=number.app,
                        calling={"audio": {"additional_codecs": []}})
    lab.metasim.policy(user, media={"tone_hz": 700})
    try:
        call, leg = business_calls(lab, pbx, number, user, hz=1000, codecs=offered, event_pt=102)
    finally:
        lab.metasim.command("graph_settings", digits=number.digits, app_id=number.app,
                            calling={"audio": {"additional_codecs": list(number.codecs)}})
    answered = {c.split("/")[0].upper() for c in leg.remote_sdp.codecs.values()} - {"TELEPHONE-EVENT"}
    assert answered == {offered[-1]}
    stats, heard = both_hear(call, leg.media.heard, seconds=0.5)
    assert stats["codec"].lower() == "opus" and meta_heard(stats, 1000) and abs(heard.hz - 700) < 5
    assert {p.pt for p in leg.media.packets} == {leg.remote_sdp.payload_type(offered[-1])}
    # where G.711 was offered rtpengine from 12.5 on has no digits: rtpengine/README.md
    assert number.codecs or pressed_in_full(call, leg, "5")
    leg.bye()
