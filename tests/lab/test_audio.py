# SPDX-License-Identifier: GPL-2.0-or-later
"""The measurement is only worth something if it can also say no."""
import random

import pytest

from lab import audio, g711


@pytest.mark.parametrize("hz", [300, 440, 1000, 3100])
@pytest.mark.parametrize("level", [-10.0, -20.0, -40.0])
def test_a_tone_is_measured(hz, level):
    tone = audio.measure(audio.sine(hz, level, 2))
    assert abs(tone.hz - hz) < 3
    assert abs(tone.dbov - level) < 0.2
    assert tone.purity > 0.99 and tone.hole == 0
    assert abs(tone.seconds - 2) < 0.05


@pytest.mark.parametrize("payload_type", [0, 8])
def test_g711_keeps_a_tone(payload_type):
    coded = g711.encode(payload_type, audio.sine(700, -20, 2))
    tone = audio.measure(g711.decode(payload_type, coded))
    assert abs(tone.hz - 700) < 3 and abs(tone.dbov + 20) < 0.3 and tone.purity > 0.98


def test_g711_levels_are_the_standards_own():
    # ITU-T G.711: 0xFF/0x7F are zero in PCMU, 0xD5/0x55 the smallest step in PCMA
    assert g711.decode(0, b"\xff\x7f") == [0.0, 0.0]
    assert g711.decode(8, b"\xd5\x55") == [8 / 32768, -8 / 32768]
    assert round(max(g711.DECODE[0])) == 32124 and round(max(g711.DECODE[8])) == 32256


def test_a_hole_is_seen():
    tone = audio.sine(440, -20, 1)
    assert audio.measure(tone + [0.0] * 1600 + tone).hole == 200


def test_silence_is_no_tone():
    silence = audio.measure([0.0] * 8000)
    assert silence.hz == 0 and silence.dbov == audio.FLOOR


def test_noise_is_not_pure():
    rng = random.Random(1)
    assert audio.measure([rng.uniform(-0.1, 0.1) for _ in range(16000)]).purity < 0.2


def test_two_tones_are_not_pure():
    both = [a + b for a, b in zip(audio.sine(440, -20, 2), audio.sine(1000, -20, 2))]
    assert audio.measure(both).purity < 0.6


def test_a_48_khz_stereo_recording_is_read(tmp_path):
    audio.write(tmp_path / "x.wav", audio.sine(1000, -20, 1, 48000), 48000, 2)
    tone = audio.measure(audio.read(tmp_path / "x.wav"))
    assert abs(tone.hz - 1000) < 3 and abs(tone.dbov + 20) < 0.5
