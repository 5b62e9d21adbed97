# SPDX-License-Identifier: GPL-2.0-or-later
"""Two nodes with one Redis: limits hold across them (G03), and a call has one record wherever it ends (G07); through the death
of a node and of Redis."""
import contextlib
import os
import signal

import pytest

from calls import business_calls, user_calls
from lab import numbers
from lab.addresses import SBC_HOSTNAME, hostport
from lab.pbx_wire import WirePbx
from lab.process import wait_until
from lab.whole import Lab, records, second_node

N, OTHER = numbers.DTLS, numbers.SDES
LEASE = 6  # seconds, so that nobody waits for long, and a machine that stands still has not died
KNOBS = {"number_calls": 1000, "trunk_calls": 0, "one_per_pair": 1}


def business_calls_up(*args, **how):
    """Until Meta has the ACK, too: what a test does next would lose it."""
    call, leg = business_calls(*args, **how)
    call.wait("acked")
    return call, leg


class Nodes:
    """Two nodes, a PBX for each of them, one Meta."""

    def __init__(self, lab):
        self.lab = lab
        self.a, self.b = lab, second_node(lab, SHARED_LIMITS=1, SHARED_LEASE=LEASE, NODE_NAME="b",
                                          CALLS_JOURNAL=lab.dir / "b" / "calls.journal")
        host, port = lab.addresses.pbx_sip
        self.pbxes = {id(self.a): WirePbx(self.a), id(self.b): WirePbx(self.b, address=(host, port + 1))}

    def __iter__(self):
        return iter((self.a, self.b))

    def limit(self, name, value):
        for node in self:
            node.rpc("cfg.set_now_int", "wasbc", name, value)

    def pbx(self, node):
        return self.pbxes[id(node)]

    def call(self, node, number, user):
        """A call of the business by that node, up: Meta's side and the PBX's."""
        return business_calls_up(self.lab, self.pbx(node), number, user)

    def try_call(self, node, number, user):
        """The PBX's leg and its final answer."""
        leg = self.pbx(node).call(user, number.digits)
        return leg, leg.wait_final()

    def meta_finds(self, node):
        """Meta's requests go there from now on."""
        self.lab.metasim.command("resolve", host=SBC_HOSTNAME, to=hostport(node.addresses.sip))
        self.lab.metasim.command("disconnect")

    def record(self, node, call_id):
        wait_until(lambda: records(node, call_id), 20, f"the call {call_id} has its record", node.kamailio.daemon)
        (record,) = records(node, call_id)
        return record

    def stop(self):
        for pbx in self.pbxes.values():
            pbx.stop()
        self.b.kamailio.stop()


def seen(node, *name):
    return node.rpc("wa_calls.nodes", *name)


def wait_calls(node, number, n):
    """Until limits of that node count n calls of the number, wherever they are."""
    wait_until(lambda: seen(node, number.digits)["calls_all"] == n, 40,
               f"{n} calls of {number.digits} count", node.kamailio.daemon)


def wait_together(nodes):
    for node in nodes:
        wait_until(lambda n=node: (seen(n)["limits"], seen(n)["others"]) == ("all nodes", 1), 40,
                   "the nodes hear each other", node.kamailio.daemon)


def over(nodes, call, leg, number):
    leg.bye()
    call.wait_ended()
    for node in nodes:
        wait_calls(node, number, 0)


@pytest.fixture(name="both", scope="module")
def fixture_both():
    with Lab(listed=[N, OTHER], site={"SHARED_LIMITS": 1, "SHARED_LEASE": LEASE, "NODE_NAME": "a"}) as lab, \
            contextlib.ExitStack() as after:
        lab.provision()
        nodes = Nodes(lab)
        after.callback(nodes.stop)
        wait_until(lambda: nodes.b.rpc("wa_numbers.status")["ready"], 20, "node B has loaded all")
        wait_together(nodes)
        yield nodes


