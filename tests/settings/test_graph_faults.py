# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever Meta answers, nothing that is stored gets lost, and the operator sees what is wrong."""
import json
import time

import pytest

from lab import numbers
from lab.process import wait_until

N = numbers.READ


def stored(lab):
    """All that stands in Redis of the number, but for what tells of the failure itself."""
    answer = lab.redis.command("HGETALL", f"wa:number:{N.digits}")
    fields = dict(zip(answer[::2], answer[1::2]))
    return {k: v for k, v in fields.items() if k not in ("sync_error", "version", "synced")}


def counters(lab):
    return {name.split(":")[-1]: int(value) for name, value in (
        line.split(" = ") for line in lab.rpc("stats.get_statistics", "wa_settings:"))}


def shown(lab):
    return lab.rpc("wa_settings.show", N.digits)


# name: the fault, HTTP status and Meta's code as shown, a part of the words, the counter
FAULTS = {
    "400": ({"status": 400, "code": 100}, 400, 100, "graph 100: forced by a test", None),
    "no such id": ({"body": '{"error":{"code":100,"error_subcode":33,"message":"x"}}'}, 200, 100,
                   "no such phone_number_id", "permission_refused"),
    "401": ({"status": 401, "code": 190}, 401, 190, "put a new one into the token file", "token_refused"),
    "403": ({"status": 403, "code": 10}, 403, 10, "grant it", "permission_refused"),
    "429": ({"status": 429, "code": 4, "retry_after": 1}, 429, 4, "too many requests", "rate_limited"),
    "613": ({"status": 400, "code": 613, "retry_after": 1}, 400, 613, "too many requests", "rate_limited"),
    "80007": ({"status": 400, "code": 80007, "retry_after": 1}, 400, 80007, "for this WABA", "rate_limited"),
    "500": ({"status": 500, "code": 1}, 500, 1, "Meta's service failed", None),
    "503 without form": ({"status": 503, "body": "<html>busy</html>"}, 503, 0, "graph http 503", None),
    # libcurl takes the next one by itself when a kept connection gives no answer at all
    "cut": ({"close": True, "count": 0}, 0, 0, "graph: the answer was cut short", "transport_errors"),
    "truncated": ({"truncate": 40}, 0, 0, "graph: the answer was cut short", "transport_errors"),
    "no JSON": ({"body": "<html>"}, 200, 0, "graph answer: the answer is no JSON", "bad_answers"),
    "half a JSON": ({"body": '{"calling":{"status":"ENA'}, 200, 0, "no JSON, or not all of it", "bad_answers"),
    "empty object": ({"body": "{}"}, 200, 0, "graph answer: calling: missing", "bad_answers"),
    "wrong type": ({"body": json.dumps({"calling": {"status": 7}})}, 200, 0,
                   "calling.status: string expected, int found", "bad_answers"),
    "too long": ({"pad": 2 * 1024 * 1024}, 0, 0, "graph: the answer is longer than 1 MiB", "transport_errors"),
}


@pytest.mark.parametrize("fault, status, code, words, counter", FAULTS.values(), ids=FAULTS)
def test_A09_nothing_stored_is_lost_and_the_code_is_shown(lab, restored, ctl, fault, status, code, words, counter):
    lab.sync(N)
    before, counted = stored(lab), counters(lab)
    assert before["password"] and shown(lab)["failures"] == 0
    lab.metasim.command("graph_fault", id=N.id, edge="settings", **fault)
    began = time.monotonic()
    lab.sync(N)
    state = shown(lab)
    lab.metasim.command("graph_fault_clear")
    assert (state["http_status"], state["code"], state["failures"]) == (status, code, 1)
    assert words in state["error"]
    check_next(state, 5, began)
    assert stored(lab) == before
    assert words in lab.rpc("wa_numbers.show", N.digits)["sync_error"]
    listed = ctl(lab, "number", "list", "--error")
    assert {(n["digits"], n["code"]) for n in listed.json} >= {(N.digits, code)}
    now = counters(lab)
    assert now["failed"] == counted["failed"] + 1
    assert counter is None or now[counter] == counted[counter] + 1
    lab.sync(N)
    assert shown(lab)["error"] == "" and shown(lab)["failures"] == 0
    assert lab.rpc("wa_numbers.show", N.digits)["sync_error"] == ""
    assert stored(lab) == before


