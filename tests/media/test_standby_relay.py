# SPDX-License-Identifier: GPL-2.0-or-later
"""A relay that only listens to another one, and goes on with its calls when that one's host is gone."""
import re
import socket
import struct

from calls import nothing_in_clear, user_calls
from lab import numbers, process
from lab.addresses import hostport
from lab.process import Daemon
from lab.relay import Relay

CLOCK_AT = 24  # in the file's head: how far the clock of the calls is ahead


class Standby(Relay):
    """Of another host, whose file is another."""

    def __init__(self, lab, peer="127.0.0.1", number=0):
        self.lab, self.address = lab, lab.addresses.relay_control
        self.listen = (lab.addresses.backend, 12240)
        self.path = lab.dir / f"relay-calls-standby-{number}"
        self.argv = [*lab.relay.argv, f"--state={self.path}", f"--mirror={peer}:{self.listen[1]}"]
        self.daemon = Daemon(lab, f"relay-standby-{number}", [*self.argv, f"--standby={hostport(self.listen)}"])
        process.wait_until(lambda: "ready, standby" in self.daemon.log(), 10, "the standby listens", self.daemon)

    def known(self):
        """Ends it; how many calls it has."""
        self.daemon.stop()
        return int(re.findall(r"standby ends, (\d+) calls", self.daemon.log())[-1])


def mirrored(lab, ahead=0):
    """The lab's relay tells a standby of its calls; its clock is `ahead` of this host's."""
    standby = Standby(lab)
    lab.relay.stop()
    path = lab.dir / "relay-calls"
    data = bytearray(path.read_bytes())
    struct.pack_into("<q", data, CLOCK_AT, ahead)
    path.write_bytes(data)
    lab.relay.argv.append(f"--mirror={hostport(standby.listen)}")
    lab.relay.start()
    lab.relay.wait_ready()
    return standby


def test_F08_E06_the_standby_goes_on_with_the_calls_of_a_host_that_is_gone(own_lab, start_wire, users):
    lab = own_lab()
    lab.provision()
    pbx = start_wire(lab)
    standby = mirrored(lab, ahead=10 ** 12)
    over, other = user_calls(lab, pbx, numbers.SDES, next(users), hz=1000)
    call, leg = user_calls(lab, pbx, numbers.SDES, next(users), hz=1000, media={"tone_hz": 700})
    assert other.bye().status == 200
    over.wait_ended()
    process.wait_until(lambda: lab.relay.calls() == [leg.call_id], 20, "one call is over")
    process.wait_until(lambda: call.stats()["heard"]["hz"] > 990, 10, "WhatsApp hears the PBX")
    lab.relay.kill()
    assert standby.known() == 1  # the one that is over was told of, too
    lab.relay.daemon = Daemon(lab, "relay", standby.argv)
    lab.relay.wait_ready()
    assert lab.relay.calls() == [leg.call_id]
    before, heard = call.stats()["rx"]["packets"], len(leg.media.packets)
    process.wait_until(lambda: call.stats()["rx"]["packets"] >= before + 50, 20, "WhatsApp gets media again")
    process.wait_until(lambda: len(leg.media.packets) > heard + 50, 20, "the PBX gets media again")
    stats = call.stats()
    assert len(stats["rx"]["ssrcs"]) == 1 and stats["rx"]["ts_jumps"] == 0 and stats["rx"]["seq_jumps"] == 0
    nothing_in_clear(stats)
    # the note is there as well: it can still be spoken with
    assert leg.reinvite(leg.sdp(direction="sendonly")).status == 200
    assert leg.bye().status == 200
    call.wait_ended()


def taken(lab, datagram, peer, number):
    """How many calls a standby has that this datagram reached from 127.0.0.1."""
    standby = Standby(lab, peer, number)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.sendto(datagram, standby.listen)
    return standby.known()


def test_G06_only_the_peer_can_tell_of_calls(lab):
    host, inner = lab.addresses.relay_inner
    working = Relay.__new__(Relay)
    working.lab, working.address = lab, (host, inner + 6)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(10)
        working.daemon = Daemon(lab, "relay-told", [
            *lab.relay.argv, f"--control={hostport(working.address)}", f"--inner={host}:{inner + 8}",
            "--ports=15000-15999", f"--state={lab.dir}/relay-calls-told", f"--mirror={hostport(peer.getsockname())}"])
        try:
            working.wait_ready()
            assert working.ask("open", call_id="told")["result"] == "ok"
            datagram = peer.recv(65536)
        finally:
            working.stop()
    assert taken(lab, datagram, "127.0.0.1", 1) == 1
    assert taken(lab, datagram, "127.0.0.2", 2) == 0
    assert taken(lab, datagram[:-1], "127.0.0.1", 3) == 0
    assert taken(lab, datagram[:16] + b"\xff" * 4 + datagram[20:], "127.0.0.1", 4) == 0  # of a slot that is none
