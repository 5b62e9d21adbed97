# SPDX-License-Identifier: GPL-2.0-or-later
"""ITU-T G.711: the two laws, as tables (Python 3.13 has no audioop)."""


def _ulaw_decode(code):
    code = ~code & 0xFF
    value = (((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)
    return 0x84 - value if code & 0x80 else value - 0x84


def _alaw_decode(code):
    code ^= 0x55
    value, segment = (code & 0x0F) << 4, (code & 0x70) >> 4
    value = value + 8 if segment == 0 else (value + 0x108) << (segment - 1)
    return value if code & 0x80 else -value


DECODE = {0: [_ulaw_decode(c) for c in range(256)], 8: [_alaw_decode(c) for c in range(256)]}


def _encoder(table):
    """Nearest code for each of 4096 levels; enough for a test tone."""
    codes = sorted(range(256), key=table.__getitem__)
    out, at = [], 0
    for level in range(-32768, 32768, 16):
        while at < 255 and abs(table[codes[at + 1]] - level) <= abs(table[codes[at]] - level):
            at += 1
        out.append(codes[at])
    return out


ENCODE = {pt: _encoder(table) for pt, table in DECODE.items()}


def encode(payload_type, samples):
    """Floats to payload; payload_type 0 is PCMU, 8 is PCMA."""
    table = ENCODE[payload_type]
    return bytes(table[(max(-32768, min(32767, int(s * 32767))) + 32768) >> 4] for s in samples)


def decode(payload_type, payload):
    table = DECODE[payload_type]
    return [table[b] / 32768 for b in payload]
