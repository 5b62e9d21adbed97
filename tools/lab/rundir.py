# SPDX-License-Identifier: GPL-2.0-or-later
"""Where does a lab keep its files?

A short path (a Unix socket's may have 107 bytes) that belongs to this user and
this index alone, so what an earlier lab left there is removed at the start, not
at the end: logs stay readable.
"""
import os
import shutil
import stat
import tempfile
from pathlib import Path

from .errors import LabError

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD") or "build")
if not BUILD.is_absolute():
    BUILD = ROOT / BUILD


def make(index):
    path = Path(tempfile.gettempdir()) / f"wasbc-{os.getuid()}-{index}"
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        have = path.lstat()
        if not stat.S_ISDIR(have.st_mode) or have.st_uid != os.getuid():
            raise LabError(f"{path} is not a directory of this user: remove it") from None
        shutil.rmtree(path)
        path.mkdir(mode=0o700)
    return path


def built(name, target):
    """The built file `name`, or one line that says which target makes it."""
    path = BUILD / name
    if not path.exists():
        raise LabError(f"{path} is not built: run `make {target}`")
    return path
