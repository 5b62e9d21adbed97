# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS toward Meta, both ways."""
import os
import socket
import ssl
from pathlib import Path

import pytest

from calls import business_calls, user_calls
from lab import numbers
from lab.addresses import META_HOSTNAME, SBC_HOSTNAME
from lab.errors import LabError


def connect(lab, context, hostname=SBC_HOSTNAME):
    plain = socket.create_connection(lab.addresses.sip, 5, source_address=(lab.addresses.meta, 0))
    return context.wrap_socket(plain, server_hostname=hostname)


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_B01_tls_with_the_full_chain(lab, version):
    # only the root is trusted: it verifies if the intermediate came along
    context = ssl.create_default_context(cafile=lab.certs.ca)
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    with connect(lab, context) as sock:
        assert sock.version() == version.replace("_", ".")
        assert ("DNS", SBC_HOSTNAME) in sock.getpeercert()["subjectAltName"]


def test_B01_older_versions_are_refused(lab):
    context = ssl.create_default_context(cafile=lab.certs.ca)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        connect(lab, context).close()


def inodes(pid):
    """The sockets that a process has open."""
    links = (os.readlink(fd) for fd in Path(f"/proc/{pid}/fd").iterdir())
    return {link[8:-1] for link in links if link.startswith("socket:[")}


def listeners(kind, host, owned):
    """Ports bound at `host`, from the kernel's own table, and those of the sockets
    `owned` at every address."""
    packed = socket.inet_aton(host)[::-1].hex().upper()
    found = set()
    for row in Path(f"/proc/net/{kind}").read_text("ascii").splitlines()[1:]:
        fields = row.split()
        address, port = fields[1].split(":")
        if kind.startswith("tcp") and fields[3] != "0A":
            continue
        if address == packed or (fields[9] in owned and set(address) == {"0"}):
            found.add(int(port, 16))
    return found


def test_B01_nothing_but_tls_faces_meta(lab):
    host, port = lab.addresses.sip
    owned = inodes(lab.kamailio.daemon.process.pid)
    assert listeners("tcp", host, owned) == {port}
    assert {p for p in listeners("udp", host, owned) if not 30000 <= p < 40000} == set()
    assert listeners("tcp6", host, owned) | listeners("udp6", host, owned) == set()


def test_B01_plain_sip_on_the_tls_port_gets_no_answer(lab):
    with socket.create_connection(lab.addresses.sip, 5, source_address=(lab.addresses.meta, 0)) as sock:
        sock.settimeout(30)
        sock.sendall(b"OPTIONS sip:sbc.wasbc.test SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKx\r\n"
                     b"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: plain\r\nCSeq: 1 OPTIONS\r\n"
                     b"Max-Forwards: 5\r\nContent-Length: 0\r\n\r\n")
        try:
            heard = sock.recv(4096)
        except ConnectionError:
            heard = b""
        assert b"SIP/2.0" not in heard


def test_B02_sni_verified_name_and_no_alpn(lab, pbx, user):
    mark = lab.metasim.events.mark()
    _, leg = business_calls(lab, pbx, numbers.DTLS, user)
    leg.bye()
    seen = [e for e in lab.metasim.events.since() if e["event"] == "tls" and e["dir"] == "in"
            and e["peer"].split(":")[0] == lab.addresses.meta_side]
    assert seen and {e["sni"] for e in seen} == {META_HOSTNAME}
    assert {e["version"] for e in seen} <= {"TLSv1.2", "TLSv1.3"}
    assert [v for v in lab.metasim.violations(mark) if v.startswith(("alpn", "sni"))] == []


@pytest.mark.parametrize("what", ["unknown CA", "another name"])
def test_B02_a_wrong_certificate_ends_the_call_with_503_and_a_reason(own_lab, start_wire, what):
    lab = own_lab(meta=lambda config: wrong_certificate(config, what))
    lab.provision()
    pbx = start_wire(lab)
    leg = pbx.call(numbers.USER)
    assert leg.wait_final(30).status == 503
    log = lab.kamailio.daemon.log()
    expected = "certificate" if what == "unknown CA" else "hostname mismatch"
    assert [line for line in log.splitlines() if META_HOSTNAME in line and expected in line.lower()], \
        "no log line says why"
    assert [e for e in lab.metasim.events.since() if e["event"] == "incoming"] == []


def wrong_certificate(config, what):
    certs = config["sip"]["cert"].rpartition("/")[0]
    name = "meta-stranger" if what == "unknown CA" else "meta-other"
    config["sip"].update(cert=f"{certs}/{name}.crt", key=f"{certs}/{name}.key")


def test_B03_no_client_certificate_is_required(lab):
    with connect(lab, ssl.create_default_context(cafile=lab.certs.ca)) as sock:
        assert sock.cipher()


@pytest.mark.parametrize("name", ["client-stranger", "client-ours"])
def test_B03_a_client_certificate_changes_nothing(own_lab, start_wire, name):
    def shown(config):
        certs = config["sip"]["cert"].rpartition("/")[0]
        config["sip"].update(client_cert=f"{certs}/{name}.crt", client_key=f"{certs}/{name}.key")
    lab = own_lab(meta=shown, listed=[numbers.DTLS])
    lab.provision()
    call, leg = user_calls(lab, start_wire(lab), numbers.DTLS, numbers.USER)
    call.hangup()
    leg.reply(200, to=leg.expect("BYE"))
    call.wait_ended()


def test_B03_a_stranger_s_certificate_is_shown_when_asked(lab):
    # what the test above relies on: Python too may show one, and the handshake goes on
    context = ssl.create_default_context(cafile=lab.certs.ca)
    context.load_cert_chain(lab.certs.dir / "client-stranger.crt", lab.certs.dir / "client-stranger.key")
    with connect(lab, context) as sock:
        assert sock.version()


def test_B02_the_lab_can_tell(lab, watch):
    """A client that does offer ALPN is noticed; so its absence above means something."""
    watch.provoked.add("alpn")
    context = ssl.create_default_context(cafile=lab.certs.ca)
    context.set_alpn_protocols(["sip"])
    mark = lab.metasim.events.mark()
    plain = socket.create_connection(lab.addresses.metasim_sip, 5, source_address=(lab.addresses.pbx, 0))
    with pytest.raises((ssl.SSLError, ConnectionError)):
        context.wrap_socket(plain, server_hostname=META_HOSTNAME).recv(1)
    try:
        lab.metasim.events.wait(lambda e: e["event"] == "violation" and e["rule"] == "alpn", 20, "alpn", mark)
    except LabError:
        pytest.fail("the simulator did not notice ALPN")
