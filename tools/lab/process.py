# SPDX-License-Identifier: GPL-2.0-or-later
"""How is a daemon started, watched and ended?

Each daemon leads a session of its own, is told to end when this process dies
(setpriv --pdeathsig), writes to a log of its own and is ended by its process id,
what it may have left by its group. Nothing is ever ended by name.
"""
import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

from .errors import LabError

PACKAGES = {"kamailio": "kamailio", "rtpengine": "rtpengine-daemon",
            "redis-server": "redis-server", "baresip": "baresip-core",
            "openssl": "openssl", "setpriv": "util-linux", "stdbuf": "coreutils"}


def program(name):
    """Path of an installed program; the system's own directories included."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin:/sbin:/bin")
    if path is None:
        raise LabError(f"{name} is not installed: run `make setup` "
                       f"(package {PACKAGES.get(name, name)})")
    return path


def wait_until(check, seconds, what, alive=None, pause=0.01):
    """Polls `check` until it is true and returns its value.

    Gives up after `seconds`, or as soon as the Daemon `alive` has ended.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if alive is not None and alive.ended():
            raise LabError(f"{alive.name} ended while waiting until {what}\n{alive.log_tail()}")
        if time.monotonic() > deadline:
            tail = f"\n{alive.log_tail()}" if alive is not None else ""
            raise LabError(f"gave up after {seconds:g} s waiting until {what}{tail}")
        time.sleep(pause)


def complete_lines(raw):
    """What another process has written so far, up to the end of its last whole line."""
    return raw[:raw.rfind(b"\n") + 1]


class Daemon:
    """One supervised process.

    on_line(text, monotonic_time) is called from a thread for every line of its
    standard output, which then does not go into the log by itself. orphan is the
    signal it gets when this process dies: KILL for one that takes its time over TERM
    and has no children that it would have to end.
    """

    def __init__(self, lab, name, argv, on_line=None, stdin=False, stop=signal.SIGTERM, env=None,
                 orphan="TERM"):
        self.name = name
        self.log_path = lab.dir / f"{name}.log"
        self.stop_signal = stop
        self.reader = None
        argv = [program("setpriv"), "--pdeathsig", orphan, "--", program(argv[0]), *map(str, argv[1:])]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                argv, cwd=lab.dir, start_new_session=True,
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE if on_line else log, stderr=log,
                pass_fds=(lab.addresses.guard.fileno(),),
                env={**os.environ, "LC_ALL": "C", **(env or {})})
        if on_line:
            self.reader = threading.Thread(target=self._read, args=(on_line,), daemon=True,
                                           name=f"{name}-reader")
            self.reader.start()

    def _read(self, on_line):
        for raw in self.process.stdout:
            on_line(raw.decode("utf-8", "replace").rstrip("\n"), time.monotonic())

    def ended(self):
        return self.process.poll() is not None

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def log(self):
        """Its log so far. Of a line that is just being written half may be there: it is left out."""
        return complete_lines(self.log_path.read_bytes()).decode("utf-8", "replace")

    def log_tail(self, lines=15):
        """For people: its last words, however they end."""
        said = self.log_path.read_text("utf-8", "replace").splitlines()[-lines:]
        return "\n".join(f"  {self.name}| {line}" for line in said)

    def _processes(self):
        """(directory in /proc, name, state) of each process of its session."""
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                name, rest = stat.read_text("utf-8", "replace").split("(", 1)[1].rsplit(")", 1)
            except OSError:  # it has ended meanwhile
                continue
            state, _, _, session, *_ = rest.split()
            if int(session) == self.process.pid:
                yield stat.parent, name, state

    def waits(self):
        """What each process of its session is doing: number, name, state, system call (its number and first argument)."""
        found = []
        for place, name, state in self._processes():
            try:
                call = (place / "syscall").read_text("ascii").split()[:2]
            except OSError:  # it has ended meanwhile
                continue
            found.append(f"  {place.name} {name} {state} {' '.join(call)}")
        return "\n".join(found)

    def kill(self):
        """Ends it and all its children at once, as a crash would; returns when none of them has a socket any more."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: all(state in "ZX" for _, _, state in self._processes()), 30, f"all of {self.name} has ended")

    def stop(self, seconds=5):
        """Ends it; returns its exit status, or None if it had to be killed."""
        if self.process.stdin:
            try:
                self.process.stdin.close()
            except OSError:
                pass
        status = None
        if not self.ended():
            self.process.send_signal(self.stop_signal)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        if self.reader:
            self.reader.join(2)
            self.process.stdout.close()
        return status
