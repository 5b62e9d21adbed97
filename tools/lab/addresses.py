# SPDX-License-Identifier: GPL-2.0-or-later
"""Which addresses does this lab use?

Each lab owns an index N and with it 127.77.N.0/24, so that any number of labs
of any number of users run side by side. The index belongs to whoever holds
TCP port 20000+N of 127.77.0.1; the socket is handed down to every daemon of the
lab, so an index is free again only when the last process of it has gone.
"""
import os
import socket

from .errors import LabError

LAST = 250
GUARD_HOST = "127.77.0.1"
# The first half of every address; another one needs interfaces that have the addresses.
NET = os.environ.get("WASBC_LAB_NET", "127.77")
GUARD_PORT = 20000

SBC_HOSTNAME = "sbc.wasbc.test"
META_HOSTNAME = "wa.meta.vc"


class Addresses:
    """The addresses of lab N, which is held until release()."""

    def __init__(self, first=None):
        first = first or _first()
        for index in range(first, LAST + 1):
            self.guard = _claim(index)
            if self.guard is None:
                continue
            self._name(index)
            if self._free():
                return
            self.release()
        raise LabError(f"no free lab index from {first} to {LAST}: stop a lab, or whatever listens "
                       f"in 127.77.0.0/16, or start from a lower WASBC_LAB_INDEX")

    def _name(self, index):
        self.index = index
        net = f"{NET}.{index}"
        self.meta_side = f"{net}.1"
        self.pbx_side = f"{net}.2"
        self.meta = f"{net}.3"
        self.pbx = f"{net}.4"
        self.backend = f"{net}.5"
        self.sip = (self.meta_side, 15061)        # TLS, facing Meta
        self.sip_pbx = (self.pbx_side, 15060)     # UDP and TCP, facing the PBX
        self.sip_pbx_tls = (self.pbx_side, 15062)
        self.metasim_sip = (self.meta, 15061)
        self.graph = (self.meta, 15443)
        self.pbx_sip = (self.pbx, 15060)
        self.redis = (self.backend, 16379)
        self.rtpengine_ng = (self.backend, 12223)
        self.rtpengine_cli = (self.backend, 12224)
        self.rtpengine_http = (self.backend, 12225)
        self.relay_control = (self.backend, 12226)
        self.relay_inner = (self.backend, 12228)   # RTP; RTCP one above
        self.metrics = (self.backend, 19464)
        self.page = (self.backend, 19465)

    def _free(self):
        """Nobody who knows nothing of labs listens on one of our ports."""
        return all(_bindable(address, kind)
                   for address in (self.sip, self.sip_pbx, self.sip_pbx_tls, self.metasim_sip, self.graph,
                                   self.pbx_sip, self.redis, self.rtpengine_ng, self.rtpengine_cli,
                                   self.rtpengine_http, self.relay_control, self.relay_inner)
                   for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM))

    def release(self):
        if self.guard:
            self.guard.close()
            self.guard = None


def _bindable(address, kind):
    with socket.socket(socket.AF_INET, kind) as sock:
        if kind == socket.SOCK_STREAM:  # old connections in TIME_WAIT do not count
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(address)
        except OSError:
            return False
    return True


def _first():
    text = os.environ.get("WASBC_LAB_INDEX", "1")
    if not text.isdecimal() or not 1 <= int(text) <= LAST:
        raise LabError(f"WASBC_LAB_INDEX is a number from 1 to {LAST}, not {text}")
    return int(text)


def _claim(index):
    guard = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        guard.bind((GUARD_HOST, GUARD_PORT + index))
        guard.listen(1)
    except OSError:
        guard.close()
        return None
    return guard


def hostport(address):
    """("127.77.1.1", 15061) -> "127.77.1.1:15061" """
    return f"{address[0]}:{address[1]}"
