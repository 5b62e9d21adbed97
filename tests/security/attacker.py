# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of this folder attack with."""
import itertools
import os
import socket

from lab import sip
from lab.addresses import META_HOSTNAME, SBC_HOSTNAME, hostport

COUNT = itertools.count(1)


def address_of(lab, last):
    """127.77.N.last: nobody's."""
    return f"{lab.addresses.meta_side.rpartition('.')[0]}.{last}"


def connects(target, source, seconds=1):
    try:
        socket.create_connection(target, seconds, source_address=(source, 0)).close()
        return True
    except OSError:
        return False


def counter(lab, name, group="wa_door"):
    return int(lab.rpc("stats.fetchn", f"{group}.{name}")[f"{group}.{name}"])


def request(method, source, target, transport="UDP", headers=(), body="", ruri=None, user="+16315550000"):
    """One whole request, as bytes."""
    n = f"{os.getpid()}-{next(COUNT)}"
    return "\r\n".join([
        f"{method} {ruri or f'sip:{user}@{hostport(target)}'} SIP/2.0",
        f"Via: SIP/2.0/{transport} {hostport(source)};rport;branch=z9hG4bK{n}", "Max-Forwards: 70",
        f"From: <sip:1001@{source[0]}>;tag=t{n}", f"To: <sip:{user}@{target[0]}>", f"Call-ID: attack-{n}",
        f"CSeq: 1 {method}", f"Contact: <sip:a@{hostport(source)}>", *headers,
        *(["Content-Type: application/sdp"] if body else []), f"Content-Length: {len(body)}", "", body]).encode()


def udp(source):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((source, 0))
    return sock


def ask(lab, data, source, seconds=15):
    """Sends a datagram to the PBXes' socket; the answer that is no 100, or None."""
    with udp(source) as sock:
        sock.settimeout(seconds)
        sock.sendto(data(sock.getsockname()) if callable(data) else data, lab.addresses.sip_pbx)
        return answer_on(sock)


def answer_on(sock):
    try:
        while True:
            message = sip.Message(sock.recv(65536).decode("utf-8", "replace"))
            if message.status != 100:
                return message
    except TimeoutError:
        return None


def ask_in_a_flood(lab, data, source, times=20):
    """The same, of one that repeats his question as RFC 3261 17.1.2 has it: the socket may be full."""
    with udp(source) as sock:
        sock.settimeout(0.5)
        text = data(sock.getsockname())
        for _ in range(times):
            sock.sendto(text, lab.addresses.sip_pbx)
            answer = answer_on(sock)
            if answer is not None:
                return answer
    return None


def invite_of_a_liar(lab):
    """A PBX's machine says that it is Meta; the status it gets."""
    def made(name):
        text = request("INVITE", name, lab.addresses.sip_pbx, headers=[
            "User-Agent: Facebook SipGateway", "X-FB-External-Domain: wa.meta.vc", "x-wa-meta-wacid: wacid.X"],
            ruri=f"sip:+{lab.number}@{SBC_HOSTNAME};transport=tls").decode()
        return text.replace(f"sip:1001@{name[0]}", f"sip:+16315551111@{META_HOSTNAME}").encode()
    return ask(lab, made, lab.addresses.pbx).status
