# SPDX-License-Identifier: GPL-2.0-or-later
"""sipp in the PBX's place: a SIP stack that nobody here has written."""
import socket
import subprocess
from pathlib import Path

import pytest

from lab import numbers
from lab.process import program, wait_until

HERE = Path(__file__).resolve().parent


@pytest.fixture(name="sipp")
def fixture_sipp(lab, tmp_path):
    """Starts sipp where the trunk's gateway is, for one call."""
    running = []

    def start(*argv):
        host, port = lab.addresses.pbx_sip
        process = subprocess.Popen(
            [program("sipp"), *argv, "-i", host, "-p", str(port), "-mi", host, "-m", "1", "-nostdin",
             "-timeout", "30", "-timeout_error", "-trace_err"],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        running.append(process)
        return process
    yield start
    for process in running:
        process.kill()
        process.communicate()


def listens(host, port):
    """Whether somebody has that UDP port, by the kernel's own table: to try it could get in sipp's way."""
    wanted = f"{socket.inet_aton(host)[::-1].hex().upper()}:{port:04X}"
    return any(row.split()[1] == wanted for row in Path("/proc/net/udp").read_text("ascii").splitlines()[1:])


def right(process):
    said, _ = process.communicate(timeout=40)
    assert process.returncode == 0, said[-2000:]


def test_C12_sipp_answers_and_whatsapp_hangs_up(lab, sipp, user):
    process = sipp("-sf", str(HERE / "user_call.xml"))
    wait_until(lambda: listens(*lab.addresses.pbx_sip), 20, "sipp listens")
    call = lab.metasim.ring(numbers.DTLS, user)
    call.wait_answered()
    call.hangup()
    call.wait_ended()
    right(process)


def test_D05_sipp_rings_and_hangs_up(lab, sipp, user):
    host, port = lab.addresses.sip_pbx
    process = sipp("-sf", str(HERE / "business_call.xml"), "-s", user, "-key", "number", numbers.DTLS.digits,
                   f"{host}:{port}")
    call = lab.metasim.rung(user)
    call.wait_answered()
    assert call.wait_ended()["by"] == "business"
    right(process)
