# SPDX-License-Identifier: GPL-2.0-or-later
"""Offers of media that nobody could be sent to: 488 at once to whoever makes them, and nothing for the other side."""
import re

import pytest

from calls import business_calls
from lab import numbers, process
from lab.meta_wire import SDP, WireMeta

CONNECTIONS = {"name": "c=IN IP4 media.pbx.example", "group": "c=IN IP4 224.2.1.1/127", "everybody": "c=IN IP4 255.255.255.255",
               "family": "c=IN IP6 192.0.2.7", "network": "c=ATM NSAP 47.0091", "empty": "c="}
PORTS = {"too high": "99999", "no number": "rtp", "negative": "-4000", "of all": "00"}
BAD = [*(("c", line) for line in CONNECTIONS.values()), *(("m", port) for port in PORTS.values()), ("c", None)]
IDS = [*CONNECTIONS, *PORTS, "none"]


def spoilt(sdp, bad):
    what, value = bad
    if what == "m":
        return re.sub(r"m=audio \d+ ", f"m=audio {value} ", sdp)
    return re.sub(r"c=[^\r]*\r\n", f"{value}\r\n" if value else "", sdp)


@pytest.mark.parametrize("bad", BAD, ids=IDS)
def test_an_offer_of_the_pbx_to_nowhere_is_refused(lab, pbx, user, bad):
    mark = lab.metasim.events.mark()
    leg = pbx.call(user, numbers.DTLS.digits, edit=lambda sdp: spoilt(sdp, bad))
    refused = leg.wait_final()
    assert refused.status == 488 and '"media_refused"' in refused.get("Warning")
    lab.metasim.catch_up()
    assert lab.metasim.messages(mark) == []
    assert leg.call_id not in lab.rtpengine.calls()


@pytest.fixture(name="meta")
def fixture_meta(lab):
    """Meta's side that does nothing by itself; its address is enough."""
    lab.rpc("cfg.set_now_int", "wasbc", "challenge_meta", 0)
    wire = WireMeta(lab)
    yield wire
    wire.stop()
    lab.rpc("cfg.set_now_int", "wasbc", "challenge_meta", 1)


@pytest.mark.parametrize("bad", BAD, ids=IDS)
def test_an_offer_of_meta_to_nowhere_is_refused(lab, pbx, meta, user, bad):
    dialog = meta.dialog(numbers.SDES.digits, user, sdp=spoilt(SDP, bad))
    dialog.start()
    assert dialog.final().status == 488
    assert pbx.received(lambda m: m.method == "INVITE") == []
    process.wait_until(lambda: dialog.call_id not in lab.rtpengine.calls(), 10, "rtpengine has no session")


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_E01_a_new_offer_to_nowhere_leaves_the_call_as_it_was(lab, pbx, user, method):
    call, leg = business_calls(lab, pbx, numbers.SDES, user, hz=700)
    for bad in BAD:
        sdp = spoilt(leg.sdp(), bad)
        if method == "INVITE":
            assert leg.reinvite(sdp).status == 488, bad
        else:
            assert leg.wait_reply(leg.request("UPDATE", sdp=sdp)).status == 488, bad
    before = call.stats()["heard"]["audio_ms"]
    process.wait_until(lambda: call.stats()["heard"]["audio_ms"] > before + 200, 10, "audio goes on")
    assert leg.bye().status == 200
    call.wait_ended()
