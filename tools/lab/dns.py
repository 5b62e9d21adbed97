# SPDX-License-Identifier: GPL-2.0-or-later
"""A DNS server that knows what a test tells it, by UDP.

    dns = Dns(); dns.a("pbx.test", "127.77.1.4"); dns.srv("_sip._tcp.pbx.test", 10, 1, 5060, "a.pbx.test")
"""
import socket
import struct
import threading

TYPES = {"A": 1, "CNAME": 5, "AAAA": 28, "SRV": 33, "NAPTR": 35}


def encoded(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.strip(".").split(".")) + b"\0"


def text(value):
    return bytes([len(value)]) + value.encode()


class Dns:
    """records may change at any time; asked: (name, type) of every question so far."""

    def __init__(self, host="127.0.0.1"):
        self.records = {}  # name -> [(type, data)]
        self.asked = []
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((host, 0))
        self.address = "%s:%d" % self.sock.getsockname()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _add(self, name, kind, data):
        self.records.setdefault(name.lower(), []).append((TYPES[kind], data))

    def a(self, name, *addresses):
        for address in addresses:
            v6 = ":" in address
            self._add(name, "AAAA" if v6 else "A", socket.inet_pton(socket.AF_INET6 if v6 else socket.AF_INET, address))

    def cname(self, name, target):
        self._add(name, "CNAME", encoded(target))

    def srv(self, name, priority, weight, port, target):
        self._add(name, "SRV", struct.pack("!HHH", priority, weight, port) + encoded(target))

    def naptr(self, name, order, preference, service, target, flags="s"):
        self._add(name, "NAPTR", struct.pack("!HH", order, preference) + text(flags) + text(service) + text("")
                  + encoded(target))

    def _run(self):
        while True:
            try:
                question, peer = self.sock.recvfrom(4096)
            except OSError:
                return
            if not question:
                return
            self.sock.sendto(self._reply(question), peer)

    def _reply(self, question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode().lower())
            at += 1 + question[at]
        kind, = struct.unpack("!H", question[at + 1:at + 3])
        name = ".".join(labels)
        self.asked.append((name, kind))
        known = name in self.records
        found = self._found(name, kind)
        # an answer to this question; NXDOMAIN where the name is not known
        head = question[:2] + struct.pack("!HHHHH", 0x8580 | (0 if known else 3), 1, len(found), 0, 0)
        return head + question[12:at + 5] + b"".join(
            encoded(owner) + struct.pack("!HHIH", one, 1, 60, len(data)) + data for owner, one, data in found)

    def _found(self, name, kind):
        """What is asked for, behind an alias too."""
        found = []
        for one, data in self.records.get(name, []):
            if one == kind:
                found.append((name, one, data))
            elif one == TYPES["CNAME"]:
                found += [(name, one, data), *self._found(decoded(data), kind)]
        return found

    def stop(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(b"", self.sock.getsockname())
        self._thread.join(5)
        self.sock.close()


def decoded(data):
    labels, at = [], 0
    while data[at]:
        labels.append(data[at + 1:at + 1 + data[at]].decode())
        at += 1 + data[at]
    return ".".join(labels)
