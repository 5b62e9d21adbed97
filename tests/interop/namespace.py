# SPDX-License-Identifier: GPL-2.0-or-later
"""A network of its own for a lab: real ICE stacks pass over loopback addresses.

`python3 namespace.py SCRIPT` (as root) runs SCRIPT where 10.77.1.1 to .5 are addresses of a veth; the
namespace goes with the process.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
NET = "10.77"
LAB = [f"{NET}.1.{host}" for host in range(1, 6)]


def run(script, *args, seconds=90):
    """Runs a script in a namespace; returns what it prints last, as JSON."""
    if os.getuid() != 0:
        pytest.skip("makes a network namespace: needs root")
    scratch = tempfile.mkdtemp(prefix="wasbc-ns-")
    try:
        done = subprocess.run(
            ["unshare", "--net", "--fork", "--kill-child", sys.executable, __file__, str(HERE / script), *args],
            env={**os.environ, "TMPDIR": scratch, "WASBC_LAB_NET": NET, "WASBC_LAB_INDEX": "1",
                 "PYTHONPATH": f"{HERE.parents[1] / 'tools'}:{HERE.parent}"},
            capture_output=True, text=True, timeout=seconds, check=False)
        if done.returncode:
            keep(scratch, Path(script).stem)
            pytest.fail(f"{script} {' '.join(args)}: exit status {done.returncode}\n{done.stderr[-3000:]}")
        return json.loads(done.stdout.splitlines()[-1])
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def keep(scratch, name):
    """The logs of a lab that failed."""
    build = Path(os.environ.get("BUILD") or HERE.parents[1] / "build")
    shutil.copytree(scratch, build / "tests/failed" / f"interop_{name}", dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("*.key", "*.sock", "kamailio_ctl", "graph.token"),
                    ignore_dangling_symlinks=True)


def interfaces():
    def ip(*words):
        subprocess.run(["ip", *words], check=True)
    ip("link", "set", "lo", "up")
    ip("link", "add", "lab0", "type", "veth", "peer", "name", "lab1")
    for address in LAB:
        ip("addr", "add", f"{address}/24", "dev", "lab0")
    for link in ("lab0", "lab1"):
        ip("link", "set", link, "up")


if __name__ == "__main__":
    interfaces()
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
