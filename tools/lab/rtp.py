# SPDX-License-Identifier: GPL-2.0-or-later
"""One end of a plain RTP stream: what a wire PBX sends and hears, digits included.

Arrival is the kernel's time, so neither a busy machine's scheduler nor Python is part
of what is measured; all times are those of time.monotonic().
"""
import functools
import os
import random
import socket
import struct
import threading
import time

from . import audio, codec
from .errors import LabError

FRAMES_A_SECOND = 50
LOOP = 2                  # seconds of audio that are sent again and again
ONSET = -45.0             # dBov: a tone has begun; far below its first millisecond
ONSET_SILENCE = 3         # frames of silence before it
DIGITS = "0123456789*#ABCD"
DIGIT_FRAMES, DIGIT_ENDS, DIGIT_PAUSE = 5, 3, 4   # 100 ms, its end three times, 80 ms (RFC 4733 2.5)
SO_TIMESTAMPNS = getattr(socket, "SO_TIMESTAMPNS", 35)


class Packet:
    def __init__(self, raw, at, source=None):
        first, second, self.seq, self.timestamp, self.ssrc = struct.unpack("!BBHII", raw[:12])
        self.at, self.source = at, source
        self.marker, self.pt = bool(second & 0x80), second & 0x7F
        self.payload = raw[12 + 4 * (first & 0x0F):]


class Digit:
    """One event as it was heard: all packets of one timestamp."""

    def __init__(self, packet):
        self.digit = DIGITS[packet.payload[0]]
        self.timestamp, self.at = packet.timestamp, packet.at
        self.packets = self.ends = self.duration = 0

    def add(self, packet):
        self.packets += 1
        self.ends += packet.payload[1] >> 7
        self.duration = max(self.duration, int.from_bytes(packet.payload[2:4], "big"))


def wall_to_monotonic():
    """What to add to time.time(): of some readings the one with the least time between both clocks."""
    readings = []
    for _ in range(5):
        before, wall, after = time.monotonic(), time.time(), time.monotonic()
        readings.append((after - before, before - wall))
    return min(readings)[1]


