# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS as Meta does it."""
import socket
import ssl

import pytest

from lab import numbers


def connect(bench, server_hostname="wa.meta.vc", alpn=None, version=None):
    context = ssl.create_default_context(cafile=bench.certs.ca)
    context.check_hostname = server_hostname is not None
    if alpn:
        context.set_alpn_protocols(alpn)
    if version:
        context.minimum_version = context.maximum_version = version
    plain = socket.create_connection(bench.addresses.metasim_sip, 20)
    return context.wrap_socket(plain, server_hostname=server_hostname)


def test_alpn_gets_alert_120(bench):
    with pytest.raises(ssl.SSLError, match="no application protocol"):
        connect(bench, alpn=["sip"])
    event = bench.meta.wait("violation", mark=bench.mark)
    assert event["rule"] == "alpn" and "sip" in event["detail"]


@pytest.mark.parametrize("version, text", [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")])
def test_versions_and_sni_are_seen(bench, version, text):
    with connect(bench, version=version):
        event = bench.meta.wait("tls", mark=bench.mark, dir="in")
    assert (event["version"], event["sni"]) == (text, "wa.meta.vc")
    assert bench.violations(bench.mark) == set()


def test_no_sni_is_noted(bench):
    with connect(bench, server_hostname=None):
        assert bench.meta.wait("violation", mark=bench.mark)["rule"] == "sni"


@pytest.mark.parametrize("cert, why", [("sbc-other", "hostname mismatch"), ("sbc-stranger", "unable to get")])
def test_a_bad_certificate_means_no_invite(bench, start_sbc, cert, why):
    wire = start_sbc(bench, cert=cert)
    call = bench.meta.ring("15550001111", numbers.USER)
    event = bench.meta.wait("tls_failed", mark=bench.mark)
    assert why in event["why"] and event["host"] == "sbc.wasbc.test"
    end = call.wait_ended()
    assert end["code"] == 503 and why in end["reason"]
    assert isinstance(wire.handshakes.get(timeout=15), OSError) or wire.inbox.empty()
    assert call.messages() == []


@pytest.mark.parametrize("ask", [True, False])
def test_a_client_certificate_is_shown_when_asked(make_bench, start_sbc, ask):
    def configured(config):
        certs = config["sip"]["cert"].rpartition("/")[0]
        config["sip"].update(client_cert=f"{certs}/client.crt", client_key=f"{certs}/client.key")
    bench = make_bench(configured)
    wire = start_sbc(bench, ask=ask)
    bench.meta.ring("15550001111", numbers.USER)
    shown = wire.handshakes.get(timeout=15)
    assert bool(shown) == ask
    assert bench.meta.wait("tls", dir="out")["client_cert_asked"] == ask
    wire.incoming().reply(486)
    wire.expect("ACK")


def test_certificates_are_loaded_again(make_bench):
    bench = make_bench()
    certs = bench.certs.dir
    bench.meta.command("tls_reload", cert=str(certs / "client.crt"), key=str(certs / "client.key"), tls_max="1.2")
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        connect(bench)
    bench.meta.command("tls_reload", cert=str(certs / "meta.crt"), key=str(certs / "meta.key"))
    with connect(bench) as sock:
        assert sock.version() == "TLSv1.2"
