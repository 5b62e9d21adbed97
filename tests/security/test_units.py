# SPDX-License-Identifier: GPL-2.0-or-later
"""Every unit, ours or Debian's with our drop-in, leaves little open to a program that was taken over."""
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lab.rundir import ROOT

EXPOSURE_MAX = 2.5
DEBIANS = (Path("/usr/lib/systemd/system"), Path("/lib/systemd/system"))


def units():
    """Names of all units that a unit file or a drop-in of the tree is for."""
    files = [path for path in ROOT.rglob("*.service") if path.is_file()]
    files += [path.parent for path in ROOT.rglob("*.service.d/*.conf")]
    return sorted({path.name.removesuffix(".d"): path for path in files if ROOT / "build" not in path.parents}.items())


def test_the_units_are_found():
    assert {"kamailio.service", "rtpengine-daemon.service", "wasbc-relay.service"} <= {name for name, _ in units()}


@pytest.mark.parametrize("name, ours", units(), ids=[name for name, _ in units()])
def test_a_unit_is_exposed_little(tmp_path, name, ours):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed (package systemd)")
    system = tmp_path / "etc/systemd/system"
    system.mkdir(parents=True)
    if ours.is_dir():
        base = next((d / name for d in DEBIANS if (d / name).exists()), None)
        if base is None:
            pytest.skip(f"Debian's {name} is not installed")
        shutil.copy(base, system / name)
        shutil.copytree(ours, system / ours.name)
    else:
        shutil.copy(ours, system / name)
    said = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--root={tmp_path}", "--no-pager", name],
                          capture_output=True, text=True, timeout=60, check=False)
    found = re.search(rf"exposure level for {re.escape(name)}: ([\d.]+)", said.stdout)
    assert found, said.stdout + said.stderr
    assert float(found.group(1)) <= EXPOSURE_MAX, said.stdout
