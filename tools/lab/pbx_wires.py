# SPDX-License-Identifier: GPL-2.0-or-later
"""How the messages of a WirePbx travel: by UDP, or by connections, TCP or TLS.

A connection is made for what the PBX sends by itself; a reply goes back on the one that
its request came by, and nowhere if that is gone.
"""
import socket
import ssl
import threading
import time

from . import sip
from .addresses import SBC_HOSTNAME
from .errors import LabError
from .tls_stream import TlsStream


class Udp:
    def __init__(self, pbx):
        self.pbx = pbx
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(pbx.address)
        self._stopped = False
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _receive(self):
        while not self._stopped:
            try:
                raw, _ = self.sock.recvfrom(65536)
                if raw.strip():  # not a keep-alive of CR LF
                    self.pbx.take(sip.Message(raw.decode("utf-8", "replace")), time.monotonic())
            except OSError:
                return  # closed

    def send(self, message):
        self.sock.sendto(message.text.encode(), self.pbx.sbc)

    def stop(self):
        self._stopped = True
        close(self.sock, self._thread)


class Streams:
    """accepted: how many connections the SBC has made."""

    def __init__(self, pbx):
        self.pbx, self.tls = pbx, pbx.transport == "tls"
        self.server = socket.create_server(pbx.address)
        self.accepted = 0
        self._came = {}      # (branch, CSeq, method) of a request -> the connection it came by
        self._open = []
        self._own = None     # the one that we have made
        self._stopped = False
        self._lock = threading.Lock()
        if self.tls:
            certs = pbx.lab.certs
            if not (certs.dir / "pbx.crt").exists():
                certs.leaf("pbx", f"IP:{pbx.address[0]}")
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certs.dir / "pbx.crt", certs.dir / "pbx.key")
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def _accept(self):
        while True:
            try:
                plain, _ = self.server.accept()
            except OSError:
                return  # closed
            self.accepted += 1
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain):
        try:
            sock = self.context.wrap_socket(plain, server_side=True) if self.tls else plain
        except OSError:  # no TLS, or none that pleases the far end
            plain.close()
            return
        self._read(self._take_over(sock))

    def _take_over(self, sock):
        stream = TlsStream(sock)
        with self._lock:
            self._open.append(stream)
            late = self._stopped
        if late:  # accepted while we were stopping: the SBC would go on with it
            stream.close()
        return stream

    def _read(self, stream):
        data = b""
        try:
            for chunk in stream.chunks():
                messages, data = sip.from_stream(data + chunk)
                for message in messages:
                    if not message.is_reply:
                        self._came[(message.branch, message.cseq, message.method)] = stream
                    self.pbx.take(message, time.monotonic())
        except (OSError, ValueError):
            pass  # closed, by either side
        with self._lock:
            if stream is self._own:
                self._own = None

    def _connect(self):
        plain = socket.create_connection(self.pbx.sbc, 5, source_address=(self.pbx.address[0], 0))
        if self.tls:
            context = ssl.create_default_context(cafile=self.pbx.lab.certs.ca)
            plain = context.wrap_socket(plain, server_hostname=SBC_HOSTNAME)
        self._own = self._take_over(plain)
        threading.Thread(target=self._read, args=(self._own,), daemon=True).start()
        return self._own

    def send(self, message):
        if message.is_reply:
            way = self._came.get((message.branch, message.cseq, message.cseq_method))
            if way is None:
                raise LabError(f"no connection for {message}")
        else:
            way = self._own or self._connect()
        way.send(message.text.encode())

    def lose(self):
        """Every connection ends, as in a crash; new ones are accepted."""
        with self._lock:
            gone, self._open, self._own = self._open, [], None
        for stream in gone:
            stream.close()

    def stop(self):
        close(self.server, self._acceptor)
        with self._lock:
            self._stopped = True
        self.lose()


def close(sock, reader):
    """Ends the thread that waits at a socket, then the socket: the other way round the thread could go on with
    another one that got its number."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    reader.join(10)
    sock.close()
