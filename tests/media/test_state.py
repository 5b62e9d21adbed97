# SPDX-License-Identifier: GPL-2.0-or-later
"""The file in which the relay keeps its calls: no room for it, or not what it should be."""
import struct
import subprocess

import pytest

from calls import user_calls
from lab import numbers
from lab.rundir import built
from lab.whole import Lab

HEAD, CALLS = 4096, 500


@pytest.fixture(name="spoiled", scope="module")
def fixture_spoiled():
    """A lab whose relay finds something else in its file."""
    with Lab() as made:
        made.provision()
        yield made


def test_E06_records_that_are_none_are_left_out(spoiled, start_wire, watch, users):
    lab = watch.lab(spoiled)
    pbx = start_wire(lab)
    lab.relay.kill()
    path = lab.dir / "relay-calls"
    data = bytearray(path.read_bytes())
    size = (len(data) - HEAD) // CALLS
    for at in range(HEAD, len(data), size):
        data[at:at + size] = b"\xff" * size
    struct.pack_into("<I", data, HEAD, 0)  # one is free
    path.write_bytes(data)
    lab.relay.start()
    lab.relay.wait_ready()
    assert lab.relay.calls() == []
    call, leg = user_calls(lab, pbx, numbers.SDES, next(users))
    assert leg.bye().status == 200
    call.wait_ended()


def test_G11_a_relay_without_room_for_its_calls_says_so_at_start(tmp_path):
    """Later it would die of it, with all its calls."""
    run = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-ec",
         'mount -t tmpfs -o size=256k none "$1"; shift; exec "$@"', "-", str(tmp_path), built("bin/wasbc-relay", "build"),
         "--outer=127.0.0.1", "--control=192.0.2.1:2", f"--state={tmp_path}/calls"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=20, check=False)
    if run.stderr.startswith("unshare:"):
        pytest.skip(f"no file system of the test's own here, as in a chroot: {run.stderr.strip()}")
    assert run.returncode == 1
    assert "No space left on device: make room there, or lower --max-calls" in run.stderr