@functools.lru_cache(maxsize=64)
def frames_of(name, hz, level, pulse_ms):
    """LOOP seconds of a tone, encoded: [(payload, a tone begins here)]. Coded twice, so
    that the coder's state at the end leads over to the beginning."""
    coder = codec.make(name)
    size = coder.rate // FRAMES_A_SECOND
    tone = audio.sine(hz, level, LOOP, coder.rate) if hz else [0.0] * (coder.rate * LOOP)
    half = pulse_ms * FRAMES_A_SECOND // 1000
    frames = [tone[i:i + size] for i in range(0, len(tone), size)]
    silent = [bool(half and (n // half) % 2) for n in range(len(frames))]
    frames = [[0.0] * size if s else f for f, s in zip(frames, silent)]
    for frame in frames:
        coder.encode(frame)
    return [(coder.encode(frame), silent[n - 1] and not silent[n]) for n, frame in enumerate(frames)]


class Stream:
    """A bound socket that records; send() begins only when told to."""

    def __init__(self, host):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sock.bind((host, 0))
        self.host, self.port = self.sock.getsockname()
        self.codecs = {0: "PCMU", 8: "PCMA"}   # payload type -> name, of what comes
        self.event_pt = self.event_out = 101   # of the events that come, and that go
        self.packets = []
        self.sent = 0
        self.loses = 0                 # share of what is sent that never goes
        self.lost_on_the_way = 0
        self.said = []                 # when a tone began
        self.closed = threading.Event()
        self.sender = None
        self.target = None             # (address, payload type, codec, clock) of send()
        self.frames = None             # of the tone; None: not a packet
        self.ssrc = int.from_bytes(os.urandom(4), "big")
        self._digits = []              # (digit, payload type or None), still to be pressed
        self._pressed = threading.Event()
        self.receiver = threading.Thread(target=self._receive, daemon=True)
        self.receiver.start()

    # what comes

    def _receive(self):
        to_monotonic = wall_to_monotonic()
        while not self.closed.is_set():
            try:
                raw, extra, _, source = self.sock.recvmsg(2048, 64)
            except OSError:
                return
            at = time.monotonic()
            for level, kind, data in extra:
                if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS and len(data) >= 16:
                    seconds, nanoseconds = struct.unpack("@qq", data[:16])
                    at = seconds + nanoseconds / 1e9 + to_monotonic
            if len(raw) >= 12 and raw[0] >> 6 == 2 and not 192 <= raw[1] <= 223:  # RFC 5761: not RTCP
                self.packets.append(Packet(raw, at, source))

    def audio_packets(self, since=0):
        """Those in a known codec, each once, in the order they were sent in."""
        seen, found, newest = set(), [], None
        for packet in list(self.packets)[since:]:
            # sequence numbers go round: count from the newest so far
            newest = packet.seq if newest is None else newest + ((packet.seq - newest + 0x8000) % 0x10000) - 0x8000
            if packet.pt in self.codecs and (packet.ssrc, newest) not in seen:
                seen.add((packet.ssrc, newest))
                found.append((newest, packet))
        return [packet for _, packet in sorted(found, key=lambda f: f[0])]

    def decoded(self, since=0):
        """[(packet, its samples at 8 kHz)]"""
        coders, found = {}, []
        for packet in self.audio_packets(since):
            coder = coders.setdefault(packet.pt, codec.make(self.codecs[packet.pt]))
            found.append((packet, audio.resample(coder.decode(packet.payload), coder.rate)))
        return found

    def heard(self, since=0):
        """The tone in what came in so far."""
        return audio.measure([s for _, samples in self.decoded(since) for s in samples])

    def onsets(self, since=0):
        """When a tone began after silence: arrival of its first packet."""
        found, silent = [], 0
        for packet, samples in self.decoded(since):
            if audio.dbov(samples) < ONSET:
                silent += 1
                continue
            if silent >= ONSET_SILENCE:
                found.append(packet.at)
            silent = 0
        return found

    def lost(self, since=0):
        """(packets that did not come, packets that should have come), by the sequence numbers."""
        numbers, newest = set(), None
        for packet in list(self.packets)[since:]:
            newest = packet.seq if newest is None else newest + ((packet.seq - newest + 0x8000) % 0x10000) - 0x8000
            numbers.add(newest)
        wanted = max(numbers) - min(numbers) + 1 if numbers else 0
        return wanted - len(numbers), wanted

    def digits(self):
        """The events that came, in order, one Digit for each timestamp."""
        found = {}
        for packet in list(self.packets):
            if packet.pt == self.event_pt and len(packet.payload) >= 4 and packet.payload[0] < len(DIGITS):
                found.setdefault((packet.ssrc, packet.timestamp), Digit(packet)).add(packet)
        return list(found.values())

    # what goes

    def send(self, address, payload_type, hz, level=-20.0, name=None, pulse_ms=0):
        """Sends a tone in 20 ms packets until close(), or changes what is sent; hz 0 is
        digital silence; pulse_ms: on and off in turn."""
        name = name or {0: "PCMU", 8: "PCMA"}[payload_type]
        self.target = address, payload_type, name, codec.make(name).clock
        self.frames = frames_of(name, hz, level, pulse_ms)
        if self.sender is None:
            self.sender = threading.Thread(target=self._send, daemon=True)
            self.sender.start()

    def change(self, hz, level=-20.0):
        """Another tone from now on, by another source: its SSRC and counts are its own."""
        self.ssrc = int.from_bytes(os.urandom(4), "big")
        self.frames = frames_of(self.target[2], hz, level, 0)

    def pause(self):
        """Not a packet until change()."""
        self.frames = None

    def press(self, digits, payload_type=None):
        """Presses keys (RFC 4733) from the next frame on, in place of the audio."""
        self._pressed.clear()
        self._digits = [(digit, payload_type) for digit in digits]

    def wait_pressed(self, seconds=20):
        """Returns when the last key has been let go."""
        if not self._pressed.wait(seconds):
            raise LabError(f"not pressed yet: {self._digits}")

    def _send(self):
        ssrc, frames, number, event, pause, due = None, None, 0, None, 0, time.monotonic()
        while not self.closed.is_set():
            if self.ssrc != ssrc:
                ssrc, self._seq, stamp, first = self.ssrc, random.getrandbits(16), random.getrandbits(32), True
            if self.frames is not frames:
                frames, number = self.frames, 0
            if event is None and pause == 0 and self._digits:
                event = (*self._digits[0], stamp, 0)
            try:
                if event:
                    event = self._event(ssrc, event)
                    pause = 0 if event else DIGIT_PAUSE
                else:
                    if frames:
                        payload, begins = frames[number % len(frames)]
                        if begins:
                            self.said.append(time.monotonic())
                        self._put(ssrc, self.target[1], first, stamp, payload)
                        first = False
                    pause = max(0, pause - 1)
            except OSError:
                return
            number, stamp, due = number + 1, stamp + self.target[3] // FRAMES_A_SECOND, due + 0.02
            self.closed.wait(max(0, due - time.monotonic()))

    def _put(self, ssrc, payload_type, marker, stamp, payload):
        header = struct.pack("!BBHII", 0x80, payload_type | (0x80 if marker else 0), self._seq & 0xFFFF,
                             stamp & 0xFFFFFFFF, ssrc)
        if random.random() < self.loses:
            self.lost_on_the_way += 1
        else:
            self.sock.sendto(header + payload, self.target[0])
            self.sent += 1
        self._seq += 1

    def _event(self, ssrc, event):
        """One 20 ms step of a digit; None when it was the last."""
        digit, payload_type, stamp, step = event
        step += 1
        last = step == DIGIT_FRAMES
        for _ in range(DIGIT_ENDS if last else 1):
            payload = struct.pack("!BBH", DIGITS.index(digit), (0x80 if last else 0) | 10, step * 160)
            self._put(ssrc, self.event_out if payload_type is None else payload_type, step == 1, stamp, payload)
        if not last:
            return digit, payload_type, stamp, step
        self._digits = self._digits[1:]
        if not self._digits:
            self._pressed.set()
        return None

    def close(self):
        self.closed.set()
        try:
            self.sock.shutdown(socket.SHUT_RDWR)  # wakes recv()
        except OSError:
            pass
        # not while one of them is about to use it: its number may be another socket's then
        for thread in (self.sender, self.receiver):
            if thread:
                thread.join(10)
        self.sock.close()
