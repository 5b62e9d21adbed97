# SPDX-License-Identifier: GPL-2.0-or-later
"""D12: a PBX that speaks TCP or TLS, both for what it gets and for what it sends."""
import pytest
from own_trunk import NUMBER

from calls import both_hear, meta_heard
from lab import process
from lab.pbx_wire import WirePbx
from lab.sip import param, uri_of

STREAMS = ["tcp", "tls"]


@pytest.fixture(name="start")
def fixture_start(lab, start_pbx):
    """start(transport, n): a PBX at a port of its own."""
    host, port = lab.addresses.pbx_sip
    return lambda transport, n=0: start_pbx(WirePbx, lab, name=f"{transport}{n}", address=(host, port + 3100 + n),
                                            transport=transport)


@pytest.fixture(name="impatient")
def fixture_impatient(lab):
    """A gateway that says nothing is given up soon; after impatient() the next one has time again."""
    def wait(ms):
        lab.rpc("cfg.set_now_int", "wasbc", "answer_timeout", ms)
    wait(1500)
    yield lambda: wait(20000)
    wait(4000)


def user_calls(lab, pbx, user):
    call = lab.metasim.ring(NUMBER, user, media={"tone_hz": 700})
    leg = pbx.incoming()
    leg.reply(180)
    leg.answer(hz=1000)
    call.wait_answered()
    leg.expect("ACK")
    return call, leg


def business_calls(lab, pbx, user):
    mark = lab.metasim.events.mark()
    leg = pbx.call(user, NUMBER.digits)
    assert leg.wait_final().status == 200
    leg.play(1000)
    call = lab.metasim.rung(user, mark=mark)
    call.wait_answered()
    call.tone(700)
    return call, leg


def sbc_port(lab, transport):
    return (lab.addresses.sip_pbx_tls if transport == "tls" else lab.addresses.sip_pbx)[1]


@pytest.mark.parametrize("transport", STREAMS)
def test_D12_a_user_calls_a_pbx_by(lab, start, trunk, user, transport):
    pbx = start(transport)
    trunk(gateways=pbx.uri)
    call, leg = user_calls(lab, pbx, user)
    via, route = leg.invite.get("Via"), uri_of(leg.invite.values("Record-Route")[0])
    at = f"{lab.addresses.pbx_side}:{sbc_port(lab, transport)}"
    assert via.startswith(f"SIP/2.0/{transport.upper()} {at}")
    assert route.startswith(f"sip:{at};transport={transport};wa=") and param(route, "lr") == ""
    stats, heard = both_hear(call, leg.media.heard, 0.4)
    assert meta_heard(stats, 1000) and abs(heard.hz - 700) < 10
    call.hangup()
    leg.reply(200, to=leg.expect("BYE"))
    assert call.wait_ended()["by"] == "user"
    # one connection for the whole call, and for the next, which the PBX ends
    call, leg = user_calls(lab, pbx, user)
    assert leg.bye().status == 200
    assert call.wait_ended()["by"] == "business"
    assert pbx.wires.accepted == 1


@pytest.mark.parametrize("transport", STREAMS)
def test_D12_a_pbx_calls_by(lab, start, trunk, users, transport):
    pbx = start(transport)
    trunk(gateways=pbx.uri)
    call, leg = business_calls(lab, pbx, next(users))
    both_hear(call, leg.media.heard, 0.3)
    assert leg.reinvite(leg.sdp(direction="sendonly")).status == 200
    assert leg.wait_reply(leg.request("UPDATE")).status == 200
    assert leg.bye().status == 200
    assert call.wait_ended()["by"] == "business"
    call, leg = business_calls(lab, pbx, next(users))
    call.hangup()
    bye = leg.expect("BYE")
    assert bye.uri == pbx.contact and bye.get("Via").startswith(f"SIP/2.0/{transport.upper()} ")
    leg.reply(200, to=bye)
    assert call.wait_ended()["by"] == "user"


@pytest.mark.parametrize("transport", STREAMS)
@pytest.mark.parametrize("make", [user_calls, business_calls], ids=["in", "out"])
def test_D12_E04_a_call_outlives_its_connection(lab, start, trunk, users, transport, make):
    pbx = start(transport)
    trunk(gateways=pbx.uri)
    call, leg = make(lab, pbx, next(users))
    pbx.wires.lose()
    assert leg.bye().status == 200
    assert call.wait_ended()["by"] == "business"
    call, leg = make(lab, pbx, next(users))
    pbx.wires.lose()
    call.hangup()
    leg.reply(200, to=leg.expect("BYE"))
    assert call.wait_ended()["by"] == "user"


@pytest.mark.parametrize("transport", STREAMS)
def test_D12_E04_a_bye_that_went_down_with_its_connection_comes_again(lab, start, trunk, impatient, user, transport):
    pbx = start(transport)
    trunk(gateways=pbx.uri)
    call, leg = user_calls(lab, pbx, user)
    call.hangup()
    bye = leg.expect("BYE")
    pbx.wires.lose()
    leg.reply(200, to=pbx.wait(lambda m: m.method == "BYE" and m.branch != bye.branch, "BYE again"))
    assert call.wait_ended()["by"] == "user"


def test_D12_C14_a_gateway_that_loses_the_connection_is_passed_over(lab, start, trunk, impatient, user):
    """It had the INVITE, and is gone before it said a word."""
    first, second = start("tcp"), start("tls", 1)
    trunk(gateways=f"{first.uri};;1;;1 {second.uri};;1;;2")
    call = lab.metasim.ring(NUMBER, user)
    first.incoming()
    impatient()
    first.stop()
    leg = second.incoming()
    leg.reply(486)
    leg.expect("ACK")
    assert call.wait_ended()["code"] == 486


def test_D12_C14_the_only_gateway_is_tried_again_by_another_connection(lab, start, trunk, impatient, user):
    """The connection looked well and was dead: what was sent on it is lost."""
    pbx = start("tls")
    trunk(gateways=pbx.uri)
    call = lab.metasim.ring(NUMBER, user)
    leg = pbx.incoming()  # as if it had gone astray
    impatient()
    leg.take(pbx.wait(lambda m: m.method == "INVITE" and m.branch != leg.invite.branch, "INVITE again"))
    assert pbx.wires.accepted == 2
    leg.reply(486)
    leg.expect("ACK")
    assert call.wait_ended()["code"] == 486


def test_D12_C14_a_gateway_with_a_strangers_certificate_is_passed_over(lab, start, trunk, impatient, user):
    lab.certs.leaf("pbx-stranger", f"IP:{lab.addresses.pbx}", issuer="stranger")
    stranger, good = start("tls"), start("tls", 1)
    stranger.wires.context.load_cert_chain(lab.certs.dir / "pbx-stranger.crt", lab.certs.dir / "pbx-stranger.key")
    trunk(gateways=f"{stranger.uri};;1;;1 {good.uri};;1;;2")
    call = lab.metasim.ring(NUMBER, user)
    process.wait_until(lambda: stranger.wires.accepted, 10, "the stranger is asked first")
    impatient()
    leg = good.incoming()
    assert stranger.received() == []
    leg.reply(486)
    leg.expect("ACK")
    assert call.wait_ended()["code"] == 486


@pytest.mark.parametrize("transport", STREAMS)
def test_D12_C02_a_gateway_is_asked_by_its_own_transport(lab, start, trunk, transport):
    pbx = start(transport)
    trunk(gateways=pbx.uri, options="1")
    request = pbx.wait(lambda m: m.method == "OPTIONS", "OPTIONS", 20)
    assert request.get("Via").startswith(f"SIP/2.0/{transport.upper()} ")
