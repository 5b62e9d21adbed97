# SPDX-License-Identifier: GPL-2.0-or-later
"""A trunk of the test's own on the shared lab, and PBXes at its gateways."""
import os

import pytest

from lab import numbers
from lab.pbx_wire import WirePbx

NUMBER = numbers.NO_TRUNK


@pytest.fixture(name="gateways")
def fixture_gateways(lab, start_pbx):
    """Two PBXes, first and second."""
    host, port = lab.addresses.pbx_sip
    return [start_pbx(WirePbx, lab, name=name, address=(host, port + n))
            for name, n in (("first", 3000), ("second", 3001))]


def uri(pbx):
    return pbx.uri


def set_trunk(lab, password=None, **fields):
    """Makes or changes the trunk of NUMBER; the password goes there by a file, as an operator gives it."""
    fields = {"options": "0", "codecs": "PCMU,PCMA", **fields}
    if password is not None:
        fields["password_file"] = lab.dir / "trunk.password"
        with open(os.open(fields["password_file"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
                  encoding="utf-8") as out:
            out.write(password + "\n")
    lab.job("wa_numbers.trunk_set", "own", *(f"{name}={value}" for name, value in fields.items()))
    lab.job("wa_numbers.set", NUMBER.digits, "trunk=own")


@pytest.fixture(name="trunk")
def fixture_trunk(lab):
    """trunk(field=value, ...) sets the trunk of NUMBER; it is gone after the test."""
    def put(**fields):
        set_trunk(lab, **fields)
    yield put
    lab.job("wa_numbers.set", NUMBER.digits, "trunk=")
    lab.job("wa_numbers.trunk_remove", "own")
