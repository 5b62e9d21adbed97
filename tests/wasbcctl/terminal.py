# SPDX-License-Identifier: GPL-2.0-or-later
"""A terminal with a command in it: what stands on its screen, keys, another size."""
import fcntl
import os
import signal
import struct
import subprocess
import termios
import threading

import pyte
import pytest

from lab.process import program, wait_until


class Terminal:
    """argv runs with this as its controlling terminal."""

    def __init__(self, argv, columns=80, lines=24, **env):
        try:
            self.master, self.slave = os.openpty()
        except OSError as err:
            pytest.skip(f"no pseudo-terminal can be made here (is /dev/pts mounted?): {err}")
        self.screen, self.raw, self.lock = pyte.Screen(columns, lines), b"", threading.Lock()
        self.stream = pyte.ByteStream(self.screen)
        self._size(columns, lines)
        self.before = termios.tcgetattr(self.slave)
        environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        self.process = subprocess.Popen(
            [program("setpriv"), "--pdeathsig", "KILL", "--", *map(str, argv)],
            stdin=self.slave, stdout=self.slave, stderr=self.slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0), env={**environment, "TERM": "xterm", **env})
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _size(self, columns, lines):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def _read(self):
        try:
            while data := os.read(self.master, 65536):
                with self.lock:
                    self.raw += data
                    self.stream.feed(data)
        except OSError:
            pass  # closed

    def resize(self, columns, lines):
        with self.lock:
            self.screen.resize(lines, columns)
        self._size(columns, lines)

    def lines(self):
        with self.lock:
            return [line.rstrip() for line in self.screen.display]

    def wait(self, match, what, seconds=20):
        """The lines of the screen, as soon as they are as `match` has them."""
        try:
            return wait_until(lambda: (lambda seen: seen if match(seen) else None)(self.lines()), seconds, what)
        except Exception as err:
            raise AssertionError(f"{err}\n" + "\n".join(self.lines())) from None

    def wait_text(self, text):
        return self.wait(lambda lines: any(text in line for line in lines), f"the screen shows {text!r}")

    def press(self, keys):
        os.write(self.master, keys)

    def ended(self, seconds=20):
        """Its exit status, -N when signal N ended it; the terminal has to be as it was."""
        status = self.process.wait(seconds)
        assert termios.tcgetattr(self.slave) == self.before
        return status

    def takes_keys(self):
        """Single keys, which are not shown?"""
        return not termios.tcgetattr(self.slave)[3] & (termios.ICANON | termios.ECHO)

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        os.close(self.slave)
        self.reader.join(5)
        os.close(self.master)
