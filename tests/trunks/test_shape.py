# SPDX-License-Identifier: GPL-2.0-or-later
"""What does each PBX get to see: numbers, parameters, headers?"""
import pytest
from own_trunk import NUMBER, uri

from lab.sip import uri_of, user_of


def seen(lab, pbx, user, **options):
    """The INVITE that reaches the PBX, which refuses the call."""
    call = lab.metasim.ring(NUMBER, user, **options)
    leg = pbx.incoming()
    leg.reply(486)
    leg.expect("ACK")
    assert call.wait_ended()["code"] == 486
    return leg.invite


@pytest.mark.parametrize("fields, called, caller", [
    ({}, "+{n}", "+{u}"),
    ({"format": "digits"}, "{n}", "{u}"),
    ({"format": "national", "country": "1", "prefix": "0"}, "0{n1}", "0{u1}"),
    ({"format": "national", "country": "49", "prefix": "0"}, "00{n}", "00{u}"),
], ids=["e164", "digits", "national", "of another country"])
def test_C02_numbers_in_the_format_of_the_trunk(lab, gateways, trunk, user, fields, called, caller):
    trunk(gateways=uri(gateways[0]), **fields)
    invite = seen(lab, gateways[0], user)
    names = {"n": NUMBER.digits, "u": user, "n1": NUMBER.digits[1:], "u1": user[1:]}
    assert user_of(invite.uri) == called.format(**names)
    assert user_of(uri_of(invite.get("From"))) == caller.format(**names)


@pytest.mark.parametrize("place", ["user", "uri", "none"])
def test_C01_parameters_go_out_again_where_the_trunk_wants_them(lab, gateways, trunk, user, place):
    trunk(gateways=uri(gateways[0]), tgrp="own-group", params=place)
    invite = seen(lab, gateways[0], user, user_params={"tgrp": "own-group", "trunk-context": "c.example"})
    before, _, behind = invite.uri.partition("@")
    text = ";tgrp=own-group;trunk-context=c.example"
    assert (text in before, text in behind) == (place == "user", place == "uri")


@pytest.mark.parametrize("kind, name", [("pai", "P-Asserted-Identity"), ("rpid", "Remote-Party-ID")])
def test_C07_the_caller_is_asserted_where_the_trunk_wants_it(lab, gateways, trunk, user, kind, name):
    trunk(gateways=uri(gateways[0]), identity=kind)
    invite = seen(lab, gateways[0], user)
    assert user_of(uri_of(invite.get(name))) == f"+{user}"


def test_C07_only_headers_that_the_trunk_lists_reach_the_pbx(lab, gateways, trunk, user):
    trunk(gateways=uri(gateways[0]), headers="x-wa-meta-wacid,x-fb-*")
    invite = seen(lab, gateways[0], user, user_name="Ada")
    names = {n.lower() for n, _ in invite.headers if n.lower().startswith("x-")}
    assert "x-wa-meta-wacid" in names and "x-wa-meta-user-name" not in names
    assert "x-fb-external-domain" in names


def test_G05_a_trunk_to_the_telephone_network_is_refused(lab, gateways, trunk, users):
    trunk(gateways=uri(gateways[0]), pstn="1")
    call = lab.metasim.ring(NUMBER, next(users))
    assert call.wait_ended()["code"] == 403
    mark = lab.metasim.events.mark()
    leg = gateways[0].call(next(users), NUMBER.digits)
    assert leg.wait_final().status == 403
    assert gateways[0].received(lambda m: m.method == "INVITE") == []
    assert [m for _, sent, m in lab.metasim.messages(mark) if not sent and m.method == "INVITE"] == []


