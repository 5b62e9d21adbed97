# SPDX-License-Identifier: GPL-2.0-or-later
"""Scanners, floods, and those who only hold places: calls go on meanwhile, all of them."""
import contextlib
import socket
import ssl
import threading
import time

import pytest
from attacker import address_of, ask, ask_in_a_flood, connects, counter, request, udp
from patient import PatientPbx

from calls import business_calls, user_calls
from lab import numbers, process
from lab.addresses import SBC_HOSTNAME

SCANNERS = ["friendly-scanner", "sipvicious/0.3.4", "sipsak 0.9.7", "VaxSIPUserAgent/3.1", "pplsip"]


@pytest.fixture(name="attacked", scope="module")
def fixture_attacked(tmp_path_factory):
    """A lab whose PBXes may come from attackers' addresses too, with the wire PBX of its calls."""
    from lab.whole import Lab
    del tmp_path_factory
    with Lab() as lab:
        lab.provision()
        network = f"{address_of(lab, 64)}/26"
        lab.rpc("wa_door.set", "pbx", f"{lab.addresses.pbx},{network}")
        lab.rpc("cfg.set_now_int", "wa_door", "ban_window", 3600)  # however busy the machine is
        pbx = PatientPbx(lab)
        try:
            one_call_each_way(lab, pbx, "16317000001")  # its address is trusted from now on
            yield lab, pbx
        finally:
            pbx.stop()


@pytest.fixture(autouse=True)
def _forgiven(attacked):
    yield
    attacked[0].rpc("wa_door.unban", "all")


def one_call_each_way(lab, pbx, user):
    call, leg = user_calls(lab, pbx, numbers.SDES, user)
    leg.bye()
    call.wait_ended()
    call, leg = business_calls(lab, pbx, numbers.SDES, user)
    leg.bye()
    call.wait_ended()


class Calls:
    """Calls both ways, one after the other, as long as an attack lasts; each has to succeed."""

    def __init__(self, attacked):
        self.lab, self.pbx = attacked
        self.made, self.lost = 0, []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        while not self.over.is_set() or self.made < 2:
            try:
                one_call_each_way(self.lab, self.pbx, f"1631701{self.made:04d}")
            except Exception as err:  # pylint: disable=broad-except
                self.lost.append(repr(err))
                return
            self.made += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.over.set()
        self.thread.join(60)
        if exc[0] is None:
            assert not self.thread.is_alive() and self.lost == [] and self.made >= 2


def is_banned(lab, address):
    return lab.rpc("wa_door.check", address)["banned_for"] > 0


def wait_free(lab, address):
    """A ban of the test before is over for the kernel too."""
    process.wait_until(lambda: connects(lab.addresses.sip_pbx, address, 0.2), 15, "the kernel knows of no ban")


def wait_banned(lab, address, reason):
    process.wait_until(lambda: is_banned(lab, address), 10, f"{address} is banned")
    assert lab.rpc("wa_door.check", address)["reason"] == reason


@pytest.mark.parametrize("agent", SCANNERS)
def test_G04_a_scanner_hears_nothing_and_is_banned(attacked, agent):
    lab, _ = attacked
    address = address_of(lab, 70)

    def options(name, *headers):
        return request("OPTIONS", name, lab.addresses.sip_pbx, headers=headers)
    # the same without the name of a scanner is answered: what follows means something
    assert ask(lab, options, address).status == 200
    with udp(address) as sock:
        sock.sendto(options(sock.getsockname(), f"User-Agent: {agent}"), lab.addresses.sip_pbx)
        wait_banned(lab, address, "scanner")
        sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            sock.recv(4096)
    # banned: the kernel drops even what is decent, and connections
    dropped = lab.rpc("wa_door.status")["kernel_dropped"]
    process.wait_until(lambda: not connects(lab.addresses.sip_pbx, address, 0.2), 15, "the kernel knows")
    with udp(address) as sock:
        sock.sendto(options(sock.getsockname()), lab.addresses.sip_pbx)
        process.wait_until(lambda: lab.rpc("wa_door.status")["kernel_dropped"] > dropped + 1, 15, "it is dropped")
        sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            sock.recv(4096)
    lab.rpc("wa_door.unban", address)
    process.wait_until(lambda: connects(lab.addresses.sip_pbx, address, 0.2), 15, "the ban is over")


