# SPDX-License-Identifier: GPL-2.0-or-later
"""Meta's Graph API may hang, crawl or never end: no call waits for it."""
from calls import business_calls, user_calls
from lab import numbers
from lab.process import wait_until

ASKED = [numbers.READ, numbers.SDES, numbers.DTLS_G711]


def seconds_of_calls(lab, pbx, users):
    """How long a call each way takes from its INVITE to its answer, both in one."""
    took = 0
    for calls in (user_calls, business_calls):
        call, leg = calls(lab, pbx, numbers.DTLS, next(users))
        times = [at for at, _, _ in call.messages()]
        took += times[-1] - times[0]
        leg.bye()
        call.wait_ended()
    return took


def test_A11_calls_run_while_graph_hangs_crawls_and_never_ends(lab, pbx, users, watch):
    # a session made anew after a quick BYE may live long enough for one check of ICE (test_endings.py)
    watch.provoked.add("ice_credentials")
    usual = seconds_of_calls(lab, pbx, users)
    lab.metasim.command("graph_fault", phone_number_id=ASKED[0].id, delay_ms=60000)
    lab.metasim.command("graph_fault", phone_number_id=ASKED[1].id, drip=True)
    lab.metasim.command("graph_fault", phone_number_id=ASKED[2].id, delay_ms=6000)
    tickets = {n: lab.rpc("wa_settings.sync", n.digits)["ticket"] for n in ASKED}
    wait_until(lambda: lab.rpc("wa_settings.status")["in_flight"] >= len(ASKED), 15, "Graph is asked")
    rounds = 0
    while any(lab.rpc("wa_settings.show", n.digits)["answered"] < t for n, t in tickets.items()):
        if rounds < 3:  # while all of them wait
            assert lab.rpc("wa_settings.status")["in_flight"] >= 1
        # Graph takes 6 s to 10 s here: the first call that waited for any of it would not pass
        assert seconds_of_calls(lab, pbx, users) < usual + 5
        rounds += 1
    assert rounds >= 1
    # an operator's question has not waited for them either; the two that never ended are told
    for n in ASKED[:2]:
        assert lab.rpc("wa_settings.show", n.digits)["error"] == "graph: no answer in time"
    assert lab.rpc("wa_settings.show", ASKED[2].digits)["error"] == ""
    for n in ASKED[:2]:
        lab.sync(n)
        assert lab.rpc("wa_settings.show", n.digits)["error"] == ""
