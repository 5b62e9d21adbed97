# SPDX-License-Identifier: GPL-2.0-or-later
"""A tone goes in at either end of a real call and is measured at the other."""
import pytest

from calls import both_hear, nothing_in_clear
from lab import numbers
from lab.pbx_baresip import BaresipPbx

NUMBERS = {("PCMU", "DTLS"): numbers.DTLS, ("PCMU", "SDES"): numbers.SDES,
           ("PCMA", "DTLS"): numbers.PCMA_TRUNK, ("PCMA", "SDES"): numbers.PCMA_SDES,
           ("G722", "DTLS"): numbers.G722_TRUNK, ("G722", "SDES"): numbers.G722_SDES,
           ("OPUS", "DTLS"): numbers.OPUS_TRUNK, ("OPUS", "SDES"): numbers.OPUS_SDES}
PLAYED = -9.03  # ausine: half of full scale
# What rtpengine 10.5 loses when it transcodes mono to Opus' two channels; 12.5
# loses nothing, and neither does Opus that passes through.
LOSS = {"PCMU": 3.01, "PCMA": 3.01, "G722": 3.01, "OPUS": 0.0}


@pytest.mark.parametrize("direction", ["in", "out"])
@pytest.mark.parametrize("keys", ["DTLS", "SDES"])
@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722", "OPUS"])
def test_F10_F13_tones_pass_both_ways(lab, start_pbx, user, codec, keys, direction):
    number = NUMBERS[codec, keys]
    pbx = start_pbx(BaresipPbx, lab, codecs=[codec], hz=1000, number=number.digits)
    media = {"tone_hz": 700, "tone_dbov": -20}
    if direction == "in":
        call = lab.metasim.ring(number, user, media=media)
    else:
        lab.metasim.policy(user, media=media)
        mark = lab.metasim.events.mark()
        pbx.dial(user)
        call = lab.metasim.rung(user, mark=mark)
    call.wait_answered()
    both_hear(call, pbx.heard, seconds=2)
    mark = pbx.events.mark()
    call.hangup()
    pbx.wait_event("CALL_CLOSED", mark=mark)
    call.wait_ended()
    stats, heard = call.stats(), pbx.heard()

    assert stats["key_exchange"] == keys
    up, down = stats["heard"], heard
    assert abs(up["hz"] - 1000) < 10 and up["purity"] > 0.9
    assert -1 - LOSS[codec] < up["dbov"] - PLAYED < 1.5
    assert abs(down.hz - 700) < 5 and down.purity > 0.9
    assert abs(down.dbov + 20) < 3
    assert down.hole <= 60
    assert stats["rx"]["lost"] == 0 and stats["rx"]["seq_jumps"] == 0
    assert stats["codec"].lower() == "opus"
    nothing_in_clear(stats)
