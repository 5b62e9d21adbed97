# SPDX-License-Identifier: GPL-2.0-or-later
"""A trunk of the test's own on the shared lab, and PBXes at its gateways."""
import pytest

from lab.pbx_wire import WirePbx
from own_trunk import NUMBER, set_trunk


@pytest.fixture(name="gateways")
def fixture_gateways(lab, start_pbx):
    """Two PBXes, first and second."""
    host, port = lab.addresses.pbx_sip
    return [start_pbx(WirePbx, lab, name=name, address=(host, port + n))
            for name, n in (("first", 3000), ("second", 3001))]


@pytest.fixture(name="trunk")
def fixture_trunk(lab):
    """trunk(field=value, ...) sets the trunk of NUMBER; it is gone after the test."""
    def put(**fields):
        set_trunk(lab, **fields)
    yield put
    lab.job("wa_numbers.set", NUMBER.digits, "trunk=")
    lab.job("wa_numbers.trunk_remove", "own")
