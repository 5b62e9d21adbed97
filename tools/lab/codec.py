# SPDX-License-Identifier: GPL-2.0-or-later
"""The codecs a PBX may have, 20 ms at a time, by libraries that have nothing to do with rtpengine.

libopus and spandsp are there wherever rtpengine and the simulator are. Neither knows
loss: what a packet held is decoded, what did not come is not made up.
"""
import ctypes
import ctypes.util

from . import g711
from .errors import LabError

PACKET_MAX = 1500
VOIP = 2048  # OPUS_APPLICATION_VOIP


def _library(name, *versions):
    """find_library() runs the linker each time: the known names come first."""
    for version in versions:
        try:
            return ctypes.CDLL(f"lib{name}.so.{version}")
        except OSError:
            continue
    path = ctypes.util.find_library(name)
    if path is None:
        raise LabError(f"lib{name} is not installed: run `make setup`")
    return ctypes.CDLL(path)


class G711:
    """name: PCMU or PCMA."""
    rate = clock = 8000

    def __init__(self, payload_type):
        self.payload_type = payload_type

    def encode(self, samples):
        return g711.encode(self.payload_type, samples)

    def decode(self, payload):
        return g711.decode(self.payload_type, payload)


def _ints(samples):
    return (ctypes.c_int16 * len(samples))(*(max(-32768, min(32767, round(s * 32767))) for s in samples))


class G722:
    """16 kHz, though its RTP clock says 8000 (RFC 3551 4.5.2)."""
    rate, clock = 16000, 8000
    library = None

    def __init__(self):
        if G722.library is None:
            G722.library = _library("spandsp", 2, 3)
            for name in ("g722_encode_init", "g722_decode_init"):
                getattr(G722.library, name).restype = ctypes.c_void_p
        self.encoder = ctypes.c_void_p(self.library.g722_encode_init(None, 64000, 0))
        self.decoder = ctypes.c_void_p(self.library.g722_decode_init(None, 64000, 0))

    def encode(self, samples):
        out = (ctypes.c_uint8 * PACKET_MAX)()
        size = self.library.g722_encode(self.encoder, out, _ints(samples), len(samples))
        return bytes(out[:size])

    def decode(self, payload):
        out = (ctypes.c_int16 * (2 * len(payload)))()
        count = self.library.g722_decode(self.decoder, out, payload, len(payload))
        return [s / 32768 for s in out[:count]]


class Opus:
    """Mono within, which is what opus/48000/2 carries between telephones."""
    rate = clock = 48000
    library = None

    def __init__(self):
        if Opus.library is None:
            Opus.library = _library("opus", 0)
            for name in ("opus_encoder_create", "opus_decoder_create"):
                getattr(Opus.library, name).restype = ctypes.c_void_p
        failed = ctypes.c_int()
        self.encoder = ctypes.c_void_p(
            self.library.opus_encoder_create(self.rate, 1, VOIP, ctypes.byref(failed)))
        self.decoder = ctypes.c_void_p(self.library.opus_decoder_create(self.rate, 1, ctypes.byref(failed)))

    def encode(self, samples):
        out = (ctypes.c_uint8 * PACKET_MAX)()
        size = self.library.opus_encode(self.encoder, _ints(samples), len(samples), out, PACKET_MAX)
        return bytes(out[:max(0, size)])

    def decode(self, payload):
        longest = self.rate * 120 // 1000
        out = (ctypes.c_int16 * longest)()
        count = self.library.opus_decode(self.decoder, payload, len(payload), out, longest, 0)
        return [s / 32768 for s in out[:max(0, count)]]


def make(name):
    """A new coder and decoder, with the state of one stream."""
    return {"PCMU": lambda: G711(0), "PCMA": lambda: G711(8), "G722": G722, "OPUS": Opus}[name]()
