# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages of Meta that are odd, and legal: they are carried."""
import pytest

from calls import user_calls
from lab import meta_wire, numbers
from lab.meta_wire import WireMeta
from lab.sip import uri_of, user_of


def hang_up(call, leg):
    call.hangup()
    leg.reply(200, to=leg.expect("BYE"))
    call.wait_ended()


def test_C06_call_ids_with_colon_and_equals_sign(lab, pbx, user):
    call, leg = user_calls(lab, pbx, numbers.DTLS, user)
    call_id = call.sent()[0].call_id
    assert call_id.startswith("outgoing:wacid.") and ":" in call_id
    hang_up(call, leg)


def test_C06_a_call_id_that_ends_in_an_equals_sign(lab, pbx, watch):
    with_wire(lab, watch, pbx, call_id="outgoing:wacid.SEJnTE1UWXpNVFUxTlRFeE1URUFnQUVoPT0=")


def test_C06_ipv6_vias_are_given_back_as_they_came(lab, pbx, watch):
    vias = ["SIP/2.0/TLS [2401:db00::face:0:3c:0]:44321;branch=z9hG4bK0a1b2c3d;rport=44321;received=10.1.2.3",
            "SIP/2.0/TLS [fdaa:0:1::2]:8191;branch=z9hG4bKinner"]
    reply = with_wire(lab, watch, pbx, vias=vias)
    assert reply.values("Via")[1:] == vias


def with_wire(lab, watch, pbx, **how):
    """A call by hand, refused by the PBX; returns Meta's final reply."""
    lab.set_password(numbers.SDES, "by-hand-0123456789")
    wire = WireMeta(lab)
    watch.wires.append(wire)
    try:
        dialog = wire.dialog(numbers.SDES.digits, numbers.USER, **how)
        dialog.start(dialog.credentials(dialog.invite(), "by-hand-0123456789"))
        leg = pbx.incoming()
        leg.reply(486)
        leg.expect("ACK")
        reply = dialog.final()
        assert reply.status == 486 and reply.call_id == dialog.call_id
        return reply
    finally:
        wire.stop()


@pytest.mark.parametrize("bsuid", ["US.13491208655302741918", "BR.abcDEF0123456789"])
def test_C06_a_caller_that_is_no_number(lab, pbx, bsuid):
    call, leg = user_calls(lab, pbx, numbers.DTLS, bsuid, user_id=bsuid)
    assert user_of(uri_of(leg.invite.get("From"))) == bsuid
    hang_up(call, leg)


def test_C06_unknown_headers_of_meta_are_carried(lab, pbx, user):
    headers = {"x-wa-meta-from-the-future": "yes", "X-WA-Meta-Country-Code": "US"}
    call, leg = user_calls(lab, pbx, numbers.DTLS, user, headers=headers, user_name="Ada",
                           user_id="US.1349", parent_user_id="US.77")
    carried = {n.lower(): v for n, v in leg.invite.headers if n.lower().startswith(("x-wa-meta", "x-wa_meta"))}
    hang_up(call, leg)
    assert carried["x-wa-meta-from-the-future"] == "yes"
    assert carried["x-wa-meta-country-code"] == "US"
    assert carried["x-wa-meta-user-name"] == "Ada" and carried["x-wa-meta-user-id"] == "US.1349"
    # Meta's own misspelling, x-wa_meta-
    assert [v for n, v in carried.items() if n.replace("_", "-") == "x-wa-meta-parent-user-id"] == ["US.77"]


def test_C08_meta_s_record_routes_stand_in_the_200_as_they_came(lab, pbx, user):
    call, leg = user_calls(lab, pbx, numbers.DTLS, user)
    invite = [m for m in call.sent(lambda m: m.method == "INVITE")][-1]
    ok = call.wait_received(lambda m: m.status == 200 and m.cseq_method == "INVITE", "200 OK")
    hang_up(call, leg)
    assert invite.values("Record-Route") == meta_wire.ROUTES
    # our own may stand above, Meta's two are the last two
    assert ok.values("Record-Route")[-2:] == meta_wire.ROUTES
