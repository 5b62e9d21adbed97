# SPDX-License-Identifier: GPL-2.0-or-later
"""A07, A08: two nodes with one Redis never work on one number at once, and one ends what the other has begun."""
import pytest

from desk import apply, audit, bodies, entry, requests, stat, wait_idle
from lab import numbers
from lab.errors import LabError
from lab.process import wait_until
from lab.whole import Lab, second_node

NUMBER = numbers.ROTATE


@pytest.fixture(name="nodes", scope="module")
def fixture_nodes():
    with Lab(listed=[NUMBER]) as lab:
        lab.provision()
        other = second_node(lab, GRAPH_TOKEN_FILE=lab.dir / "graph.token")
        try:
            wait_until(lambda: knows(other), 20, "node B knows the number")
            yield lab, other
        finally:
            other.kamailio.stop()


def knows(node):
    try:
        return int(node.rpc("wa_numbers.show", NUMBER.digits)["has_password"])
    except LabError:
        return False


def rotating(node):
    return int(node.rpc("wa_numbers.show", NUMBER.digits)["rotating"])


def test_A08_a_repair_that_both_want_is_made_once(nodes, watch):
    a, b = nodes
    watch.lab(a)
    apply(a, entry(NUMBER, srtp="SDES", policy={"drift": "repair"}))
    wait_until(lambda: any(n["digits"] == NUMBER.digits and n["synced_age"] >= 0
                           for n in b.rpc("wa_settings.list", "0", "250")["numbers"]), 10, "B has read the number")
    mark = a.metasim.events.mark()
    a.metasim.command("graph_settings", digits=NUMBER.digits, app_id=NUMBER.app,
                      calling={"srtp_key_exchange_protocol": "DTLS"})
    # its answer is late, so that the other one comes while it works
    a.metasim.command("graph_fault", phone_number_id=NUMBER.id, method="POST", delay_ms=1000)
    for node in nodes:
        node.rpc("wa_settings.sync", NUMBER.digits)
    wait_until(lambda: stat(a, "repairs") + stat(b, "repairs") == 1, 20, "it is repaired")
    for node in nodes:
        wait_idle(node)
    assert bodies(a, NUMBER, mark) == [{"srtp_key_exchange_protocol": "SDES"}]
    assert stat(a, "repairs") + stat(b, "repairs") == 1


def test_A07_one_node_ends_the_rotation_of_the_other(nodes, watch):
    a, b = nodes
    watch.lab(a)
    password, mark = a.redis.command("HGET", f"wa:number:{NUMBER.digits}", "password"), a.metasim.events.mark()
    a.metasim.command("graph_fault", phone_number_id=NUMBER.id, method="POST", delay_ms=60000)
    a.rpc("wa_settings.rotate", NUMBER.digits, "a@lab")
    wait_until(lambda: len(requests(a, NUMBER, mark)) == 1, 20, "the first step has reached Meta")
    wait_until(lambda: rotating(b), 15, "B refuses calls meanwhile, too")
    # B has seen work without a lease of its own, and has let it be
    b.rpc("wa_settings.sync", NUMBER.digits)
    task = b.rpc("wa_settings.rotate", NUMBER.digits, "b@lab")["task"]
    wait_until(lambda: b.rpc("wa_settings.task", str(task))["state"] == "failed", 10, "B does not do the same")
    assert len(requests(a, NUMBER, mark)) == 1
    a.kamailio.crash()
    a.redis.command("DEL", f"wa:lease:{NUMBER.digits}")  # it runs out
    wait_until(lambda: not rotating(b), 30, "B has ended it", b.kamailio.daemon)
    assert a.redis.command("HGET", f"wa:number:{NUMBER.digits}", "password") != password
    assert [x for x in audit(a, NUMBER) if x["field"] == "password"][-1]["by"] == "a@lab"
    wait_idle(b)
