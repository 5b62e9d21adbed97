# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests on booted hosts: `make test-ansible` alone runs them, for they need root, nspawn and minutes."""
import os
import sys
from pathlib import Path

import pytest

from lab.rundir import BUILD

sys.path.insert(0, str(Path(__file__).resolve().parent))

if not os.environ.get("WASBC_HOSTS"):
    collect_ignore = ["test_cluster.py", "test_one_host.py", "test_pair.py"]


@pytest.fixture(scope="module")
def networks():
    from hosts import Networks
    nets = Networks()
    yield nets
    nets.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Of a test that failed what its hosts have logged: they are gone when anybody reads of it."""
    report = (yield).get_result()
    nets = item.funcargs.get("networks")
    if not report.failed or nets is None:
        return
    folder = BUILD / "tests/failed" / item.name
    folder.mkdir(parents=True, exist_ok=True)
    for host in nets.hosts:
        (folder / f"{host.name}.log").write_text(host.run("journalctl -b --no-pager -o short-precise", check=False))
    report.sections.append(("journals of the hosts", str(folder)))
