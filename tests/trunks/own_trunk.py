# SPDX-License-Identifier: GPL-2.0-or-later
"""The trunk that a test makes for itself, and the number that uses it."""
import os

from lab import numbers

NUMBER = numbers.NO_TRUNK


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
