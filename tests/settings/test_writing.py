# SPDX-License-Identifier: GPL-2.0-or-later
"""A wanted file becomes what Meta has, and nothing else is written."""
import json
import os
import subprocess

import pytest

from calls import user_calls
from desk import apply, audit, bodies, ctl, entry, forget, plan, requests, shown, wanted_file
from lab import numbers
from lab.addresses import SBC_HOSTNAME
from lab.rundir import built

NUMBER = numbers.WRITE
HOURS = {"status": "ENABLED", "timezone_id": "Europe/Berlin",
         "weekly_operating_hours": [{"day_of_week": "MONDAY", "open_time": "0000", "close_time": "2359"}],
         "holiday_schedule": [{"date": "2030-12-25", "start_time": "0000", "end_time": "2359"}]}
USUAL = {"calling": "ENABLED", "sip": "ENABLED", "hostname": SBC_HOSTNAME, "request_uri_user_params": {},
         "srtp": "DTLS", "additional_codecs": [], "call_icon_visibility": "DEFAULT",
         "callback_permission": "DISABLED", "webhook_delivery": "DISABLED",
         "call_hours": {**HOURS, "status": "DISABLED", "weekly_operating_hours": [], "holiday_schedule": []}}


@pytest.fixture(name="usual", autouse=True)
def fixture_usual(lab):
    """Afterwards the number is as the lab has it."""
    yield
    lab.metasim.command("graph_fault_clear")
    lab.metasim.command("graph_option", flip_srtp=False)
    apply(lab, entry(NUMBER, port=lab.addresses.sip[1], **USUAL))
    forget(lab, NUMBER)


def test_A04_every_field_is_written_and_verified_by_reading_back(lab):
    mark = lab.metasim.events.mark()
    wish = entry(NUMBER, **{**USUAL, "port": 5099, "request_uri_user_params": {"tgrp": "w", "trunk-context": "c"},
                            "srtp": "SDES", "additional_codecs": ["PCMU", "PCMA"],
                            "call_icon_visibility": "DISABLE_ALL", "callback_permission": "ENABLED",
                            "webhook_delivery": "ENABLED", "call_hours": HOURS})
    (result,) = apply(lab, wish)
    assert result["state"] == "done" and result["writes"] == 3
    general, sip, srtp = bodies(lab, NUMBER, mark)
    assert general == {"call_icon_visibility": "DISABLE_ALL", "callback_permission_status": "ENABLED",
                       "call_hours": HOURS, "audio": {"additional_codecs": ["PCMA", "PCMU"]}}
    assert sip == {"sip": {"webhook_delivery": "ENABLED", "servers": [
        {"hostname": SBC_HOSTNAME, "port": 5099, "request_uri_user_params": {"tgrp": "w", "trunk-context": "c"}}]}}
    assert srtp == {"srtp_key_exchange_protocol": "SDES"}
    # read before, and again after the last write
    order = [e["method"] for e in lab.metasim.events.since(mark)
             if e["event"] == "graph_request" and e["id"] == NUMBER.id]
    assert order[0] == "GET" and "GET" in order[order.index("POST") + 3:]
    seen = shown(lab, NUMBER)
    assert (int(seen["port"]), seen["tgrp"], seen["context"], seen["srtp"]) == (5099, "w", "c", "SDES")
    assert seen["codecs"] == "OPUS,PCMU,PCMA"
    assert not plan(lab, wish)
    lines = audit(lab, NUMBER)
    written = {line["field"]: (line["old"], line["new"]) for line in lines if line["event"] == "write"}
    assert written["port"] == (str(lab.addresses.sip[1]), "5099") and written["srtp"] == ("DTLS", "SDES")
    assert lines[-1]["event"] == "verified" and "@" in lines[-1]["by"]


def test_A04_a_second_application_writes_nothing(lab):
    wish = entry(NUMBER, callback_permission="ENABLED")
    assert apply(lab, wish)[0]["writes"] == 1
    mark = lab.metasim.events.mark()
    assert apply(lab, wish)[0]["writes"] == 0
    assert not requests(lab, NUMBER, mark)


def test_A04_how_far_it_is_stands_in_one_line_on_a_terminal(lab):
    path = wanted_file(lab, entry(NUMBER), entry(numbers.READ))
    master, slave = os.openpty()
    with open(slave, "wb") as terminal:
        subprocess.run([built("bin/wasbcctl", "build"), "-s", lab.dir / "kamailio_rpc.sock", "plan", path],
                       stdout=subprocess.DEVNULL, stderr=terminal, timeout=60, check=True)
        told = b""
        while not told.endswith(b"\n"):  # a terminal passes on piece by piece
            told += os.read(master, 65536)
    told = told.decode().replace("\r\n", "\n")
    os.close(master)
    first, *_, last = told.split("\r")[1:]
    assert first.startswith("plan: ") and last == "plan: 2 of 2 numbers, 0 failed\x1b[K\n"
    assert told.count("\n") == 1


