# SPDX-License-Identifier: GPL-2.0-or-later
"""Which PBX does a call of a WhatsApp user take?"""
import pytest

from lab import numbers
from lab.pbx_wire import WirePbx
from lab.sip import user_of


@pytest.fixture(name="group_pbx")
def fixture_group_pbx(lab, start_pbx):
    """The gateway of the trunks that are selected by group."""
    host, port = lab.addresses.pbx_sip
    return start_pbx(WirePbx, lab, name="group", address=(host, port + 1000))


def refused_by(pbx, call, status=486):
    """The call came to this PBX: it says no, and Meta hears so."""
    leg = pbx.incoming()
    leg.reply(status)
    leg.expect("ACK")
    assert call.wait_ended()["code"] == status
    return leg


@pytest.mark.parametrize("number", [numbers.GROUPED, numbers.GROUPED_CONTEXT, numbers.GROUPED_LONG],
                         ids=["trunk-context", "context", "128 characters each"])
def test_C01_parameters_before_the_at_select_the_trunk(lab, pbx, group_pbx, user, number):
    call = lab.metasim.ring(number, user)
    refused_by(group_pbx, call)
    assert pbx.received() == []
    sent = call.sent(lambda m: m.method == "INVITE")[0]
    for key, value in number.params.items():
        assert f";{key}={value}" in sent.uri.partition("@")[0]


def test_C01_absent_parameters_are_fine(lab, pbx, user):
    call = lab.metasim.ring(numbers.DTLS, user)
    refused_by(pbx, call)
    assert ";" not in call.sent()[0].uri.partition("@")[0]


def test_C01_another_context_is_another_group(lab, pbx, group_pbx, user):
    call = lab.metasim.ring(numbers.GROUPED, user,
                            user_params={"tgrp": "wacall", "trunk-context": "other.example.com"})
    refused_by(pbx, call)  # the default trunk
    assert group_pbx.received() == []


def test_C01_the_number_reaches_the_pbx_without_parameters(lab, group_pbx, user):
    call = lab.metasim.ring(numbers.GROUPED, user)
    leg = refused_by(group_pbx, call)
    assert user_of(leg.invite.uri).lstrip("+") == numbers.GROUPED.digits
    assert "tgrp" not in leg.invite.uri


def test_C02_the_group_comes_before_the_number_s_trunk(lab, pbx, group_pbx, user):
    # this number's own trunk is "pbx"
    refused_by(group_pbx, lab.metasim.ring(numbers.GROUPED_AND_TRUNK, user))
    assert pbx.received() == []


def test_C02_the_number_s_trunk_comes_before_the_default(lab, pbx, group_pbx, user):
    refused_by(group_pbx, lab.metasim.ring(numbers.OTHER_TRUNK, user))
    assert pbx.received() == []


def test_C02_else_the_default_trunk(lab, pbx, user):
    refused_by(pbx, lab.metasim.ring(numbers.NO_TRUNK, user))


def test_C02_an_unknown_number_is_404(lab, pbx, user):
    call = lab.metasim.ring(numbers.UNKNOWN, user)
    assert call.wait_ended()["code"] == 404
    assert pbx.received() == []


def test_C02_no_trunk_up_is_503(lab, pbx, user):
    call = lab.metasim.ring(numbers.NO_GATEWAY, user)
    assert call.wait_ended(40)["code"] == 503
    assert pbx.received() == []
