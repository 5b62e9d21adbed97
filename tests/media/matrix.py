# SPDX-License-Identifier: GPL-2.0-or-later
"""Many calls side by side, one for each codec, key exchange and direction, and what was heard in them.

A tone each way, first steady (level, loss), then in pulses (delay): the time from a pulse's first
packet leaving one end to the packet with the pulse's beginning reaching the other. All ends are on
one machine and one clock.
"""
import itertools

from calls import business_calls, user_calls
from lab import numbers, process
from lab.sip import Sdp

FROM_PBX, FROM_META, LEVEL = 1000, 700, -20.0   # Hz, dBov
STEADY, PULSES, PULSE_MS = 1.5, 8, 200          # seconds, count, of tone and of silence in turn

# (codec at the PBX, keys): a number whose trunk has that codec alone, Opus at Meta
NUMBERS = {("PCMU", "DTLS"): numbers.DTLS, ("PCMU", "SDES"): numbers.SDES,
           ("PCMA", "DTLS"): numbers.PCMA_TRUNK, ("PCMA", "SDES"): numbers.PCMA_SDES,
           ("G722", "DTLS"): numbers.G722_TRUNK, ("G722", "SDES"): numbers.G722_SDES,
           ("OPUS", "DTLS"): numbers.OPUS_TRUNK, ("OPUS", "SDES"): numbers.OPUS_SDES}
# (codec at both ends, keys)
G711_NUMBERS = {("PCMU", "DTLS"): numbers.DTLS_G711, ("PCMU", "SDES"): numbers.SDES_G711,
                ("PCMA", "DTLS"): numbers.DTLS_G711, ("PCMA", "SDES"): numbers.SDES_G711}


class Cell:
    """One call: codec is the PBX's, meta_codec Meta's."""

    def __init__(self, codec, keys, direction, g711=False):
        self.codec, self.keys, self.direction = codec, keys, direction
        self.number = (G711_NUMBERS if g711 else NUMBERS)[codec, keys]
        self.meta_codec = codec if g711 else "OPUS"
        self.passes = self.meta_codec == codec
        self.call = self.leg = self.steady = self.tone = self.stats = None
        self.name = f"{codec}-{keys}-{direction}" + ("-g711" if g711 else "")

    def place(self, lab, pbx, user, media, **pbx_side):
        media = {"tone_hz": FROM_META, "tone_dbov": LEVEL, **media}
        if self.direction == "in":
            self.call, self.leg = user_calls(lab, pbx, self.number, user, hz=FROM_PBX, codecs=[self.codec],
                                             media=media, **pbx_side)
        else:
            lab.metasim.policy(user, media=media)
            self.call, self.leg = business_calls(lab, pbx, self.number, user, hz=FROM_PBX, codecs=[self.codec],
                                                 **pbx_side)

    def delays(self):
        """Milliseconds of each pulse: (PBX to Meta, Meta to PBX)."""
        up = matched(self.leg.media.said, [us / 1e6 for us in self.stats["heard"]["onsets_us"]])
        down = matched([us / 1e6 for us in self.stats["tx"]["onsets_us"]], self.leg.media.onsets())
        return [1000 * s for s in up], [1000 * s for s in down]


def all_cells():
    return [*(Cell(codec, keys, direction) for codec, keys in NUMBERS for direction in ("in", "out")),
            Cell("PCMU", "DTLS", "in", g711=True), Cell("PCMU", "SDES", "out", g711=True),
            Cell("PCMA", "SDES", "in", g711=True), Cell("PCMA", "DTLS", "out", g711=True)]


def matched(said, heard):
    """Seconds from each beginning to the next one heard; one that was never heard does not count."""
    found = []
    for at in said:
        after = [h - at for h in heard if 0 <= h - at < PULSE_MS / 1000]
        found += after[:1]
    if len(found) < min(len(said), PULSES) // 2:
        raise AssertionError(f"of {len(said)} pulses {len(found)} were heard")
    return found


def run(lab, pbx, users, cells, **media):
    """Places all calls, lets both ends hear both tones, and fills in steady and tone (Meta's statistics
    and the PBX's tone of the steady part) and stats (Meta's at the end)."""
    for cell in cells:
        cell.place(lab, pbx, next(users), media)
    _until(cells, lambda c: c.call.stats()["heard"]["audio_ms"] > STEADY * 1000, "WhatsApp has steady audio")
    _until(cells, lambda c: len(c.leg.media.packets) > STEADY * 50, "the PBX has steady audio")
    for cell in cells:
        cell.steady = cell.call.stats()
        cell.tone = cell.leg.media.heard()
        cell.leg.play(FROM_PBX, LEVEL, pulse_ms=PULSE_MS)
        lab.metasim.command("media_tone", call=cell.call.name, hz=FROM_META, dbov=LEVEL, pulse_ms=PULSE_MS)
    _until(cells, lambda c: len(c.leg.media.said) > PULSES and len(c.call.stats()["tx"]["onsets_us"]) > PULSES,
           "the pulses are out")
    for cell in cells:
        cell.leg.bye()
        cell.call.wait_ended()
        cell.stats = cell.call.stats()


def _until(cells, check, what):
    for cell in cells:
        process.wait_until(lambda c=cell: check(c), 30, f"{cell.name}: {what}", pause=0.1)


def until_heard(cell, seconds):
    """Until either end has had so much more."""
    heard, packets = cell.call.stats()["heard"]["audio_ms"], len(cell.leg.media.packets)
    _until([cell], lambda c: c.call.stats()["heard"]["audio_ms"] > heard + 1000 * seconds, "WhatsApp has audio")
    _until([cell], lambda c: len(c.leg.media.packets) > packets + 50 * seconds, "the PBX has audio")


def sdp_to_meta(cell):
    """What the SBC has told Meta of its media."""
    return Sdp([m.body for m in cell.call.received(lambda m: m.body) if m.body][-1])


def near(value, wanted, tolerance):
    return abs(value - wanted) <= tolerance


def meta_hears(stats, hz):
    """(the part of Meta's statistics about that tone)"""
    found = [t for t in stats["heard"]["tones"] if near(t["hz"], hz, 10)]
    return max(found, key=lambda t: t["ms"], default={"hz": 0, "dbov": -127.0, "ms": 0})


def failures(cells, check):
    """{name of the call: what is wrong with it}"""
    wrong = {cell.name: list(itertools.chain(check(cell))) for cell in cells}
    return {name: what for name, what in wrong.items() if what}
