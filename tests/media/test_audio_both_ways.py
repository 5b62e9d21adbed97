# SPDX-License-Identifier: GPL-2.0-or-later
"""A tone goes in at either end of a real call and is measured at the other."""
import statistics

import pytest

import matrix
from calls import both_hear, nothing_in_clear
from lab import numbers
from lab.control import Control
from lab.pbx_baresip import BaresipPbx

PLAYED = -9.03  # ausine: half of full scale


def heard_right(cell):
    """Frequency, level and codec of the steady part."""
    up, down = matrix.meta_hears(cell.steady, matrix.FROM_PBX), cell.tone
    if cell.stats["codec"].upper() != cell.meta_codec or cell.stats["key_exchange"] != cell.keys:
        yield f"{cell.stats['codec']} under {cell.stats['key_exchange']}"
    if not matrix.near(up["dbov"], matrix.LEVEL, 3):
        yield f"WhatsApp hears {up}"
    if not (matrix.near(down.hz, matrix.FROM_META, 5) and matrix.near(down.dbov, matrix.LEVEL, 3)):
        yield f"the PBX hears {down}"


def nothing_lost(cell, stalled):
    """Less than 0.5 % of the packets either way, besides those of a machine that stood still."""
    lost, wanted = cell.leg.media.lost()
    received = cell.stats["rx"]
    if lost > 0.005 * wanted + stalled:
        yield f"{lost} of {wanted} packets did not reach the PBX"
    if received["lost"] > 0.005 * received["packets"] + stalled or received["seq_jumps"]:
        yield f"WhatsApp received {received}"


@pytest.mark.parametrize("direction", ["in", "out"])
@pytest.mark.parametrize("keys", ["DTLS", "SDES"])
def test_F10_F13_tones_pass_both_ways_in_every_codec(lab, pbx, users, keys, direction):
    cells = [cell for cell in matrix.all_cells() if (cell.keys, cell.direction) == (keys, direction)]
    with Control() as control:
        matrix.run(lab, pbx, users, cells)
    assert matrix.failures(cells, heard_right) == {}
    stalled = control.worst() // 20
    assert matrix.failures(cells, lambda cell: nothing_lost(cell, stalled)) == {}
    for cell in cells:
        nothing_in_clear(cell.stats)
    # beyond what this machine does to packets that are only passed on, by two processes each
    machine = 2 * control.worst()
    through, transcoded = [], []
    for cell in cells:
        for pulses in cell.delays():
            (through if cell.passes else transcoded).append(statistics.median(pulses))
    print(f"milliseconds added: through {statistics.median(through):.1f}, transcoding "
          f"{statistics.median(transcoded):.1f}; the machine {control.median():.1f}, at worst {control.worst():.1f}")
    assert statistics.median(through) < 5 + machine, through
    assert statistics.median(transcoded) < 40 + machine, transcoded


@pytest.mark.parametrize("codec, number, direction", [
    ("PCMU", numbers.DTLS, "in"), ("PCMA", numbers.PCMA_SDES, "out"), ("G722", numbers.G722_TRUNK, "out"),
    ("OPUS", numbers.OPUS_SDES, "in")], ids=["PCMU", "PCMA", "G722", "OPUS"])
def test_F10_F13_baresip_hears_and_is_heard(lab, start_pbx, user, codec, number, direction):
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
    up, down = call.stats()["heard"], pbx.heard()
    assert abs(up["hz"] - 1000) < 10 and up["purity"] > 0.9 and abs(up["dbov"] - PLAYED) < 3
    assert abs(down.hz - 700) < 5 and down.purity > 0.9 and abs(down.dbov + 20) < 3
    assert down.hole <= 60
    assert call.stats()["rx"]["lost"] == 0 and call.stats()["codec"].lower() == "opus"
    nothing_in_clear(call.stats())
