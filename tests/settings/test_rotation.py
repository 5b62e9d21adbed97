# SPDX-License-Identifier: GPL-2.0-or-later
"""A07: a new SIP password, with calls before, meanwhile and after."""
import json

import pytest

from calls import business_calls
from desk import apply, audit, bodies, ctl, entry, forget, requests, shown, stat, wait_idle
from lab import numbers
from lab.kamailio import RpcError
from lab.meta_wire import WireMeta
from lab.process import wait_until

NUMBER = numbers.ROTATE


@pytest.fixture(name="wire")
def fixture_wire(lab):
    wire = WireMeta(lab)
    yield wire
    wire.stop()


@pytest.fixture(name="tidy", autouse=True)
def fixture_tidy(lab, watch):
    watch.provoked.update({"undecryptable"})  # the PBX is silent: ../media/test_first_packet.py
    yield
    lab.metasim.command("graph_fault_clear")
    lab.metasim.command("graph_option", flip_srtp=False)
    wait_until(lambda: int(shown(lab, NUMBER)["rotating"]) == 0, 20, "no rotation is under way")
    forget(lab, NUMBER)


def sealed(lab):
    return lab.redis.command("HGET", f"wa:number:{NUMBER.digits}", "password")


def held_up(lab, skip, **fault):
    """The POST after `skip` others is served, and its answer comes with graph_release."""
    if skip:
        lab.metasim.command("graph_fault", phone_number_id=NUMBER.id, method="POST", delay_ms=0, count=skip)
    lab.metasim.command("graph_fault", phone_number_id=NUMBER.id, method="POST", delay_ms=60000, **fault)


def wait_posts(lab, n, mark):
    wait_until(lambda: len(requests(lab, NUMBER, mark)) == n, 20, f"{n} writes have reached Meta",
               lab.kamailio.daemon)


def call_works(lab, pbx, user, hz=None):
    call, leg = business_calls(lab, pbx, NUMBER, user, hz=hz)
    leg.bye()
    call.wait_ended()


def test_A07_a_rotation_changes_the_password_and_nothing_else(lab, pbx, user):
    call_works(lab, pbx, user)
    before, password, mark = shown(lab, NUMBER), sealed(lab), lab.metasim.events.mark()
    status, out, err = ctl(lab, "--json", "number", "rotate", NUMBER.digits)
    assert status == 0, err
    assert json.loads(out)["state"] == "done" and json.loads(out)["writes"] == 3
    server = {"hostname": before["hostname"], "port": int(before["port"])}
    assert bodies(lab, NUMBER, mark) == [
        {"status": "DISABLED", "sip": {"status": "DISABLED", "servers": []}},
        {"status": "ENABLED", "sip": {"status": "ENABLED", "servers": [server]}},
        {"srtp_key_exchange_protocol": "SDES"}]
    after = shown(lab, NUMBER)
    assert sealed(lab) != password
    for field in ("hostname", "port", "srtp", "codecs", "tgrp", "context", "calling", "sip", "trunk", "rotating"):
        assert after[field] == before[field], field
    line = [x for x in audit(lab, NUMBER) if x["field"] == "password"][-1]
    assert line["old"].startswith("sha256:") and line["new"].startswith("sha256:") and line["old"] != line["new"]
    call_works(lab, pbx, user)


def test_A07_calls_meanwhile_get_503_and_a_time(lab, pbx, user, wire):
    """Before Meta has answered the first step, and while it has a password that the SBC does not know."""
    lab.set_password(NUMBER, "the-old-one")
    running, leg_running = business_calls(lab, pbx, NUMBER, user + "1", hz=700)
    mark, password = lab.metasim.events.mark(), sealed(lab)
    held_up(lab, 0)
    held_up(lab, 0)
    task = lab.rpc("wa_settings.rotate", NUMBER.digits, "test@lab")["task"]
    for posts in (1, 2):
        wait_posts(lab, posts, mark)
        leg = pbx.call(user, NUMBER.digits)
        reply = leg.wait_final()
        assert reply.status == 503 and int(reply.get("Retry-After")) > 0
        assert "password_rotating" in reply.get("Warning")
        if posts == 1:
            lab.metasim.command("graph_release")
    # Meta has the new one by now, and the SBC the old one, which is still good for whoever has it
    assert sealed(lab) == password
    call = lab.metasim.ring(NUMBER, user)
    ended = call.wait_ended()
    assert ended["code"] == 503
    (refusal,) = call.received(lambda m: m.status == 503)
    assert int(refusal.get("Retry-After")) > 0
    old = wire.dialog(NUMBER.digits, user + "2")
    old.start(old.credentials(old.invite(), "the-old-one"))
    pbx.incoming().reply(486)
    assert old.final().status == 486
    lab.metasim.command("graph_release")
    wait_until(lambda: lab.rpc("wa_settings.task", str(task))["state"] == "done", 20, "it is done",
               lab.kamailio.daemon)
    assert sealed(lab) != password
    call_works(lab, pbx, user)
    leg_running.bye()
    running.wait_ended()


