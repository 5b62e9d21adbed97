# SPDX-License-Identifier: GPL-2.0-or-later
"""How soon a call on one node counts for limits on another, and how far a limit is passed by calls that
begin on both at once. CALLS=n for other sizes.
"""
import os
import statistics
import time

from lab import numbers
from lab.pbx_wire import WirePbx
from lab.process import wait_until
from lab.whole import Lab, second_node
from row import Row

CALLS = int(os.environ.get("CALLS", "100"))
MOST = 20  # of the limit that is passed
N = numbers.DTLS


def calls_all(node):
    return node.rpc("wa_calls.nodes", N.digits)["calls_all"]


def when(node, n):
    while calls_all(node) < n:
        pass
    return time.monotonic()


def propagation(nodes, pbx):
    """Milliseconds from the count here to the count there, of calls that begin one after the other."""
    a, b = nodes
    took, legs = [], []
    for i in range(CALLS):
        legs.append(pbx.call(f"1631700{i:04d}", N.digits))
        took.append((-when(a, i + 1) + when(b, i + 1)) * 1000)
    for leg in legs:
        leg.wait_final()
        leg.bye()
    for node in nodes:
        wait_until(lambda n=node: calls_all(n) == 0, 60, "all calls are over")
    return took


def overshoot(nodes, pbxes):
    """Calls that are let in beyond the limit, of many that begin on both nodes at once."""
    for node in nodes:
        node.rpc("cfg.set_now_int", "wasbc", "number_calls", MOST)
    legs = [pbxes[i % 2].call(f"1631800{i:04d}", N.digits) for i in range(4 * MOST)]
    let_in = [leg for leg in legs if leg.wait_final().status == 200]
    for leg in let_in:
        leg.bye()
    return len(let_in) - MOST


def measure():
    site = {"SHARED_LIMITS": 1}
    with Lab(listed=[N], site={**site, "NODE_NAME": "a"}) as lab:
        lab.provision()
        other = second_node(lab, **site, NODE_NAME="b")
        host, port = lab.addresses.pbx_sip
        pbxes = [WirePbx(lab), WirePbx(other, address=(host, port + 1))]
        try:
            for node in (lab, other):
                wait_until(lambda n=node: n.rpc("wa_calls.nodes")["others"] == 1, 60, "the nodes meet")
            took = propagation((lab, other), pbxes[0])
            yield Row(f"a call counts on the other node: median of {CALLS}", statistics.median(took), "ms", 50)
            yield Row("longest of them", max(took), "ms")
            yield Row(f"beyond a limit of {MOST}, {4 * MOST} calls at once", overshoot((lab, other), pbxes), "calls", MOST)
        finally:
            for pbx in pbxes:
                pbx.stop()
            other.kamailio.stop()

