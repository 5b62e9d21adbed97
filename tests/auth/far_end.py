# SPDX-License-Identifier: GPL-2.0-or-later
"""Meta's server for calls of the business, with every challenge in the test's hands.

What metasim, which challenges as Meta is known to, will not say. Each call goes
through a list of refusals; an INVITE after the last one, or with credentials a
step asks for, is judged by the test. No media flows.
"""
import re
import socket
import ssl
import threading

from lab import sip
from lab.addresses import META_HOSTNAME, hostport
from lab.events import Events
from lab.meta_wire import SDP
from lab.tls_stream import TlsStream

PORT = 15161
def answer(host, offer):
    """SDES and the Opus that was offered; nobody listens there."""
    opus = sip.Sdp(offer).payload_type("opus")
    return SDP.replace("{host}", host).replace(" 111 126", f" {opus} 126").replace(":111 ", f":{opus} ")


class FarEnd:
    """Listens where the SBC takes Meta to be. steps: header lines of the refusal
    of the first INVITE of each call, of the second, ...; a text that begins with
    "401" is one, any other a 407; then comes 486, or 200."""

    def __init__(self, lab):
        self.steps = []
        self.answers = False  # with 200 OK after the refusals
        self.early = False    # the same SDP in a 183 before
        self.bye_steps = []   # header lines of the refusals of each BYE
        self.sdp = answer     # of the 200
        self.invites = Events("far end")
        self.requests = Events("far end's requests")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(lab.certs.dir / "meta.crt", lab.certs.dir / "meta.key")
        self.address = (lab.addresses.meta, PORT)
        self.context = context
        self.sock = socket.create_server(self.address)
        self.connections = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                plain, _ = self.sock.accept()
            except OSError:
                return
            try:
                stream = TlsStream(self.context.wrap_socket(plain, server_side=True))
            except OSError:  # a handshake that came to nothing
                continue
            self.connections.append(stream)
            threading.Thread(target=self._serve, args=(stream,), daemon=True).start()

    def _serve(self, stream):
        data = b""
        try:
            for chunk in stream.chunks():
                data += chunk
                while b"\r\n\r\n" in data:
                    head, _, rest = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
                    size = int(sip.Message(head.decode()).get("Content-Length", "0"))
                    if len(rest) < size:
                        break
                    data = rest[size:]
                    self._take(stream, sip.Message((head + b"\r\n\r\n" + rest[:size]).decode()),
                               rest[:size].decode())
        except (OSError, ValueError):
            pass

    def _take(self, stream, request, body):
        request.raw_body = body
        self.requests.add(request)
        if request.method == "BYE":
            self._bye(stream, request)
        if request.method != "INVITE":
            return
        number = len([m for m in self.invites.since(0) if m.call_id == request.call_id])
        self.invites.add(request)
        if number >= len(self.steps):
            status, headers = ("200 OK", self._ok(request)) if self.answers else ("486 Busy Here", "")
        elif self.steps[number].startswith("401"):
            status, headers = "401 Unauthorized", self.steps[number][4:]
        else:
            status, headers = "407 Proxy Authentication Required", self.steps[number]
        if status == "200 OK" and self.early:
            self._reply(stream, request, "183 Session Progress", headers, self.sdp(self.address[0], body), number)
        self._reply(stream, request, status, headers, self.sdp(self.address[0], body) if status == "200 OK" else "", number)

    def _bye(self, stream, request):
        number = len([m for m in self.requests.since(0) if m.method == "BYE" and m.call_id == request.call_id]) - 1
        if number < len(self.bye_steps):
            self._reply(stream, request, "407 Proxy Authentication Required", self.bye_steps[number])
        else:
            self._reply(stream, request, "200 OK")

    def _ok(self, request):
        return "\n".join([*(f"Record-Route: {r}" for r in request.all("Record-Route")),
                          f"Contact: <sip:+16315551111@{META_HOSTNAME};transport=tls;ob>",
                          "Content-Type: application/sdp"])

    @staticmethod
    def _reply(stream, request, status, headers="", body="", number=0):
        headers = re.sub(r"\n(?!$)", "\r\n", headers.strip("\n"))
        to = request.get("To")
        to += "" if sip.param(to, "tag") else f";tag=far{number}"
        stream.send("\r\n".join([
            f"SIP/2.0 {status}", *(f"Via: {v}" for v in request.all("Via")), f"From: {request.get('From')}",
            f"To: {to}", f"Call-ID: {request.call_id}", f"CSeq: {request.get('CSeq')}",
            *([headers] if headers else []), f"Content-Length: {len(body)}", "", body]).encode())

    def of(self, call_id):
        return [m for m in self.invites.since(0) if m.call_id == call_id]

    def stop(self):
        self.sock.shutdown(socket.SHUT_RDWR)  # wakes accept(), which would keep the port
        self.sock.close()
        for stream in self.connections:
            stream.close()


def send_calls_to(lab, far):
    """Restarts the lab's Kamailio with the far end in Meta's place."""
    lab.kamailio.site["META_NEXT_HOP"] = f"sip:{hostport(far.address)};transport=tls"
    lab.kamailio.write_site()
    lab.kamailio.stop()
    lab.kamailio.start()
    lab.kamailio.wait_loaded()
