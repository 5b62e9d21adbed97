# SPDX-License-Identifier: GPL-2.0-or-later
"""Meta's side with every byte in the test's hands: SIP by TLS, nothing by itself.

For what metasim, which always behaves as Meta does, will not do: wrong digests,
odd digest URIs, other Vias. Media is none of its business: its SDP names a port
that nobody listens on.
"""
import os
import socket
import ssl
import threading
import time

from . import digest, sip
from .addresses import META_HOSTNAME, SBC_HOSTNAME
from .events import Events
from .tls_stream import TlsStream

SDP = "\r\n".join([
    "v=0", "o=- 1700000000000 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE audio",
    "m=audio 3480 RTP/SAVP 111 126", "c=IN IP4 {host}", "a=rtcp:9 IN IP4 0.0.0.0",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj", "a=mid:audio",
    "a=sendrecv", "a=rtcp-mux", "a=rtpmap:111 opus/48000/2",
    "a=fmtp:111 maxaveragebitrate=20000;maxplaybackrate=16000;minptime=20;sprop-maxcapturerate=16000;useinbandfec=1",
    "a=rtpmap:126 telephone-event/8000", "a=maxptime:20", "a=ptime:20", ""])
ROUTES = ["<sip:wa.meta.vc;transport=tls;lr>", "<sip:onevc-sip-proxy.fbinfra.net:8191;transport=tls;lr>"]


class WireMeta:
    """One TLS connection to the SBC, from Meta's address."""

    def __init__(self, lab):
        self.lab = lab
        context = ssl.create_default_context(cafile=lab.certs.ca)
        plain = socket.create_connection(lab.addresses.sip, 20, source_address=(lab.addresses.meta, 0))
        self.stream = TlsStream(context.wrap_socket(plain, server_hostname=SBC_HOSTNAME))
        self.trace = Events("wire Meta")  # (time, sent by us, Message)
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _receive(self):
        data = b""
        try:
            for chunk in self.stream.chunks():
                messages, data = sip.from_stream(data + chunk)
                for message in messages:
                    self.trace.add((time.monotonic(), False, message))
        except (OSError, ValueError) as err:
            self.trace.end(f"connection lost: {err}")
            return
        self.trace.end("connection closed by the SBC")

    def send(self, text):
        message = sip.Message(text)
        self.trace.add((time.monotonic(), True, message))
        self.stream.send(text.encode())
        return message

    def wait(self, match, what, seconds=10, mark=0):
        return self.trace.wait(lambda t: not t[1] and match(t[2]), seconds, what, mark)[2]

    def dialog(self, number, user, **how):
        return Dialog(self, number, user, **how)

    def stop(self):
        self.stream.close()
        self._thread.join(1)


class Dialog:
    """A call that Meta makes. uri: the R-URI if it is not Meta's usual one;
    vias and headers: whole lines below the top Via, and at the end; sdp: of a real far end."""

    def __init__(self, meta, number, user, call_id=None, uri=None, vias=(), headers=(), params="", sdp=SDP):
        self.meta = meta
        self.number, self.user = number, user
        self.uri = uri or f"sip:+{number}{params}@{SBC_HOSTNAME};transport=tls"
        self.call_id = call_id or f"outgoing:wacid.{os.urandom(12).hex()}="
        self.tag = os.urandom(8).hex()
        self.vias, self.headers = list(vias), list(headers)
        self.sdp = sdp
        self.cseq = 0
        self.last = None

    def start(self, credentials=None):
        """Sends an INVITE, with Proxy-Authorization or not."""
        self.cseq += 1
        self.last = self._request("INVITE", [f"Proxy-Authorization: {credentials}"] if credentials else [], self.sdp)

    def final(self, seconds=15):
        """The final reply to the last INVITE; a refusal is acknowledged."""
        cseq = self.cseq
        reply = self.meta.wait(lambda m: m.is_reply and m.call_id == self.call_id and m.cseq == cseq
                               and m.cseq_method == "INVITE" and m.status >= 200,
                               "a final reply to INVITE", seconds)
        if reply.status >= 300:
            self._ack(reply)
        return reply

    def invite(self, credentials=None):
        self.start(credentials)
        return self.final()

    def credentials(self, challenge, password, username=None, uri=None, nc="00000001", cnonce="0a4f113b",
                    method="INVITE"):
        """An answer to a challenge as Meta gives it: MD5, the digest URI without ;transport=tls."""
        return digest.answer(challenge.get("Proxy-Authenticate"), username or self.number, password, method,
                             uri or f"sip:+{self.number}@{SBC_HOSTNAME}", nc, cnonce)

    def _ack(self, reply):
        via = self.last.all("Via")[0]
        self.meta.send("\r\n".join([
            f"ACK {self.uri} SIP/2.0", f"Via: {via}", "Max-Forwards: 70",
            f"From: {self.last.get('From')}", f"To: {reply.get('To')}", f"Call-ID: {self.call_id}",
            f"CSeq: {reply.cseq} ACK", "Content-Length: 0", "", ""]))

    def cancel(self):
        via = self.last.all("Via")[0]
        self.meta.send("\r\n".join([
            f"CANCEL {self.uri} SIP/2.0", f"Via: {via}", "Max-Forwards: 70", f"From: {self.last.get('From')}",
            f"To: {self.last.get('To')}", f"Call-ID: {self.call_id}", f"CSeq: {self.cseq} CANCEL",
            "Content-Length: 0", "", ""]))

    def _request(self, method, headers, body):
        branch = f"z9hG4bKPj{os.urandom(12).hex()}"
        body = body.replace("{host}", self.meta.lab.addresses.meta)
        return self.meta.send("\r\n".join([
            f"{method} {self.uri} SIP/2.0",
            f"Via: SIP/2.0/TLS [2803:6080:f934:8894::1]:43619;rport;branch={branch};alias",
            *(f"Via: {v}" for v in self.vias), *(f"Record-Route: {r}" for r in ROUTES),
            "Max-Forwards: 69", f'From: "{self.user}" <sip:+{self.user}@{META_HOSTNAME}>;tag={self.tag}',
            f"To: <sip:+{self.number}@{SBC_HOSTNAME}>",
            f"Contact: <sip:+{self.user}@{META_HOSTNAME};transport=tls;ob>;isfocus", f"Call-ID: {self.call_id}",
            f"CSeq: {self.cseq} {method}", "Allow: INVITE, ACK, BYE, CANCEL, NOTIFY, OPTIONS",
            "User-Agent: Facebook SipGateway", "X-FB-External-Domain: wa.meta.vc", *self.headers, *headers,
            *(["Content-Type: application/sdp"] if body else []), f"Content-Length: {len(body)}", "", body]))
