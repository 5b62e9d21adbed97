# SPDX-License-Identifier: GPL-2.0-or-later
"""G07: one record per attempt, whatever becomes of the call, Kamailio and the disk."""
import json

import pytest

from calls import both_hear, business_calls, user_calls
from lab import numbers
from lab.errors import LabError
from lab.process import wait_until


def times(record):
    return [record[name] for name in ("offered", "ringing", "answered", "ended") if record[name] is not None]


def test_G07_a_call_of_a_user(lab, pbx, user):
    call, leg = user_calls(lab, pbx, numbers.DTLS, user, hz=1000, media={"tone_hz": 700})
    both_hear(call, leg.media.heard, 0.5)
    call.hangup()
    leg.reply(200, to=leg.expect("BYE"))
    call.wait_ended()
    record = lab.record(leg.call_id)
    assert record["result"] == "ended" and record["cause"] == "bye_meta" and record["ended_by"] == "meta"
    assert (record["dir"], record["number"], record["peer"]) == ("in", numbers.DTLS.digits, user)
    assert (record["trunk"], record["keys"], record["code"]) == ("pbx", "dtls", 200)
    assert (record["codec_meta"].lower(), record["codec_pbx"]) == ("opus", "PCMU")
    assert record["gateway"].startswith("sip:") and record["src"] == lab.addresses.meta
    invite = call.sent(lambda m: m.method == "INVITE")[-1]
    assert record["wacid"] == (invite.get("x-wa-meta-wacid") or "")
    assert len(times(record)) >= 3 and times(record) == sorted(times(record))
    bye = call.sent(lambda m: m.method == "BYE")[0]
    assert record["meta_duration"] == int(bye.get("x-wa-meta-call-duration"))
    assert record["duration"] > 0.5 and 0 <= record["first_ms"] < 10000
    assert record["node"] and record["id"]


@pytest.mark.parametrize("number", [numbers.DTLS, numbers.SDES], ids=["dtls", "sdes"])
def test_G07_a_call_of_the_business(lab, pbx, user, number):
    call, leg = business_calls(lab, pbx, number, user)
    leg.bye()
    call.wait_ended()
    record = lab.record(leg.call_id)
    assert (record["result"], record["cause"], record["ended_by"]) == ("ended", "bye_pbx", "pbx")
    assert (record["dir"], record["number"], record["peer"]) == ("out", number.digits, user)
    assert record["keys"] == number.srtp.lower() if number.srtp else record["keys"] == "dtls"
    assert record["src"] == lab.addresses.pbx


def test_G07_a_refusal_by_meta_with_its_words(lab, pbx, user):
    phrase = f"SIP server 1.example from INVITE does not match any SIP server configured for phone number id {numbers.DTLS.id}"
    lab.metasim.policy(user, refuse={"code": 403, "reason": phrase})
    leg = pbx.call(user, numbers.DTLS.digits)
    leg.wait_final()
    record = lab.record(leg.call_id)
    assert (record["result"], record["cause"], record["code"]) == ("failed", "hostname_mismatch", 403)
    # numbers in it are masked
    assert record["phrase"].startswith("SIP server 1.example from INVITE does not match")
    assert numbers.DTLS.id not in record["phrase"]
    assert record["answered"] is None and record["duration"] == 0 and record["ended_by"] == "sbc"


def test_G07_what_we_refuse_ourselves(lab, pbx, user):
    call = lab.metasim.ring(numbers.UNKNOWN, user)
    call.wait_ended()
    record = lab.record(call.sent()[0].call_id)
    assert (record["result"], record["cause"], record["code"]) == ("refused", "number_unknown", 404)
    leg = pbx.call(user, "15559999999")
    leg.wait_final()
    record = lab.record(leg.call_id)
    assert (record["result"], record["cause"], record["dir"]) == ("refused", "caller_unknown", "out")


def test_G07_calls_that_the_caller_gives_up(lab, pbx, users):
    user, other = next(users), next(users)
    lab.metasim.policy(user, action="ring")
    leg = pbx.call(user, numbers.DTLS.digits)
    leg.wait_status(180)
    leg.cancel()
    leg.wait_final()
    record = lab.record(leg.call_id)
    assert (record["result"], record["cause"], record["ended_by"]) == ("cancelled", "cancelled", "pbx")
    assert record["ringing"] is not None and record["answered"] is None
    call = lab.metasim.ring(numbers.DTLS, other)
    leg = pbx.incoming()
    leg.reply(180)
    call.wait("progress")
    call.hangup()
    leg.reply(200, to=leg.expect("CANCEL"))
    leg.reply(487)
    leg.expect("ACK")
    call.wait_ended()
    record = lab.record(leg.call_id)
    assert (record["result"], record["ended_by"]) == ("cancelled", "meta")


def test_G07_both_hang_up_at_once_and_there_is_one_record(lab, pbx, user, watch):
    watch.provoked |= {"no_dialog", "stray_response"}
    call, leg = user_calls(lab, pbx, numbers.DTLS, user)
    call.hangup()
    leg.request("BYE")
    leg.reply(200, to=leg.expect("BYE"))
    call.wait_ended()
    lab.record(leg.call_id)
    # a later call's record: by then a second one of the first would have been written
    again, leg2 = user_calls(lab, pbx, numbers.DTLS, user)
    leg2.bye()
    again.wait_ended()
    lab.record(leg2.call_id)
    assert len(lab.records(leg.call_id)) == 1


