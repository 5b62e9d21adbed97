# SPDX-License-Identifier: GPL-2.0-or-later
"""One measured value, and the aim for it."""
from dataclasses import dataclass


@dataclass
class Row:
    what: str
    value: float
    unit: str
    aim: float = None   # None: for information
    below: bool = True  # the aim is a limit; else it is to be reached

    def met(self):
        if self.aim is None:
            return None
        return self.value <= self.aim if self.below else self.value >= self.aim
