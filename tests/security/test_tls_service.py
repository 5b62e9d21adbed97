# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS that runs for years: new certificates, several names, connections that break."""
import os
import socket
import ssl

import pytest
from attacker import counter

from calls import business_calls, user_calls
from lab import numbers, process
from lab.addresses import SBC_HOSTNAME
from lab.kamailio import RpcError
from lab.meta_wire import WireMeta

OTHER = "sbc2.wasbc.test"


def shown(lab, name=SBC_HOSTNAME, context=None):
    """Serial number of the certificate that a new connection is shown."""
    context = context or ssl.create_default_context(cafile=lab.certs.ca)
    with socket.create_connection(lab.addresses.sip, 20, source_address=(lab.addresses.meta, 0)) as plain, \
            context.wrap_socket(plain, server_hostname=name) as sock:
        return sock.getpeercert()["serialNumber"]


def put(lab, name, source):
    """source.crt and .key in place of name's, as certbot does: by rename, one after the other."""
    for end in ("key", "crt"):
        new = lab.certs.dir / f"{name}.{end}.new"
        new.write_bytes((lab.certs.dir / f"{source}.{end}").read_bytes())
        os.rename(new, lab.certs.dir / f"{name}.{end}")


def status(lab):
    return lab.rpc("wa_tls.status")


def handshake(lab, **how):
    context = ssl.create_default_context(cafile=lab.certs.ca)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(how["ciphers"])
    with socket.create_connection(lab.addresses.sip, 20, source_address=(lab.addresses.meta, 0)) as plain, \
            context.wrap_socket(plain, server_hostname=SBC_HOSTNAME) as sock:
        return sock.cipher()[0]


