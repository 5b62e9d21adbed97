# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys that are pressed at one end arrive once at the other, as RFC 4733 events at 8000."""
import pytest

import matrix
from calls import nothing_in_clear
from lab import process

KEYS = "12#45*0D"
EVENT_MS = 100
PBX_EVENT_PT, META_EVENT_PT = 97, 126  # of the offers
# rtpengine counts in the clock of the audio when it transcodes: to Opus at 48000, though both ends were
# told 8000. Digits are digits all the same.
SCALE = 6


def cells_of(direction):
    cells = [cell for cell in matrix.all_cells() if cell.direction == direction]
    assert {(c.codec, c.keys) for c in cells} >= set(matrix.NUMBERS)
    return cells


def place(cell, lab, pbx, users):
    """A PBX answers with the number it was offered (RFC 3264 6.1), and offers its own."""
    cell.place(lab, pbx, next(users), {}, **({"event_pt": PBX_EVENT_PT} if cell.direction == "out" else {}))


def once_and_in_order(cell, said, heard, packets, lengths):
    """What is wrong with the digits that were heard."""
    scales = (1,) if cell.passes else (1, SCALE, 1 / SCALE)
    if heard != said:
        yield f"{said} became {heard}"
    if min(packets, default=0) < 2:
        yield f"packets of each digit: {packets}"
    if not any(all(0.5 <= ms / EVENT_MS / scale <= 1.5 for ms in lengths) for scale in scales):
        yield f"milliseconds of each digit: {lengths}"


def heard_at_meta(cell):
    events = cell.stats["dtmf"]["events"]
    yield from once_and_in_order(cell, KEYS, cell.stats["dtmf"]["digits"], [e["packets"] for e in events],
                                 [e["duration_ms"] for e in events])
    if not all(e["end"] for e in events):
        yield "a digit without an end"
    if "telephone_event_clock" in cell.stats["violations"] or cell.stats["rx"]["unknown_pt"]:
        yield f"{cell.stats['violations']} {cell.stats['rx']}"


def heard_at_pbx(cell):
    digits = cell.leg.media.digits()
    yield from once_and_in_order(cell, KEYS, "".join(d.digit for d in digits), [d.packets for d in digits],
                                 [d.duration / 8 for d in digits])
    if not all(d.ends for d in digits):
        yield "a digit without an end"


@pytest.mark.parametrize("direction", ["in", "out"])
def test_F07_each_digit_is_heard_once_both_ways_in_every_codec(lab, pbx, users, direction):
    cells = cells_of(direction)
    for cell in cells:
        place(cell, lab, pbx, users)
    for cell in cells:
        matrix.until_heard(cell, 0.4)
    for cell in cells:
        lab.metasim.command("media_dtmf", call=cell.call.name, digits=KEYS)
        cell.leg.press(KEYS)
    for cell in cells:
        cell.leg.media.wait_pressed()
        process.wait_until(lambda c=cell: c.call.stats()["tx"]["digits"] == len(KEYS), 20, "Meta has pressed all")
        matrix.until_heard(cell, 0.3)  # audio goes on behind the last one
    for cell in cells:
        cell.leg.bye()
        cell.call.wait_ended()
        cell.stats = cell.call.stats()
        nothing_in_clear(cell.stats)
    assert matrix.failures(cells, heard_at_meta) == {}
    assert matrix.failures(cells, heard_at_pbx) == {}


def test_F07_only_8000_is_spoken_of_on_either_side(lab, pbx, users):
    cells = [cell for cell in matrix.all_cells() if cell.keys == "DTLS"]
    for cell in cells:
        place(cell, lab, pbx, users)
        matrix.until_heard(cell, 0.2)
        cell.leg.bye()
    for cell in cells:
        to_meta, to_pbx = matrix.sdp_to_meta(cell), cell.leg.remote_sdp
        for sdp in (to_meta, to_pbx):
            events = [c for c in sdp.codecs.values() if c.lower().startswith("telephone-event")]
            assert events == ["telephone-event/8000"], (cell.name, sdp.text)
        if cell.direction == "in":  # the answer keeps the offer's number (RFC 3264 6.1)
            assert to_meta.payload_type("telephone-event") == META_EVENT_PT
        else:
            assert to_pbx.payload_type("telephone-event") == PBX_EVENT_PT
        numbers = {to_meta.payload_type("telephone-event"), to_pbx.payload_type("telephone-event")}
        assert len(numbers) == (1 if cell.passes else 2), (cell.name, numbers)
