# SPDX-License-Identifier: GPL-2.0-or-later
"""Which gateway does a call take, and when is another one tried?"""
import collections
import json
import math
import subprocess

import pytest
from own_trunk import NUMBER, uri

from lab import process
from lab.rundir import built


def refuse(pbx, status):
    leg = pbx.incoming()
    leg.reply(status)
    leg.expect("ACK")
    return leg


@pytest.mark.parametrize("status", [500, 503, 408])
def test_C14_another_gateway_is_tried_when_one_breaks_down(lab, gateways, trunk, user, status):
    first, second = gateways
    trunk(gateways=f"{uri(second)};;1;;2 {uri(first)};;1;;1")
    call = lab.metasim.ring(NUMBER, user)
    refuse(first, status)
    refuse(second, 486)
    assert call.wait_ended()["code"] == 486


@pytest.mark.parametrize("status", [486, 603, 404, 480])
def test_C14_a_refusal_is_a_refusal(lab, gateways, trunk, user, status):
    first, second = gateways
    trunk(gateways=f"{uri(second)};;1;;2 {uri(first)};;1;;1")
    call = lab.metasim.ring(NUMBER, user)
    refuse(first, status)
    assert call.wait_ended()["code"] == status
    assert second.received(lambda m: m.method == "INVITE") == []


def test_C14_a_gateway_that_cannot_be_connected_is_passed_over(lab, gateways, trunk, user):
    host, port = lab.addresses.pbx_sip
    trunk(gateways=f"sip:{host}:{port + 3500};transport=tcp {uri(gateways[0])};;1;;2")
    call = lab.metasim.ring(NUMBER, user)
    refuse(gateways[0], 486)
    assert call.wait_ended()["code"] == 486


def test_C14_load_is_spread_by_weight(lab, gateways, trunk, users):
    """The running SBC's own decisions, 400 of them: none further off than five standard deviations."""
    host, port = lab.addresses.pbx_sip
    weights = {f"sip:{host}:{port + n};transport=udp": weight for n, weight in ((3500, 1), (3501, 3), (3502, 6))}
    spare = f"sip:{host}:{port + 3503};transport=udp"
    trunk(gateways=" ".join([f"{spare};;1000;;2", *(f"{name};;{weight};;1" for name, weight in weights.items())]))
    first, second, n = collections.Counter(), collections.Counter(), 400
    for _ in range(n):
        tried = lab.rpc("wa_trunk.resolve", f"sip:+{NUMBER.digits}@sbc")["attempts"]
        assert sorted(tried[:3]) == sorted(weights) and tried[3:] == [spare]
        first[tried[0]] += 1
        second[tried[1]] += tried[0] == max(weights, key=weights.get)

    def near(seen, of, share):
        assert abs(seen - of * share) < 5 * math.sqrt(of * share * (1 - share)), (seen, of, share)
    for name, weight in weights.items():
        near(first[name], n, weight / 10)
    # of those that are left, by weight again
    most = max(weights, key=weights.get)
    for name, weight in weights.items():
        if name != most:
            near(second[name], first[most], weight / 4)
    # and a call does as it says
    trunk(gateways=f"{uri(gateways[0])};;1000 {uri(gateways[1])};;1")
    for _ in range(3):
        call = lab.metasim.ring(NUMBER, next(users))
        refuse(gateways[0], 486)
        call.wait_ended()
    assert gateways[1].received(lambda m: m.method == "INVITE") == []


def state(lab, pbx):
    return next(g for g in lab.rpc("wa_trunk.show", "own")["gateways"] if g["uri"] == uri(pbx))


def answer_options(pbx, mark=0):
    """Answers one OPTIONS."""
    request = pbx.wait(lambda m: m.method == "OPTIONS", "OPTIONS", 10, mark)
    host = request.get("Via")
    assert host
    lines = ["SIP/2.0 200 OK", *(f"Via: {v}" for v in request.all("Via")), f"From: {request.get('From')}",
             f"To: {request.get('To')};tag=o", f"Call-ID: {request.call_id}", f"CSeq: {request.get('CSeq')}",
             "Content-Length: 0", "", ""]
    pbx.send("\r\n".join(lines))


@pytest.fixture(name="asked")
def fixture_asked(lab):
    """Gateways are asked each second, and down after one silence."""
    lab.rpc("cfg.set_now_int", "wa_trunk", "ping_interval", 1)
    lab.rpc("cfg.set_now_int", "wa_trunk", "down_after", 1)
    yield
    lab.rpc("cfg.set_now_int", "wa_trunk", "ping_interval", 20)
    lab.rpc("cfg.set_now_int", "wa_trunk", "down_after", 2)


def test_C02_C14_a_gateway_that_is_silent_is_down_and_comes_back(lab, gateways, trunk, asked, users):
    first, second = gateways
    trunk(options="1", gateways=uri(first))
    process.wait_until(lambda: state(lab, first)["state"] == "down", 20, "the gateway is down", pause=0.1)
    assert state(lab, first)["code"] == 408 and state(lab, first)["since"]
    call = lab.metasim.ring(NUMBER, next(users))
    assert call.wait_ended()["code"] == 503
    assert first.received(lambda m: m.method == "INVITE") == []
    # one answer is enough; the silence behind it is not to count before the rest has been seen
    lab.rpc("cfg.set_now_int", "wa_trunk", "down_after", 100)
    answer_options(first, first.trace.mark())
    process.wait_until(lambda: state(lab, first)["state"] == "up", 20, "the gateway is up", pause=0.05)
    call = lab.metasim.ring(NUMBER, next(users))
    refuse(first, 486)
    assert call.wait_ended()["code"] == 486
    row = next(r for r in lab.rpc("wa_trunk.list") if r["name"] == "own")
    assert row["gateways"] == 1 and second is not None
    # what the operator sees, on a line and as JSON
    assert ["own", "1", "0", "0", "0"] in [line.split("\t")[:5] for line in ctl(lab, "trunk", "list").splitlines()]
    row = next(r for r in json.loads(ctl(lab, "--json", "trunk", "list")) if r["name"] == "own")
    assert (row["up"], row["down"], row["gateways"]) == (1, 0, uri(first))


def ctl(lab, *words):
    done = subprocess.run([built("bin/wasbcctl", "build"), "-s", lab.dir / "kamailio_rpc.sock", *words],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_C02_a_name_without_address_is_shown_and_is_503(lab, trunk, user):
    trunk(gateways="sip:gateway.invalid:5060")
    process.wait_until(lambda: lab.rpc("wa_trunk.show", "own")["gateways"][0]["error"], 30, "the name was looked up",
                       pause=0.1)
    call = lab.metasim.ring(NUMBER, user)
    assert call.wait_ended()["code"] == 503


def test_C02_a_trunk_is_changed_while_its_call_is_up(lab, gateways, trunk, users):
    first, second = gateways
    trunk(gateways=uri(first))
    call = lab.metasim.ring(NUMBER, next(users))
    leg = first.incoming()
    leg.answer()
    call.wait_answered()
    leg.expect("ACK")
    trunk(gateways=uri(second))
    other = lab.metasim.ring(NUMBER, next(users))
    refuse(second, 486)
    assert other.wait_ended()["code"] == 486
    call.hangup()
    leg.reply(200, to=leg.expect("BYE"))
    assert call.wait_ended()["by"] == "user"