def test_A07_A05_sdes_that_flips_is_written_again(lab):
    lab.metasim.command("graph_option", flip_srtp=True)
    assert ctl(lab, "number", "rotate", NUMBER.digits)[0] == 0
    assert shown(lab, NUMBER)["srtp"] == "SDES"


def test_A07_what_meta_refuses_at_once_changes_nothing(lab, pbx, user):
    password = sealed(lab)
    lab.metasim.command("graph_fault", phone_number_id=NUMBER.id, method="POST", status=403, code=200, message="no")
    status, _, err = ctl(lab, "number", "rotate", NUMBER.digits)
    assert status == 1 and "graph 200" in err
    assert sealed(lab) == password
    # and nobody goes on with it
    assert lab.redis.command("HGET", f"wa:wanted:{NUMBER.digits}", "job") is None
    wait_until(lambda: int(shown(lab, NUMBER)["rotating"]) == 0, 15, "calls are let through")
    call_works(lab, pbx, user)
    assert [x["event"] for x in audit(lab, NUMBER)][-2:] == ["write", "refused"]


def test_A07_what_meta_refuses_in_the_middle_is_tried_until_it_works(lab):
    password, mark = sealed(lab), lab.metasim.events.mark()
    lab.metasim.command("graph_fault", phone_number_id=NUMBER.id, method="POST", delay_ms=0)
    lab.metasim.command("graph_fault", phone_number_id=NUMBER.id, method="POST", status=403, code=200, message="no")
    lab.metasim.command("graph_fault", phone_number_id=NUMBER.id, method="POST", close=True)
    status, _, err = ctl(lab, "number", "rotate", NUMBER.digits)
    assert status == 0, err
    assert len(requests(lab, NUMBER, mark)) == 5 and sealed(lab) != password


def test_A07_two_at_once_are_one(lab):
    mark = lab.metasim.events.mark()
    held_up(lab, 0)
    first = lab.rpc("wa_settings.rotate", NUMBER.digits, "one")["task"]
    wait_posts(lab, 1, mark)
    status, _, err = ctl(lab, "number", "rotate", NUMBER.digits)
    assert status == 1 and "there is work on this number already" in err
    lab.metasim.command("graph_release")
    wait_until(lambda: lab.rpc("wa_settings.task", str(first))["state"] == "done", 20, "the first is done",
               lab.kamailio.daemon)
    assert len(requests(lab, NUMBER, mark)) == 3


def test_A07_another_nodes_lease_is_respected(lab):
    lease = f"wa:lease:{NUMBER.digits}"
    lab.redis.command("SET", lease, "another-node", "PX", "60000")
    mark, password = lab.metasim.events.mark(), sealed(lab)
    status, _, err = ctl(lab, "number", "rotate", NUMBER.digits)
    assert status == 1 and "another node is at work" in err
    assert not requests(lab, NUMBER, mark) and sealed(lab) == password
    assert lab.redis.command("GET", lease) == "another-node"
    lab.redis.command("DEL", lease)


def test_A07_a_lease_that_is_lost_in_the_middle_ends_the_work(lab):
    """What comes after is the business of the node that has it now."""
    lease, mark = f"wa:lease:{NUMBER.digits}", lab.metasim.events.mark()
    held_up(lab, 0)
    task = lab.rpc("wa_settings.rotate", NUMBER.digits, "test")["task"]
    wait_posts(lab, 1, mark)
    lab.redis.command("SET", lease, "another-node", "PX", "60000")
    lab.metasim.command("graph_release")
    wait_until(lambda: lab.rpc("wa_settings.task", str(task))["state"] == "failed", 20, "it has let go")
    assert "lease was lost" in lab.rpc("wa_settings.task", str(task))["error"]
    assert len(requests(lab, NUMBER, mark)) == 1
    # the other one dies: what it left is gone on with
    lab.redis.command("DEL", lease)
    wait_until(lambda: int(shown(lab, NUMBER)["rotating"]) == 0, 20, "it is done", lab.kamailio.daemon)
    wait_until(lambda: lab.redis.command("HGET", f"wa:wanted:{NUMBER.digits}", "job") is None, 15, "the work is gone")


