# SPDX-License-Identifier: GPL-2.0-or-later
"""A PBX that says in every header and in every line of SDP something that only it can know.

    telltale = Telltale(pbx)       # from now on every message of the PBX is so
    telltale.found_in(texts)       # what of it stands in them, and where

Each mark begins with MARK and tells where it stood. What makes a call a call stays: the numbers
dialled, tags (Meta has to send them back), CSeq, codecs, and the addresses that media and signalling need.
"""
import re

from lab import sip
from lab.addresses import hostport

MARK = "zq7telltale"  # longer than what a sealed text, which is random, can say by chance
ADDRESS = "192.0.2."  # further addresses of the PBX's network
ORIGIN = "7777777771"

HEADERS = {
    "User-Agent": "%/1.0 (pbx)", "Server": "%/1.0 (pbx)", "Organization": "%", "Subject": "%",
    "P-Asserted-Identity": '"%" <sip:%@pbx.internal>', "P-Preferred-Identity": "<sip:%@pbx.internal>",
    "Remote-Party-ID": '"%" <sip:%@pbx.internal>;party=calling',
    "Diversion": "<sip:%@pbx.internal>;reason=unconditional", "History-Info": "<sip:%@pbx.internal>;index=1",
    "Alert-Info": "<http://%.pbx.internal/ring.wav>", "Call-Info": "<http://%.pbx.internal/>;purpose=info",
    "Error-Info": "<sip:%@pbx.internal>", "Warning": '399 %.pbx.internal "%"',
    "Reason": 'SIP;cause=480;text="%"', "Retry-After": "5 (%)", "Supported": "replaces, %", "Allow-Events": "%",
    "Accept-Language": "%", "Accept-Contact": "*;+sip.%", "Content-Disposition": "session;handling=optional;x=%",
    "Content-Language": "%", "Content-ID": "<%@pbx.internal>", "MIME-Version": "1.0 (%)", "Session-ID": "%",
    "Referred-By": "<sip:%@pbx.internal>", "In-Reply-To": "%@pbx.internal",
    "P-Charging-Vector": "icid-value=%;icid-generated-at=pbx.internal", "P-Access-Network-Info": "%",
    "Geolocation": "<cid:%@pbx.internal>", "Authorization": 'Digest username="%", realm="pbx.internal"',
    "Proxy-Authorization": 'Digest username="%", realm="pbx.internal"', "Date": "%", "Timestamp": "54.%",
    "Path": "<sip:%.pbx.internal;lr>", "Service-Route": "<sip:%.pbx.internal;lr>", "Privacy": "id;%",
    "X-Asterisk-HangupCause": "%", "X-FB-External-Domain": "%", "x-wa-meta-user-name": "%",
    "x-wa_meta-parent-user-id": "%", "Priority": "%", "RSeq": "1 (%)", "Join": "%", "Identity": '"%"',
    "Feature-Caps": "*;+%", "P-Early-Media": "%", "r": "<sip:%@pbx.internal>", "s": "%", "o": "%"}
# of SDP: what stands after s=, before m=, and behind it
TOP = ["i=%", "u=http://%.pbx.internal/", "e=%@pbx.internal", "p=+1 %"]
SESSION = ["a=tool:%", "a=cat:%", "a=keywds:%", "a=charset:%", "a=sdplang:%", "a=group:BUNDLE %", "a=msid-semantic: WMS %",
           "a=x-of-the-pbx:%", "a=ice-options:%", "a=identity:%"]
MEDIA = ["a=mid:%", "a=label:%", "a=ssrc:77 cname:%", "a=ssrc-group:FID %", "a=msid:% %", "a=extmap:1 urn:%",
         "a=rtcp-fb:0 %", "a=fmtp:0 x=%", "a=fmtp:8 x=%", "a=candidate:1 1 UDP 1 192.0.2.202 9 typ host x %",
         "a=ice-ufrag:%", "a=ice-pwd:%padpadpadpadpadpadpadpad", "a=des:qos %", "a=silenceSupp:off %",
         "a=x-of-the-pbx:%", "a=rtpmap:99 %/8000", "a=control:%", "a=rtcp:9 IN IP4 192.0.2.201"]
