# SPDX-License-Identifier: GPL-2.0-or-later
"""An SBC with every byte in the test's hands, to try metasim with."""
import hashlib
import os
import queue
import socket
import ssl
import threading

from lab import sip
from lab.addresses import META_HOSTNAME, SBC_HOSTNAME
from lab.errors import LabError
from lab.tls_stream import TlsStream

ROUTES = ["<sip:wa.meta.vc;transport=tls;lr>", "<sip:onevc-sip-proxy.fbinfra.net:8191;transport=tls;lr>"]
OWN_ROUTE = "<sip:sbc.wasbc.test:15061;transport=tls;lr;x=1>"
CONTACT = "sip:15550001111@sbc.wasbc.test:15061;transport=tls"
HASH = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
SDP = "\r\n".join([
    "v=0", "o=- 1 1 IN IP4 {host}", "s=-", "c=IN IP4 {host}", "t=0 0", "m=audio 30000 RTP/SAVP 111 126",
    "a=rtpmap:111 opus/48000/2", "a=rtpmap:126 telephone-event/8000",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj",
    "a=ptime:20", "a=maxptime:20", "a=sendrecv", ""])


def token(size=8):
    return os.urandom(size).hex()


def responses(given, password, method="INVITE"):
    """What `response` should be, from scratch."""
    def h(text):
        return HASH[given.get("algorithm", "MD5")](text.encode()).hexdigest()
    ha1 = h(f"{given['username']}:{given['realm']}:{password}")
    return h(f"{ha1}:{given['nonce']}:{given['nc']}:{given['cnonce']}:{given['qop']}:{h(method + ':' + given['uri'])}")


class Connection:
    """A TLS connection and what came by it."""

    def __init__(self, sock, inbox):
        self.stream, self.inbox = TlsStream(sock), inbox
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        data = b""
        try:
            for chunk in self.stream.chunks():
                data += chunk
                while b"\r\n\r\n" in data:
                    head, _, rest = data.partition(b"\r\n\r\n")
                    size = int(sip.Message(head.decode()).get("Content-Length"))
                    if len(rest) < size:
                        break
                    self.inbox.put((self, sip.Message((head + b"\r\n\r\n" + rest[:size]).decode())))
                    data = rest[size:]
        except (OSError, ValueError):
            pass  # closed

    def put(self, data):
        self.stream.send(data)

    def send(self, lines, body=""):
        text = "\r\n".join([*lines, *(["Content-Type: application/sdp"] if body else []),
                            f"Content-Length: {len(body)}", "", body])
        self.put(text.encode())
        return sip.Message(text)


class WireSbc:
    """Listens where metasim finds the SBC's name, and connects to metasim."""

    def __init__(self, bench, cert="sbc", ask=False):
        self.bench = bench
        self.inbox = queue.Queue()
        self.handshakes = queue.Queue()  # the client's certificate, or the error
        self.stash = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(bench.certs.dir / f"{cert}.crt", bench.certs.dir / f"{cert}.key")
        if ask:
            context.verify_mode = ssl.CERT_OPTIONAL
            context.load_verify_locations(bench.certs.ca)
        self.listener = socket.create_server(bench.addresses.sip)
        self.connections = []
        threading.Thread(target=self._accept, args=(context,), daemon=True).start()
        self.out = None

    def _accept(self, context):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            try:
                tls = context.wrap_socket(plain, server_side=True)
            except OSError as err:  # the far end has said no, or has just gone
                self.handshakes.put(err)
                continue
            self.connections.append(Connection(tls, self.inbox))
            self.handshakes.put(tls.getpeercert())

    def connect(self):
        """To Meta, as the SBC does."""
        if self.out is None:
            context = ssl.create_default_context(cafile=self.bench.certs.ca)
            plain = socket.create_connection(self.bench.addresses.metasim_sip, 20,
                                             source_address=(self.bench.addresses.meta_side, 0))
            self.out = Connection(context.wrap_socket(plain, server_hostname=META_HOSTNAME), self.inbox)
            self.connections.append(self.out)
        return self.out

    def expect(self, match, seconds=15):
        """(connection, message): the next one that fits; others are kept."""
        if isinstance(match, str):
            method = match
            match = lambda m: m.method == method  # noqa: E731
        for i, (conn, message) in enumerate(self.stash):
            if match(message):
                return self.stash.pop(i)
        while True:
            try:
                got = self.inbox.get(timeout=seconds)
            except queue.Empty:
                raise LabError(f"the wire SBC waited in vain; it has {self.stash}") from None
            if match(got[1]):
                return got
            self.stash.append(got)

    def incoming(self, **how):
        conn, invite = self.expect("INVITE", **how)
        return Incoming(self, conn, invite)

    def sdp(self):
        return SDP.replace("{host}", self.bench.addresses.meta_side)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept(), which would keep the port
        self.listener.close()
        for conn in self.connections:
            conn.stream.close()


