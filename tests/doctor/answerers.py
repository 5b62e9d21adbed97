# SPDX-License-Identifier: GPL-2.0-or-later
"""What a doctor's patient has around it: a gateway that answers OPTIONS."""
import socket
import threading


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
            try:
                sock.shutdown(socket.SHUT_RDWR)  # who reads from it would keep it open
            except OSError:
                pass
            sock.close()