def test_A04_plan_shows_all_three_sides_and_writes_nothing(lab):
    mark = lab.metasim.events.mark()
    wish = entry(NUMBER, trunk="opus", port=5077)
    port = str(lab.addresses.sip[1])
    assert plan(lab, wish) == {"trunk": ("opus", "pbx", ""), "port": ("5077", port, port)}
    status, out, _ = ctl(lab, "apply", "--dry-run", wanted_file(lab, wish))
    assert status == 4
    assert out.splitlines() == [f"{NUMBER.digits}\ttrunk\topus\tpbx\t\tstored",
                                f"{NUMBER.digits}\tport\t5077\t{port}\t{port}\tboth"]
    assert not requests(lab, NUMBER, mark)
    assert shown(lab, NUMBER)["trunk"] == "pbx"


def test_A05_sdes_that_each_write_of_sip_turns_back_is_written_last(lab):
    lab.metasim.command("graph_option", flip_srtp=True)
    apply(lab, entry(NUMBER, srtp="SDES"))
    mark = lab.metasim.events.mark()
    # the file does not speak of the key exchange: it stays what it is all the same
    apply(lab, entry(NUMBER, port=5098))
    assert [sorted(b) for b in bodies(lab, NUMBER, mark)] == [["sip"], ["srtp_key_exchange_protocol"]]
    assert shown(lab, NUMBER)["srtp"] == "SDES"


def test_A05_sdes_that_flips_after_all_is_written_again_and_verified(lab):
    """Meta answers the first verification with DTLS, whatever was written."""
    flipped = {"calling": {"status": "ENABLED", "sip": {"status": "ENABLED", "servers": [
        {"hostname": SBC_HOSTNAME, "app_id": int(numbers.APP), "port": lab.addresses.sip[1]}]}}}
    # the first read, then the verification
    lab.metasim.command("graph_fault", phone_number_id=NUMBER.id, method="GET", body=json.dumps(flipped), count=2)
    mark = lab.metasim.events.mark()
    (result,) = apply(lab, entry(NUMBER, srtp="SDES"))
    assert bodies(lab, NUMBER, mark) == [{"srtp_key_exchange_protocol": "SDES"}] * 2
    assert result["writes"] == 2 and shown(lab, NUMBER)["srtp"] == "SDES"


def test_A05_a_meta_that_never_keeps_it_is_told(lab):
    flipped = {"calling": {"sip": {"status": "ENABLED", "servers": [{"hostname": SBC_HOSTNAME}]}}}
    lab.metasim.command("graph_fault", phone_number_id=NUMBER.id, method="GET", body=json.dumps(flipped), count=4)
    status, _, err = ctl(lab, "apply", wanted_file(lab, entry(NUMBER, srtp="SDES")))
    assert status == 1 and "does not keep: srtp" in err


def test_A04_into_and_out_of_service_without_metas_pages(lab, pbx, user):
    apply(lab, entry(NUMBER, service="out"))
    assert (int(shown(lab, NUMBER)["calling"]), int(shown(lab, NUMBER)["sip"])) == (0, 0)
    leg = pbx.call(user, NUMBER.digits)
    reply = leg.wait_final()
    assert reply.status == 503 and reply.get("Retry-After")
    apply(lab, entry(NUMBER, port=lab.addresses.sip[1], calling="ENABLED", sip="ENABLED", hostname=SBC_HOSTNAME))
    call, leg = user_calls(lab, pbx, NUMBER, user)
    leg.bye()
    call.wait_ended()


def test_a_number_that_the_directory_does_not_have_is_made(lab):
    number = numbers.UNKNOWN
    try:
        (result,) = apply(lab, entry(number, trunk="pbx", app_id=numbers.APP))
        seen = shown(lab, number)
        assert result["writes"] == 0 and seen["trunk"] == "pbx" and int(seen["has_password"])
    finally:
        lab.job("wa_numbers.remove", number.digits)
        forget(lab, number)


@pytest.mark.parametrize("text, words", [
    ('{"numbers":[{"number":"15550006001","hostnaem":"x"}]}', "numbers[0].hostnaem: no such field"),
    ('{"numbers":[{"number":"15550006001","port":"5061"}]}', "numbers[0].port: int expected, string found"),
    ('{"defaults":{"srtp":"sdes"},"numbers":[]}', "defaults.srtp: one of DTLS|SDES"),
    ('{"numbers":[', "no JSON")])
