# SPDX-License-Identifier: GPL-2.0-or-later
"""As much SIP of Meta as answering a call takes: by TLS, with the lab's certificate of wa.meta.vc."""
import socket
import ssl
import threading
import time

from lab import sip
from lab.events import Events
from lab.meta_wire import ROUTES


class MetaServer:
    """answer(sdp) -> sdp makes the media of a call."""

    def __init__(self, lab, answer, port=15099):
        self.answer = answer
        self.events = Events("Meta's server")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(lab.certs.dir / "meta.crt", lab.certs.dir / "meta.key")
        self.address = (lab.addresses.meta, port)
        self.listener = socket.create_server(self.address)
        self.context = context
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            plain, _ = self.listener.accept()
            threading.Thread(target=self._connection, args=(plain,), daemon=True).start()

    def _connection(self, plain):
        stream = self.context.wrap_socket(plain, server_side=True)
        data = b""
        while chunk := stream.recv(65536):
            data += chunk
            while b"\r\n\r\n" in data:
                head, _, rest = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
                size = int(sip.Message(head.decode()).get("Content-Length", "0"))
                if len(rest) < size:
                    break
                data = rest[size:]
                self._take(stream, sip.Message((head + b"\r\n\r\n" + rest[:size]).decode()))

    def _take(self, stream, message):
        self.events.add((time.monotonic(), message))
        if message.method == "INVITE":
            self._reply(stream, message, "200 OK", self.answer(message.body))
        elif message.method in ("BYE", "OPTIONS"):
            self._reply(stream, message, "200 OK", "")

    def _reply(self, stream, request, status, body):
        to = request.get("To")
        lines = [f"SIP/2.0 {status}", *(f"Via: {v}" for v in request.all("Via")),
                 *(f"Record-Route: {r}" for r in [*ROUTES, *request.all("Record-Route")]),
                 f"From: {request.get('From')}", f"To: {to}{'' if 'tag=' in to else ';tag=aiortc'}",
                 f"Call-ID: {request.call_id}", f"CSeq: {request.get('CSeq')}",
                 f"Contact: <{request.uri};ob>", *(["Content-Type: application/sdp"] if body else []),
                 f"Content-Length: {len(body)}", "", body]
        stream.sendall("\r\n".join(lines).encode())

    def wait(self, method, seconds=15):
        return self.events.wait(lambda e: e[1].method == method, seconds, method)[1]
