# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests on booted hosts: `make test-ansible` alone runs them, for they need root, nspawn and minutes."""
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

if not os.environ.get("WASBC_HOSTS"):
    collect_ignore = ["test_cluster.py", "test_one_host.py", "test_pair.py"]


@pytest.fixture(scope="module")
def networks():
    from hosts import Networks
    nets = Networks()
    yield nets
    nets.close()