def test_G04_a_ban_ends_by_itself(attacked):
    lab, _ = attacked
    address = address_of(lab, 71)
    lab.rpc("wa_door.ban", address, "1")
    process.wait_until(lambda: not connects(lab.addresses.sip_pbx, address, 0.2)
                       or not is_banned(lab, address), 15, "the kernel knows")
    process.wait_until(lambda: connects(lab.addresses.sip_pbx, address, 0.2), 10, "the ban is over")


@pytest.mark.parametrize("method, status, reason", [
    ("REGISTER", 403, "register"), ("SUBSCRIBE", 405, "method"), ("INVITE", 403, "caller_unknown")])
def test_G04_who_looks_for_holes_is_banned_by_what_he_does(attacked, method, status, reason):
    lab, _ = attacked
    address = address_of(lab, 72)
    wait_free(lab, address)
    seen = []
    with Calls(attacked):
        while not is_banned(lab, address) and len(seen) < 50:
            reply = ask(lab, lambda name: request(method, name, lab.addresses.sip_pbx), address, 1)
            seen.append(reply and reply.status)
        wait_banned(lab, address, reason)
    assert set(seen) <= {status, None} and status in seen


def test_G04_a_flood_of_one_source_is_dropped_and_calls_go_on(attacked):
    lab, _ = attacked
    address = address_of(lab, 73)
    before = counter(lab, "flood_dropped")
    with Calls(attacked), udp(address) as sock:
        name = sock.getsockname()
        until = time.monotonic() + 3
        while time.monotonic() < until or not is_banned(lab, address):
            for _ in range(300):
                sock.sendto(request("OPTIONS", name, lab.addresses.sip_pbx), lab.addresses.sip_pbx)
            assert time.monotonic() < until + 20, "never banned"
    assert counter(lab, "flood_dropped") > before
    assert lab.rpc("wa_door.check", address)["reason"] == "flood"


def test_G04_a_flood_of_forged_sources_ends_no_call(attacked):
    """Each source sends little, the peer's own address among them: UDP proves nothing."""
    lab, _ = attacked
    with Calls(attacked), contextlib.ExitStack() as stack:
        socks = [stack.enter_context(udp(address_of(lab, 74 + n))) for n in range(20)]
        socks += [stack.enter_context(udp(lab.addresses.pbx))] * 3
        for n in range(60):
            for sock in socks:
                sock.sendto(request(("REGISTER", "OPTIONS", "INVITE")[n % 3], sock.getsockname(),
                                    lab.addresses.sip_pbx), lab.addresses.sip_pbx)
    assert not is_banned(lab, lab.addresses.pbx)


PAD = b"X: 0123456789012345678901234567890123456789\r\n"  # Kamailio takes no heed of very short datagrams
RUBBISH = {
    "no_sip": [b"GET / HTTP/1.1\r\n" + PAD + b"\r\n", b"\x16\x03\x01\x02\x00\x01\xfc\x03\x03" * 9, b"A" * 9000,
               b"INVITE sip:a@b SIP/9.9\r\n" + PAD + b"\r\n"],
    "control_bytes": [b"OPTIONS sip:a SIP/2.0\r\n" + PAD + b"X: \x1b[2J\x00\r\n\r\n",
                      b"OPTIONS sip:a SIP/2.0\r\n" + PAD + b"X: a\r b\r\n\r\n"],
    "unended_headers": [b"OPTIONS sip:a SIP/2.0\r\n" + PAD],
    "oversized": [b"OPTIONS sip:a SIP/2.0\r\nX: " + b"y" * 20000 + b"\r\n\r\n",
                  b"OPTIONS sip:a SIP/2.0\r\n" + b"X: 0123456789\r\n" * 1000 + b"\r\n"],
    "too_many_headers": [b"OPTIONS sip:a SIP/2.0\r\n" + PAD * 200 + b"\r\n"]}


