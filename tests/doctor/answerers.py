# SPDX-License-Identifier: GPL-2.0-or-later
"""What a doctor's patient has around it: a DNS server, and a gateway that answers OPTIONS."""
import socket
import struct
import threading


class Dns:
    """Knows one name: .addresses, IPv4; may be changed at any time."""

    def __init__(self, host, name, addresses):
        self.name, self.addresses = name.lower(), list(addresses)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((host, 0))
        self.address = "%s:%d" % self.sock.getsockname()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while True:
            question, peer = self.sock.recvfrom(4096)
            if not question:
                return
            self.sock.sendto(self._reply(question), peer)

    def _reply(self, question):
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode().lower())
            at += 1 + question[at]
        kind, = struct.unpack("!H", question[at + 1:at + 3])
        known = ".".join(labels) == self.name and bool(self.addresses)
        found = self.addresses if known and kind == 1 else []
        # an answer of this question; NXDOMAIN where the name is not known
        head = question[:2] + struct.pack("!HHHHH", 0x8580 | (0 if known else 3), 1, len(found), 0, 0)
        return head + question[12:at + 5] + b"".join(
            struct.pack("!HHHIH", 0xC00C, 1, 1, 60, 4) + socket.inet_aton(a) for a in found)

    def stop(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(b"", self.sock.getsockname())
        self.thread.join(5)
        self.sock.close()


class Gateway:
    """A gateway by TCP: answers OPTIONS with 200, and is busy. Stopped, it refuses connections."""

    def __init__(self, address):
        self.address, self.open = address, []
        self.listener = socket.create_server(address)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.open.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        try:
            self._answer(sock)
        except OSError:
            pass  # stopped

    @staticmethod
    def _answer(sock):
        pending = b""
        while got := sock.recv(65536):
            pending += got
            while b"\r\n\r\n" in pending:
                head, pending = pending.split(b"\r\n\r\n", 1)
                keep = [line for line in head.split(b"\r\n")[1:]
                        if line.split(b":")[0].lower() in (b"via", b"from", b"to", b"call-id", b"cseq")]
                if head.startswith(b"ACK"):
                    continue
                status = b"200 OK" if head.startswith(b"OPTIONS") else b"486 Busy Here"
                sock.sendall(b"\r\n".join([b"SIP/2.0 " + status, *keep, b"Content-Length: 0", b"", b""]))

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)
        for sock in self.open:
            sock.close()
