# SPDX-License-Identifier: GPL-2.0-or-later
"""Who keeps a place among the SBC's connections, and who does not."""
import socket
import ssl

from lab import numbers, process
from lab.addresses import SBC_HOSTNAME
from lab.meta_wire import WireMeta


def closed(sock):
    sock.settimeout(0.05)
    try:
        return sock.recv(100) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_silent_peers_lose_their_connections(own_lab):
    lab = own_lab(site={"SILENT_LIFETIME": 5})
    lab.provision()
    meta = WireMeta(lab)
    assert meta.dialog(numbers.SDES.digits, numbers.USER).invite().status == 407
    plain = socket.create_connection(lab.addresses.sip, 5, source_address=(lab.addresses.meta, 0))
    shaken = ssl.create_default_context(cafile=lab.certs.ca).wrap_socket(
        socket.create_connection(lab.addresses.sip, 5, source_address=(lab.addresses.meta, 0)),
        server_hostname=SBC_HOSTNAME)
    process.wait_until(lambda: closed(plain), 30, "the silent connection is closed", pause=0.1)
    process.wait_until(lambda: closed(shaken), 30, "the silent TLS connection is closed", pause=0.1)
    # the one that has spoken, older and as silent now, is still good
    assert meta.dialog(numbers.SDES.digits, numbers.USER).invite().status == 407
    meta.stop()
