# SPDX-License-Identifier: GPL-2.0-or-later
"""Inside a dialog, and what Meta takes at all."""
import pytest

from lab import numbers
from lab.sip import uri_of
from wire_sbc import OWN_ROUTE, ROUTES, token


@pytest.fixture(name="call")
def fixture_call(bench, sbc):
    assert sbc.listener
    return bench.meta.ring("15550001111", numbers.USER)


@pytest.fixture(name="leg")
def fixture_leg(call, sbc):
    leg = sbc.incoming()
    leg.answer()
    sbc.expect("ACK")
    yield leg
    if not call.over():
        leg.request("BYE")


def test_bye_by_the_recorded_route(bench, call, leg):
    assert leg.request("BYE", headers=['Reason: Q.850;cause=16']).status == 200
    end = call.wait_ended()
    assert (end["by"], end["code"], end["reason"]) == ("business", 0, "Q.850;cause=16")
    assert bench.violations(bench.mark) == set()
    assert leg.request("BYE").status == 481


BAD = {"no Route": {"routes": []}, "one Route": {"routes": ROUTES[:1]}, "swapped": {"routes": ROUTES[::-1]},
       "ours among them": {"routes": [OWN_ROUTE, *ROUTES]}}


@pytest.mark.parametrize("how", BAD.values(), ids=BAD.keys())
def test_another_route_is_404(bench, leg, how):
    assert leg.request("BYE", **how).status == 404
    assert bench.violations(bench.mark) == {"in_dialog_route"}


def test_a_contact_touched_is_404(bench, leg):
    uri = uri_of(leg.invite.get("Contact"))
    for bad in (uri.replace(";ob", ""), uri.replace(";transport=tls", ""), uri.replace("wa.meta", "WA.meta")):
        assert leg.request("BYE", uri=bad).status == 404
    assert bench.violations(bench.mark) == {"in_dialog_uri"}


def test_reinvite_is_500(bench, sbc, leg):
    assert leg.request("INVITE", body=sbc.sdp()).status == 500
    assert "reinvite" in bench.violations(bench.mark)


@pytest.mark.parametrize("method", ["UPDATE", "INFO", "REFER", "MESSAGE", "SUBSCRIBE", "PRACK"])
def test_what_meta_does_not_allow_is_405(bench, leg, method):
    reply = leg.request(method)
    assert reply.status == 405 and reply.get("Allow") == "INVITE, ACK, BYE, CANCEL, NOTIFY, OPTIONS"
    assert bench.violations(bench.mark) == {"method"}


def test_options_and_cseq_in_the_dialog(bench, leg):
    assert leg.request("OPTIONS", cseq=200).status == 200
    assert leg.request("BYE", cseq=200).status == 500
    assert bench.violations(bench.mark) == {"cseq"}
    assert leg.request("BYE", cseq=201).status == 200


def test_bye_of_both_at_once(bench, sbc, call, leg):
    call.hangup()
    _, bye = sbc.expect("BYE")
    assert leg.request("BYE").status == 200
    leg.reply(200, to=bye)
    call.wait_ended()
    assert bench.violations(bench.mark) == set()


def test_the_connections_fall_and_the_call_goes_on(bench, sbc, call, leg):
    bench.meta.command("disconnect")
    sbc.out = None
    call.hangup()
    conn, bye = sbc.expect("BYE")
    assert conn is not leg.conn
    leg.conn = conn
    leg.reply(200, to=bye)
    assert call.wait_ended()["by"] == "user"


def outside(sbc, method):
    conn = sbc.connect()
    conn.send([f"{method} sip:wa.meta.vc SIP/2.0", f"Via: SIP/2.0/TLS sbc.wasbc.test;rport;branch=z9hG4bK{token()}",
               "Max-Forwards: 70", f"From: <sip:x@sbc.wasbc.test>;tag={token()}", "To: <sip:x@wa.meta.vc>",
               f"Call-ID: {token()}", f"CSeq: 1 {method}"])
    return sbc.expect(lambda m: m.is_reply and m.cseq_method == method)[1]


@pytest.mark.parametrize("method, status, rules", [
    ("REGISTER", 403, {"register"}), ("OPTIONS", 200, set()), ("MESSAGE", 405, {"method"}),
    ("BYE", 481, {"no_dialog"})])
def test_outside_of_a_dialog(bench, sbc, method, status, rules):
    reply = outside(sbc, method)
    assert reply.status == status and "rport=" in reply.get("Via") and "received=" in reply.get("Via")
    assert bench.violations(bench.mark) == rules


def test_what_is_no_sip_at_all(bench, sbc):
    sbc.connect().put(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    bench.meta.wait("tls_closed", mark=bench.mark)
    assert bench.violations(bench.mark) == {"malformed"}