@pytest.fixture(name="nodes")
def fixture_nodes(both, watch):
    watch.lab(both.lab)
    yield both
    both.meta_finds(both.a)
    for name, value in KNOBS.items():
        both.limit(name, value)


@pytest.mark.parametrize("knob, number, same_user, code, cause", [
    ("number_calls", N, False, 486, "limit_number"), ("trunk_calls", OTHER, False, 503, "limit_trunk"),
    ("one_per_pair", N, True, 486, "limit_pair")], ids=["number", "trunk", "pair"])
def test_G03_a_call_on_one_node_counts_on_the_other(nodes, users, knob, number, same_user, code, cause):
    nodes.limit(knob, 1)
    user = next(users)
    call, leg = nodes.call(nodes.a, N, user)
    wait_calls(nodes.b, N, 1)
    assert seen(nodes.b, N.digits)["calls_here"] == 0
    _, reply = nodes.try_call(nodes.b, number, user if same_user else next(users))
    assert reply.status == code and f'"{cause}"' in reply.get("Reason")
    over(nodes, call, leg, N)
    # and is free again on both
    for node in (nodes.b, nodes.a):
        call, leg = nodes.call(node, number, user)
        over(nodes, call, leg, number)


def user_hangs_up(call, leg):
    call.hangup()
    leg.reply(200, to=leg.expect("BYE"))
    call.wait_ended()


@pytest.mark.parametrize("begin", [user_calls, business_calls_up])
def test_G07_G03_a_call_that_ends_on_the_other_node_has_one_record(nodes, users, begin):
    """Meta's BYE comes to any node of its name. The record is that of the node with the call, and limits count it no more."""
    a, b = nodes
    call, leg = begin(nodes.lab, nodes.pbx(a), N, next(users))
    wait_calls(b, N, 1)
    nodes.meta_finds(b)
    user_hangs_up(call, leg)
    record = nodes.record(a, leg.call_id)
    assert (record["result"], record["cause"], record["ended_by"], record["node"]) == ("ended", "bye_meta", "meta", "a")
    assert record["duration"] > 0 and record["meta_duration"] is not None and not record["restarted"], record
    assert record["answered"] < record["ended"]
    for node in nodes:
        wait_calls(node, N, 0)
    wait_until(lambda: seen(b)["asked"] == 0, 20, "B has heard who writes the record", b.kamailio.daemon)
    assert seen(b)["unsettled"] == 0 and records(b, leg.call_id) == []


def test_G07_a_call_that_failed_where_it_ends_has_its_record_where_it_was_up(nodes, users):
    """A proxy tries the other node under the same Call-ID; then Meta's BYE comes to the first one."""
    a, b = nodes
    refused = nodes.pbx(b).call(next(users), N.digits, edit=lambda sdp: sdp.replace("m=audio", "m=video"))
    assert refused.wait_final().status == 488
    nodes.record(b, refused.call_id)
    # to another user: A may hear a moment later only that the pair has had a call
    call, leg = business_calls_up(nodes.lab, nodes.pbx(a), N, next(users), call_id=refused.call_id)
    wait_calls(b, N, 1)
    nodes.meta_finds(b)
    user_hangs_up(call, leg)
    assert nodes.record(a, leg.call_id)["cause"] == "bye_meta"
    for node in nodes:
        wait_calls(node, N, 0)
    assert [record["result"] for record in records(b, leg.call_id)] == ["refused"]


