# SPDX-License-Identifier: GPL-2.0-or-later
"""A01, A04, A09: a Graph API that speaks HTTP/2. (One that does not is what every other test here has.)"""
import pytest

from desk import apply, bodies, entry
from http2_front import Http2Front
from lab import numbers
from lab.process import wait_until
from lab.whole import Lab

NUMBERS = [numbers.DTLS, numbers.SDES, numbers.DTLS_G711, numbers.SDES_G711, numbers.READ, numbers.WRITE]
HELD = 5  # of NUMBERS at a time; one slot is an operator's


@pytest.fixture(name="far", scope="module")
def fixture_far():
    """(lab, front): the SBC reaches Graph by HTTP/2 alone."""
    with Lab(listed=NUMBERS) as lab:
        front = Http2Front(lab)
        try:
            lab.kamailio.restart(GRAPH_URL="https://%s:%d" % front.address)
            lab.provision()
            yield lab, front
        finally:
            front.stop()


def shown(lab, number):
    return lab.rpc("wa_settings.show", number.digits)


def stored(lab):
    """What is known of each number, but for when it was read."""
    answers = [lab.rpc("wa_numbers.show", n.digits) for n in NUMBERS]
    return [{k: v for k, v in a.items() if k not in ("password_age", "synced", "version")} for a in answers]


def begin_round(lab, front):
    """All numbers are asked for; returns (the connection with several requests in it, how often each was read,
    where Meta's events stood)."""
    for number in NUMBERS:  # nothing of before is under way any more
        lab.sync(number)
    mark = lab.metasim.events.mark()
    front.hold()
    before = [shown(lab, n)["reads"] for n in NUMBERS]
    lab.rpc("wa_settings.sync")
    return front.wait_held(HELD), before, mark


def wait_read(lab, before):
    """Until each number has been read once more."""
    wait_until(lambda: all(shown(lab, n)["reads"] > reads for n, reads in zip(NUMBERS, before)), 60,
               "all numbers are read", lab.kamailio.daemon, pause=0.05)
    assert [shown(lab, n)["error"] for n in NUMBERS] == [""] * len(NUMBERS)


def asked(lab, mark):
    """Whose settings Meta was asked for, how often."""
    lab.metasim.catch_up()
    ids = [e["id"] for e in lab.metasim.events.since(mark)
           if e["event"] == "graph_request" and e["edge"] == "settings" and e["method"] == "GET"]
    return {n.digits: ids.count(n.id) for n in NUMBERS}


def test_A01_requests_share_one_http2_connection(far, watch):
    lab, front = far
    watch.lab(lab)
    connection, before, _ = begin_round(lab, front)
    assert len(connection.open()) >= HELD
    front.release()
    wait_read(lab, before)
    # from the first request after the start on
    assert len(front.connections) == 1


def test_A09_a_server_that_goes_away_loses_nothing(far, watch):
    """GOAWAY in the midst of a round: who has been taken is answered, the rest is asked anew elsewhere."""
    lab, front = far
    watch.lab(lab)
    known = stored(lab)
    connection, before, mark = begin_round(lab, front)
    made = len(front.connections)
    under_way = sorted(r.stream for r in connection.open())
    connection.go_away(under_way[1])
    front.release()
    wait_read(lab, before)
    assert {r.state for r in connection.requests.values() if r.stream in under_way[:2]} == {"served"}
    assert len(front.connections) > made
    assert asked(lab, mark) == {n.digits: 1 for n in NUMBERS}
    assert stored(lab) == known


def test_A09_a_connection_that_breaks_loses_nothing(far, watch):
    lab, front = far
    watch.lab(lab)
    known = stored(lab)
    connection, before, _ = begin_round(lab, front)
    under_way = connection.open()
    connection.break_off()
    front.release()
    wait_read(lab, before)
    assert {r.state for r in under_way} == {"refused"} and stored(lab) == known


def test_A04_a_write_whose_answer_is_lost_ends_as_wanted(far, watch):
    """Meta has heard it; we do not know that."""
    lab, front = far
    watch.lab(lab)
    mark = lab.metasim.events.mark()
    front.break_after = "POST"
    (result,) = apply(lab, entry(numbers.WRITE, callback_permission="ENABLED"))
    assert result["state"] == "done" and front.break_after is None
    written = bodies(lab, numbers.WRITE, mark)
    assert written and all(b == {"callback_permission_status": "ENABLED"} for b in written)
