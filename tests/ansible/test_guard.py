# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may have the addresses of a pair: every way in which three hosts may hear each other or not."""
import importlib.machinery
import importlib.util
import itertools
import re
import sys

import pytest

from lab.rundir import ROOT

PATH = str(ROOT / "ansible/roles/keepalived/files/wasbc-guard")
sys.dont_write_bytecode = True  # nothing is left beside the roles
SPEC = importlib.util.spec_from_loader("wasbc_guard", importlib.machinery.SourceFileLoader("wasbc_guard", PATH))
guard = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(guard)

HOSTS = ("a", "b", "w")
LINKS = [frozenset(pair) for pair in itertools.combinations(HOSTS, 2)]


def world(up, roles, fit=("a", "b"), seconds=5, before=None):
    """What each host knows after so many seconds with these links, which were all up before; before: the roles until then."""
    views = {name: guard.View({"name": name, "peer": {"a": "b", "b": "a"}.get(name),
                               "witness": "w" if name != "w" else None, "lost_ms": 800}) for name in HOSTS}
    now = 0.0
    while now < 10 + seconds:
        links, role = (up, roles) if now >= 10 else (LINKS, before or roles)
        said = {name: view.tell(now, role.get(name, "witness"), name in fit) for name, view in views.items()}
        for link in links:
            one, other = link
            views[one].hear(said[other], now)
            views[other].hear(said[one], now)
        may = {name: views[name].allowed(now, role[name], name in fit) for name in ("a", "b")}
        now += 0.1
    return may


def links(*names):
    return [frozenset(name) for name in names]


@pytest.mark.parametrize("up", [subset for n in range(4) for subset in itertools.combinations(LINKS, n)])
def test_G11_never_may_two_who_do_not_hear_each_other_have_the_addresses(up):
    for roles in ({"a": "master", "b": "backup"}, {"a": "backup", "b": "master"}, {"a": "backup", "b": "backup"}):
        may = world(up, roles)
        if frozenset("ab") not in up:  # else VRRP chooses one
            assert not (may["a"] and may["b"]), (up, roles, may)


@pytest.mark.parametrize("master", ["a", "b"])
def test_G11_a_majority_always_has_somebody_who_may(master):
    roles = {name: "master" if name == master else "backup" for name in "ab"}
    other = {"a": "b", "b": "a"}[master]
    assert world(links("ab"), roles)[master]            # the witness is gone
    assert world(links("aw", "bw"), roles)[master]      # a cut between the nodes moves nothing
    assert world(links(other + "w"), roles) == {master: False, other: True}  # the node with the calls is cut off
    assert world(links(master + "w"), roles)[master]


def test_G11_a_cut_that_finds_nobody_with_the_addresses_lets_one_take_them():
    assert world(links("aw", "bw"), {"a": "backup", "b": "fault"}) == {"a": True, "b": False}


def default(name):
    """A number that the role has for a site which says nothing."""
    text = (ROOT / "ansible/roles/keepalived/defaults/main.yml").read_text()
    return float(re.search(rf"^{name}: ([0-9.]+)$", text, re.M)[1])


@pytest.mark.parametrize("priority", [110, 120])
def test_G11_a_cut_between_the_nodes_is_noticed_before_vrrp_moves_anything(priority):
    """Else both have the addresses: VRRP may run out as soon as two intervals after the cut."""
    view = guard.View({"name": "a", "peer": "b", "witness": "w", "lost_ms": default("keepalived_lost_ms")})
    interval = default("keepalived_advert_interval")
    runs_out = interval * (2 + (256 - priority) / 256)
    step, beat = 0.05, 2  # how often a host decides, and how many of these go into a heartbeat
    for n in itertools.count():
        now = n * step
        if n == 0:
            view.hear({"from": "b", "ages": {}, "roles": {}, "role": "master", "fit": True}, now)
        if n % beat == 0:
            view.hear({"from": "w", "ages": {"b": 90}, "roles": {"b": "master"}, "role": "witness", "fit": True}, now)
        if not view.allowed(now, "backup", True):
            break
    assert now + 0.2 < runs_out, (now, runs_out)


