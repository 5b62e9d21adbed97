# SPDX-License-Identifier: GPL-2.0-or-later
"""A PBX whose every message is in the test's hands: SIP by UDP, TCP or TLS, nothing by itself.

    pbx = WirePbx(lab)
    leg = pbx.incoming()             # waits for an INVITE of the SBC
    leg.reply(180); leg.answer()     # leg.invite is what the SBC sent
    bye = leg.expect("BYE"); leg.reply(200, to=bye)

The only things done unasked: a repeated request gets the last reply again, and a
final refusal of our own INVITE gets its ACK.
"""
import os
import time

from . import digest, sip
from .addresses import hostport
from .errors import LabError
from .events import Events
from .pbx_wires import Streams, Udp
from .rtp import Stream

REASONS = {100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 401: "Unauthorized",
           407: "Proxy Authentication Required", 480: "Temporarily Unavailable",
           486: "Busy Here", 487: "Request Terminated", 500: "Server Internal Error",
           503: "Service Unavailable", 603: "Decline"}
CODEC_LINES = {"PCMU": (0, "PCMU/8000"), "PCMA": (8, "PCMA/8000"), "G722": (9, "G722/8000"),
               "OPUS": (107, "opus/48000/2")}
EVENT_PT = 101


def token():
    return os.urandom(6).hex()


class WirePbx:
    """transport: "udp", "tcp" or "tls", both for what it listens on and for what it sends."""

    def __init__(self, lab, name="pbx", address=None, transport="udp"):
        self.lab, self.name, self.transport = lab, name, transport
        self.address = address or lab.addresses.pbx_sip
        self.sbc = lab.addresses.sip_pbx_tls if transport == "tls" else lab.addresses.sip_pbx
        self.trace = Events(name)     # (time, sent by us, Message)
        self.legs = []
        self._replies = {}            # (branch, CSeq, method) -> last reply sent
        self._acks = {}               # Call-ID and CSeq of our INVITE -> ACK already sent
        self.wires = Udp(self) if transport == "udp" else Streams(self)

    @property
    def uri(self):
        """Where it is, as a gateway's URI."""
        return f"sip:{hostport(self.address)};transport={self.transport}"

    @property
    def contact(self):
        return f"sip:pbx@{hostport(self.address)}" + (
            "" if self.transport == "udp" else f";transport={self.transport}")

    def take(self, message, at):
        """What a wire has brought."""
        if message.is_reply:
            known = self._acks.get((message.call_id, message.cseq)) if message.cseq_method == "INVITE" else None
        else:
            known = self._replies.get((message.branch, message.cseq, message.method))
        if known:
            self._put(known)
        elif message.is_reply or not self._repeated(message):
            self.trace.add((at, False, message))

    def _repeated(self, message):
        """A request that came before and is not answered yet."""
        return message.method != "ACK" and self.trace.find(
            lambda t: not t[1] and t[2].method == message.method and t[2].branch == message.branch
            and t[2].cseq == message.cseq) is not None

    def _put(self, text):
        self.wires.send(sip.Message(text))

    def send(self, text):
        """Sends a message as it stands."""
        message = sip.Message(text)
        if message.is_reply and message.status >= 100:
            self._replies[(message.branch, message.cseq, message.cseq_method)] = text
        self.trace.add((time.monotonic(), True, message))
        self._put(text)
        return message

    def wait(self, match, what, seconds=10, mark=0):
        """First received message with match(message)."""
        return self.trace.wait(lambda t: not t[1] and match(t[2]), seconds, what, mark)[2]

    def received(self, match=lambda m: True, mark=0):
        return [m for _, sent, m in self.trace.since(mark) if not sent and match(m)]

    def incoming(self, seconds=10, codecs=("PCMU", "PCMA"), event_pt=None):
        """The next call that the SBC brings; of what it offers, we have these codecs. event_pt: the
        payload type of events in our answer, if not that of the offer."""
        known = {leg.call_id for leg in self.legs}
        invite = self.wait(lambda m: m.method == "INVITE" and m.call_id not in known, "an INVITE", seconds)
        leg = Leg(self, codecs, event_pt)
        leg.take(invite)
        return leg

    def call(self, user, number=None, **kw):
        """Rings a WhatsApp user: sends the INVITE, returns the Leg."""
        leg = Leg(self, kw.pop("codecs", ("PCMU", "PCMA")), kw.pop("event_pt", EVENT_PT))
        leg.invite_out(user, number or self.lab.number, **kw)
        return leg

    def stop(self):
        for leg in self.legs:
            leg.media.close()
        self.wires.stop()


