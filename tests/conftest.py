# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of every test: labs, PBXes, and what to keep of a failing test."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from lab.addresses import Addresses  # noqa: E402


@pytest.fixture(name="addresses")
def fixture_addresses():
    """An index of its own, without a lab on it."""
    held = Addresses()
    yield held
    held.release()
