# SPDX-License-Identifier: GPL-2.0-or-later
"""A receiver of HEPv3, written from its description."""
import select
import socket
import struct
import time

from lab.sip import Message

FAMILIES = {2: socket.AF_INET, 10: socket.AF_INET6}


class Packet:
    """One captured message: .src and .dst (address, port), .protocol, .at, .capture, .message."""

    def __init__(self, data):
        assert data[:4] == b"HEP3" and struct.unpack(">H", data[4:6])[0] == len(data)
        chunks, at = {}, 6
        while at < len(data):
            vendor, kind, size = struct.unpack(">HHH", data[at:at + 6])
            assert vendor == 0 and kind not in chunks and size >= 6 and at + size <= len(data)
            chunks[kind] = data[at + 6:at + size]
            at += size
        family = FAMILIES[chunks[1][0]]
        three, four = (3, 4) if family == socket.AF_INET else (5, 6)
        self.protocol = chunks[2][0]
        self.src = (socket.inet_ntop(family, chunks[three]), struct.unpack(">H", chunks[7])[0])
        self.dst = (socket.inet_ntop(family, chunks[four]), struct.unpack(">H", chunks[8])[0])
        self.at = struct.unpack(">I", chunks[9])[0] + struct.unpack(">I", chunks[10])[0] / 1e6
        assert chunks[11] == b"\x01"  # SIP
        self.capture = struct.unpack(">I", chunks[12])[0]
        self.raw = chunks[15]
        self.message = Message(self.raw.decode("utf-8", "replace"))


class Receiver:
    def __init__(self, host):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((host, 0))
        self.address = self.sock.getsockname()
        self.packets = []

    def read(self):
        while select.select([self.sock], [], [], 0)[0]:
            self.packets.append(Packet(self.sock.recv(65535)))
        return self.packets

    def of(self, *call_ids):
        return [p for p in self.read() if p.message.get("Call-ID") in call_ids]

    def wait(self, number, *call_ids, seconds=15):
        """The packets of a call, when there are so many."""
        deadline = time.monotonic() + seconds
        while len(self.of(*call_ids)) < number and time.monotonic() < deadline:
            select.select([self.sock], [], [], 0.2)
        return self.of(*call_ids)

    def close(self):
        self.sock.close()
