# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's Redis: in memory only, on an address of its own."""
import socket

from .addresses import hostport
from .process import Daemon, wait_until


class Redis:
    def __init__(self, lab):
        self.address = lab.addresses.redis
        host, port = self.address
        self.daemon = Daemon(lab, "redis", [
            "redis-server", "--bind", host, "--port", port, "--save", "", "--appendonly", "no",
            "--dir", lab.dir, "--protected-mode", "no"])
        self.url = f"redis://{hostport(self.address)}/0"

    def wait_ready(self):
        wait_until(lambda: self.command("PING") == "PONG", 10, "Redis answers PING", self.daemon)

    def command(self, *words):
        """One command; returns the reply, None when Redis is not reached."""
        try:
            with socket.create_connection(self.address, 2) as sock:
                frame = b"*%d\r\n" % len(words)
                for word in words:
                    raw = word.encode()
                    frame += b"$%d\r\n%s\r\n" % (len(raw), raw)
                sock.sendall(frame)
                with sock.makefile("rb") as stream:
                    return _reply(stream)
        except OSError:
            return None

    def stop(self):
        self.daemon.stop()


def _reply(stream):
    line = stream.readline().rstrip(b"\r\n")
    kind, rest = line[:1], line[1:]
    if kind == b"+":
        return rest.decode()
    if kind == b":":
        return int(rest)
    if kind == b"$":
        size = int(rest)
        return None if size < 0 else stream.read(size + 2)[:-2].decode("utf-8", "replace")
    if kind == b"*":
        return [_reply(stream) for _ in range(int(rest))]
    raise OSError(line.decode("utf-8", "replace") or "connection closed")
