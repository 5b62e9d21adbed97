# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole SBC with both of its far sides on one machine. See README.md."""
