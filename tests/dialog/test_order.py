# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests of the PBX that come too early, too late, twice, or for another call."""
import pytest

from lab import numbers, process
from lab.rtp import Stream
from session import DIRECTIONS, Undisturbed, ask, establish, final, offer, reinvite


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_E01_an_overtaken_request_is_refused(lab, pbx, user, direction):
    call, leg = establish(lab, pbx, numbers.DTLS, user, direction)
    with Undisturbed(call):
        assert reinvite(leg, offer(leg)).status == 200
        old = leg.cseq
        assert reinvite(leg, offer(leg, version=3)).status == 200
        assert ask(leg, "UPDATE", cseq=old).status == 500
    assert leg.bye().status == 200


def test_E01_reinvite_before_the_answer_of_meta_waits(lab, pbx, user):
    lab.metasim.policy(user, action="ring")
    mark = lab.metasim.events.mark()
    leg = pbx.call(user, lab.number)
    ringing = leg.wait_status(180)
    leg.remote, leg.routes = ringing.get("To"), list(reversed(ringing.values("Record-Route")))
    target, leg.target = leg.target, ringing.get("Contact").split("<")[1].split(">")[0]
    call = lab.metasim.rung(user, mark=mark)
    with Undisturbed(call):
        refused = reinvite(leg, offer(leg))
        assert refused.status == 500 and 0 <= int(refused.get("Retry-After")) <= 10
        assert ask(leg, "UPDATE", sdp=offer(leg)).status == 500
        assert ask(leg, "UPDATE").status == 200
    leg.target = target
    assert final(leg, leg.cancel()).status == 200
    assert final(leg, leg.invite).status == 487
    leg.request("ACK", cseq=leg.invite.cseq, branch=leg.invite.branch)
    call.wait_ended()


def test_E01_reinvite_before_our_invite_is_answered_is_glare(lab, pbx, user):
    call = lab.metasim.ring(numbers.DTLS, user)
    leg = pbx.incoming()
    leg.reply(180)
    call.wait_received(lambda m: m.status == 180, "180 Ringing")
    leg.local, leg.cseq = leg.invite.get("To") + f";tag={leg.tag}", 100
    leg.remote = leg.invite.get("From")
    with Undisturbed(call):
        assert reinvite(leg, offer(leg)).status == 491
    leg.answer()
    call.wait_answered()
    leg.expect("ACK")
    with Undisturbed(call):
        assert reinvite(leg, offer(leg)).status == 200
    assert leg.bye().status == 200


def test_E01_the_answer_comes_again_until_its_ack(lab, pbx, user):
    call, leg = establish(lab, pbx, numbers.DTLS, user, "business")
    with Undisturbed(call):
        sent = leg.request("INVITE", sdp=offer(leg))
        first = final(leg, sent)
        mark = pbx.trace.mark()
        again = pbx.wait(lambda m: m.is_reply and m.cseq == sent.cseq and m.status == 200, "the 200 again", mark=mark)
        assert again.body == first.body
        leg.request("ACK", cseq=sent.cseq)
        assert ask(leg, "UPDATE").status == 200
    assert leg.bye().status == 200


def test_E01_an_offer_of_ours_is_answered_before_the_next(lab, pbx, user):
    lab.metasim.policy(user, media={"tone_hz": 700})
    call, leg = establish(lab, pbx, numbers.DTLS, user, "business")
    with Undisturbed(call):
        sent = leg.request("INVITE")
        assert final(leg, sent).status == 200
        assert reinvite(leg, offer(leg)).status == 491
        party = Stream(leg.media.host)
        try:
            leg.request("ACK", cseq=sent.cseq, sdp=offer(leg, media=party))
            # another of Kamailio's processes could take the next request before this one
            process.wait_until(lambda: party.packets, 10, "the party of the ACK's answer hears WhatsApp")
            assert reinvite(leg, offer(leg, version=3)).status == 200
        finally:
            party.close()
    assert leg.bye().status == 200


def test_E01_a_repeated_request_gets_the_same_reply(lab, pbx, user):
    call, leg = establish(lab, pbx, numbers.DTLS, user, "business")
    with Undisturbed(call):
        sent = leg.request("UPDATE")
        assert final(leg, sent).status == 200
        mark = pbx.trace.mark()
        pbx.send(sent.text)
        assert pbx.wait(lambda m: m.is_reply and m.cseq == sent.cseq, "the reply again", mark=mark).status == 200
    assert leg.bye().status == 200


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_E05_state_of_one_call_opens_no_other(lab, pbx, users, direction):
    first, leg = establish(lab, pbx, numbers.DTLS, next(users), direction)
    second, other = establish(lab, pbx, numbers.SDES, next(users), direction)
    own, other.routes = other.routes, leg.routes
    with Undisturbed(first), Undisturbed(second):
        assert ask(other, "UPDATE").status == 481
        assert ask(other, "BYE").status == 481
    other.routes = own
    assert other.bye().status == 200
    assert leg.bye().status == 200


def test_E01_G02_who_has_not_our_route_answers_no_offer_of_ours(lab, pbx, user):
    """An ACK with the Call-ID and the CSeq of another's call: from any address of a PBX, or one that is forged."""
    lab.metasim.policy(user, media={"tone_hz": 700})
    call, leg = establish(lab, pbx, numbers.DTLS, user, "business")
    stranger, party = Stream(leg.media.host), Stream(leg.media.host)
    with Undisturbed(call):
        sent = leg.request("INVITE")
        assert final(leg, sent).status == 200
        own, leg.routes = leg.routes, []
        leg.request("ACK", cseq=sent.cseq, sdp=offer(leg, media=stranger))
        leg.routes = own
        # our offer waits on
        assert reinvite(leg, offer(leg)).status == 491
        leg.request("ACK", cseq=sent.cseq, sdp=offer(leg, media=party))
        process.wait_until(lambda: party.packets, 10, "the party of the right answer hears WhatsApp")
        assert not stranger.packets
    for stream in (stranger, party):
        stream.close()
    assert leg.bye().status == 200
