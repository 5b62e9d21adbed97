# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys that are pressed at one end arrive once at the other, as RFC 4733 events at 8000."""
import pytest

import matrix
from calls import nothing_in_clear
from lab import process

KEYS = "12#45*0D"
EVENT_MS = 100
PBX_EVENT_PT, META_EVENT_PT = 97, 126  # of the offers
INFO_KEYS = "7*"
# Each digit would leave the timestamps 83 ms behind if it were shortened and no more.
LAG_MS = 83 * len(KEYS) // 2


def behind_ms(cell):
    """How far the timestamps of audio at the PBX have fallen behind the clock: of the first and the last
    packets the quickest, for any may be kept waiting."""
    audio = cell.leg.media.audio_packets()
    clock = 48000 if cell.codec == "OPUS" else 8000
    lags = [p.at - ((p.timestamp - audio[0].timestamp) % 2 ** 32) / clock for p in audio]
    return 1000 * (min(lags[-15:]) - min(lags[:15]))


def cells_of(direction):
    cells = [cell for cell in matrix.all_cells() if cell.direction == direction]
    assert {(c.codec, c.keys) for c in cells} >= set(matrix.NUMBERS)
    return cells


def place(cell, lab, pbx, users):
    """The PBX has a number of its own for events, in its offers and in its answers (RFC 3264 6.1)."""
    cell.place(lab, pbx, next(users), {}, event_pt=PBX_EVENT_PT)


def press(cell):
    """A PBX that was called presses by the number of the offer, as it should, or by its own."""
    if cell.direction == "in" and cell.keys == "SDES":
        cell.leg.media.press(KEYS, PBX_EVENT_PT)
    else:
        cell.leg.press(KEYS)


def once_and_in_order(said, heard, packets, lengths):
    """What is wrong with the digits that were heard."""
    if heard != said:
        yield f"{said} became {heard}"
    if min(packets, default=0) < 2:
        yield f"packets of each digit: {packets}"
    if not all(0.9 <= ms / EVENT_MS <= 1.1 for ms in lengths):
        yield f"milliseconds of each digit: {lengths}"


def heard_at_meta(cell):
    events = cell.stats["dtmf"]["events"]
    yield from once_and_in_order(KEYS + INFO_KEYS, cell.stats["dtmf"]["digits"], [e["packets"] for e in events],
                                 [e["duration_ms"] for e in events])
    if abs(cell.stats["rx"]["ts_behind_ms"]) > LAG_MS:
        yield f"timestamps are {cell.stats['rx']['ts_behind_ms']} ms behind"
    if not all(e["end"] for e in events):
        yield "a digit without an end"
    if "telephone_event_clock" in cell.stats["violations"] or cell.stats["rx"]["unknown_pt"]:
        yield f"{cell.stats['violations']} {cell.stats['rx']}"


def heard_at_pbx(cell):
    digits = cell.leg.media.digits()
    yield from once_and_in_order(KEYS, "".join(d.digit for d in digits), [d.packets for d in digits],
                                 [d.duration / 8 for d in digits])
    if abs(behind_ms(cell)) > LAG_MS:
        yield f"timestamps are {behind_ms(cell):.0f} ms behind"
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
        press(cell)
    for cell in cells:
        cell.leg.media.wait_pressed()
        process.wait_until(lambda c=cell: c.call.stats()["tx"]["digits"] == len(KEYS), 20, "Meta has pressed all")
    for cell in cells:
        for key in INFO_KEYS:
            info = cell.leg.request("INFO", body=f"Signal={key}\r\nDuration={EVENT_MS}\r\n",
                                    kind="application/dtmf-relay")
            assert cell.leg.wait_reply(info).status == 200
    for cell in cells:
        process.wait_until(lambda c=cell: len(c.call.stats()["dtmf"]["digits"]) >= len(KEYS + INFO_KEYS), 20,
                           f"{cell.name}: Meta has all digits, those of INFO too")
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
