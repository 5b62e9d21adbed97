# SPDX-License-Identifier: GPL-2.0-or-later
"""A growing list that one thread fills and another waits on."""
import threading
import time

from .errors import LabError


class Events:
    def __init__(self, name):
        self.name = name
        self.items = []
        self.changed = threading.Condition()
        self.over = None  # why nothing more will come

    def add(self, item):
        with self.changed:
            self.items.append(item)
            self.changed.notify_all()

    def end(self, why):
        with self.changed:
            self.over = why
            self.changed.notify_all()

    def since(self, mark=0):
        with self.changed:
            return self.items[mark:]

    def mark(self):
        """Where the list ends now: pass it to wait() to see only what follows."""
        with self.changed:
            return len(self.items)

    def find(self, match, mark=0):
        return next((i for i in self.since(mark) if match(i)), None)

    def wait(self, match, seconds, what, mark=0):
        """The first item from `mark` on for which match() is true."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                for item in self.items[mark:]:
                    if match(item):
                        return item
                mark = len(self.items)
                left = deadline - time.monotonic()
                if self.over or left <= 0:
                    why = self.over or f"nothing came in {seconds:g} s"
                    raise LabError(f"{self.name}: waited for {what}: {why}")
                self.changed.wait(left)