@pytest.mark.parametrize("reason", RUBBISH)
def test_G04_what_is_no_sip_is_dropped_unparsed_and_its_source_banned(attacked, reason):
    lab, _ = attacked
    address = address_of(lab, 100)
    wait_free(lab, address)
    before, log = counter(lab, "malformed"), len(lab.kamailio.daemon.log())
    with Calls(attacked), udp(address) as sock:
        for n in range(10):
            sock.sendto(RUBBISH[reason][n % len(RUBBISH[reason])], lab.addresses.sip_pbx)
        process.wait_until(lambda: is_banned(lab, address), 10, "banned")
        sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            sock.recv(4096)
    assert counter(lab, "malformed") >= before + 10
    said = lab.kamailio.daemon.log()[log:]
    assert f"event=banned src={address}" in said
    assert not [line for line in said.splitlines() if "ERROR" in line], said


@pytest.mark.parametrize("cut", [
    b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 99999999999\r\n\r\n",
    b"OPTIONS sip:a SIP/2.0\r\nX: " + b"y" * 40000 + b"\r\n\r\n",
    b"OPTIONS sip:a SIP/2.0\r\n" + b"X: y\r\n" * 9000 + b"\r\n",
    b"OPTIONS sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n",
    b"INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP !!!;;\r\nTo: <\r\nFrom: >\r\nContent-Length: 0\r\n\r\n",
], ids=["length", "line", "headers", "negative", "via"])
def test_G04_rubbish_by_tcp_ends_the_connection(attacked, cut):
    lab, _ = attacked
    with Calls(attacked), socket.create_connection(lab.addresses.sip_pbx, 5,
                                                   source_address=(address_of(lab, 101), 0)) as sock:
        sock.settimeout(10)
        heard = b""
        try:
            sock.sendall(cut)
            heard = sock.recv(4096)
        except OSError:
            pass
        assert heard == b"" or heard.startswith(b"SIP/2.0 4")


def test_G04_nobody_writes_lines_into_our_log(attacked):
    """Kamailio logs what it cannot parse as it came; and not more than so much of it."""
    lab, _ = attacked
    mark = len(lab.kamailio.daemon.log())
    forged = "\n 9(99999) INFO: <script>: event=answered dir=out forged=yes"
    address = address_of(lab, 102)
    lab.rpc("cfg.set_now_int", "wa_door", "ban_score", 1000000)
    lab.rpc("cfg.set_now_int", "wa_door", "error_lines", 10)  # a second, of each worker
    try:
        with udp(address) as sock:
            for n in range(400):
                data = request("OPTIONS", sock.getsockname(), lab.addresses.sip_pbx)
                data = data.replace(b"Via: SIP/2.0/UDP", b"Via: SIP/2.0/UDP !!;\r\n " + forged[1:].encode() + b"\r\n ")
                sock.sendto(data, lab.addresses.sip_pbx)
        process.wait_until(lambda: "forged" in lab.kamailio.daemon.log()[mark:], 10, "it is logged")
        assert ask_in_a_flood(lab, lambda name: request("OPTIONS", name, lab.addresses.sip_pbx), lab.addresses.pbx).status == 200
    finally:
        lab.rpc("cfg.set_now_int", "wa_door", "ban_score", 100)
        lab.rpc("cfg.set_now_int", "wa_door", "error_lines", 100)
    said = lab.kamailio.daemon.log()[mark:].splitlines()
    assert not [line for line in said if "forged" in line and line.startswith(" 9(99999)")]
    assert len([line for line in said if "ERROR" in line]) < 400, "a line for each"


