# SPDX-License-Identifier: GPL-2.0-or-later
"""The one list of knobs says what a running Kamailio has."""
import json
import re
import subprocess

from lab.rundir import ROOT, built

ROW = re.compile(r"^\| `([a-z_]+\.[a-z_]+)` \| ([^|]*) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.M)


def listed():
    """{knob: default as text} of cfg/knobs.md"""
    rows = ROW.findall((ROOT / "cfg/knobs.md").read_text("utf-8"))
    assert len({row[0] for row in rows}) == len(rows)
    return {knob: default for knob, default, *_ in rows}


def ctl(lab, *words):
    return subprocess.run([built("bin/wasbcctl", "build"), "-s", lab.dir / "kamailio_rpc.sock", *words],
                          capture_output=True, text=True, timeout=60, check=False)


def knobs(lab, *group):
    rows = json.loads(ctl(lab, "--json", "knob", "list", *group).stdout)
    return {row["knob"]: row["value"] for row in rows}


def test_the_list_of_knobs_is_what_kamailio_has(lab):
    assert {knob: str(value) or "empty" for knob, value in knobs(lab).items()} == listed()


def test_a_knob_is_set_for_the_next_call(lab):
    before = knobs(lab)["wasbc.ring_timeout"]
    try:
        assert ctl(lab, "knob", "set", "wasbc.ring_timeout", "45000").returncode == 0
        assert knobs(lab, "wasbc")["wasbc.ring_timeout"] == 45000
        refused = ctl(lab, "knob", "set", "wasbc.ring_timeout", "soon")
        assert refused.returncode == 2 and "is a number" in refused.stderr
        assert ctl(lab, "knob", "set", "core.debug", "4").returncode == 2
        assert ctl(lab, "knob", "set", "wasbc.none", "4").returncode == 1
        assert ctl(lab, "knob", "set", "wa_trace.hep", "nowhere").returncode == 1
        assert knobs(lab)["wasbc.ring_timeout"] == 45000
    finally:
        lab.rpc("cfg.set_now_int", "wasbc", "ring_timeout", before)
