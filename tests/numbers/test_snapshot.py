# SPDX-License-Identifier: GPL-2.0-or-later
"""Does a node that starts without Redis know what it knew?"""
import base64
import os
import stat
import subprocess

import pytest

from lab.errors import LabError
from lab.kamailio import RpcError
from lab.process import wait_until

ONE, TWO = "15550001111", "15550002222"
TRUNK = "gateways=sip:10.0.0.1:5060;;5 sip:10.0.0.2;transport=tls"


@pytest.fixture(name="file")
def fixture_file(place):
    return place.dir / "numbers.snapshot"


@pytest.fixture(name="node")
def fixture_node(redis, start_node, file):
    made = start_node(redis_url=redis.url, snapshot_file=file, snapshot_interval=1)
    made.wait_up()
    return made


@pytest.fixture(name="known")
def fixture_known(place, node):
    """What the node shows of two numbers and a trunk, one number with a password."""
    secret = place.secret("password", "made-up-and-never-in-the-file\n")
    node.set(ONE, trunk="pbx", hostname="sbc.example.com", password_file=secret)
    node.set(TWO, trunk="other")
    assert node.job("trunk_set", "pbx", TRUNK) == ("done", "")
    return shown(node)


def shown(node):
    numbers = sorted((node.rpc("wa_numbers.show", n) for n in (ONE, TWO)), key=lambda n: n["digits"])
    for number in numbers:
        number.pop("password_age", None)
    return numbers, node.rpc("wa_numbers.trunk_list")["trunks"]


def wait_written(node, file):
    """A snapshot with all of it: the next one after now."""
    def inode():
        return file.stat().st_ino if file.exists() else 0
    before = inode()
    node.set(ONE, app_id=str(os.getpid() + before))
    wait_until(lambda: inode() != before, 10, "a snapshot is written", node.daemon)


def start_again(node):
    """Ends the node and starts it: what it says from then on."""
    node.stop()
    (node.dir / "kamailio_rpc.sock").unlink(missing_ok=True)
    mark = len(node.daemon.log())
    node.start()
    wait_until(lambda: "is away" in node.daemon.log()[mark:], 10, "the node has seen that Redis is away", node.daemon)
    return lambda: node.daemon.log()[mark:]


def wait_said(node, said, text):
    wait_until(lambda: text in said(), 10, f"the node says {text!r}", node.daemon)


def refused(node, said, text):
    wait_said(node, said, text)
    assert "no number is known until Redis is back" in said()
    assert node.status()["ready"] == 0
    with pytest.raises(RpcError, match="500 the directory is not loaded yet"):
        node.rpc("wa_numbers.show", ONE)


def test_G10_a_start_without_redis_knows_what_was_known(redis, node, known, file, start_redis):
    wait_written(node, file)
    known = shown(node)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    raw = file.read_bytes()
    for text in (ONE, "sbc.example.com", "made-up", "10.0.0.1", "k1:"):
        assert text.encode() not in raw
    redis.stop()
    said = start_again(node)
    wait_said(node, said, "2 numbers and 1 trunks are those of the snapshot")
    assert "s old" in said()
    assert shown(node) == known
    status = node.status()
    assert (status["ready"], status["connected"]) == (1, 0) and status["snapshot_taken_from"]
    # what comes back empty has lost its data: nobody is taken out of service by that
    start_redis()
    node.wait("follows Redis again", connected=1, loading=0)
    wait_said(node, said, "looks like lost data")
    assert shown(node) == known


def test_G10_redis_back_takes_the_place_of_the_snapshot(place, redis, node, known, file):
    wait_written(node, file)
    redis.daemon.process.send_signal(19)  # SIGSTOP: it does not answer, and keeps its data
    try:
        said = start_again(node)
        wait_said(node, said, "are those of the snapshot")
    finally:
        redis.daemon.process.send_signal(18)
    node.wait("follows Redis again", connected=1, loading=0)
    assert known and node.job("remove", TWO) == ("done", "")
    node.wait_numbers(ONE)


