# SPDX-License-Identifier: GPL-2.0-or-later
"""G11: two relays. A call stays with the one that opened it, also while that one is away."""
import contextlib
import subprocess
import sys

import pytest

from calls import user_calls
from lab import numbers, process
from lab.relay import SecondRelay


@pytest.fixture(name="two")
def fixture_two(own_lab, start_wire):
    """(a lab, its second relay, its PBX)"""
    lab = own_lab()
    second = SecondRelay(lab)
    try:
        second.introduce()
        lab.provision()
        yield lab, second, start_wire(lab)
    finally:
        second.stop()


def one_at(relay, lab, pbx, users):
    """A call that this relay has opened; others are ended."""
    for _ in range(20):
        call, leg = user_calls(lab, pbx, numbers.SDES, next(users))
        leg.cseq = 100
        if leg.call_id in relay.calls():
            return call, leg
        assert leg.bye().status == 200
        call.wait_ended()
    raise AssertionError("no call in twenty came to this relay")


def test_G11_a_relay_that_is_away_is_no_call_that_is_over(two, users):
    lab, second, pbx = two
    call, leg = one_at(second, lab, pbx, users)
    other, leg2 = one_at(lab.relay, lab, pbx, users)
    second.kill()
    assert leg.reinvite(leg.sdp()).status == 503  # 481 would have the PBX end a call that comes back
    assert leg2.reinvite(leg2.sdp()).status == 200
    second.start()
    second.wait_ready()
    process.wait_until(lambda: leg.reinvite(leg.sdp()).status == 200, 10, "the call is there again", pause=0.1)
    for c, side in ((call, leg), (other, leg2)):
        assert side.bye().status == 200
        c.wait_ended()
    process.wait_until(lambda: lab.relay.calls() == [] == second.calls(), 20, "neither has a call left")


def test_G11_a_drained_relay_opens_no_call_and_keeps_those_it_has(two, users):
    lab, second, pbx = two
    call, leg = one_at(second, lab, pbx, users)
    assert second.ask("drain", on=1)["result"] == "ok"
    assert second.ask("open", call_id="another")["result"] == "error"
    assert second.ask("stats")["drained"] == 1
    for _ in range(5):  # of which one half would have come to it
        other, leg2 = user_calls(lab, pbx, numbers.SDES, next(users))
        assert leg2.call_id in lab.relay.calls()
        assert leg2.bye().status == 200
        other.wait_ended()
    leg.cseq = 100
    assert leg.reinvite(leg.sdp()).status == 200
    assert second.calls() == [leg.call_id]
    assert second.ask("drain", on=0)["result"] == "ok"
    assert second.ask("open", call_id="another")["result"] == "ok"
    second.ask("close", call_id="another")
    assert leg.bye().status == 200
    call.wait_ended()


@contextlib.contextmanager
def work():
    """One processor has something to do."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        try:
            yield
        finally:
            busy.kill()


def refuses(relay):
    refused = relay.ask("open", call_id="another")["result"] == "error"
    relay.ask("close", call_id="another")
    return refused


def test_G11_a_relay_whose_host_is_busy_opens_no_call_and_keeps_those_it_has(two, users):
    lab, second, pbx = two
    call, leg = one_at(second, lab, pbx, users)
    second.kill()
    second.argv.append("--max-cpu=1")
    second.start()
    second.wait_ready()
    with work():
        process.wait_until(lambda: refuses(second), 20, "the relay has seen that the host is busy", pause=0.1)
        before = second.ask("stats")["busy"]
        for _ in range(20):
            other, leg2 = user_calls(lab, pbx, numbers.SDES, next(users))
            assert leg2.call_id in lab.relay.calls()
            assert leg2.bye().status == 200
            other.wait_ended()
            if second.ask("stats")["busy"] > before:
                break
        else:
            raise AssertionError("no call in twenty would have come to the relay that is busy")
        leg.cseq = 100
        assert leg.reinvite(leg.sdp()).status == 200
        assert second.calls() == [leg.call_id]
        assert leg.bye().status == 200
        call.wait_ended()
