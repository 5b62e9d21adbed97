# SPDX-License-Identifier: GPL-2.0-or-later
"""G03: how many calls a number, a trunk, a second and a pair may have."""
import pytest

from calls import business_calls, user_calls
from lab import numbers
from lab.process import wait_until

KNOBS = {"number_calls": 1000, "trunk_calls": 0, "number_cps": 0, "trunk_cps": 0, "one_per_pair": 1}


@pytest.fixture(name="limit")
def fixture_limit(lab):
    """Sets a knob while the SBC runs; afterwards all are as they were."""
    def set_knob(name, value):
        lab.rpc("cfg.set_now_int", "wasbc", name, value)
    yield set_knob
    for name, value in KNOBS.items():
        set_knob(name, value)


def refused(lab, leg, code, cause):
    reply = leg.wait_final()
    assert reply.status == code and f'"{cause}"' in reply.get("Reason")
    assert int(reply.get("Retry-After")) > 0
    record = lab.record(leg.call_id)
    assert (record["result"], record["cause"], record["code"]) == ("refused", cause, code)


def over(lab, call, leg):
    leg.bye()
    call.wait_ended()
    wait_until(lambda: lab.rpc("wa_calls.stats")["calls"] == 0, 20, "the call is out of the table")


def test_G03_calls_of_a_number(lab, pbx, users, limit):
    limit("number_calls", 1)
    call, leg = business_calls(lab, pbx, numbers.DTLS, next(users))
    refused(lab, pbx.call(next(users), numbers.DTLS.digits), 486, "limit_number")
    # a call of a user is counted too, and is refused before the PBX hears of it
    rung = lab.metasim.ring(numbers.DTLS, next(users))
    assert rung.wait_ended()["code"] == 486
    reply = rung.received(lambda m: m.status == 486)[0]
    assert '"limit_number"' in reply.get("Warning") and reply.get("Retry-After")
    # another number has its own
    other, other_leg = business_calls(lab, pbx, numbers.SDES, next(users))
    other_leg.bye()
    other.wait_ended()
    over(lab, call, leg)
    call, leg = business_calls(lab, pbx, numbers.DTLS, next(users))
    over(lab, call, leg)


def test_G03_calls_of_a_trunk(lab, pbx, users, limit):
    limit("trunk_calls", 1)
    call, leg = user_calls(lab, pbx, numbers.DTLS, next(users))
    refused(lab, pbx.call(next(users), numbers.SDES.digits), 503, "limit_trunk")
    over(lab, call, leg)


def test_G03_one_call_of_a_pair(lab, pbx, user, limit):
    call, leg = business_calls(lab, pbx, numbers.DTLS, user)
    refused(lab, pbx.call(user, numbers.DTLS.digits), 486, "limit_pair")
    limit("one_per_pair", 0)
    # now it is Meta that says so
    again = pbx.call(user, numbers.DTLS.digits)
    assert again.wait_final().status == 403
    assert lab.record(again.call_id)["cause"] == "duplicate_call"
    over(lab, call, leg)


@pytest.mark.parametrize("knob, cause", [("number_cps", "limit_rate_number"), ("trunk_cps", "limit_rate_trunk")])
def test_G03_calls_in_one_second(lab, pbx, users, limit, knob, cause):
    """Of more calls than one second may have, sent at once, some are refused; in the next second they go."""
    limit(knob, 2)
    legs = [pbx.call(next(users), numbers.DTLS.digits) for _ in range(12)]
    turned_away = [r for r in (leg.wait_final() for leg in legs) if r.status == 503]
    assert turned_away and all(f'"{cause}"' in r.get("Reason") and r.get("Retry-After") == "1" for r in turned_away)

    def accepted():
        legs.append(pbx.call(next(users), numbers.DTLS.digits))
        return legs[-1].wait_final().status == 200
    wait_until(accepted, 10, "a call is accepted", pause=0.1)
    for leg in legs:
        if leg.answered.status == 200:
            leg.bye()
    wait_until(lambda: lab.rpc("wa_calls.stats")["calls"] == 0, 20, "all calls are over")


def test_G03_a_full_table_refuses_and_nothing_else(own_lab, start_wire, users):
    lab = own_lab(site={"MAX_CALLS": 1}, listed=[numbers.DTLS, numbers.SDES])
    lab.provision()
    pbx = start_wire(lab)
    call, leg = business_calls(lab, pbx, numbers.DTLS, next(users))
    refused(lab, pbx.call(next(users), numbers.SDES.digits), 503, "limit_node")
    over(lab, call, leg)
    call, leg = business_calls(lab, pbx, numbers.SDES, next(users))
    over(lab, call, leg)
