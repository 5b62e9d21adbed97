# SPDX-License-Identifier: GPL-2.0-or-later
"""What has to be unique is so across all of the SBC's processes."""
import re
import subprocess

from lab import numbers
from lab.meta_wire import WireMeta

CONNECTIONS = 24  # many more than there are TCP workers


def test_no_two_tls_handshakes_share_their_random(lab):
    assert len({server_random(lab.addresses.sip, lab.addresses.meta) for _ in range(CONNECTIONS)}) == CONNECTIONS


def test_no_two_processes_issue_the_same_nonce(lab):
    nonces = set()
    for _ in range(CONNECTIONS):
        wire = WireMeta(lab)
        try:
            challenge = wire.dialog(numbers.SDES.digits, numbers.USER).invite().get("Proxy-Authenticate")
        finally:
            wire.stop()
        # behind the time, which is the same for all that are issued in one second
        nonces.add(re.search(r'nonce="[0-9a-f]{8}([0-9a-f]+)"', challenge)[1][:24])
    assert len(nonces) == CONNECTIONS


def server_random(address, source):
    """The 32 octets of ServerHello.random (RFC 8446 4.1.3), in hexadecimal; strangers get no connection."""
    host, port = address
    shown = subprocess.run(["openssl", "s_client", "-connect", f"{host}:{port}", "-bind", f"{source}:0", "-msg"],
                           input=b"", capture_output=True, timeout=20, check=False).stdout.decode("ascii", "replace")
    hello = re.search(r"ServerHello\n((?:    [0-9a-f ]+\n)+)", shown)
    # type 1, length 3, legacy_version 2
    return "".join(hello[1].split())[12:12 + 64]