def check_next(state, most, began):
    """The next try comes in so many seconds, half of them random; what has passed meanwhile is not to come."""
    assert most / 2 - 1 - (time.monotonic() - began) <= state["next_in"] <= most


def test_A09_tries_grow_apart(lab, restored):
    lab.metasim.command("graph_fault", id=N.id, edge="settings", status=500, code=2, count=3)
    for failures, most in ((1, 5), (2, 10), (3, 20)):
        began = time.monotonic()
        lab.sync(N)
        state = shown(lab)
        assert state["failures"] == failures
        check_next(state, most, began)


def test_A09_an_app_that_is_asked_to_wait_asks_nothing(lab, restored):
    """429 with Retry-After holds for every number of the app, an operator's request included."""
    lab.metasim.command("graph_fault", id=N.id, edge="settings", status=429, code=4, retry_after=2)
    mark, began = lab.metasim.events.mark(), time.monotonic()
    lab.sync(N)
    app, = [a for a in lab.rpc("wa_settings.apps")["apps"] if a["app_id"] == numbers.APP]
    assert 1 - (time.monotonic() - began) <= app["paused_for"] <= 2
    lab.sync(numbers.DTLS)
    # N itself may be tried again by now
    refused, *later = sorted(requests(lab, mark, N) + requests(lab, mark, numbers.DTLS), key=lambda e: e["t"])
    assert refused["id"] == N.id and numbers.DTLS.id in {e["id"] for e in later}
    assert all(e["t"] - refused["t"] >= 1900 for e in later)


def requests(lab, mark, number):
    lab.metasim.catch_up()
    return [e for e in lab.metasim.events.since(mark)
            if e["event"] == "graph_request" and e["id"] == number.id and e["edge"] == "settings"]


def test_A09_what_meta_says_of_the_allowance_is_kept_to(own_lab):
    """An app near its limit stops its rounds; what an operator wants still goes through."""
    lab = own_lab(listed=[numbers.DTLS, N])
    lab.provision()
    usage = {numbers.WABA: [{"type": "whatsapp_business_management", "call_count": 95, "total_cputime": 1,
                             "total_time": 1, "estimated_time_to_regain_access": 0}]}
    lab.metasim.command("graph_fault", id=N.id, edge="settings", usage=json.dumps(usage))
    lab.sync(N)
    app, = lab.rpc("wa_settings.apps")["apps"]
    assert app["usage"] == 95 and app["paused_for"] == 0
    mark = lab.metasim.events.mark()
    lab.rpc("wa_settings.sync")  # all of them: a round
    lab.sync(N)                  # an operator's
    assert requests(lab, mark, N) and not requests(lab, mark, numbers.DTLS)
    usage[numbers.WABA][0].update(call_count=100, estimated_time_to_regain_access=7)
    lab.metasim.command("graph_fault", id=N.id, edge="settings", usage=json.dumps(usage))
    lab.sync(N)
    app, = lab.rpc("wa_settings.apps")["apps"]
    assert 400 <= app["paused_for"] <= 420


def test_A09_only_what_has_changed_is_written(lab, restored):
    def version():
        return lab.rpc("wa_numbers.show", N.digits)["version"]
    lab.sync(N)
    before, counted = version(), counters(lab)
    events = lab.redis.command("XLEN", "wa:changes")
    for _ in range(3):
        lab.sync(N)
    assert version() == before and lab.redis.command("XLEN", "wa:changes") == events
    assert counters(lab)["unchanged"] == counted["unchanged"] + 3
    lab.set_password(N, "another-one-of-this-number")
    assert int(version()) == int(before) + 1
    assert counters(lab)["changed"] == counted["changed"] + 1


def test_A09_a_number_that_nobody_has_read_for_long_is_stale(own_lab, ctl):
    lab = own_lab(listed=[N], site={"SYNC_INTERVAL": 1})
    lab.provision()
    assert ctl(lab, "number", "list", "--stale").json == []
    lab.metasim.command("graph_fault", status=500, code=2, count=0)
    wait_until(lambda: [n["digits"] for n in ctl(lab, "number", "list", "--stale").json] == [N.digits], 20,
               "the number is stale", pause=0.2)
    assert ctl(lab, "number", "list", "--no-such").status == 2
