# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of every test: labs, PBXes, and what is kept of a failing test."""
import itertools
import re
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from lab import ladder, rundir  # noqa: E402
from lab.addresses import Addresses  # noqa: E402
from lab.pbx_baresip import BaresipPbx  # noqa: E402
from lab.pbx_wire import WirePbx  # noqa: E402
from lab.process import wait_until  # noqa: E402
from lab.whole import Lab  # noqa: E402

BEHAVIOUR = re.compile(r"(?:^test_|_)[A-G]\d\d(?=_|$|\[)")
NOISE = re.compile(r"\[control\] (?:Received command|Replying to) '(?:query|ping|list)'")
FAILED = rundir.BUILD / "tests/failed"


def pytest_collection_modifyitems(items):
    for item in items:
        if BEHAVIOUR.search(item.name):
            item.add_marker("conformance")


class Watch:
    """The labs and PBXes a test uses, so that its failure can show what they saw."""

    def __init__(self):
        self.labs, self.pbxes, self.wires, self.marks = [], [], [], {}
        self.event_mark = 0
        self.provoked = set()  # rules that this test breaks on purpose

    def lab(self, lab):
        self.labs.append(lab)
        for log in lab.dir.glob("*.log"):
            self.marks[log] = log.stat().st_size
        self.event_mark = lab.metasim.events.mark()
        return lab

    def pbx(self, pbx):
        self.pbxes.append(pbx)
        return pbx

    def sections(self):
        """(title, text) for the report of a failed test."""
        for lab in self.labs:
            steps = ladder.steps(lab.metasim.messages(self.event_mark), self.pbxes, self.wires)
            yield "call ladder", "\n".join(ladder.draw(steps))
            for log in sorted(lab.dir.glob("*.log")):
                with open(log, "rb") as source:
                    source.seek(self.marks.get(log, 0))
                    lines = [line for line in source.read().decode("utf-8", "replace").splitlines()
                             if not NOISE.search(line)]
                yield log.name, "\n".join(lines[-60:])

    def keep(self, name):
        """Copies every log of the labs to the build directory."""
        for lab in self.labs:
            target = FAILED / re.sub(r"[^\w.-]+", "_", name)
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(lab.dir, target, ignore=shutil.ignore_patterns(
                "*.key", "*.sock", "kamailio_ctl", "graph.token"), ignore_dangling_symlinks=True)


@pytest.fixture(name="watch")
def fixture_watch(request):
    watched = Watch()
    request.node.watch = watched
    return watched


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    watched = getattr(item, "watch", None)
    if report.failed and watched:
        report.sections += list(watched.sections())
        watched.keep(item.nodeid)


@pytest.fixture(name="addresses")
def fixture_addresses():
    """An index of its own, without a lab on it."""
    held = Addresses()
    yield held
    held.release()


@pytest.fixture(name="shared_lab", scope="session")
def fixture_shared_lab():
    with Lab() as lab:
        lab.provision()
        yield lab


@pytest.fixture(name="lab")
def fixture_lab(shared_lab, watch):
    """The lab that the tests of one worker share; a test leaves it as it was, without
    a media session, and nothing that Meta would object to may have happened."""
    watch.lab(shared_lab)
    yield shared_lab
    shared_lab.metasim.settle()
    wait_until(lambda: shared_lab.media_sessions() == [], 20, "no media session is left (G14)")
    shared_lab.metasim.catch_up()  # what this test has caused is not the next one's
    objections = shared_lab.metasim.violations(watch.event_mark)
    assert [o for o in objections if o.split(":")[0] not in watch.provoked] == []


@pytest.fixture(name="own_lab")
def fixture_own_lab(watch):
    """Makes a lab for this test alone: own_lab(site=..., meta=...)."""
    made = []

    def make(**how):
        lab = Lab(**how)
        made.append(lab)
        watch.lab(lab)
        return lab
    yield make
    for lab in made:
        lab.stop()


@pytest.fixture(name="pbx")
def fixture_pbx(lab, watch):
    """A PBX under the test's control, where the trunk's gateway is."""
    pbx = watch.pbx(WirePbx(lab))
    yield pbx
    pbx.stop()


@pytest.fixture(name="users", scope="session")
def fixture_users():
    """WhatsApp users that no other test of this worker rings."""
    return (f"16315{n:06d}" for n in itertools.count(1))


@pytest.fixture(name="user")
def fixture_user(users):
    return next(users)


@pytest.fixture(name="start_wire")
def fixture_start_wire(start_pbx):
    """A PBX under the test's control in a lab of the test's own."""
    return lambda lab: start_pbx(WirePbx, lab)


@pytest.fixture(name="start_pbx")
def fixture_start_pbx(watch):
    """Starts further PBXes: start_pbx(WirePbx, lab, address=...)."""
    running = []

    def start(kind, lab, **how):
        if kind is BaresipPbx:
            shutil.rmtree(lab.dir / how.get("name", "pbx"), ignore_errors=True)
        pbx = watch.pbx(kind(lab, **how))
        running.append(pbx)
        if kind is BaresipPbx:
            pbx.wait_ready()
        return pbx
    yield start
    for pbx in running:
        pbx.stop()