MARK = "inner-affairs"
PRIVATE = {"Diversion": f"<sip:{MARK}@10.9.8.7>;reason=unconditional", "History-Info": f"<sip:{MARK}@10.9.8.7>;index=1",
           "P-Asserted-Identity": f'"{MARK}" <sip:+{NUMBER.digits}@10.9.8.7>',
           "P-Preferred-Identity": f"<sip:{MARK}@10.9.8.7>", "Privacy": f"id;{MARK}",
           "Remote-Party-ID": f'"{MARK}" <sip:1@10.9.8.7>;party=calling;privacy=full',
           "P-Charging-Vector": f"icid-value={MARK}", "Call-Info": f"<http://{MARK}.example/photo.jpg>",
           "Alert-Info": f"<http://{MARK}.example/ring.wav>", "User-to-User": f"{MARK};encoding=hex", "Subject": MARK,
           "Organization": MARK, "Referred-By": f"<sip:{MARK}@10.9.8.7>", "X-Inner": MARK, "x-wa-meta-user-name": MARK,
           "Server": MARK, "Reason": f'Q.850;cause=16;text="{MARK}"'}
LINES = [f"{name}: {value}" for name, value in PRIVATE.items()]


def nothing_private(messages):
    for message in messages:
        assert MARK not in message.text and "10.9.8.7" not in message.text, message.text
        assert not {n.lower() for n, _ in message.headers} & {n.lower() for n in PRIVATE} - {"reason"}, message.text


def test_E05_who_is_behind_a_pbx_stays_there_when_it_calls(lab, gateways, trunk, user):
    """In the INVITE, in each request within the call and in its end."""
    trunk(gateways=uri(gateways[0]))
    mark = lab.metasim.events.mark()
    leg = gateways[0].call(user, NUMBER.digits, headers=LINES)
    assert leg.wait_final().status == 200
    call = lab.metasim.rung(user, mark=mark)
    call.wait("acked")  # another worker could be quicker with what the PBX sends next
    assert leg.wait_reply(leg.request("INFO", headers=LINES)).status == 200
    bye = leg.request("BYE", headers=LINES)
    assert leg.wait_reply(bye).status == 200
    call.wait_ended()
    sent = call.received()
    assert {m.method for m in sent} >= {"INVITE", "ACK", "BYE"}
    nothing_private(sent)


def test_E05_who_is_behind_a_pbx_stays_there_when_it_is_called(lab, gateways, trunk, user):
    trunk(gateways=uri(gateways[0]))
    call = lab.metasim.ring(NUMBER, user)
    leg = gateways[0].incoming()
    leg.reply(180, headers=LINES)
    lab.metasim.wait("progress", call=call.name, code=180)
    leg.answer(headers=LINES)
    call.wait_answered()
    leg.expect("ACK")
    call.hangup()
    leg.reply(200, to=leg.expect("BYE"), headers=LINES)
    call.wait_ended()
    replies = call.received(lambda m: m.is_reply)
    assert {m.status for m in replies} >= {180, 200}
    nothing_private(call.received())


BSUID = "DE.{n}aB_c-9"


def bsuid(users):
    return BSUID.format(n=next(users))


@pytest.mark.parametrize("fields", [{}, {"format": "national", "country": "49", "prefix": "0"}], ids=["e164", "national"])
def test_D09_a_user_without_a_number_is_called_whatever_the_trunk_writes(lab, gateways, trunk, users, fields):
    """As he is, in every form of numbers; whoever hangs up, the call has its record."""
    trunk(gateways=uri(gateways[0]), **fields)
    for by in ("user", "business"):
        callee = bsuid(users)
        mark = lab.metasim.events.mark()
        leg = gateways[0].call(callee, NUMBER.digits)
        assert leg.wait_final().status == 200
        call = lab.metasim.rung(callee, mark=mark)
        call.wait_answered()
        invite = call.received(lambda m: m.method == "INVITE")[-1]
        assert invite.uri == uri_of(invite.get("To")) == f"sip:{callee}@wa.meta.vc;transport=tls"
        if by == "user":
            call.hangup()
            leg.reply(200, to=leg.expect("BYE"))
        else:
            assert leg.bye().status == 200
        assert call.wait_ended()["by"] == by
        record = lab.record(leg.call_id)
        assert (record["peer"], record["cause"]) == (callee, "bye_meta" if by == "user" else "bye_pbx")
