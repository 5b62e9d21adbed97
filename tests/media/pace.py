# SPDX-License-Identifier: GPL-2.0-or-later
"""How slow is this machine just now? For what is measured in milliseconds.

    with Pace(lab) as pace:
        ...                # what is measured
    pace.worst_ms()        # the longest that rtpengine, or the test itself, has stood still meanwhile
"""
import threading
import time

EVERY = 0.02  # seconds


class Pace:
    """Has rtpengine say a word all the time."""

    def __init__(self, lab):
        self.lab, self.late = lab, [0.0]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        last = time.monotonic()
        while not self._over.wait(EVERY):
            self.lab.rtpengine.ng("ping")
            now = time.monotonic()
            self.late.append(now - last - EVERY)
            last = now

    def worst_ms(self):
        return 1000 * max(self.late)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
