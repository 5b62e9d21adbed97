# SPDX-License-Identifier: GPL-2.0-or-later
"""G09: two nodes over one Redis are restarted one after the other, and no call fails."""
import contextlib

import pytest

from calls import business_calls, user_calls
from lab import numbers
from lab.addresses import SBC_HOSTNAME, hostport
from lab.pbx_wire import WirePbx
from lab.process import wait_until
from lab.whole import Lab, second_node

N = numbers.SDES


class Pair:
    """Two nodes; Meta and the PBX send new calls to the one that is in front."""

    def __init__(self, lab):
        self.lab, self.other = lab, second_node(lab)
        wait_until(lambda: self.other.kamailio.rpc("wa_numbers.status")["ready"], 20, "node B has loaded all")
        self.pbxes = {id(lab): WirePbx(lab),
                      id(self.other): WirePbx(self.other, address=(lab.addresses.pbx, lab.addresses.pbx_sip[1] + 1))}

    def pbx(self, node):
        return self.pbxes[id(node)]

    def in_front(self, node):
        """Where Meta finds our name, and the trunk's PBX its SBC."""
        self.front = node
        self.lab.metasim.command("resolve", host=SBC_HOSTNAME, to=hostport(node.addresses.sip))
        gateway = f"sip:{hostport(self.pbx(node).address)};transport=udp"
        self.lab.job("wa_numbers.trunk_set", "pbx", f"gateways={gateway}")
        for each in (self.lab, self.other):
            wait_until(lambda n=each: n.kamailio.rpc("wa_trunk.show", "pbx")["gateways"][0]["uri"] == gateway, 10,
                       "the trunk has moved on both nodes")

    def call_each_way(self, user):
        pbx = self.pbx(self.front)
        for begin in (user_calls, business_calls):
            call, leg = begin(self.lab, pbx, N, user)
            leg.bye()
            call.wait_ended()

    def stop(self):
        for pbx in self.pbxes.values():
            pbx.stop()
        self.other.kamailio.stop()


@pytest.fixture(name="pair")
def fixture_pair(watch):
    with Lab(listed=[N]) as lab, contextlib.ExitStack() as after:
        watch.lab(lab)
        lab.provision()
        pair = Pair(lab)
        after.callback(pair.stop)
        yield pair


def calls_of(node):
    return node.kamailio.rpc("wa_calls.drain_status")["calls"]


def test_G09_rolling_restart_of_two_nodes_without_a_failed_call(pair, users):
    nodes = [pair.lab, pair.other]
    for node, other in (nodes, nodes[::-1]):
        pair.in_front(node)
        pair.call_each_way(next(users))
        running = [begin(pair.lab, pair.pbx(node), N, next(users)) for begin in (user_calls, business_calls)]
        node.kamailio.rpc("wa_calls.drain")
        pair.in_front(other)
        pair.call_each_way(next(users))
        # they go on until somebody hangs up
        wait_until(lambda n=node: calls_of(n) == 2, 10, "the calls that run are all the node has")
        for call, leg in running:
            leg.bye()
            assert call.wait_ended()["by"] == "business"
        wait_until(lambda n=node: calls_of(n) == 0, 10, "the node is empty")
        assert node.kamailio.rpc("wa_calls.recent", "failed")["calls"] == []
        node.kamailio.stop()
        pair.call_each_way(next(users))
        node.kamailio.start()
        node.kamailio.wait_ready()
        assert node.kamailio.rpc("wa_calls.drain_status")["drain"] == "off"
        wait_until(lambda n=node: n.kamailio.rpc("wa_numbers.status")["ready"], 10, "the node has its numbers again")
        pair.in_front(node)
        pair.call_each_way(next(users))
    assert [n.kamailio.rpc("wa_calls.recent", "failed")["calls"] for n in nodes] == [[], []]
    assert pair.lab.metasim.violations() == []