def lose_rotation(lab):
    """A replica becomes the master that has not heard of it."""
    wish, number = f"wa:wanted:{NUMBER.digits}", f"wa:number:{NUMBER.digits}"
    lab.redis.command("DEL", f"wa:lease:{NUMBER.digits}", wish)
    lab.redis.command("HDEL", number, "rotating")
    for kind in ("wanted", "number"):
        lab.redis.command("XADD", "wa:changes", "*", "kind", kind, "key", NUMBER.digits, "op", "set")


@pytest.mark.parametrize("posts", [1, 2])
def test_A07_G10_a_redis_that_forgets_the_rotation_leaves_no_number_out_of_service(lab, pbx, user, posts):
    password, mark = sealed(lab), lab.metasim.events.mark()
    held_up(lab, posts - 1)
    task = lab.rpc("wa_settings.rotate", NUMBER.digits, "test")["task"]
    wait_posts(lab, posts, mark)
    lose_rotation(lab)
    lab.job("wa_numbers.reload")  # now this node has seen it
    lab.metasim.command("graph_release")
    wait_until(lambda: lab.rpc("wa_settings.task", str(task))["state"] != "running", 20, "it has an end",
               lab.kamailio.daemon)
    assert lab.rpc("wa_settings.task", str(task))["state"] == "done"
    after = shown(lab, NUMBER)
    assert (int(after["calling"]), int(after["sip"]), int(after["rotating"])) == (1, 1, 0)
    assert sealed(lab) != password
    call_works(lab, pbx, user)


def test_A07_a_rotation_that_another_node_has_ended_is_not_made_again(lab):
    """The stream of changes is behind: this node still sees the work, and gets the lease."""
    lease, wish = f"wa:lease:{NUMBER.digits}", f"wa:wanted:{NUMBER.digits}"
    mark, password = lab.metasim.events.mark(), sealed(lab)
    server = {"hostname": shown(lab, NUMBER)["hostname"], "port": int(shown(lab, NUMBER)["port"])}
    work = {"kind": "rotate", "step": "disable", "by": "other", "begun": 1700000000, "srtp": "SDES", "old": "", "body": {
        "calling": {"status": "ENABLED", "sip": {"status": "ENABLED", "servers": [server]}}}}
    lab.redis.command("SET", lease, "another-node", "PX", "60000")
    lab.redis.command("HSET", wish, "job", json.dumps(work), "version", "1")
    lab.redis.command("XADD", "wa:changes", "*", "kind", "wanted", "key", NUMBER.digits, "op", "set")
    # now this node has seen it
    lab.job("wa_numbers.reload")
    lab.redis.command("DEL", wish)
    lab.redis.command("DEL", lease)
    wait_until(lambda: "rotate: another node has done it" in lab.kamailio.daemon.log(), 20, "it has looked again",
               lab.kamailio.daemon)
    assert not requests(lab, NUMBER, mark) and sealed(lab) == password


def test_A07_on_schedule(lab):
    before = stat(lab, "rotations")
    apply(lab, entry(NUMBER, policy={"rotate_days": 30}))
    password = sealed(lab)
    lab.sync(NUMBER)
    wait_idle(lab)
    assert sealed(lab) == password and stat(lab, "rotations") == before
    # as if thirty days had passed
    lab.redis.command("HSET", f"wa:number:{NUMBER.digits}", "password_since", "1700000000")
    lab.redis.command("HDEL", f"wa:wanted:{NUMBER.digits}", "rotated")
    for kind in ("number", "wanted"):
        lab.redis.command("XADD", "wa:changes", "*", "kind", kind, "key", NUMBER.digits, "op", "set")
    lab.job("wa_numbers.reload")
    lab.rpc("wa_settings.sync", NUMBER.digits)
    wait_until(lambda: stat(lab, "rotations") == before + 1, 20, "the password is changed", lab.kamailio.daemon)
    assert sealed(lab) != password
    assert [x for x in audit(lab, NUMBER) if x["field"] == "password"][-1]["by"] == "schedule"
    # once is enough
    wait_idle(lab)
    lab.sync(NUMBER)
    wait_idle(lab)
    assert stat(lab, "rotations") == before + 1


def test_A07_somebody_elses_rotation_is_noticed_by_the_next_round(lab, pbx, user):
    password = sealed(lab)
    lab.metasim.command("graph_password", digits=NUMBER.digits, app_id=NUMBER.app, password="from-somewhere-else")
    lab.sync(NUMBER)
    assert sealed(lab) != password
    call_works(lab, pbx, user)


def test_A07_a_number_without_an_entry_of_ours(lab):
    status, _, err = ctl(lab, "number", "rotate", numbers.FOREIGN.digits)
    assert status == 1 and "no server entry of this app" in err
    with pytest.raises(RpcError, match="404"):
        lab.rpc("wa_settings.rotate", "15559999999", "test")