def test_G07_records_reach_redis_too(lab, pbx, user):
    call, leg = business_calls(lab, pbx, numbers.DTLS, user)
    leg.bye()
    call.wait_ended()
    in_file = lab.record(leg.call_id)

    def in_redis():
        entries = lab.redis.command("XREVRANGE", "wa:cdr", "+", "-", "COUNT", "50") or []
        return [json.loads(fields[1]) for _, fields in entries if fields[0] == "cdr" and leg.call_id in fields[1]]
    wait_until(in_redis, 20, "the record is in the stream")
    assert in_redis() == [in_file]


def test_G07_a_rotated_file_is_opened_anew(lab, pbx, users):
    def one_call():
        user = next(users)
        call, leg = business_calls(lab, pbx, numbers.DTLS, user)
        leg.bye()
        call.wait_ended()
        return leg.call_id
    first = one_call()
    lab.record(first)
    path = lab.dir / "calls.jsonl"
    path.rename(lab.dir / "calls.jsonl.1")
    second = one_call()
    lab.record(second)
    lab.rpc("wa_calls.reopen")
    third = one_call()
    lab.record(third)
    assert first in (lab.dir / "calls.jsonl.1").read_text() and first not in path.read_text()


@pytest.fixture(name="node")
def fixture_node(own_lab):
    def make(**site):
        lab = own_lab(site=site, listed=[numbers.DTLS, numbers.SDES])
        lab.provision()
        return lab
    return make


def kill(lab):
    """kill -9 of every process of Kamailio; then it starts again."""
    lab.kamailio.kill()
    lab.kamailio.start()
    lab.kamailio.wait_ready()


def test_G07_E06_a_crash_in_mid_call_still_means_one_record_each(node, start_wire, users):
    """One call gets its BYE through the restarted node, one rang, and of one the media has gone meanwhile."""
    lab = node()
    pbx = start_wire(lab)
    call, leg = user_calls(lab, pbx, numbers.DTLS, next(users), hz=1000, media={"tone_hz": 700})
    both_hear(call, leg.media.heard, 0.5)
    lost, lost_leg = business_calls(lab, pbx, numbers.SDES, next(users))
    ringing_user = next(users)
    lab.metasim.policy(ringing_user, action="ring")
    ringing = pbx.call(ringing_user, numbers.DTLS.digits)
    ringing.wait_status(180)
    wait_until(lambda: lab.rpc("wa_calls.stats")["calls"] == 3, 20, "three calls are there")
    journal = lab.dir / "calls.journal"
    wait_until(lambda: all(c in journal.read_text() for c in (leg.call_id, lost_leg.call_id, ringing.call_id))
               and journal.read_text().count('"meta":') >= 2, 20, "the journal has them")
    kill(lab)
    record = lab.record(ringing.call_id)
    assert (record["result"], record["cause"], record["restarted"]) == ("failed", "node_restarted", 1)
    shown = lab.rpc("wa_calls.show", leg.call_id)
    assert shown["state"] == "answered" and shown["restarted"] == 1
    # rtpengine forgets one of them: both sides are told
    lab.rtpengine.ng("delete", **{"call-id": lost_leg.call_id})
    bye = lost_leg.expect("BYE", 20)
    lost_leg.reply(200, to=bye)
    assert lost.wait_ended()["by"] == "business"
    record = lab.record(lost_leg.call_id)
    assert (record["result"], record["cause"], record["restarted"]) == ("ended", "node_restarted", 1)
    assert leg.bye().status == 200
    call.wait_ended()
    record = lab.record(leg.call_id)
    assert (record["cause"], record["restarted"], record["number"]) == ("bye_pbx", 1, numbers.DTLS.digits)
    kill(lab)
    wait_until(lambda: lab.rpc("wa_calls.stats")["calls"] == 0, 20, "nothing is open any more")
    for call_id in (leg.call_id, lost_leg.call_id, ringing.call_id):
        assert len(lab.records(call_id)) == 1


def test_G07_a_full_disk_loses_no_record(node, start_wire, users):
    lab = node(CDR_FILE="/dev/full", CALLS_JOURNAL="", CDR_MASK=1)
    pbx = start_wire(lab)
    user = next(users)
    call, leg = business_calls(lab, pbx, numbers.DTLS, user)
    leg.bye()
    call.wait_ended()
    wait_until(lambda: lab.rpc("wa_calls.stats")["cdr_errors"] > 0, 20, "the disk is full")
    stats = lab.rpc("wa_calls.stats")
    assert stats["cdr_pending"] == 1 and stats["cdr_lost"] == 0
    wait_until(lambda: "make room on that disk" in lab.kamailio.daemon.log(), 20, "the log says so")


def test_G07_numbers_are_masked_where_the_site_wants_it(node, start_wire, users):
    lab = node(CDR_MASK=1)
    pbx = start_wire(lab)
    user = next(users)
    call, leg = business_calls(lab, pbx, numbers.DTLS, user)
    leg.bye()
    call.wait_ended()
    record = lab.record(leg.call_id)
    assert record["number"] == "1555***11" and record["peer"] == f"1631***{user[-2:]}"


def test_G07_a_path_that_is_none_is_refused_at_start(own_lab):
    with pytest.raises(LabError) as error:
        own_lab(site={"CDR_FILE": "calls.jsonl"}, listed=[numbers.DTLS])
    assert "cdr_file" in str(error.value) or "kamailio" in str(error.value).lower()
