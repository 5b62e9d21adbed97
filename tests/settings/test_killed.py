# SPDX-License-Identifier: GPL-2.0-or-later
"""Kamailio is killed at every step of a rotation and of an application: what comes back goes on, and ends right."""
import threading

import pytest

from calls import business_calls
from desk import audit, ctl, entry, plan, requests, shown, wanted_file
from lab import numbers
from lab.pbx_wire import WirePbx
from lab.process import wait_until
from lab.whole import Lab

NUMBER = numbers.ROTATE
LATE = 60000  # the answer that Kamailio is killed before


@pytest.fixture(name="crashing", scope="module")
def fixture_crashing():
    """A lab of these tests' own, and a call through all of them."""
    with Lab(listed=[NUMBER]) as lab:
        lab.provision()
        pbx = WirePbx(lab)
        call, leg = business_calls(lab, pbx, NUMBER, numbers.USER, hz=700)
        call.wait("acked")  # or Meta would end it, whatever happens here
        try:
            yield lab, pbx
            # no step and no crash has touched the call that was there before
            assert not call.over()
            leg.bye()
            assert call.wait_ended()["media"]["rx"]["lost"] == 0
        finally:
            pbx.stop()


@pytest.fixture(name="lab")
def fixture_lab(crashing, watch):
    return watch.lab(crashing[0])


@pytest.fixture(name="pbx")
def fixture_pbx(crashing, watch):
    return watch.pbx(crashing[1])


def hold(lab, method, skip, done):
    """The request after `skip` others of this method is answered too late; done: Meta has carried it out."""
    which = {"phone_number_id": NUMBER.id, "method": method}
    if skip:
        lab.metasim.command("graph_fault", **which, delay_ms=0, count=skip)
    lab.metasim.command("graph_fault", **which, delay_ms=LATE, **({} if done else {"status": 500}))


def kill(lab, refused=None):
    """refused: what Meta refuses of the one that comes back."""
    lab.kamailio.crash()
    lab.metasim.command("graph_fault_clear")
    if refused:
        lab.metasim.command("graph_fault", **refused)
    # the dead node's lease runs out
    lab.redis.command("DEL", f"wa:lease:{NUMBER.digits}")
    (lab.dir / "kamailio_rpc.sock").unlink(missing_ok=True)
    lab.kamailio.start()
    lab.kamailio.wait_ready()
    wait_until(lambda: lab.rpc("wa_numbers.status")["ready"] == 1, 30, "the directory is loaded again",
               lab.kamailio.daemon, pause=0.02)


def job(lab):
    return lab.redis.command("HGET", f"wa:wanted:{NUMBER.digits}", "job")


def calls_work(lab, pbx, user):
    call, leg = business_calls(lab, pbx, NUMBER, user)
    leg.bye()
    call.wait_ended()


STEPS = [("GET", 0, False), ("POST", 0, False), ("POST", 0, True), ("POST", 1, False), ("POST", 1, True),
         ("POST", 2, False), ("POST", 2, True), ("GET", 1, True)]


@pytest.mark.parametrize("method, skip, done", STEPS, ids=[
    "before anything", "before disable", "after disable", "before enable", "after enable", "before sdes", "after sdes",
    "before the password is read"])
