# SPDX-License-Identifier: GPL-2.0-or-later
"""Help and manual page of the relay have the same options."""
import re
import subprocess

from lab.rundir import ROOT, built


def test_the_manual_page_of_the_relay_has_each_option_of_its_help():
    said = subprocess.run([built("bin/wasbc-relay", "build"), "--help"], capture_output=True, text=True, timeout=10, check=True)
    page = (ROOT / "modules/wa_media/relay/wasbc-relay.1").read_text("utf-8").replace("\\-", "-")
    entries = set(re.findall(r"^\\fB(--[a-z-]+)\\fR", page, re.M))
    options = set(re.findall(r"^  (--[a-z-]+)", said.stdout + said.stderr, re.M))
    assert len(options) > 10 and entries == options