BODY = f"v=0\r\no={MARK}body {ORIGIN} 1 IN IP4 192.0.2.203\r\ns={MARK}bodys\r\nt=0 0\r\n"


def fill(value, name):
    return value.replace("%", MARK + re.sub(r"[^a-z]", "", name.lower()))


def proxy_of(pbx):
    """Record-Route of a proxy of the PBX's: by it requests come to the PBX, whatever name its Contact has."""
    return f"<sip:{MARK}proxy@{hostport(pbx.address)};lr;x={MARK}rr>"


class Telltale:
    def __init__(self, pbx):
        self.pbx, self.plain = pbx, pbx.send
        pbx.send = self.send
        # whatever else the PBX could be known by
        self.secrets = {MARK, ADDRESS, "pbx.internal", ORIGIN, pbx.lab.addresses.sip_pbx[0] + ":",
                        *(mark.format(pbx.address[0]) for mark in ("IP4 {}\r", "IP4 {}\n", "{}:", "@{}", "{};", "{} "))}

    def send(self, text):
        return self.plain(mark(text))

    def stop(self):
        self.pbx.send = self.plain

    def found_in(self, texts):
        """{what: the line it stands in}"""
        return {secret: line for text in texts for line in text.splitlines(True) for secret in self.secrets
                if secret in line}


def mark(text):
    """The same message, told by a PBX that tells all."""
    message = sip.Message(text)
    head, _, body = text.partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    begins = message.method == "INVITE" and sip.param(message.get("To"), "tag") is None
    lines = [_line(message, line) for line in lines if not line.startswith(("Content-Length:", "User-Agent:"))]
    if message.method not in (None, "ACK", "CANCEL"):
        lines.insert(1, f"Via: SIP/2.0/UDP {MARK}via.pbx.internal:5098;branch=z9hG4bK{MARK}")
    if begins:
        lines.append(f"Route: <sip:{MARK}route.pbx.internal;lr>")
    lines += [f"{name}: {fill(value, name)}" for name, value in HEADERS.items()]
    if body:
        body = _sdp(body)
    elif message.method != "INVITE" and not (message.is_reply and message.cseq_method == "INVITE"):
        body = BODY
        lines.append("Content-Type: application/sdp")
    return "\r\n".join([_start(message, start, begins), *lines, f"Content-Length: {len(body)}", "", body])


def _start(message, line, begins):
    if message.is_reply:
        return f"{line} {MARK}phrase at pbx.internal"
    # within a call it is Meta's Contact, which has to come back as it was
    return line.replace(" SIP/2.0", f";x={MARK}ruri SIP/2.0") if begins else line


def _line(message, line):
    name, _, value = line.partition(": ")
    if name == "Contact":
        return f'Contact: "{MARK}contact" <sip:{MARK}c@{MARK}contact.pbx.internal:5097;x={MARK}cp>;x={MARK}ch'
    if name == "Via" and not message.is_reply:
        return f"{line};x={MARK}viaparam"
    if name == ("To" if message.is_reply else "From"):
        # a PBX may well call itself something else later in the call: only the tag counts
        uri, tag = sip.uri_of(value), sip.param(value, "tag")
        return f'{name}: "{MARK}name" <{uri};x={MARK}uri>' + (f";tag={tag};x={MARK}param" if tag else "")
    return line


def _sdp(body):
    lines = []
    for line in body.rstrip("\r\n").split("\r\n"):
        if line.startswith("o="):
            line = f"o={MARK}origin {ORIGIN} 1 IN IP4 192.0.2.204"
        elif line.startswith("s="):
            line = f"s={MARK}session"
        if line.startswith("m="):
            lines += [fill(more, more) for more in SESSION]
        lines.append(line)
        if line.startswith("s="):
            lines += [fill(more, more) for more in TOP]
    return "\r\n".join([*lines, *(fill(more, more) for more in MEDIA), ""])
