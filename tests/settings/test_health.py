# SPDX-License-Identifier: GPL-2.0-or-later
"""What Meta says of a number's health, of restrictions, and of what our app may do."""
import time

from lab import numbers
from test_graph_faults import counters

N = numbers.READ


def health(lab, ctl, n=N):
    return ctl(lab, "number", "health", n.digits)


def test_A10_health_is_read_and_shown_with_its_age(lab, ctl):
    mark = lab.metasim.events.mark()
    done = health(lab, ctl)
    assert done.status == 0
    assert done.json["can_receive_call_sip"] == "AVAILABLE" and done.json["can_send_message"] == "AVAILABLE"
    assert 0 <= done.json["health_age"] <= 15
    lab.metasim.catch_up()
    request, = [e for e in lab.metasim.events.since(mark) if e["event"] == "graph_request" and e["id"] == N.id]
    assert request["edge"] == "" and "fields=health_status" in request["query"]
    listed = ctl(lab, "number", "health")
    assert {n["digits"] for n in listed.json} >= {n.digits for n in numbers.PROVISIONED}


def test_A10_blocked_raises_an_alarm(lab, ctl):
    before = len(lab.kamailio.daemon.log())
    blocked = counters(lab)["blocked"]
    try:
        lab.metasim.command("graph_health", digits=N.digits, can_receive_call_sip={"APP": "BLOCKED"})
        done = health(lab, ctl)
        assert done.status == 1
        assert (done.json["can_receive_call_sip"], done.json["health_entity"]) == ("BLOCKED", "APP")
        health(lab, ctl)  # it is told once
        alarms = [line for line in lab.kamailio.daemon.log()[before:].splitlines()
                  if f"ALARM number {N.digits}" in line]
        assert len(alarms) == 1 and "ERROR" in alarms[0] and "APP BLOCKED" in alarms[0]
        assert counters(lab)["blocked"] == blocked + 1
        assert lab.rpc("wa_settings.status")["blocked"] == blocked + 1
        assert N.digits in {n["digits"] for n in ctl(lab, "number", "list", "--blocked").json}
    finally:
        lab.metasim.command("graph_health", digits=N.digits)
        done = health(lab, ctl)
    assert done.status == 0 and done.json["can_receive_call_sip"] == "AVAILABLE"
    assert counters(lab)["blocked"] == blocked
    assert f"number {N.digits}: Meta delivers calls again" in lab.kamailio.daemon.log()[before:]


def test_A10_a_number_without_server_is_blocked_with_metas_own_words(lab, ctl):
    done = health(lab, ctl, numbers.FOREIGN)  # no server of our app
    assert done.json["can_receive_call_sip"] == "BLOCKED" and done.json["health_entity"] == "APP"
    assert done.json["health_code"] == 138025 and "No SIP server" in done.json["health_text"]


def test_A10_a_failed_look_at_health_keeps_what_was_known(lab, ctl):
    assert health(lab, ctl).status == 0
    for fault, words in (({"status": 500, "code": 2}, "graph 2:"), ({"body": "[]"}, "health_status.entities"),
                         ({"body": '{"health_status":{"entities":[{"can_receive_call_sip":1}]}}'},
                          "health_status.entities[0].can_receive_call_sip: string expected")):
        lab.metasim.command("graph_fault", id=N.id, edge="", **fault)
        done = health(lab, ctl)
        assert done.status == 1 and words in done.json["health_error"]
        assert done.json["can_receive_call_sip"] == "AVAILABLE"
    assert health(lab, ctl).json["health_error"] == ""


def test_A10_restrictions_are_shown_with_their_end(lab, ctl, restored):
    until = int(time.time()) + 3600
    before = len(lab.kamailio.daemon.log())
    try:
        lab.metasim.command("graph_restrict", digits=N.digits, restrictions=[
            {"type": "RESTRICTED_USER_INITIATED_CALLING", "reason": "pickup rate too low", "expiration": until}])
        lab.sync(N)
        listed = ctl(lab, "number", "list", "--restricted").json
        assert [n["digits"] for n in listed] == [N.digits]
        assert listed[0]["restricted"] == "user" and listed[0]["restriction"] == "pickup rate too low"
        assert 3500 < listed[0]["restricted_for"] <= 3600
        assert f"number {N.digits}: Meta has restricted calling, by users" in lab.kamailio.daemon.log()[before:]
        assert counters(lab)["restricted"] == 1
    finally:
        lab.metasim.command("graph_restrict", digits=N.digits)
    lab.sync(N)
    assert ctl(lab, "number", "list", "--restricted").json == []


def test_A12_a_lost_permission_is_shown_with_the_remedy(lab, ctl, restored):
    both = ["whatsapp_business_management", "whatsapp_business_messaging"]
    try:
        lab.metasim.command("graph_token", app_id=numbers.APP, permissions=both[1:])
        done = ctl(lab, "number", "sync", N.digits)
        assert done.status == 1 and "lacks whatsapp_business_management for this number: grant it" in done.words
        assert done.json["code"] == 200
        assert "grant it" in lab.rpc("wa_numbers.show", N.digits)["sync_error"]
        shown = [n for n in ctl(lab, "number", "list", "--error").json if n["digits"] == N.digits]
        assert "grant it" in shown[0]["error"]
        # what opens calls is still there
        assert lab.rpc("wa_numbers.show", N.digits)["has_password"] == 1
    finally:
        lab.metasim.command("graph_token", app_id=numbers.APP, permissions=both)
    assert ctl(lab, "number", "sync", N.digits).status == 0


def test_A12_a_token_that_does_not_cover_the_waba_is_told_from_one_that_may_not(lab, ctl, restored):
    try:
        lab.metasim.command("graph_token", app_id=numbers.APP, wabas=["1"])
        done = ctl(lab, "number", "sync", N.digits)
        assert done.status == 1 and "check the id, and that the token covers its WABA" in done.words
    finally:
        lab.metasim.command("graph_token", app_id=numbers.APP, wabas=None)
    assert ctl(lab, "number", "sync", N.digits).status == 0