def test_G07_a_call_that_ends_on_a_node_that_has_just_started_has_one_record(nodes, users):
    """That one has not heard of the other, which says nothing for a while."""
    a, b = nodes
    call, leg = user_calls(nodes.lab, nodes.pbx(a), N, next(users))
    (writer,) = [p["PID"] for p in a.rpc("core.psx") if p["DSC"] == "wa_calls writer"]
    os.kill(writer, signal.SIGSTOP)
    try:
        b.kamailio.crash()
        b.kamailio.start()
        b.kamailio.wait_loaded()
        assert seen(b)["others"] == 0
        nodes.meta_finds(b)
        user_hangs_up(call, leg)
    finally:
        os.kill(writer, signal.SIGCONT)
    assert nodes.record(a, leg.call_id)["cause"] == "bye_meta"
    wait_until(lambda: seen(b)["asked"] == 0, 20, "B has heard who writes the record", b.kamailio.daemon)
    assert records(b, leg.call_id) == []
    wait_together(nodes)


def test_G07_a_call_of_a_dead_node_has_its_record_where_it_ends(nodes, users):
    a, b = nodes
    call, leg = user_calls(nodes.lab, nodes.pbx(a), N, next(users))
    wait_calls(b, N, 1)
    a.kamailio.crash()
    nodes.meta_finds(b)
    call.hangup()
    bye = leg.expect("BYE")
    leg.pbx.sbc, at_a = b.addresses.sip_pbx, leg.pbx.sbc
    leg.bye()  # at once with the user
    leg.pbx.sbc = at_a
    leg.reply(200, to=bye)
    call.wait_ended()
    record = nodes.record(b, leg.call_id)
    assert (record["result"], record["cause"], record["restarted"], record["number"]) == ("ended", "bye_meta", 1, N.digits)
    wait_until(lambda: seen(b)["asked"] == 0, 20, "B waits for nobody", b.kamailio.daemon)
    assert len(records(b, leg.call_id)) == 1
    a.kamailio.start()
    a.kamailio.wait_loaded()
    wait_together(nodes)
    for node in nodes:
        wait_calls(node, N, 0)  # its media is gone, as A sees


def test_G03_calls_of_a_dead_node_run_out_and_come_back_with_it(nodes, users):
    nodes.limit("number_calls", 1)
    call, leg = nodes.call(nodes.b, N, next(users))
    wait_calls(nodes.a, N, 1)
    nodes.b.kamailio.crash()
    _, reply = nodes.try_call(nodes.a, N, next(users))
    assert reply.status == 486  # nobody knows yet whether it is dead
    wait_calls(nodes.a, N, 0)
    wait_until(lambda: seen(nodes.a)["others"] == 0, 40, "node B is forgotten")
    again, second = nodes.call(nodes.a, N, next(users))
    # the call of B goes on; B knows it by its journal
    nodes.b.kamailio.start()
    nodes.b.kamailio.wait_ready()
    wait_together(nodes)
    for node in nodes:
        wait_calls(node, N, 2)
    second.bye()
    again.wait_ended()
    over(nodes, call, leg, N)


def said_alone(node):
    """How often it has logged that limits are its own alone; at its start that may be true for a moment."""
    return node.kamailio.daemon.log().count("limits count the calls of this node alone")


def test_G03_without_redis_each_node_counts_for_itself_and_says_so(nodes, users):
    """Last: Redis comes back empty, which the directory does not take."""
    nodes.limit("number_calls", 1)
    call, leg = nodes.call(nodes.a, N, next(users))
    wait_calls(nodes.b, N, 1)
    before = [said_alone(node) for node in nodes]
    nodes.lab.redis.stop()
    for node in nodes:
        wait_until(lambda n=node: seen(n)["limits"] == "this node alone", 40, "it says so", node.kamailio.daemon)
    wait_calls(nodes.b, N, 0)
    second, other = nodes.call(nodes.b, N, next(users))
    _, reply = nodes.try_call(nodes.a, N, next(users))
    assert reply.status == 486  # its own still counts
    nodes.lab.redis.start()
    nodes.lab.redis.wait_ready()
    wait_together(nodes)
    for node in nodes:
        wait_calls(node, N, 2)
    assert [said_alone(node) for node in nodes] == [n + 1 for n in before]
    other.bye()
    second.wait_ended()
    over(nodes, call, leg, N)