@contextlib.contextmanager
def many_connections(target, sources, each):
    """Opens connections that never say a word; gives how many stood at first."""
    held = []
    try:
        for source in sources:
            for _ in range(each):
                sock = socket.socket()
                sock.setblocking(False)
                try:
                    sock.bind((source, 0))
                    sock.connect_ex(target)
                except OSError:
                    pass
                held.append(sock)
        yield held
    finally:
        for sock in held:
            sock.close()


def test_G04_one_source_holds_so_many_connections_and_no_more(attacked):
    lab, _ = attacked
    address = address_of(lab, 103)
    before = counter(lab, "connections_closed")

    def is_held():
        status = lab.rpc("wa_door.status")
        return status["held"] == 1 and status["pbx"]["connections"] <= 101

    with Calls(attacked), many_connections(lab.addresses.sip_pbx, [address], 400):
        process.wait_until(lambda: counter(lab, "connections_closed") > before, 20, "those too many are closed")
        # Kamailio may still be taking connections that the kernel has accepted
        process.wait_until(is_held, 20, "a limit is kept")
        assert not connects(lab.addresses.sip_pbx, address, 0.3)
        # others are not concerned
        assert connects(lab.addresses.sip_pbx, address_of(lab, 104))
    process.wait_until(lambda: connects(lab.addresses.sip_pbx, address, 0.3), 10, "it may again")


def test_G04_connections_of_many_sources_leave_places_for_meta_and_peers(attacked):
    """The table has 2048 places; the PBXes' side gets 1000 of them, whoever asks."""
    lab, _ = attacked
    sources = [address_of(lab, n) for n in range(64, 100)]
    with Calls(attacked), many_connections(lab.addresses.sip_pbx_tls, sources, 80):
        process.wait_until(lambda: lab.rpc("wa_door.status")["pbx"]["connections"] >= 900, 20, "the attack stands")
        process.wait_until(lambda: lab.rpc("wa_door.status")["pbx"]["connections"] <= 1000, 20, "it has an end")
        # Meta gets a connection, and so does a peer that had calls
        assert connects(lab.addresses.sip, lab.addresses.meta)
        assert connects(lab.addresses.sip_pbx, lab.addresses.pbx)


def push(sock, data):
    """What is no TLS any more ends the connection."""
    with contextlib.suppress(ConnectionError):
        sock.send(data)


def test_G04_half_open_and_slow_handshakes_cost_no_call(attacked):
    """A ClientHello that comes byte by byte, or stops in the middle."""
    lab, _ = attacked
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    hello = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=SBC_HOSTNAME)
    with pytest.raises(ssl.SSLWantReadError):
        hello.do_handshake()
    data = outgoing.read()
    socks = [socket.create_connection(lab.addresses.sip, 5, source_address=(lab.addresses.meta, 0))
             for _ in range(50)]
    try:
        with Calls(attacked):
            for n, byte in enumerate(data):
                for sock in socks[:25]:
                    push(sock, bytes([byte]))
                if n % 50 == 0:
                    for sock in socks[25:]:
                        push(sock, data[:n % 90 + 1])
    finally:
        for sock in socks:
            sock.close()


SDPS = ["", "v", "v=0\r\n" * 2000, "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nt=0 0\r\nm=audio 999999 RTP/AVP 0\r\n",
        "v=0\r\no=\r\ns=\r\nc=IN IP4\r\nt=\r\nm=audio 0 RTP/AVP\r\n", "\x00" * 100, "m=" + "a" * 5000,
        "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nt=0 0\r\n" + "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 1.2.3.4\r\n" * 60]


def test_G04_malformed_sdp_of_a_peer_is_refused_and_the_next_call_works(attacked):
    lab, pbx = attacked
    with Calls(attacked):
        for body in SDPS:
            def made(name, sdp=body):
                data = request("INVITE", name, lab.addresses.sip_pbx, body=sdp or "x", user="+16315551111")
                return data.replace(b"sip:1001@", f"sip:+{numbers.SDES.digits}@".encode())
            reply = ask(lab, made, lab.addresses.pbx, 10)
            assert reply is not None and reply.status >= 400, body[:60]
    del pbx
