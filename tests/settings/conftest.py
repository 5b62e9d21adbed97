# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of settings share: the operator's command, and a number put right again."""
import json
import subprocess

import pytest

from lab import numbers
from lab.rundir import built


class Done:
    """What a command of the operator came to: exit status, its JSON (or None), its words."""

    def __init__(self, run):
        self.status, self.words = run.returncode, run.stderr
        self.json = json.loads(run.stdout) if run.stdout else None


@pytest.fixture(name="ctl")
def fixture_ctl():
    """ctl(lab, "number", "list"): runs wasbcctl with --json."""
    def run(lab, *words):
        return Done(subprocess.run(
            [built("bin/wasbcctl", "build"), "-s", lab.dir / "kamailio_rpc.sock", "-t", "15", "--json", *words],
            capture_output=True, text=True, timeout=60, check=False))
    return run


@pytest.fixture(name="restored")
def fixture_restored(lab):
    """Afterwards the number is read by the book again."""
    yield
    lab.metasim.command("graph_fault_clear")
    lab.sync(numbers.READ)