def test_A07_killed_at_every_step_of_a_rotation(lab, pbx, users, method, skip, done):
    # the read at its start is no step of the rotation; the number is known soon after a start
    assert ctl(lab, "number", "sync", NUMBER.digits)[0] == 0
    password = lab.redis.command("HGET", f"wa:number:{NUMBER.digits}", "password")
    mark = lab.metasim.events.mark()
    hold(lab, method, skip, done)
    lab.rpc("wa_settings.rotate", NUMBER.digits, "test@lab")
    wait_until(lambda: len(requests(lab, NUMBER, mark, method)) == skip + 1, 20, "the step has reached Meta",
               lab.kamailio.daemon)
    begun = job(lab) is not None
    assert begun == (method == "POST" or skip > 0)
    kill(lab)
    wait_until(lambda: job(lab) is None and int(shown(lab, NUMBER)["rotating"]) == 0, 30, "the rotation is over",
               lab.kamailio.daemon, pause=0.05)
    after = shown(lab, NUMBER)
    assert (int(after["calling"]), int(after["sip"]), after["srtp"]) == (1, 1, "SDES")
    assert (lab.redis.command("HGET", f"wa:number:{NUMBER.digits}", "password") != password) == begun
    calls_work(lab, pbx, next(users))
    if begun:
        assert [x for x in audit(lab, NUMBER) if x["field"] == "password"][-1]["by"] == "test@lab"


@pytest.mark.parametrize("done", [False, True], ids=["not done", "done"])
def test_A07_disabling_that_is_refused_for_good_after_a_crash_brings_the_number_back(lab, pbx, user, done):
    """Nobody knows whether it was done: what Meta has decides, and the number is in service again."""
    password = lab.redis.command("HGET", f"wa:number:{NUMBER.digits}", "password")
    mark = lab.metasim.events.mark()
    hold(lab, "POST", 0, done)
    lab.rpc("wa_settings.rotate", NUMBER.digits, "test@lab")
    wait_until(lambda: len(requests(lab, NUMBER, mark, "POST")) == 1, 20, "the step has reached Meta", lab.kamailio.daemon)
    kill(lab, refused={"phone_number_id": NUMBER.id, "method": "POST", "status": 400, "code": 100})
    wait_until(lambda: job(lab) is None and int(shown(lab, NUMBER)["rotating"]) == 0, 30, "the rotation is over",
               lab.kamailio.daemon, pause=0.05)
    assert (lab.redis.command("HGET", f"wa:number:{NUMBER.digits}", "password") != password) == done
    calls_work(lab, pbx, user)


@pytest.mark.parametrize("method, skip, done", [("GET", 0, False), ("POST", 0, False), ("POST", 0, True),
                                                ("POST", 1, False), ("POST", 1, True), ("POST", 2, True),
                                                ("GET", 1, True)],
                         ids=["before anything", "before general", "after general", "before sip", "after sip",
                              "after sdes", "before it is verified"])
def test_A04_killed_at_every_step_of_an_application(lab, pbx, users, method, skip, done):
    """It is gone on with by itself, and the tool finds nothing left to do."""
    # the read at its start is no step of the application
    assert ctl(lab, "number", "sync", NUMBER.digits)[0] == 0
    codecs, tgrp = ([], "b") if shown(lab, NUMBER)["tgrp"] == "a" else (["PCMA"], "a")
    wish = entry(NUMBER, additional_codecs=codecs, request_uri_user_params={"tgrp": tgrp}, srtp="SDES")
    mark = lab.metasim.events.mark()
    hold(lab, method, skip, done)
    status = []
    tool = threading.Thread(target=lambda: status.append(ctl(lab, "-t", "1", "apply", wanted_file(lab, wish))[0]))
    tool.start()
    wait_until(lambda: len(requests(lab, NUMBER, mark, method)) == skip + 1, 20, "the step has reached Meta",
               lab.kamailio.daemon)
    kill(lab)
    tool.join(60)
    assert status[0] in (1, 3)
    wait_until(lambda: job(lab) is None, 30, "the application is over", lab.kamailio.daemon, pause=0.05)
    # the directory has it with the read that comes behind
    wait_until(lambda: not plan(lab, wish), 20, "the tool finds nothing left to do", lab.kamailio.daemon, pause=0.1)
    assert ctl(lab, "apply", wanted_file(lab, wish))[0] == 0
    assert (shown(lab, NUMBER)["tgrp"], shown(lab, NUMBER)["srtp"]) == (tgrp, "SDES")
    calls_work(lab, pbx, next(users))