def test_a_bad_file_is_refused_with_the_path_and_nothing_is_done(lab, text, words):
    mark = lab.metasim.events.mark()
    for verb in ("plan", "apply"):
        status, out, err = ctl(lab, verb, "-", text=text)
        assert (status, out) == (2, "") and words in err
    assert not requests(lab, NUMBER, mark) and not requests(lab, NUMBER, mark, "GET")


def test_what_meta_refuses_stops_the_file_or_does_not(lab):
    good, bad = entry(NUMBER, callback_permission="ENABLED"), entry(numbers.READ, phone_number_id="1")
    bad["callback_permission"] = "ENABLED"
    first = wanted_file(lab, bad, good)
    try:
        mark = lab.metasim.events.mark()
        status, out, err = ctl(lab, "--json", "apply", first, "--parallel", "1")
        assert status == 1 and "not looked at" in err and "graph 100" in err
        assert [r["state"] for r in json.loads(out)] == ["failed"] and not requests(lab, NUMBER, mark)
        status, out, _ = ctl(lab, "--json", "apply", first, "--parallel", "1", "--keep-going")
        assert status == 1 and [r["state"] for r in json.loads(out)] == ["failed", "done"]
        assert len(bodies(lab, NUMBER, mark)) == 1
    finally:
        forget(lab, numbers.READ)
        lab.job("wa_numbers.set", numbers.READ.digits, f"phone_number_id={numbers.READ.id}")
        lab.sync(numbers.READ)


def test_A04_a_refused_write_names_the_field_and_leaves_a_line(lab):
    lab.metasim.command("graph_fault", phone_number_id=NUMBER.id, method="POST", status=403, code=200,
                        message="made up", count=1)
    status, _, err = ctl(lab, "apply", wanted_file(lab, entry(NUMBER, callback_permission="ENABLED")))
    assert status == 1 and "graph 200" in err
    # there is nothing for anybody to go on with
    assert lab.redis.command("HGET", f"wa:wanted:{NUMBER.digits}", "job") is None
    assert [line["event"] for line in audit(lab, NUMBER)][-2:] == ["write", "refused"]
    # the wish stays: what is not as wanted is drift
    lab.sync(NUMBER)
    assert plan(lab, entry(NUMBER, callback_permission="ENABLED"))


def test_audit_is_read_by_the_tool(lab):
    apply(lab, entry(NUMBER, callback_permission="ENABLED"))
    status, out, _ = ctl(lab, "--json", "audit", NUMBER.digits, "--lines", "2")
    newest = json.loads(out)
    assert status == 0 and [line["event"] for line in newest] == ["verified", "write"]
    assert newest[1]["field"] == "callback_permission"
    assert (newest[1]["old"], newest[1]["new"]) == ("DISABLED", "ENABLED")
    assert ctl(lab, "audit", "--lines", "0")[0] == 2


def test_A04_another_numbers_id_in_the_file_is_refused_before_anything_is_written(lab):
    mark, wrong = lab.metasim.events.mark(), {**entry(NUMBER, port=5070), "phone_number_id": numbers.SDES.id}
    for verb in ("plan", "apply"):
        status, _, err = ctl(lab, verb, wanted_file(lab, wrong))
        assert status == 1 and f"phone_number_id: {numbers.SDES.id} is number {numbers.SDES.digits}'s already" in err
    assert not requests(lab, numbers.SDES, mark) and shown(lab, NUMBER)["phone_number_id"] == NUMBER.id


def test_A09_a_plan_waits_when_meta_asks_for_patience(lab):
    for _ in range(3):
        lab.metasim.command("graph_fault", phone_number_id=NUMBER.id, method="GET", status=429, code=4, message="slow",
                            retry_after=1)
    assert plan(lab, entry(NUMBER, port=5077))


def test_A04_a_context_is_as_wanted_by_either_name(lab):
    for params in ({"context": "c"}, {"context": "c", "trunk-context": "y", "tgrp": "t"}, {"trunk-context": "y"}):
        wish = entry(NUMBER, request_uri_user_params=params)
        apply(lab, wish)
        assert not plan(lab, wish)


@pytest.mark.parametrize("words", [("audit", "--foo"), ("audit", "--lines", "5x"), ("audit", "--lines", "0"),
                                   ("audit", "15550006001", "15550006000"), ("plan", "--parallel", "33", "x"),
                                   ("apply",)], ids=" ".join)
def test_a_wrong_word_is_usage(lab, words):
    status, out, err = ctl(lab, *words)
    assert (status, out) == (2, "") and err
