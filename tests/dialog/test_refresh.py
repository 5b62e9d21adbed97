# SPDX-License-Identifier: GPL-2.0-or-later
"""UPDATE, session timers (RFC 4028) and 100rel (RFC 3262): between the PBX and us."""
import pytest

from lab import numbers
from session import DIRECTIONS, Undisturbed, ask, direction_of, establish, offer, reinvite

TIMER = ["Supported: timer, replaces", "Session-Expires: 1800"]


def words(message, name):
    return {w.strip().lower() for value in message.all(name) for w in value.split(",")}


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_E02_update_is_answered_here(lab, pbx, user, direction):
    call, leg = establish(lab, pbx, numbers.DTLS, user, direction)
    with Undisturbed(call):
        plain = ask(leg, "UPDATE")
        assert plain.status == 200 and plain.body == "" and plain.get("Contact") == f"<{leg.target}>"
        held = ask(leg, "UPDATE", sdp=offer(leg, "sendonly"))
        assert held.status == 200 and direction_of(held) == "recvonly"
        back = ask(leg, "UPDATE", sdp=offer(leg, version=3))
        assert back.status == 200 and direction_of(back) == "sendrecv"
    assert leg.bye().status == 200


def test_E02_the_pbx_learns_that_it_may(lab, pbx, user):
    _, leg = establish(lab, pbx, numbers.DTLS, user, "business")
    assert {"update", "info"} <= words(leg.answered, "Allow")
    leg.bye()


@pytest.mark.parametrize("header", ["Supported", "Require"])
def test_E02_the_pbx_refreshes_and_meta_hears_nothing_of_it(lab, pbx, user, header):
    timer = [TIMER[0], TIMER[1]] + (["Require: timer"] if header == "Require" else [])
    call, leg = establish(lab, pbx, numbers.DTLS, user, "business", headers=timer)
    for invite in call.received(lambda m: m.method == "INVITE"):
        assert invite.get("Session-Expires") is None and "timer" not in words(invite, "Supported")
        assert invite.get("Require") is None
    assert leg.answered.get("Session-Expires").replace(" ", "") == "1800;refresher=uac"
    assert "timer" in words(leg.answered, "Require")
    with Undisturbed(call):
        for refresh in (ask(leg, "UPDATE", headers=TIMER), reinvite(leg, offer(leg), headers=TIMER)):
            assert refresh.status == 200
            assert refresh.get("Session-Expires").replace(" ", "") == "1800;refresher=uac"
    assert leg.bye().status == 200


def test_E02_without_support_for_timers_there_is_none(lab, pbx, user):
    _, leg = establish(lab, pbx, numbers.DTLS, user, "business")
    assert leg.answered.get("Session-Expires") is None and leg.answered.get("Require") is None
    leg.bye()


def test_E02_we_do_not_refresh(lab, pbx, user):
    """refresher=uas would be us: an answer without Session-Expires says that there is no timer."""
    call, leg = establish(lab, pbx, numbers.DTLS, user, "business",
                          headers=["Supported: timer", "Session-Expires: 1800;refresher=uas"])
    assert leg.answered.get("Session-Expires") is None
    assert leg.bye().status == 200
    assert call.wait_ended()["by"] == "business"


def test_E02_an_interval_that_is_too_small_is_refused(lab, pbx, user):
    mark = lab.metasim.events.mark()
    leg = pbx.call(user, lab.number, headers=["Supported: timer", "Session-Expires: 60"])
    refused = leg.wait_final()
    assert refused.status == 422 and refused.get("Min-SE") == "90"
    lab.metasim.catch_up()
    assert lab.metasim.messages(mark) == []


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_E02_what_meta_may_not_see_is_not_offered_across(lab, pbx, user, direction):
    how = {"headers": ["Supported: 100rel, timer", "Allow: INVITE, PRACK, UPDATE, REFER"]} if direction == "business" \
        else {}
    call, leg = establish(lab, pbx, numbers.DTLS, user, direction, **how)
    seen = call.received()
    assert seen and all(not words(m, "Supported") & {"100rel", "timer"} for m in seen)
    assert all(not words(m, "Allow") & {"prack", "update", "refer", "info"} for m in seen)
    assert "100rel" not in words(leg.invite, "Supported") or direction == "business"
    assert leg.bye().status == 200


@pytest.mark.parametrize("require", ["100rel", "100rel, timer", "replaces"])
def test_E02_what_is_required_and_unknown_is_refused(lab, pbx, user, require):
    mark = lab.metasim.events.mark()
    refused = pbx.call(user, lab.number, headers=[f"Require: {require}"]).wait_final()
    assert refused.status == 420 and "100rel" in refused.get("Unsupported") or require == "replaces"
    lab.metasim.catch_up()
    assert lab.metasim.messages(mark) == []
