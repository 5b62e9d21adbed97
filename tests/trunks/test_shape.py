# SPDX-License-Identifier: GPL-2.0-or-later
"""What does each PBX get to see: numbers, parameters, headers?"""
import pytest
from conftest import NUMBER, uri

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
