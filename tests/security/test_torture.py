# SPDX-License-Identifier: GPL-2.0-or-later
"""G12: every message of RFC 4475 over UDP, TCP and TLS; nothing crashes, and the next call works."""
import contextlib
import itertools
import os
import socket
import ssl

import pytest
from attacker import request
from torture import CASES

from calls import business_calls, user_calls
from lab import numbers
from lab.addresses import SBC_HOSTNAME, hostport

IDS = itertools.count(1)


def test_every_section_of_the_rfc_is_here():
    sections = [f"3.1.1.{n}" for n in range(1, 14)] + [f"3.1.2.{n}" for n in range(1, 20)] + ["3.2.1"] + \
        [f"3.3.{n}" for n in range(1, 16)] + ["3.4.1"]
    assert [c.section for c in CASES] == sections and len({c.name for c in CASES}) == 49


def made(case, transport, target):
    text = case.text.replace("@VIA@", transport).replace("@ID@", f"{os.getpid()}x{next(IDS)}")
    return text.replace("@SBC@", hostport(target)).encode("utf-8")


@contextlib.contextmanager
def way(lab, transport):
    """(socket, where it leads) from an address that may speak."""
    at = lab.addresses
    if transport == "UDP":
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((at.pbx, 0))
            sock.connect(at.sip_pbx)
            yield sock, at.sip_pbx
    elif transport == "TCP":
        with socket.create_connection(at.sip_pbx, 20, source_address=(at.pbx, 0)) as sock:
            yield sock, at.sip_pbx
    else:
        context = ssl.create_default_context(cafile=lab.certs.ca)
        with socket.create_connection(at.sip, 20, source_address=(at.meta, 0)) as plain, \
                context.wrap_socket(plain, server_hostname=SBC_HOSTNAME) as sock:
            yield sock, at.sip


def heard(sock):
    """What had been said when the answer to an OPTIONS behind it came, or the connection ended."""
    data = b""
    sock.settimeout(10)
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while b"alive" not in data:
            part = sock.recv(65536)
            if not part:
                break
            data += part
    return data


def alive(lab, transport):
    with way(lab, transport) as (sock, target):
        name = sock.getsockname()
        sock.send(request("OPTIONS", name, target, transport).replace(b"Call-ID: ", b"Call-ID: alive"))
        return b"SIP/2.0 200" in heard(sock)


def workers(lab):
    return {str(p["PID"]) for p in lab.rpc("core.psx")}


@pytest.mark.parametrize("transport", ["UDP", "TCP", "TLS"])
def test_G12_every_message_of_rfc_4475_and_the_next_call_works(lab, pbx, users, transport):
    first, second = next(users), next(users)
    leg = business_calls(lab, pbx, numbers.SDES, first)[1]  # the address is known now: no ban interferes
    leg.bye()
    before, mark, seen = workers(lab), pbx.trace.mark(), lab.metasim.events.mark()
    for case in CASES:
        with way(lab, transport) as (sock, target):
            data = made(case, transport, target)
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                sock.send(data)
                if transport == "UDP":
                    sock.send(request("OPTIONS", sock.getsockname(), target).replace(b"Call-ID: ", b"Call-ID: alive"))
                    heard(sock)
        assert alive(lab, transport), f"{case.section} {case.name}: no answer afterwards"
        assert workers(lab) == before, f"{case.section} {case.name}: a process is gone"
    assert pbx.received(mark=mark, match=lambda m: m.method == "INVITE") == []
    assert [e for e in lab.metasim.events.since(seen) if e["event"] in ("incoming", "violation")] == []
    call, leg = user_calls(lab, pbx, numbers.SDES, second)
    leg.bye()
    call.wait_ended()
    call, leg = business_calls(lab, pbx, numbers.SDES, second)
    leg.bye()
    call.wait_ended()


@pytest.mark.parametrize("name, status", [("wsinv", 0), ("lwsdisp", 200), ("semiuri", 200), ("transports", 200),
                                          ("zeromf", 483), ("bext01", 420), ("mismatch01", 400), ("badvers", None),
                                          ("insuf", None), ("scalar02", 0), ("ncl", 0)])
def test_G12_what_is_answered_is_answered_rightly(lab, name, status):
    """status: 0 = an error or nothing, None = nothing."""
    case = next(c for c in CASES if c.name == name)
    with way(lab, "UDP") as (sock, target):
        sock.send(made(case, "UDP", target))
        sock.settimeout(10)
        if status:
            assert sock.recv(65536).startswith(b"SIP/2.0 %d" % status)
            return
        sock.send(request("OPTIONS", sock.getsockname(), target).replace(b"Call-ID: ", b"Call-ID: alive"))
        replies = [r[:3] for r in heard(sock).split(b"SIP/2.0 ")[1:] if b"alive" not in r]
    assert all(status == 0 and (r >= b"400" or r == b"100") for r in replies)