class Incoming:
    """A call that Meta makes."""

    def __init__(self, sbc, conn, invite):
        self.sbc, self.conn, self.invite = sbc, conn, invite
        self.tag, self.cseq = token(), 100

    def reply(self, status, reason="Whatever", to=None, headers=(), body="", routes=None, contact=CONTACT):
        request = to or self.invite
        to_value = request.get("To")
        if status > 100 and sip.param(to_value, "tag") is None:
            to_value += f";tag={self.tag}"
        lines = [f"SIP/2.0 {status} {reason}", *(f"Via: {v}" for v in request.all("Via")),
                 f"From: {request.get('From')}", f"To: {to_value}", f"Call-ID: {request.call_id}",
                 f"CSeq: {request.get('CSeq')}"]
        if request.method == "INVITE" and 180 <= status < 300:
            lines += [f"Record-Route: {r}" for r in (routes if routes is not None else [OWN_ROUTE, *ROUTES])]
            lines.append(f"Contact: <{contact}>")
        return self.conn.send([*lines, *headers], body)

    def answer(self, **how):
        return self.reply(200, "OK", body=self.sbc.sdp(), **how)

    def again(self):
        """Takes the repeated INVITE of the same call."""
        call_id = self.invite.call_id
        self.conn, self.invite = self.sbc.expect(lambda m: m.method == "INVITE" and m.call_id == call_id)
        return self

    def request(self, method, uri=None, routes=None, cseq=None, headers=(), body=""):
        """In the dialog, by a connection of ours to Meta; returns the reply."""
        self.cseq = cseq or self.cseq + 1
        cseq = self.cseq
        conn = self.sbc.connect()
        conn.send([f"{method} {uri or sip.uri_of(self.invite.get('Contact'))} SIP/2.0",
                   f"Via: SIP/2.0/TLS sbc.wasbc.test:15061;branch=z9hG4bK{token()}",
                   *(f"Route: {r}" for r in (ROUTES if routes is None else routes)), "Max-Forwards: 70",
                   f"From: {self.invite.get('To')};tag={self.tag}", f"To: {self.invite.get('From')}",
                   f"Call-ID: {self.invite.call_id}", f"CSeq: {cseq} {method}", *headers], body)
        return self.sbc.expect(lambda m: m.is_reply and m.cseq == cseq and m.cseq_method == method)[1]


