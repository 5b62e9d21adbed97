# SPDX-License-Identifier: GPL-2.0-or-later
"""Labs never meet, and leave nothing behind."""
import os
import signal
import socket
import subprocess
import sys
import types

import pytest

from lab import addresses as adr
from lab import process, rundir
from lab.errors import LabError


def test_an_index_is_given_once(addresses):
    other = adr.Addresses(addresses.index)
    try:
        assert other.index != addresses.index
    finally:
        other.release()


def test_an_index_with_a_taken_port_is_passed_over(addresses):
    taken, index = addresses.redis, addresses.index
    addresses.release()
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(taken)
        stranger.listen(1)
        other = adr.Addresses(index)
        try:
            assert other.index != index
        finally:
            other.release()


def test_a_daemon_holds_its_labs_index(tmp_path):
    addresses = adr.Addresses(adr.LAST - 9)  # where nobody else looks for a free one
    lab = types.SimpleNamespace(addresses=addresses, dir=tmp_path)
    daemon = process.Daemon(lab, "sleeper", ["sleep", "60"])
    addresses.guard.close()
    try:
        assert adr._claim(addresses.index) is None
    finally:
        daemon.stop()
    addresses.guard = adr._claim(addresses.index)
    assert addresses.guard is not None
    addresses.release()


def test_a_daemon_dies_with_a_killed_lab(tmp_path):
    script = ("import sys, types, pathlib, time\n"
              "from lab import addresses, process\n"
              "lab = types.SimpleNamespace(addresses=addresses.Addresses(), dir=pathlib.Path(sys.argv[1]))\n"
              "print(process.Daemon(lab, 'sleeper', ['sleep', '60']).process.pid, flush=True)\n"
              "time.sleep(60)\n")
    parent = subprocess.Popen([sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "PYTHONPATH": str(rundir.ROOT / "tools")})
    child = int(parent.stdout.readline())
    # setpriv has set the signal before it becomes sleep
    process.wait_until(lambda: open(f"/proc/{child}/cmdline").read().startswith("/usr/bin/sleep"), 20, "the daemon runs")
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()

    def gone():
        try:
            return open(f"/proc/{child}/stat").read().rpartition(")")[2].split()[0] == "Z"
        except (FileNotFoundError, ProcessLookupError):
            return True
    process.wait_until(gone, 20, "the daemon has gone too")


def test_a_missing_program_is_told_in_one_line():
    with pytest.raises(LabError) as told:
        process.program("no-such-program")
    assert "make setup" in str(told.value) and "\n" not in str(told.value)


def test_an_ended_daemon_is_not_waited_for(addresses, tmp_path):
    lab = types.SimpleNamespace(addresses=addresses, dir=tmp_path)
    daemon = process.Daemon(lab, "failing", ["sh", "-c", "echo why it failed >&2; exit 3"])
    with pytest.raises(LabError, match="why it failed"):
        process.wait_until(lambda: False, 30, "hell freezes", daemon)
    assert daemon.stop() == 3
