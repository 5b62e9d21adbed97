# SPDX-License-Identifier: GPL-2.0-or-later
"""One end of a plain RTP stream with G.711: what a wire PBX sends and hears."""
import os
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
        tone = audio.sine(hz, level, 1) if hz else [0.0] * audio.RATE  # whole periods in 1 s
        frames = [g711.encode(payload_type, tone[i:i + audio.FRAME])
                  for i in range(0, len(tone), audio.FRAME)]
        self.sender = threading.Thread(target=self._send, args=(address, payload_type, frames), daemon=True)
        self.sender.start()

    def _send(self, address, payload_type, frames):
        ssrc, seq, stamp = int.from_bytes(os.urandom(4), "big"), 0, 0
        due = time.monotonic()
        while not self.closed.is_set():
            header = struct.pack("!BBHII", 0x80, payload_type | (0x80 if seq == 0 else 0), seq & 0xFFFF,
                                 stamp & 0xFFFFFFFF, ssrc)
            try:
                self.sock.sendto(header + frames[seq % len(frames)], address)
            except OSError:
                return
            self.sent, seq, stamp, due = self.sent + 1, seq + 1, stamp + audio.FRAME, due + 0.02
            self.closed.wait(max(0, due - time.monotonic()))

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
