# SPDX-License-Identifier: GPL-2.0-or-later
"""status, top and trace, with calls that are really there."""
import json
import subprocess

import calls
from lab import numbers
from lab.process import wait_until
from lab.rundir import built

N = numbers.SDES


def ctl(lab, *words):
    done = subprocess.run([built("bin/wasbcctl", "build"), "-s", lab.dir / "kamailio_rpc.sock", *words],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def row(lab, name):
    rows = {(r["of"], r["name"]): r for r in json.loads(ctl(lab, "--json", "top"))}
    return rows.get(("number", name), {"calls": 0, "attempts": 0, "answered": 0, "failed": 0})


def wait_over(lab, call, leg):
    """Until the call is over at Meta and among those that the SBC knows to be over."""
    call.wait_ended()
    wait_until(lambda: leg.call_id in [c["call"] for c in lab.rpc("wa_calls.recent", "all", "100")["calls"]], 15,
               "it is over")


def test_G08_status_is_the_node_at_a_glance(lab):
    seen = json.loads(ctl(lab, "--json", "status"))
    assert seen["connected"] == 1 and seen["drain"] == "off"
    assert (seen["limits_count"], seen["other_nodes"]) == ("this node", 0)
    assert seen["rtpengine"] == seen["relay"] == "1 of 1 up"
    assert seen["certificate_days"] >= 20 and seen["redis_lag_ms"] >= 0
    lines = ctl(lab, "status").splitlines()
    assert [line.split("\t")[0] for line in lines] == list(seen)


def test_G08_top_counts_calls_of_numbers_and_trunks(lab, pbx, user):
    number = numbers.PCMA_TRUNK
    before = row(lab, number.digits)
    call, leg = calls.user_calls(lab, pbx, number, user)
    during = row(lab, number.digits)
    assert during["calls"] >= 1
    assert (during["attempts"], during["answered"]) == (before["attempts"] + 1, before["answered"] + 1)
    assert during["answer_rate"] == f"{during['answered'] * 100 // during['attempts']}%"
    leg.bye()
    call.wait_ended()
    refused = lab.metasim.ring(number, user)
    leg = pbx.incoming()
    leg.reply(486)
    leg.expect("ACK")
    refused.wait_ended()
    wait_until(lambda: row(lab, number.digits)["failed"] > before["failed"], 15, "the failure is counted")
    after = row(lab, number.digits)
    assert after["failed"] == before["failed"] + 1 and after["cause"] == "pbx_busy" and after["failed_age"] >= 0
    assert after["answer_rate"] == f"{after['answered'] * 100 // after['attempts']}%"
    table = [line.split("\t") for line in ctl(lab, "top", "--once").splitlines()]
    assert table[0][0] == "node" and ["trunk", "pcma"] in [cells[:2] for cells in table]


def test_G08_trace_shows_the_ladder_of_a_call(lab, pbx, user):
    call, leg = calls.business_calls(lab, pbx, N, user)
    running = json.loads(ctl(lab, "--json", "trace", N.digits, "--last", "0"))
    (ours,) = {m["id"] for m in running if m["what"] == "INVITE" and m["side"] == "pbx"} & {
        c["id"] for c in lab.rpc("wa_calls.list")["calls"] if c["call"] == leg.call_id}
    call.wait("acked")  # ACK and BYE go through two workers, which may take them in either order
    leg.bye()
    wait_over(lab, call, leg)
    seen = [m for m in json.loads(ctl(lab, "--json", "trace", "+" + N.digits, "--last", "50")) if m["id"] == ours]
    steps = [(m["side"], m["way"], m["what"].split()[0]) for m in seen]
    for step in (("pbx", "in", "INVITE"), ("meta", "out", "INVITE"), ("meta", "in", "407"), ("meta", "in", "200"),
                 ("pbx", "out", "200"), ("pbx", "in", "ACK"), ("pbx", "in", "BYE"), ("meta", "out", "BYE")):
        assert step in steps
    assert [m["credentials"] for m in seen if m["what"] == "INVITE" and m["side"] == "meta"] == [0, 1]


def test_G06_trace_tells_no_number_of_a_user_and_no_credential(lab, pbx, user):
    call, leg = calls.business_calls(lab, pbx, N, user)
    leg.bye()
    wait_over(lab, call, leg)
    shown = ctl(lab, "trace", N.digits, "--once", "--last", "1")
    assert "Meta" in shown and "INVITE sdp auth" in shown and "407" in shown and "ended" in shown
    assert user not in shown and user not in ctl(lab, "--json", "trace", N.digits)
    assert "response=" not in shown and "nonce" not in shown