def test_the_last_changes_are_written_at_the_end(redis, start_node, file):
    node = start_node(redis_url=redis.url, snapshot_file=file, snapshot_interval=3600)
    node.wait_up()
    node.set(ONE)
    wait_until(file.exists, 10, "the first snapshot is written", node.daemon)
    node.set(TWO)
    redis.stop()
    said = start_again(node)
    wait_said(node, said, "2 numbers and 0 trunks are those of the snapshot")


def test_no_snapshot_yet(redis, node, file):
    redis.stop()
    node.stop()
    file.unlink(missing_ok=True)
    said = start_again(node)
    wait_said(node, said, "there is no snapshot yet")
    assert node.status()["ready"] == 0


@pytest.mark.parametrize("spoil", [lambda raw: raw[:-1], lambda raw: raw[:90], lambda raw: b"",
                                   lambda raw: raw[:200] + bytes([raw[200] ^ 1]) + raw[201:], lambda raw: raw + b"x"],
                         ids=["a byte cut off", "most cut off", "empty", "a bit changed", "a byte more"])
def test_a_spoilt_snapshot_is_refused(redis, node, known, file, spoil):
    wait_written(node, file)
    redis.stop()
    node.stop()
    assert known
    file.write_bytes(spoil(file.read_bytes()))
    said = start_again(node)
    wait_said(node, said, "the snapshot is refused")
    refused(node, said, "cut off")


def test_a_snapshot_of_another_key_is_refused(place, redis, node, known, file):
    wait_written(node, file)
    redis.stop()
    node.stop()
    key = base64.b64encode(os.urandom(32)).decode()
    place.secret("seal.key", f"k2 {key}\n")
    said = start_again(node)
    refused(node, said, "sealed with key k1, which is not in seal_key_file")
    place.secret("seal.key", f"k1 {key}\n")
    said = start_again(node)
    refused(node, said, "another key of the same name")
    assert known


def test_a_full_disk_keeps_the_old_snapshot(place, redis, start_node):
    disk = place.dir / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True,
                      check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        node = start_node(redis_url=redis.url, snapshot_file=disk / "snapshot", snapshot_interval=1)
        node.wait_up()
        wait_written(node, disk / "snapshot")
        old = (disk / "snapshot").read_bytes()
        filler = disk / "filler"
        with pytest.raises(OSError), open(filler, "wb", buffering=0) as out:
            while True:
                out.write(bytes(1024))
        node.set(TWO)
        node.wait_log("the snapshot cannot be written")
        assert "No space left on device" in node.status()["snapshot_error"]
        assert (disk / "snapshot").read_bytes() == old
        assert sorted(p.name for p in disk.iterdir()) == ["filler", "snapshot"]
        filler.unlink()
        node.wait_log("the snapshot is written again")
        assert node.status()["snapshot_error"] == ""
        assert (disk / "snapshot").read_bytes() != old
        node.stop()
    finally:
        subprocess.run(["umount", disk], check=False)


def test_a_folder_that_is_not_there_is_named(place, redis, start_node):
    node = start_node(redis_url=redis.url, snapshot_file=place.dir / "nowhere/snapshot", snapshot_interval=1)
    node.wait_up()
    node.set(ONE)
    node.wait_log("nowhere/snapshot.tmp: No such file or directory")
    node.set(TWO)
    assert node.numbers() == {ONE, TWO}
    assert node.daemon.log().count("the snapshot cannot be written") == 1


@pytest.mark.parametrize("param", [{"snapshot_interval": 0}, {"reseal_rate": 0}], ids=lambda p: next(iter(p)))
def test_a_value_out_of_range_is_named(redis, start_node, param):
    with pytest.raises(LabError, match=f"{next(iter(param))}: 1 to"):
        start_node(redis_url=redis.url, **param)
