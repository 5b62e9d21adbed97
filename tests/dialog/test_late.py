# SPDX-License-Identifier: GPL-2.0-or-later
"""What comes when it is too late: a CANCEL for a call that is up, requests and answers for one that is over."""
import pytest

from calls import business_calls, user_calls
from lab import numbers, process
from session import DIRECTIONS, ask, establish, final, offer, reinvite


def heard_more(call, ms):
    before = call.stats()["heard"]["audio_ms"]
    process.wait_until(lambda: call.stats()["heard"]["audio_ms"] >= before + ms, 10, "WhatsApp hears the PBX on")


def stray_cancel(leg):
    """A CANCEL for no transaction that we have."""
    reply = final(leg, leg.request("CANCEL", cseq=leg.invite.cseq))
    assert reply.status == 481


def test_G14_a_cancel_that_comes_late_ends_no_media(lab, pbx, user):
    call, leg = business_calls(lab, pbx, numbers.DTLS, user, hz=1000)
    stray_cancel(leg)
    heard_more(call, 500)
    assert leg.call_id in lab.rtpengine.calls() and lab.relay.calls() == [leg.call_id]
    assert leg.bye().status == 200
    call.wait_ended()


def test_G14_a_cancel_of_another_branch_ends_no_media(lab, pbx, user):
    lab.metasim.policy(user, action="ring")
    mark = lab.metasim.events.mark()
    leg = pbx.call(user, numbers.DTLS.digits)
    call = lab.metasim.rung(user, mark=mark)
    leg.wait_status(180)
    stray_cancel(leg)
    assert leg.call_id in lab.rtpengine.calls() and lab.relay.calls() == [leg.call_id]
    lab.metasim.command("answer", call=call.name)
    assert leg.wait_final().status == 200
    leg.play(1000)
    heard_more(call, 500)
    assert leg.bye().status == 200


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_E02_who_missed_the_bye_learns_from_his_next_request(lab, pbx, user, direction):
    """A PBX whose line was down while the user hung up: its session timer finds it out."""
    call, leg = establish(lab, pbx, numbers.DTLS, user, direction)
    assert leg.bye().status == 200
    call.wait_ended()
    process.wait_until(lambda: lab.relay.calls() == [], 20, "the call is over")
    assert ask(leg, "UPDATE", headers=["Supported: timer", "Session-Expires: 1800"]).status == 481
    assert reinvite(leg, offer(leg)).status == 481
    assert reinvite(leg).status == 481
    assert ask(leg, "INFO", body="Signal=1\r\nDuration=100\r\n", kind="application/dtmf-relay").status == 481


def test_G14_an_answer_that_comes_again_after_the_end_leaves_nothing(lab, pbx, user):
    call, leg = user_calls(lab, pbx, numbers.DTLS, user)
    opened = lab.relay.ask("stats")["opened"]
    assert leg.bye().status == 200
    call.wait_ended()
    process.wait_until(lambda: lab.relay.calls() == [], 20, "the call is over")
    mark = lab.metasim.events.mark()
    leg.answer()
    lab.metasim.events.wait(lambda e: e["event"] == "sip" and e["dir"] == "rx" and e["message"].status == 200
                            and e["message"].cseq_method == "INVITE", 10, "the repeated 200 OK", mark)
    assert lab.relay.calls() == [] and lab.relay.ask("stats")["opened"] == opened
