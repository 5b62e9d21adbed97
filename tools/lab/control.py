# SPDX-License-Identifier: GPL-2.0-or-later
"""How late are packets on this machine by themselves? The control for a measured delay.

A process that does no more than pass packets on: two wake-ups, as rtpengine has. What it
adds, the machine adds.
"""
import statistics
import subprocess
import sys

from .rtp import Stream

RELAY = """
import socket
inner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
inner.bind(("127.0.0.1", 0))
print(inner.getsockname()[1], flush=True)
target = ("127.0.0.1", int(input()))
while True:
    inner.sendto(inner.recv(2048), target)
"""


class Control:
    """Streams through relays of their own, from start to stop()."""

    def __init__(self, streams=2):
        self.relays, self.ends = [], []
        for _ in range(streams):
            relay = subprocess.Popen([sys.executable, "-c", RELAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     text=True)
            self.relays.append(relay)
            near, far = Stream("127.0.0.1"), Stream("127.0.0.1")
            self.ends.append((near, far))
            port = int(relay.stdout.readline())
            relay.stdin.write(f"{far.port}\n")
            relay.stdin.flush()
            near.send(("127.0.0.1", port), 0, 1000)

    def lateness(self):
        """Milliseconds of every packet so far, over the quickest one."""
        found = []
        for _, far in self.ends:
            arrivals = [packet.at - 0.02 * number for number, packet in enumerate(far.audio_packets())]
            found += [1000 * (at - min(arrivals)) for at in arrivals]
        return found

    def median(self):
        return statistics.median(self.lateness())

    def worst(self):
        return max(self.lateness())

    def stop(self):
        for near, far in self.ends:
            near.close()
            far.close()
        for relay in self.relays:
            relay.kill()
            relay.wait()
            relay.stdin.close()
            relay.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