class Leg:
    """One call of the PBX, either way."""

    def __init__(self, pbx, codecs, event_pt=None):
        self.pbx = pbx
        self.codecs = list(codecs)
        self.event_pt = event_pt
        self.media = Stream(pbx.address[0])
        self.tag = token()
        self.cseq = 1
        self.sdp_version = 0
        self.invite = self.answered = None
        self.remote_sdp = None
        self.own_routes = []          # Record-Route of proxies on the PBX's side
        self.answers_offer = False  # the SBC calls: our SDP answers its own
        pbx.legs.append(self)

    # the SBC calls us

    def challenge(self, header, status=407):
        """Asks for credentials: header is the challenge, or several. Returns the SBC's next INVITE, which
        this leg goes on with."""
        asked, name = self.invite, "Proxy-Authenticate" if status == 407 else "WWW-Authenticate"
        headers = [header] if isinstance(header, str) else header
        mark = self.pbx.trace.mark()
        self.reply(status, headers=[f"{name}: {value}" for value in headers])
        invite = self.pbx.wait(lambda m: m.method == "INVITE" and m.call_id == self.call_id, "INVITE again", 10, mark)
        self.pbx.wait(lambda m: m.method == "ACK" and m.call_id == self.call_id and m.cseq == asked.cseq,
                      "the ACK to the challenge")
        self.take(invite)
        return invite

    def take(self, invite):
        self.invite, self.call_id = invite, invite.call_id
        self.local, self.remote = invite.get("To") + f";tag={self.tag}", invite.get("From")
        self.target = sip.uri_of(invite.get("Contact"))
        self.routes = invite.values("Record-Route")  # proxies of our side are passed already
        self.remote_sdp = sip.Sdp(invite.body) if invite.body else None
        self.answers_offer = self.remote_sdp is not None

    def reply(self, status, to=None, sdp=None, headers=()):
        """Answers the INVITE, or the request `to`."""
        request = to or self.invite
        to_value = request.get("To")
        if status > 100 and sip.param(to_value, "tag") is None:
            to_value += f";tag={self.tag}"
        lines = [f"SIP/2.0 {status} {REASONS.get(status, 'Reply')}",
                 *(f"Via: {v}" for v in request.all("Via")),
                 f"From: {request.get('From')}", f"To: {to_value}", f"Call-ID: {request.call_id}",
                 f"CSeq: {request.get('CSeq')}"]
        if request.method == "INVITE" and 100 < status < 300:
            lines += [f"Record-Route: {r}" for r in (*self.own_routes, *request.all("Record-Route"))]
            lines.append(f"Contact: <{self.pbx.contact}>")
        return self.pbx.send(finish([*lines, *headers], sdp))

    def answer(self, hz=None, level=-20.0, **kw):
        """200 OK with SDP; hz: the tone sent from then on, None for not one packet."""
        sent = self.reply(200, sdp=self.sdp(), **kw)
        if hz is not None:
            self.play(hz, level)
        return sent

    def play(self, hz, level=-20.0, pulse_ms=0):
        """Sends a tone from now on, in the first of our codecs that the SBC has."""
        for name in self.codecs:
            number = self.remote_sdp.payload_type(CODEC_LINES[name][1])
            if number is not None:
                self._events()
                self.media.send((self.remote_sdp.address, self.remote_sdp.port), number, hz, level, name, pulse_ms)
                return
        raise LabError(f"nothing to play in: the SBC offers {self.remote_sdp.codecs}")

    def press(self, digits):
        """Presses keys, one after the other, while something is playing; media.wait_pressed()
        knows when they are out."""
        self._events()
        self.media.press(digits)

    def _events(self):
        number = self.remote_sdp.payload_type("telephone-event/8000")
        if number is not None:
            self.media.event_out = number

    # we call the SBC

    def invite_out(self, user, number, host=None, headers=(), cseq=1, own_routes=(), edit=None, call_id=None):
        """edit: what becomes of the SDP before it is sent; call_id: not one of its own."""
        self._edit = edit or (lambda sdp: sdp)
        pbx, self.own_routes = self.pbx, list(own_routes)
        self.call_id, self.cseq = call_id or f"{token()}@{pbx.address[0]}", cseq
        user = user if user[:1].isalpha() else f"+{user}"
        self.target = f"sip:{user}@{host or hostport(pbx.sbc)}"
        self.local = f"<sip:+{number}@{hostport(pbx.address)}>;tag={self.tag}"
        self.remote = f"<sip:{user}@{host or hostport(pbx.sbc)}>"
        self.routes = []
        self._first = headers
        self.send_invite()

    def send_invite(self, headers=()):
        """The INVITE, with the next CSeq if it is sent again; headers: more of them."""
        self.cseq += self.invite is not None
        self.invite = self.request("INVITE", sdp=self._edit(self.sdp()), cseq=self.cseq, headers=[
            *(f"Record-Route: {r}" for r in self.own_routes), *self._first, *headers])

    def authenticate(self, username, password, **how):
        """Answers the challenge of the refusal that wait_final() has returned."""
        value = digest.answer(self.answered.get("Proxy-Authenticate"), username, password, "INVITE", self.target,
                              **how)
        self.send_invite([f"Proxy-Authorization: {value}"])

    def wait_final(self, seconds=15):
        """The final reply to our INVITE; a 200 is acknowledged, a refusal too."""
        cseq = self.invite.cseq
        reply = self.pbx.wait(lambda m: self._answers(m, "INVITE") and m.cseq == cseq and m.status >= 200,
                              "a final reply to INVITE", seconds)
        self.answered = reply
        if reply.status < 300:
            self.remote = reply.get("To")
            self.target = sip.uri_of(reply.get("Contact"))
            self.routes = list(reversed(reply.values("Record-Route")))
            # what is on our side of the SBC is passed already
            while self.routes and self.routes[0] in self.own_routes:
                self.routes.pop(0)
            if reply.body:
                self.remote_sdp = sip.Sdp(reply.body)
            ack = self.request("ACK", cseq=self.invite.cseq)
        else:
            ack = self.request("ACK", cseq=self.invite.cseq, branch=self.invite.branch, to=reply.get("To"))
        self.pbx._acks[(self.call_id, self.invite.cseq)] = ack.text
        return reply

    def wait_status(self, status, seconds=10):
        return self.pbx.wait(lambda m: self._answers(m, "INVITE") and m.status == status,
                             f"a {status} to INVITE", seconds)

    def cancel(self):
        return self.request("CANCEL", cseq=self.invite.cseq, branch=self.invite.branch)

    # in the dialog

    def request(self, method, sdp=None, cseq=None, branch=None, headers=(), body=None, kind="application/sdp",
                contact=True, to=None):
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        lines = [f"{method} {self.target} SIP/2.0",
                 f"Via: SIP/2.0/{self.pbx.transport.upper()} {hostport(self.pbx.address)};rport;branch={branch or 'z9hG4bK' + token()}",
                 *(f"Route: {r}" for r in self.routes),
                 "Max-Forwards: 70", f"From: {self.local}", f"To: {to or self.remote}", f"Call-ID: {self.call_id}",
                 f"CSeq: {cseq} {method}",
                 *([f"Contact: <{self.pbx.contact}>"] if contact else []),
                 "User-Agent: lab-pbx/1"]
        return self.pbx.send(finish([*lines, *headers], body or sdp, kind))

    def send_again(self, request):
        self.pbx.send(request.text)

    def wait_reply(self, request, seconds=10):
        """The final reply to a request of ours within the dialog."""
        return self.pbx.wait(lambda m: self._answers(m, request.method) and m.cseq == request.cseq
                             and m.status >= 200, f"a final reply to {request.method}", seconds)

    def reinvite(self, sdp, ack_sdp=None, seconds=10):
        """Sends a re-INVITE; acknowledges its final reply (with ack_sdp) and returns it."""
        sent = self.request("INVITE", sdp=sdp)
        reply = self.wait_reply(sent, seconds)
        branch = None if reply.status < 300 else sent.branch
        ack = self.request("ACK", sdp=ack_sdp, cseq=sent.cseq, branch=branch)
        self.pbx._acks[(self.call_id, sent.cseq)] = ack.text
        return reply

    def bye(self, seconds=10):
        """Hangs up; returns the final reply."""
        sent = self.request("BYE")
        return self.pbx.wait(lambda m: self._answers(m, "BYE") and m.cseq == sent.cseq and m.status >= 200,
                             "a reply to BYE", seconds)

    def expect(self, method, seconds=10):
        """The next request `method` of this call."""
        return self.pbx.wait(lambda m: m.method == method and m.call_id == self.call_id, method, seconds)

    def _answers(self, message, method):
        return message.is_reply and message.call_id == self.call_id and message.cseq_method == method

    def sdp(self, media=None, host=None, direction="sendrecv", event=None):
        """Our SDP; media: another stream than the call's, host: in its c= line, event: payload type."""
        media = media or self.media
        self.sdp_version += 1
        lines, event = self._numbers(event)
        media.codecs = {number: name for name, number, _ in lines}
        media.event_pt = event
        numbers = " ".join(str(number) for _, number, _ in lines)
        return "\r\n".join([
            "v=0", f"o=- {self.media.port} {self.sdp_version} IN IP4 {self.media.host}", "s=-",
            f"c=IN IP4 {host or media.host}", "t=0 0", f"m=audio {media.port} RTP/AVP {numbers} {event}",
            *(f"a=rtpmap:{number} {line}" for _, number, line in lines),
            f"a=rtpmap:{event} telephone-event/8000", f"a=fmtp:{event} 0-15", "a=ptime:20", f"a={direction}", ""])

    def _numbers(self, event):
        """[(name, payload type, rtpmap)] and the payload type of events: ours in an offer, those
        of the offer in an answer (RFC 3264 6.1)."""
        offer = self.remote_sdp if self.answers_offer else None
        lines = []
        for name in self.codecs:
            number, line = CODEC_LINES[name]
            offered = offer.payload_type(line) if offer else number
            if offered is not None:
                lines.append((name, offered, line))
        event = event or self.event_pt or (offer and offer.payload_type("telephone-event/8000")) or EVENT_PT
        return lines or [(n, *CODEC_LINES[n]) for n in self.codecs], event


def finish(lines, body, kind="application/sdp"):
    body = body or ""
    if body:
        lines = [*lines, f"Content-Type: {kind}"]
    return "\r\n".join([*lines, f"Content-Length: {len(body.encode())}", "", body])
