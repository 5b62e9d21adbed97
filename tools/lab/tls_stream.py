# SPDX-License-Identifier: GPL-2.0-or-later
"""A TLS or TCP connection that one thread reads while others write.

OpenSSL wants one thread at a time inside a connection, and Python's ssl does not
see to it: a message sent right after the handshake is lost now and then. So there
is a lock, which nobody holds while waiting.
"""
import select
import socket
import ssl
import threading


class TlsStream:
    """Takes over a connected socket, an ssl.SSLSocket or a plain one."""

    def __init__(self, sock):
        self.sock = sock
        self._lock = threading.Lock()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def chunks(self):
        """What comes in, until the far end closes; OSError or ValueError if it breaks."""
        while True:
            select.select([self.sock], [], [])
            while True:
                try:
                    with self._lock:
                        chunk = self.sock.recv(65536)
                except (ssl.SSLWantReadError, BlockingIOError):
                    break
                if not chunk:
                    return
                yield chunk

    def send(self, data):
        """All of data; it is small against the socket's buffer."""
        with self._lock:
            self.sock.sendall(data)

    def close(self):
        """Not in the midst of a recv(): OpenSSL would read on by a number that is another socket's by then."""
        with self._lock:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.sock.close()
