# SPDX-License-Identifier: GPL-2.0-or-later
"""G11, F08: rtpengine is killed, and the one that comes after it finds its calls in Redis."""
import pytest

from calls import business_calls, nothing_in_clear, user_calls
from lab import numbers, process
from lab.addresses import hostport
from lab.rtpengine import Rtpengine

CALLS = [(number, direction, codec) for number, codec in ((numbers.DTLS, "PCMA"), (numbers.SDES, "PCMU"), (numbers.DTLS_G711, "PCMU"))
         for direction in ("in", "out")]


@pytest.fixture
def remembering(own_lab):
    """A lab whose rtpengine keeps its calls in Redis, and a function that starts another one. Reports of the relay are rare:
    none of them stores anything by chance."""
    lab = own_lab(relay=["--rtcp=20000"])
    lab.provision()
    lab.rtpengine.stop()

    def start():
        lab.rtpengine = Rtpengine(lab, [f"--redis={hostport(lab.redis.address)}/1"])
        lab.parts.append(lab.rtpengine)
        lab.rtpengine.wait_ready()
    start()
    return lab, start


def place(lab, pbx, users, number, direction, codec):
    user, media = next(users), {"tone_hz": 700}
    if direction == "in":
        return user_calls(lab, pbx, number, user, hz=1000, codecs=[codec], media=media)
    lab.metasim.policy(user, media=media)
    return business_calls(lab, pbx, number, user, hz=1000, codecs=[codec])


def test_G11_F08_a_killed_rtpengine_goes_on_where_it_was(remembering, start_wire, users):
    lab, start = remembering
    pbx = start_wire(lab)
    placed = [place(lab, pbx, users, *how) for how in CALLS]
    for call, leg in placed:
        process.wait_until(lambda c=call: abs(c.stats()["heard"]["hz"] - 1000) < 10, 20, "WhatsApp hears the PBX")
        process.wait_until(lambda m=leg.media: len(m.packets) > 50, 20, "the PBX hears WhatsApp")
    lab.rtpengine.daemon.kill()
    start()
    assert sorted(lab.rtpengine.calls()) == sorted(leg.call_id for _, leg in placed)
    for (call, leg), how in zip(placed, CALLS):
        before, had = call.stats()["rx"]["packets"], len(leg.media.packets)
        process.wait_until(lambda c=call, n=before: c.stats()["rx"]["packets"] > n + 100, 20, f"WhatsApp hears again: {how}")
        process.wait_until(lambda m=leg.media, n=had: len(m.packets) > n + 50, 20, f"the PBX hears again: {how}")
        process.wait_until(lambda c=call: abs(c.stats()["heard"]["hz"] - 1000) < 10, 10, f"WhatsApp hears the PBX: {how}")
        stats = call.stats()
        nothing_in_clear(stats)
        rx = stats["rx"]
        assert len(rx["ssrcs"]) == 1 and rx["wrong_ptime"] == rx["unknown_pt"] == rx["seq_jumps"] == 0, (how, rx)
        assert leg.bye().status == 200
        call.wait_ended()


def test_G11_keys_are_kept_as_soon_as_they_are_there(remembering, start_wire, users):
    """rtpengine stores keys of DTLS with a report that it has encrypted; else only three seconds after the answer."""
    lab, start = remembering
    pbx = start_wire(lab)
    placed = [place(lab, pbx, users, numbers.DTLS, direction, "PCMU") for direction in ("in", "out")]
    for call, _ in placed:
        process.wait_until(lambda c=call: c.stats()["rtcp"]["sr"] > 0, 40, "WhatsApp has a report")
        # packets are the clock: the first ordinary report comes after 5 s, 250 of them
        had = call.stats()["rx"]["packets"]
        assert had < 240
        # the keys are stored right behind it
        process.wait_until(lambda c=call, n=had: c.stats()["rx"]["packets"] > n + 20, 20, "WhatsApp hears the PBX")
    lab.rtpengine.daemon.kill()
    start()
    for call, leg in placed:
        before, had = call.stats()["rx"]["packets"], len(leg.media.packets)
        process.wait_until(lambda c=call, n=before: c.stats()["rx"]["packets"] > n + 100, 20, "WhatsApp hears again")
        process.wait_until(lambda m=leg.media, n=had: len(m.packets) > n + 50, 20, "the PBX hears again")
        nothing_in_clear(call.stats())
        assert leg.bye().status == 200
        call.wait_ended()
