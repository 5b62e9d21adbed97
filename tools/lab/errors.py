# SPDX-License-Identifier: GPL-2.0-or-later
"""What can go wrong, told in one line that says what to do."""


class LabError(Exception):
    """The lab cannot go on; the text is for a person, not a traceback."""
