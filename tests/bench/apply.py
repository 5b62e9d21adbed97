# SPDX-License-Identifier: GPL-2.0-or-later
"""wasbcctl plan and apply for thousands of numbers, against a Graph API that takes 50 ms for an answer.

NUMBERS=n for other sizes.
"""
import json
import os
import subprocess
import time

from lab.addresses import SBC_HOSTNAME, hostport
from lab.rundir import built
from lab.whole import Lab
from row import Row
from settings import ANSWER_MS, GRAPH_PORT, Graph, cpu_seconds, many, same_passwords

NUMBERS = int(os.environ.get("NUMBERS", "5000"))
TRUNK = "pbx"


def wanted(lab, name, **members):
    """A wanted file with every number."""
    path = lab.dir / name
    path.write_text(json.dumps({
        "defaults": {"hostname": SBC_HOSTNAME, "port": lab.addresses.sip[1], "calling": "ENABLED", "sip": "ENABLED",
                     "trunk": TRUNK, **members},
        "numbers": [{"number": n.digits, "phone_number_id": n.id, "app_id": n.app} for n in many(NUMBERS)]}))
    return path


def run(lab, *words):
    """Seconds that wasbcctl takes, and its exit status."""
    start = time.monotonic()
    done = subprocess.run([built("bin/wasbcctl", "build"), "-s", lab.dir / "kamailio_rpc.sock", *map(str, words)],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 4):
        raise SystemExit(f"wasbcctl {words[0]}: {done.stderr.splitlines()[-1]}")
    return time.monotonic() - start


def measure():
    with Lab(meta=same_passwords) as lab:
        lab.provision()
        graph = Graph(lab, NUMBERS)
        try:
            lab.kamailio.restart(GRAPH_URL=f"https://{hostport((lab.addresses.meta, GRAPH_PORT))}")
            yield from measure_in(lab)
        finally:
            graph.daemon.stop()


def measure_in(lab):
    what = f"{NUMBERS:,} numbers, {ANSWER_MS} ms for an answer"
    plain, changed = wanted(lab, "plain.json"), wanted(lab, "changed.json", callback_permission="ENABLED")
    cpu = cpu_seconds(lab)
    yield Row(f"apply, every number new here, nothing to write: {what}", run(lab, "apply", plain), "s", 180)
    yield Row("plan of the same", run(lab, "plan", plain), "s", 90)
    yield Row("apply of one more field: a write each", run(lab, "apply", changed), "s", 240)
    yield Row("the same again: nothing to write", run(lab, "apply", changed), "s", 180)
    yield Row("CPU of the settings process, each number and run", (cpu_seconds(lab) - cpu) / NUMBERS / 4 * 1e6, "us")