@pytest.mark.parametrize("late", ["a", "b"])
def test_G11_who_takes_addresses_that_the_other_has_gives_them_back(late):
    """A guard that stood still was too late."""
    before = {name: "backup" if name == late else "master" for name in "ab"}
    may = world(links("aw", "bw"), {"a": "master", "b": "master"}, seconds=1.5, before=before)
    assert may == {name: name != late for name in "ab"}
    # the other one is cut off: who has just taken them keeps them
    assert world(links(late + "w"), {"a": "master", "b": "master"}, seconds=1.5, before=before)[late]


def test_G11_who_can_place_no_call_gives_way_unless_the_other_cannot_either():
    roles = {"a": "master", "b": "backup"}
    assert world(LINKS, roles, fit=("b",)) == {"a": False, "b": True}
    assert world(LINKS, roles, fit=())["a"]
    assert world(links("aw"), roles, fit=())["a"]
    # one that is not fit to stand by is better than nobody
    assert not world(LINKS, roles, fit=("a",))["b"]
    assert world(links("bw"), roles, fit=("a",))["b"]


class Host(guard.Health):
    """Health whose host is made up: what is wrong, and whether systemd is about to mend it."""

    def __init__(self):
        super().__init__({"fall": 4, "restart": 10})
        self.wrong, self.mending = "", False
        self._sip = self._directory = self._engine = self._relay = self._waits = lambda: self.wrong

    def _restarting(self, now):
        return self.mending

    def looks(self, first, last):
        """A look each second; returns the second in which it gave up."""
        for now in range(first, last + 1):
            self.look(float(now), True)
            if not self.fit(float(now)):
                return now
        return None


@pytest.fixture(name="host")
def fixture_host():
    made = Host()
    assert made.looks(1, 3) is None
    return made


def test_G11_who_does_not_answer_gives_up_after_four_looks(host):
    host.wrong = "Kamailio does not answer OPTIONS"
    assert host.looks(10, 60) == 13


def test_G11_who_stands_by_has_to_know_its_numbers_and_no_more(host):
    host._sip = host._directory = host._engine = host._relay = lambda: "the other node has it"
    for now in range(10, 30):
        host.look(float(now), True, serves=False)
    assert host.fit(30.0)
    host._waits = lambda: "the directory of numbers is not loaded"
    for now in range(30, 34):
        host.look(float(now), True, serves=False)
    assert not host.fit(33.0) and host.why == "the directory of numbers is not loaded"


def test_G11_who_is_started_again_keeps_the_addresses(host):
    host.wrong, host.mending = "Kamailio does not answer OPTIONS", True
    assert host.looks(10, 16) is None
    host.mending = False  # it runs, and does not answer yet
    assert host.looks(17, 19) is None
    host.wrong = ""
    assert host.looks(20, 60) is None


def test_G11_who_is_started_again_and_again_gives_up(host):
    host.wrong, host.mending = "Kamailio does not answer OPTIONS", True
    assert host.looks(10, 60) == 20


def test_G11_who_takes_the_addresses_once_more_gets_time_to_start(host):
    host.begin()
    host.wrong = "Kamailio does not answer OPTIONS"
    for now in range(10, 30):
        host.look(float(now), False)
    assert host.fit(30.0)


def test_G11_what_systemd_shows_tells_whether_it_starts_something():
    runs = b"ActiveState=active\nActiveEnterTimestampMonotonic=%d\n\n"
    assert guard.just_started(runs % 1_000_000 + runs % 95_000_000, 100.0, 10)
    assert not guard.just_started(runs % 1_000_000 + runs % 85_000_000, 100.0, 10)
    assert guard.just_started(runs % 1_000_000 + b"ActiveState=activating\nActiveEnterTimestampMonotonic=0\n", 100.0, 10)
    # somebody has stopped it
    assert not guard.just_started(b"ActiveState=inactive\nActiveEnterTimestampMonotonic=0\n", 100.0, 10)
