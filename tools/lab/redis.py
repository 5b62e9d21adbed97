# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's Redis: in memory only, on an address of its own; or a Sentinel."""
import socket

from .addresses import hostport
from .process import Daemon, wait_until


class Redis:
    """settings: further lines of redis.conf; password: what a client has to send;
    sentinel: this one watches others."""

    def __init__(self, lab, name="redis", address=None, settings=(), password=None, sentinel=False):
        self.lab, self.name, self.password, self.sentinel = lab, name, password, sentinel
        self.address = address or lab.addresses.redis
        host, port = self.address
        self.conf = lab.dir / f"{name}.conf"
        lines = [f"bind {host}", f"port {port}", f"dir {lab.dir}", "protected-mode no"]
        if not sentinel:
            lines += ['save ""', "appendonly no", "repl-diskless-sync-delay 0", f"replica-announce-ip {host}"]
        if password:
            lines += [f"requirepass {password}"]
        self.conf.touch(0o600)
        self.conf.write_text("".join(f"{line}\n" for line in [*lines, *settings]))
        self.url = f"redis://{hostport(self.address)}/0"
        self.start()

    def start(self):
        """Also again after stop(): with nothing in it."""
        self.daemon = Daemon(self.lab, self.name, ["redis-server", self.conf,
                                                   *(["--sentinel"] if self.sentinel else [])])

    def wait_ready(self):
        wait_until(lambda: self.command("PING") == "PONG", 30, "Redis answers PING", self.daemon)

    def command(self, *words):
        """One command; returns the reply, None when Redis is not reached or says an error."""
        try:
            with socket.create_connection(self.address, 10) as sock, sock.makefile("rb") as stream:
                if self.password:
                    sock.sendall(_frame("AUTH", self.password))
                    _reply(stream)
                sock.sendall(_frame(*words))
                return _reply(stream)
        except OSError:
            return None

    def stop(self):
        self.daemon.stop()


def _frame(*words):
    frame = b"*%d\r\n" % len(words)
    for word in words:
        raw = str(word).encode()
        frame += b"$%d\r\n%s\r\n" % (len(raw), raw)
    return frame


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
