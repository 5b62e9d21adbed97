# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes of Kamailio's that a debugger stops at a function: what happens at exactly that moment?

    with held_at(lab, "udp receiver", "relay_reply") as held:
        ...                      # something that makes one of them come there
        held.wait()              # one has
        ...                      # and does not go on before the end of the block

Only for a lab of the test's own. Function: one that the module exports, for Debian's have no other symbols.
"""
import contextlib
import subprocess
import threading

import pytest

from lab.process import wait_until


class Held:
    def __init__(self, pids, function):
        self.attached = threading.Semaphore(0)
        self.one_is = threading.Event()
        self.refused = False
        self.debuggers = [self._attach(pid, function) for pid in pids]
        self.readers = [threading.Thread(target=self._read, args=(d,), daemon=True) for d in self.debuggers]
        for reader in self.readers:
            reader.start()

    def wait_attached(self):
        for _ in self.debuggers:
            assert self.attached.acquire(timeout=60), "gdb attaches to Kamailio's processes"
        if self.refused:
            pytest.skip("no process may be looked into here (ptrace)")

    @staticmethod
    def _attach(pid, function):
        # the shell ends with its input; a process that never came there is let go by SIGTERM
        steps = [f"break {function}", "shell echo attached", "continue", "shell echo held; read go", "delete", "detach"]
        return subprocess.Popen(["gdb", "-batch", "-nx", "-p", str(pid), *(word for step in steps for word in ("-ex", step))],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def _read(self, debugger):
        for line in debugger.stdout:
            self.refused = self.refused or "ptrace:" in line
            if line == "attached\n":
                self.attached.release()
            elif line == "held\n":
                self.one_is.set()

    def wait(self):
        assert self.one_is.wait(30), "none came to the function in 30 s"

    def go_on(self):
        for debugger in self.debuggers:
            debugger.stdin.close()
            debugger.terminate()
        for debugger, reader in zip(self.debuggers, self.readers):
            debugger.wait()
            reader.join()
            debugger.stdout.close()


@contextlib.contextmanager
def held_at(lab, description, function):
    held = Held([p["PID"] for p in lab.rpc("core.psx") if description in p["DSC"]], function)
    try:
        held.wait_attached()
        yield held
    finally:
        held.go_on()


def wait_for_cancel(lab, leg):
    """Until Kamailio has begun with the CANCEL of a call; it may not get far before the end of held_at()."""
    wait_until(lambda: "CANCEL" in [step["what"] for step in lab.rpc("wa_trace.ladder", leg.call_id)["messages"]], 20,
               "the CANCEL is being worked on")