class Outgoing:
    """A call that the SBC makes."""

    def __init__(self, sbc, user="16315551111", host=META_HOSTNAME, sender="+15550001111",
                 sender_host=SBC_HOSTNAME, uri=None, to=None, contact=CONTACT, headers=(), body=None):
        self.sbc, self.conn = sbc, sbc.connect()
        user = f"+{user}" if user.isdigit() else user
        self.uri = uri or f"sip:{user}@{host};transport=tls"
        self.to = to or f"<{self.uri.replace(';transport=tls', '')}>"
        self.sender = f"<sip:{sender}@{sender_host}>;tag={token()}"
        self.contact, self.headers = contact, list(headers)
        self.call_id, self.cseq = token(), 10
        self.body = sbc.sdp() if body is None else body
        self.last = None

    def send(self, credentials=None, cseq=None):
        self.cseq = cseq or self.cseq + 1
        self.last = self.conn.send(
            [f"INVITE {self.uri} SIP/2.0", f"Via: SIP/2.0/TLS sbc.wasbc.test:15061;branch=z9hG4bK{token()}",
             f"Record-Route: {OWN_ROUTE}", "Max-Forwards: 70", f"From: {self.sender}", f"To: {self.to}",
             f"Call-ID: {self.call_id}", f"CSeq: {self.cseq} INVITE", f"Contact: <{self.contact}>",
             *(f"Proxy-Authorization: {c}" for c in ([credentials] if credentials else [])), *self.headers],
            self.body)

    def reply(self, least=200, status=None, ack=True):
        """The next reply of at least that status; a refusal gets its ACK."""
        cseq = self.cseq
        _, got = self.sbc.expect(lambda m: m.is_reply and m.call_id == self.call_id and m.cseq == cseq
                                 and m.cseq_method == "INVITE"
                                 and (m.status == status if status else m.status >= least))
        if got.status >= 300 and ack:
            self.conn.send([f"ACK {self.uri} SIP/2.0", f"Via: {self.last.get('Via')}", "Max-Forwards: 70",
                            f"From: {self.sender}", f"To: {got.get('To')}", f"Call-ID: {self.call_id}",
                            f"CSeq: {cseq} ACK"])
        return got

    def invite(self, credentials=None, **how):
        self.send(credentials, **how)
        return self.reply()

    def credentials(self, reply, password, algorithm="MD5", **changed):
        """An answer to that one of the challenges; members may be changed before or,
        with a name ending in "_", after the response is computed."""
        asked = next(c for c in map(sip.digest, reply.all("Proxy-Authenticate") + reply.all("WWW-Authenticate"))
                     if c.get("algorithm", "MD5") == algorithm)
        given = {"username": "15550001111", "realm": asked["realm"], "nonce": asked["nonce"], "uri": self.uri,
                 "algorithm": algorithm, "cnonce": "abc", "opaque": asked["opaque"], "qop": "auth",
                 "nc": "00000001", **{k: v for k, v in changed.items() if not k.endswith("_")}}
        given["response"] = responses(given, password)
        given.update({k[:-1]: v for k, v in changed.items() if k.endswith("_")})
        plain = ("algorithm", "qop", "nc")
        return "Digest " + ", ".join(f"{k}={v}" if k in plain else f'{k}="{v}"' for k, v in given.items())

    def connected(self, password, algorithm="MD5"):
        """Challenge answered, 200 acknowledged; returns the 200."""
        reply = self.invite()
        if reply.status in (401, 407):
            reply = self.invite(self.credentials(reply, password, algorithm))
        assert reply.status == 200, reply.start
        self.ack(reply)
        return reply

    def in_dialog(self, method, ok, routes=None, uri=None, cseq=None):
        self.conn.send([f"{method} {uri or sip.uri_of(ok.get('Contact'))} SIP/2.0",
                        f"Via: SIP/2.0/TLS sbc.wasbc.test:15061;branch=z9hG4bK{token()}",
                        *(f"Route: {r}" for r in (ROUTES if routes is None else routes)), "Max-Forwards: 70",
                        f"From: {self.sender}", f"To: {ok.get('To')}", f"Call-ID: {self.call_id}",
                        f"CSeq: {cseq or self.cseq} {method}"])

    def ack(self, ok, **how):
        self.in_dialog("ACK", ok, **how)

    def cancel(self):
        self.conn.send([f"CANCEL {self.uri} SIP/2.0", f"Via: {self.last.get('Via')}", "Max-Forwards: 70",
                        f"From: {self.sender}", f"To: {self.to}", f"Call-ID: {self.call_id}",
                        f"CSeq: {self.cseq} CANCEL"])
