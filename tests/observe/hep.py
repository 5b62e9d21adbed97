# SPDX-License-Identifier: GPL-2.0-or-later
"""Receivers of HEPv3: one written from its description, and sngrep."""
import select
import socket
import struct
import subprocess
import time

from lab.addresses import hostport
from lab.process import Daemon, program, wait_until
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
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)  # a whole call waits in it
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


FIELDS = ("ip.src", "ip.dst", "udp.srcport", "udp.dstport", "sip.Call-ID", "sip.Method", "sip.Status-Code",
          "sip.CSeq.method", "_ws.malformed")


def is_bound(address):
    """Does somebody hold this UDP port?"""
    host, port = address
    entry = f"{int.from_bytes(socket.inet_aton(host), 'little'):08X}:{port:04X}"
    with open("/proc/net/udp", encoding="ascii") as table:
        return any(line.split()[1] == entry for line in table)


class Sngrep:
    """sngrep without its screen: what it takes for SIP it writes to a file, as packets of UDP."""

    def __init__(self, lab):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind((lab.addresses.backend, 0))
            self.address = free.getsockname()
        self.path = lab.dir / "sngrep.pcap"
        self.daemon = Daemon(lab, "sngrep", ["sngrep", "-F", "-N", "-q", "-L", f"udp:{hostport(self.address)}",
                                             "-O", self.path])
        wait_until(lambda: is_bound(self.address), 20, "sngrep listens", self.daemon)

    def written(self):
        return self.path.read_bytes()

    def has(self, call_ids):
        """How many messages of these calls."""
        written = self.written()
        return sum(written.count(f"Call-ID: {call_id}\r".encode()) for call_id in call_ids)

    def rows(self):
        """What tshark sees in it: {field: text} of each packet."""
        fields = [word for field in FIELDS for word in ("-e", field)]
        done = subprocess.run([program("tshark"), "-r", self.path, "-d", "udp.port==1-65535,sip", "-T", "fields", *fields],
                              capture_output=True, text=True, timeout=60, check=True)
        return [dict(zip(FIELDS, line.split("\t"))) for line in done.stdout.splitlines()]

    def stop(self):
        self.daemon.stop()
