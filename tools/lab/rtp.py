# SPDX-License-Identifier: GPL-2.0-or-later
"""One end of a plain RTP stream with G.711: what a wire PBX sends and hears."""
import os
import random
import socket
import struct
import threading
import time

from . import audio, g711


class Packet:
    def __init__(self, raw, at):
        first, second, self.seq, self.timestamp, self.ssrc = struct.unpack("!BBHII", raw[:12])
        self.at = at
        self.marker, self.pt = bool(second & 0x80), second & 0x7F
        self.payload = raw[12 + 4 * (first & 0x0F):]


class Stream:
    """A bound socket that records; send() begins only when told to."""

    def __init__(self, host):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((host, 0))
        self.host, self.port = self.sock.getsockname()
        self.packets = []
        self.sent = 0
        self.closed = threading.Event()
        self.target = None       # address and payload type of send()
        self.frames = None       # of the tone; None: not a packet
        self.ssrc = self.event = None
        self.sender = None
        self.receiver = threading.Thread(target=self._receive, daemon=True)
        self.receiver.start()

    def _receive(self):
        while not self.closed.is_set():
            try:
                raw = self.sock.recv(2048)
            except OSError:
                return
            at = time.monotonic()
            if len(raw) >= 12 and raw[0] >> 6 == 2 and not 192 <= raw[1] <= 223:  # RFC 5761: not RTCP
                self.packets.append(Packet(raw, at))

    def send(self, address, payload_type, hz, level=-20.0):
        """Sends a tone in 20 ms packets until close(); hz 0 is digital silence."""
        self.target = address, payload_type
        self.change(hz, level)
        self.sender = threading.Thread(target=self._send, daemon=True)
        self.sender.start()

    def change(self, hz, level=-20.0):
        """Another tone from now on, by another source: its SSRC and counts are its own."""
        tone = audio.sine(hz, level, 1) if hz else [0.0] * audio.RATE  # whole periods in 1 s
        self.ssrc = int.from_bytes(os.urandom(4), "big")
        self.frames = [g711.encode(self.target[1], tone[i:i + audio.FRAME])
                       for i in range(0, len(tone), audio.FRAME)]

    def pause(self):
        """Not a packet until change()."""
        self.frames = None

    def press(self, payload_type, digit, frames=8):
        """An event of RFC 4733 in place of the audio."""
        self.event = payload_type, "0123456789*#ABCD".index(digit), frames

    def _send(self):
        ssrc, due = None, time.monotonic()
        while not self.closed.is_set():
            if self.ssrc != ssrc:
                ssrc, seq, stamp, n = self.ssrc, random.getrandbits(16), random.getrandbits(32), 0
            frames, event = self.frames, self.event
            try:
                if event:
                    seq, stamp, due = self._send_event(event, ssrc, seq, stamp, due)
                    self.event = None
                elif frames:
                    self._put(n == 0, self.target[1], seq, stamp, ssrc, frames[n % len(frames)])
                    seq, n = seq + 1, n + 1
            except OSError:
                return
            stamp, due = stamp + audio.FRAME, due + 0.02
            self.closed.wait(max(0, due - time.monotonic()))

    def _send_event(self, event, ssrc, seq, stamp, due):
        payload_type, digit, frames = event
        for i in range(1, frames + 3):
            end = 0x80 if i >= frames else 0
            self._put(i == 1, payload_type, seq, stamp, ssrc,
                      struct.pack("!BBH", digit, end | 10, min(i, frames) * audio.FRAME))
            seq, due = seq + 1, due + 0.02
            self.closed.wait(max(0, due - time.monotonic()))
        return seq, stamp + (frames + 2) * audio.FRAME, due

    def _put(self, marker, payload_type, seq, stamp, ssrc, payload):
        header = struct.pack("!BBHII", 0x80, payload_type | (0x80 if marker else 0), seq & 0xFFFF,
                             stamp & 0xFFFFFFFF, ssrc)
        self.sock.sendto(header + payload, self.target[0])
        self.sent += 1

    def heard(self):
        """The tone in what came in so far (PCMU and PCMA packets)."""
        samples = []
        for packet in list(self.packets):
            if packet.pt in g711.DECODE:
                samples += g711.decode(packet.pt, packet.payload)
        return audio.measure(samples)

    def close(self):
        self.closed.set()
        try:
            self.sock.shutdown(socket.SHUT_RDWR)  # wakes recv()
        except OSError:
            pass
        self.sock.close()
        for thread in (self.sender, self.receiver):
            if thread:
                thread.join(1)
