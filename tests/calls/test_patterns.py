# SPDX-License-Identifier: GPL-2.0-or-later
"""G03, G08: bursts to new users, very short calls, refusals: told, counted, and blocked where the site wants it."""
from datetime import datetime

import pytest

import exposition
from calls import business_calls
from lab import numbers
from lab.kamailio import RpcError
from lab.process import wait_until
from test_metrics import scrape

KNOBS = {"pattern_off_hours": 0, "pattern_open": 0, "pattern_close": 0, "pattern_new_users": 0, "pattern_short_calls": 0, "pattern_refusals": 0, "pattern_auth_failures": 10,
         "pattern_block": 0, "pattern_window": 60, "pattern_short_ms": 3000}
NUMBER = numbers.PCMA_SDES  # no other test of this folder calls from it


@pytest.fixture(name="knob")
def fixture_knob(lab):
    def set_knob(name, value):
        lab.rpc("cfg.set_now_int", "wasbc", name, value)
    yield set_knob
    for name, value in KNOBS.items():
        set_knob(name, value)
    for row in lab.rpc("wa_calls.blocked"):
        lab.rpc("wa_calls.unblock", row["name"])


def seen(lab, pattern):
    return exposition.value(scrape(lab), "wasbc_patterns_total", of="number", pattern=pattern)


def test_G03_a_burst_to_new_users_is_told_and_blocked(lab, pbx, users, knob):
    before = seen(lab, "new_users")
    knob("pattern_new_users", 2)
    knob("pattern_block", 600)
    for _ in range(3):
        user = next(users)
        lab.metasim.policy(user, refuse={"code": 486, "reason": "Busy Here"})
        assert pbx.call(user, NUMBER.digits).wait_final().status == 486
    refused = pbx.call(next(users), NUMBER.digits)
    reply = refused.wait_final()
    assert reply.status == 503 and '"pattern_blocked"' in reply.get("Reason")
    assert seen(lab, "new_users") == before + 1
    assert {"number", NUMBER.digits} <= {v for row in lab.rpc("wa_calls.blocked") for v in row.values()}
    wait_until(lambda: "event=pattern pattern=new_users number=1555***" in lab.kamailio.daemon.log(), 20, "it is told")
    assert lab.record(refused.call_id)["cause"] == "pattern_blocked"
    lab.rpc("wa_calls.unblock", NUMBER.digits)
    for row in lab.rpc("wa_calls.blocked"):
        lab.rpc("wa_calls.unblock", row["name"])
    with pytest.raises(RpcError) as error:
        lab.rpc("wa_calls.unblock", NUMBER.digits)
    assert error.value.code == 404
    call, leg = business_calls(lab, pbx, NUMBER, next(users))
    leg.bye()
    call.wait_ended()


@pytest.mark.parametrize("pattern", ["short_calls", "refusals"])
def test_G03_short_calls_and_refusals_are_told_and_calls_go_on(lab, pbx, users, knob, pattern):
    before = seen(lab, pattern)
    knob(f"pattern_{pattern}", 1)
    knob("pattern_short_ms", 60000)
    knob("pattern_window", 3600)
    for _ in range(3):
        user = next(users)
        if pattern == "refusals":
            lab.metasim.policy(user, refuse={"code": 480, "reason": "Temporarily Unavailable"})
            assert pbx.call(user, NUMBER.digits).wait_final().status == 480
        else:
            call, leg = business_calls(lab, pbx, NUMBER, user)
            leg.bye()
            call.wait_ended()
    wait_until(lambda: seen(lab, pattern) == before + 1, 20, "it is counted once")
    assert lab.rpc("wa_calls.blocked") == []


def test_G03_calls_outside_the_hours_are_told(lab, pbx, users, knob):
    before = seen(lab, "off_hours")
    hour = datetime.now().hour
    knob("pattern_off_hours", 1)
    for opens, closes, counted in ((hour - 1, hour + 2, 0), (hour + 3, hour + 4, 1)):
        knob("pattern_open", opens % 24 * 100)
        knob("pattern_close", closes % 24 * 100)
        for _ in range(2):
            user = next(users)
            lab.metasim.policy(user, refuse={"code": 486, "reason": "Busy Here"})
            assert pbx.call(user, NUMBER.digits).wait_final().status == 486
        wait_until(lambda n=counted: seen(lab, "off_hours") == before + n, 20, "it is counted, or not")
    wait_until(lambda: "event=pattern pattern=off_hours number=1555***" in lab.kamailio.daemon.log(), 20, "it is told")
