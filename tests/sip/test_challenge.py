# SPDX-License-Identifier: GPL-2.0-or-later
"""Meta is challenged, and its answer verified, as loosely as its digest URI needs."""
import pytest

from lab import numbers
from lab.addresses import SBC_HOSTNAME
from lab.meta_wire import WireMeta
from lab.sip import digest

PASSWORD = "made-up-for-the-lab-0123456789"


@pytest.fixture(name="known_password")
def fixture_known_password(lab):
    """The SIP password of numbers.SDES, known to the test and to the SBC."""
    lab.set_password(numbers.SDES, PASSWORD)
    return PASSWORD


@pytest.fixture(name="wire")
def fixture_wire(lab, watch):
    wire = WireMeta(lab)
    watch.wires.append(wire)
    yield wire
    wire.stop()


def test_C03_one_md5_challenge_of_our_own(lab, pbx, user):
    call = lab.metasim.ring(numbers.DTLS, user)
    leg = pbx.incoming()
    leg.reply(486)
    call.wait_ended()
    challenges = call.received(lambda m: m.status == 407)
    assert len(challenges) == 1
    assert challenges[0].all("WWW-Authenticate") == []
    (header,) = challenges[0].all("Proxy-Authenticate")
    asked = digest(header)
    assert asked["scheme"] == "Digest" and asked["realm"] == SBC_HOSTNAME
    assert asked["qop"] == "auth" and asked.get("algorithm", "MD5").upper() == "MD5"
    assert len(asked["nonce"]) >= 16
    # Meta, as an old pjsip, must find nothing it does not know
    assert set(asked) <= {"scheme", "realm", "nonce", "qop", "opaque", "algorithm"}


def test_C03_each_challenge_has_a_fresh_nonce(wire):
    nonces = set()
    for _ in range(5):
        reply = wire.dialog(numbers.SDES.digits, numbers.USER).invite()
        assert reply.status == 407
        nonces.add(digest(reply.get("Proxy-Authenticate"))["nonce"])
    assert len(nonces) == 5


def test_C03_an_answer_that_fits_goes_through(wire, pbx, known_password):
    dialog = wire.dialog(numbers.SDES.digits, numbers.USER)
    credentials = dialog.credentials(dialog.invite(), known_password)
    dialog.start(credentials)
    leg = pbx.incoming()
    leg.reply(486)
    assert dialog.final().status == 486


def test_C03_a_wrong_answer_is_403_after_a_bounded_number_of_tries(wire, pbx, known_password):
    dialog = wire.dialog(numbers.SDES.digits, numbers.USER)
    reply = dialog.invite()
    statuses = []
    for _ in range(10):
        if reply.status != 407:
            break
        reply = dialog.invite(dialog.credentials(reply, known_password + "x"))
        statuses.append(reply.status)
    assert statuses[-1] == 403 and len(statuses) <= 5
    assert pbx.received() == []


def test_C03_an_answer_to_somebody_else_s_nonce_is_not_accepted(wire, pbx, known_password):
    dialog = wire.dialog(numbers.SDES.digits, numbers.USER)
    first = dialog.invite()
    forged = dialog.credentials(first, known_password).replace(
        digest(first.get("Proxy-Authenticate"))["nonce"], "0123456789abcdef0123456789abcdef")
    assert dialog.invite(forged).status in (403, 407)
    assert pbx.received() == []


URIS = {"Meta's own": "sip:+{n}@{h}", "with transport": "sip:+{n}@{h};transport=tls",
        "with parameters": "sip:+{n};tgrp=x@{h}", "host in capitals": "sip:+{n}@{H}",
        "with port": "sip:+{n}@{h}:{p}"}


@pytest.mark.parametrize("uri", URIS.values(), ids=URIS.keys())
def test_C04_the_digest_uri_is_compared_by_user_and_host(lab, wire, pbx, known_password, uri):
    uri = uri.format(n=numbers.SDES.digits, h=SBC_HOSTNAME, H=SBC_HOSTNAME.upper(), p=lab.addresses.sip[1])
    dialog = wire.dialog(numbers.SDES.digits, numbers.USER)
    dialog.start(dialog.credentials(dialog.invite(), known_password, uri=uri))
    leg = pbx.incoming()
    leg.reply(486)
    assert dialog.final().status == 486


WRONG = {"another number": "sip:+15550001111@{h}", "another host": "sip:+{n}@elsewhere.example",
         "nothing": "sip:{h}"}


@pytest.mark.parametrize("uri", WRONG.values(), ids=WRONG.keys())
def test_C04_an_answer_for_another_uri_is_refused(wire, pbx, known_password, uri):
    uri = uri.format(n=numbers.SDES.digits, h=SBC_HOSTNAME)
    dialog = wire.dialog(numbers.SDES.digits, numbers.USER)
    reply = dialog.invite(dialog.credentials(dialog.invite(), known_password, uri=uri))
    assert reply.status in (403, 407)
    assert pbx.received() == []


@pytest.mark.parametrize("username", ["15550001111", " ", "16315551111"])
def test_C04_the_username_is_the_number_s_digits(wire, pbx, known_password, username):
    dialog = wire.dialog(numbers.SDES.digits, numbers.USER)
    challenge = dialog.invite()
    reply = dialog.invite(dialog.credentials(challenge, known_password, username=username))
    assert reply.status in (403, 407)
    assert pbx.received() == []


def test_C04_what_meta_itself_sends_is_accepted(lab, pbx, user):
    call = lab.metasim.ring(numbers.SDES, user)
    pbx.incoming().reply(486)
    call.wait_ended()
    answered = [m for m in call.sent(lambda m: m.method == "INVITE") if m.get("Proxy-Authorization")]
    given = digest(answered[0].get("Proxy-Authorization"))
    # the trap: Meta's digest URI lacks what its R-URI has
    assert given["uri"] + ";transport=tls" == answered[0].uri
    assert given["username"] == numbers.SDES.digits


def test_C04_our_credentials_are_not_passed_on(lab, pbx, user):
    call = lab.metasim.ring(numbers.SDES, user)
    leg = pbx.incoming()
    leg.reply(486)
    call.wait_ended()
    assert leg.invite.all("Proxy-Authorization") == []
