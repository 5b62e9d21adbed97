# SPDX-License-Identifier: GPL-2.0-or-later
"""G08: what a person finds in the log of a call."""
import re

from calls import business_calls
from lab import numbers
from lab.process import wait_until


def line(lab, call_id):
    """The one line of a call that is over."""
    def lines():
        return [text for text in lab.kamailio.daemon.log().splitlines()
                if "event=over " in text and f" call={call_id} " in text]
    wait_until(lines, 20, "the call's line is in the log")
    (text,) = lines()
    return text


def test_G08_one_line_per_call_with_numbers_masked(lab, pbx, user):
    mark = len(lab.kamailio.daemon.log())
    call, leg = business_calls(lab, pbx, numbers.DTLS, user)
    leg.bye()
    call.wait_ended()
    text = line(lab, leg.call_id)
    assert f"number=1555***11 peer=1631***{user[-2:]} trunk=pbx cause=bye_pbx code=200 by=pbx " in text
    assert re.search(r" wacid=\S+ ", text) and re.search(r" duration_ms=\d+ first_ms=(\d+|-) ", text)
    written = lab.kamailio.daemon.log()[mark:]
    assert user not in written and numbers.DTLS.digits not in written


def test_G08_a_refusal_says_why_and_what_to_do(lab, pbx, user):
    lab.metasim.policy(user, refuse={"code": 403, "reason": "No Approved Call Permission Found"})
    leg = pbx.call(user, numbers.DTLS.digits)
    leg.wait_final()
    text = line(lab, leg.call_id)
    assert 'why="no call permission' in text and 'remedy="ask the user for permission' in text
    assert 'phrase="No Approved Call Permission Found"' in text
