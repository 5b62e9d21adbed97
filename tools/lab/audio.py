# SPDX-License-Identifier: GPL-2.0-or-later
"""What is heard in this recording: which tone, how loud, with which holes?

Levels are dBov (ITU-T G.100.1): 0 is a full-scale square wave, so a full-scale
sine has -3.01. Everything is measured at 8 kHz, which is enough for tones
between 200 and 3400 Hz.
"""
import cmath
import math
import struct
import wave

RATE = 8000
SIZE = 4096          # samples in one spectrum: 0.5 s, 1.95 Hz apart
FRAME = RATE // 50   # 20 ms
SILENCE = -60.0      # dBov: below this a frame is a hole
FLOOR = -120.0


class Tone:
    """hz: strongest frequency; dbov: level of the whole signal while it lasts;
    purity: share of the power within 30 Hz of hz; seconds: from the first to
    the last audible frame; hole: the longest silence between them, in ms."""

    def __init__(self, hz, dbov, purity, seconds, hole):
        self.hz, self.dbov, self.purity, self.seconds, self.hole = hz, dbov, purity, seconds, hole

    def __repr__(self):
        return (f"{self.hz:.0f} Hz at {self.dbov:.1f} dBov, purity {self.purity:.2f}, "
                f"{self.seconds:.2f} s, longest hole {self.hole} ms")


def read(path):
    """A 16-bit WAV file as floats between -1 and 1, its first channel, 8 kHz.

    A file still being written has no sizes in its header yet, so the samples
    are taken to the end of the file; before its header it is empty.
    """
    with open(path, "rb") as source:
        raw = source.read()
    form, start = raw.find(b"fmt "), raw.find(b"data") + 8
    if form < 0 or start < 8:
        return []
    _, channels, rate, _, _, bits = struct.unpack("<HHIIHH", raw[form + 8:form + 24])
    if bits != 16:
        raise ValueError(f"{path}: {bits} bits, 16 wanted")
    count = (len(raw) - start) // 2
    samples = struct.unpack(f"<{count}h", raw[start:start + 2 * count])[::channels]
    return resample([s / 32768 for s in samples], rate)


def resample(samples, rate):
    """To 8 kHz by averaging each block; `rate` is a multiple of 8000."""
    step = rate // RATE
    if step * RATE != rate:
        raise ValueError(f"{rate} Hz is not a multiple of {RATE}")
    if step == 1:
        return samples
    return [sum(samples[i:i + step]) / step for i in range(0, len(samples) - step + 1, step)]


def dbov(samples):
    if not samples:
        return FLOOR
    power = sum(s * s for s in samples) / len(samples)
    return max(FLOOR, 10 * math.log10(power)) if power > 0 else FLOOR


def measure(samples):
    """The tone in 8 kHz samples; a Tone at 0 Hz when there is only silence."""
    loud = [i for i in range(0, len(samples) - FRAME + 1, FRAME) if dbov(samples[i:i + FRAME]) > SILENCE]
    if not loud:
        return Tone(0.0, FLOOR, 0.0, 0.0, 0)
    first, last = loud[0], loud[-1] + FRAME
    hole = max((b - a - FRAME for a, b in zip(loud, loud[1:])), default=0) * 1000 // RATE
    span = samples[first:last]
    # the middle, away from codec start-up and the hang-up
    mid = max(0, (len(span) - SIZE) // 2)
    window = span[mid:mid + SIZE]
    hz, purity = peak(window)
    return Tone(hz, dbov(window), purity, len(span) / RATE, hole)


def peak(samples):
    """Strongest frequency and the share of the power within 30 Hz of it."""
    size = SIZE
    padded = [s * (0.5 - 0.5 * math.cos(2 * math.pi * i / max(1, len(samples) - 1)))
              for i, s in enumerate(samples)] + [0.0] * (size - len(samples))
    power = [abs(c) ** 2 for c in fft(padded)[:size // 2]]
    power[:20] = [0.0] * 20  # no direct current, no hum below 40 Hz
    total = sum(power)
    if total <= 0:
        return 0.0, 0.0
    top = max(range(len(power)), key=power.__getitem__)
    near = int(30 * size / RATE)
    share = sum(power[max(0, top - near):top + near + 1]) / total
    return top * RATE / size, share


def fft(values):
    """Radix 2, length a power of two."""
    n = len(values)
    if n == 1:
        return [complex(values[0])]
    even, odd = fft(values[::2]), fft(values[1::2])
    turned = [cmath.exp(-2j * math.pi * k / n) * odd[k] for k in range(n // 2)]
    return [e + t for e, t in zip(even, turned)] + [e - t for e, t in zip(even, turned)]


def sine(hz, level_dbov, seconds, rate=RATE):
    """Samples of a tone, floats."""
    amplitude = math.sqrt(2) * 10 ** (level_dbov / 20)
    return [amplitude * math.sin(2 * math.pi * hz * i / rate) for i in range(int(seconds * rate))]


def write(path, samples, rate=RATE, channels=1):
    """A 16-bit WAV file; mono samples are copied to every channel."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        ints = [max(-32768, min(32767, round(s * 32767))) for s in samples]
        out.writeframes(b"".join(struct.pack("<h", v) * channels for v in ints))