def test_B01_only_ciphers_with_forward_secrecy_and_aead(lab):
    assert handshake(lab, ciphers="ECDHE+AESGCM") == "ECDHE-ECDSA-AES256-GCM-SHA384"
    assert "CHACHA20" in handshake(lab, ciphers="ECDHE+CHACHA20")
    for weak in ("ECDHE-ECDSA-AES256-SHA", "ECDHE-ECDSA-AES128-SHA256", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-CCM8"):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            handshake(lab, ciphers=f"{weak}:@SECLEVEL=0")


def test_B04_certificates_are_put_in_use_when_they_change_and_no_call_is_dropped(own_lab, start_wire):
    lab = own_lab()
    lab.provision()
    pbx = start_wire(lab)
    lab.certs.leaf("sbc-new", f"DNS:{SBC_HOSTNAME}")
    old = shown(lab)
    inward, inward_leg = user_calls(lab, pbx, numbers.SDES, "16318000001")
    outward, outward_leg = business_calls(lab, pbx, numbers.SDES, "16318000002")
    meta = WireMeta(lab)
    mark = lab.metasim.events.mark()
    put(lab, "sbc", "sbc-new")
    process.wait_until(lambda: status(lab)["reloads"] >= 1 and shown(lab) != old, 15, "the new certificate is shown")
    new = shown(lab)
    # what was connected still is
    assert meta.dialog(numbers.SDES.digits, numbers.USER).invite().status == 407
    meta.stop()
    inward.hangup()
    inward_leg.reply(200, to=inward_leg.expect("BYE"))
    inward.wait_ended()
    assert outward_leg.bye().status == 200
    outward.wait_ended()
    assert [e for e in lab.metasim.events.since(mark) if e["event"] == "tls_closed"] == []
    # rubbish, and a key that does not fit, change nothing
    (lab.certs.dir / "sbc.crt").write_text("-----BEGIN CERTIFICATE-----\nrubbish\n")
    process.wait_until(lambda: "no certificate that can be read" in status(lab)["error"], 10, "it is refused")
    assert shown(lab) == new
    put(lab, "sbc", "sbc-new")
    (lab.certs.dir / "sbc.key").write_bytes((lab.certs.dir / "meta.key").read_bytes())
    with pytest.raises(RpcError, match="does not fit its certificate"):
        lab.rpc("wa_tls.reload")
    assert shown(lab) == new
    put(lab, "sbc", "meta")
    put(lab, "sbc", "sbc-new")
    lab.rpc("wa_tls.reload")
    assert status(lab)["error"] == "" and shown(lab) == new
    business_calls(lab, pbx, numbers.SDES, "16318000003")[1].bye()


def test_B04_a_certificate_that_ends_soon_is_told(own_lab):
    lab = own_lab()
    assert status(lab)["days"] == 29  # the lab's last 30 days
    assert counter(lab, "certificate_days", "wa_tls") == 29
    log = lab.kamailio.daemon.log()
    assert f"event=certificate_expires file={lab.certs.dir / 'sbc.crt'} days=29" in log
    assert "certificate_expired" not in log


def test_B04_one_sbc_has_several_names(own_lab):
    lab = own_lab()
    lab.certs.leaf("sbc2", f"DNS:{OTHER}")
    with open(lab.dir / "tls.cfg", "a", encoding="utf-8") as config:
        config.write(f"\n[server:any]\nserver_name = {OTHER}\nmethod = TLSv1.2+\n"
                     f"certificate = {lab.certs.dir}/sbc2.crt\nprivate_key = {lab.certs.dir}/sbc2.key\n"
                     "verify_certificate = no\nrequire_certificate = no\n")
    lab.rpc("wa_tls.reload")
    first, second = shown(lab), shown(lab, OTHER)
    assert first != second
    assert len(status(lab)["certificates"]) == 2
    # a name that is none of ours is shown the first one; who looks at it goes away
    with pytest.raises(ssl.SSLCertVerificationError):
        shown(lab, "other.example")


def test_B05_replies_go_back_on_the_connection_the_request_came_by(lab, pbx):
    """Meta's Via names an inner IPv6 address; with two connections, only the one that asked hears."""
    lab.set_password(numbers.SDES, "known-to-both-0123456789")
    one, two = WireMeta(lab), WireMeta(lab)
    try:
        dialog = two.dialog(numbers.SDES.digits, numbers.USER)
        challenge = dialog.invite()
        assert challenge.status == 407 and "[2803:6080:f934:8894::1]" in challenge.get("Via")
        dialog.start(dialog.credentials(challenge, "known-to-both-0123456789"))
        pbx.incoming().reply(486)
        assert dialog.final().status == 486
        assert [m for _, sent, m in one.trace.since() if not sent] == []
    finally:
        one.stop()
        two.stop()


def broken(lab):
    """Meta closes all connections; calls go on."""
    mark = lab.metasim.events.mark()
    lab.metasim.command("disconnect")
    return mark


def test_B06_bye_opens_a_connection_to_meta_if_none_is_up(lab, pbx, user):
    call, leg = business_calls(lab, pbx, numbers.SDES, user)
    mark = broken(lab)
    assert leg.bye().status == 200
    call.wait_ended()
    assert [e for e in lab.metasim.events.since(mark) if e["event"] == "tls" and e["dir"] == "in"], \
        "no new connection"


def test_B06_a_call_goes_out_after_the_connection_broke(lab, pbx, user):
    call, leg = business_calls(lab, pbx, numbers.SDES, user)
    leg.bye()
    call.wait_ended()
    broken(lab)
    call, leg = business_calls(lab, pbx, numbers.SDES, user)
    leg.bye()
    call.wait_ended()


def test_B06_a_call_from_meta_survives_its_connection(lab, pbx, user):
    call, leg = user_calls(lab, pbx, numbers.SDES, user)
    broken(lab)
    assert leg.bye().status == 200
    call.wait_ended()
    call, leg = user_calls(lab, pbx, numbers.SDES, user)
    broken(lab)
    call.hangup()
    leg.reply(200, to=leg.expect("BYE"))
    call.wait_ended()
