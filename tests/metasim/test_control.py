# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands, their results, and configurations that are none."""
import json
import subprocess

import pytest

from lab import numbers
from lab.errors import LabError
from lab.rundir import built


@pytest.mark.parametrize("cmd, members, why", [
    ("fly", {}, 'unknown command "fly"'),
    ("call", {"from": "1", "to": "15550001111", "colour": 1}, 'unknown member "colour"'),
    ("call", {"from": "1", "to": "999"}, 'no number "999"'),
    ("call", {"from": "1", "to": "15550001111", "hangup_ms": "soon"}, "must be of type int"),
    ("call", {"from": "1", "to": "15550001111", "media": {"volume": 11}}, 'unknown member "volume"'),
    ("hangup", {"call": "nobody"}, 'no call "nobody"'),
    ("policy", {"set": {"challenge": "md4"}}, '"challenge" is one or a list of'),
    ("policy", {"set": {"action": "sing"}}, '"action" is one of'),
    ("tls_reload", {"cert": "/nowhere"}, "No such file"),
    ("media_tone", {"call": "nobody"}, 'no call "nobody"')])
def test_a_refused_command_says_why(bench, cmd, members, why):
    with pytest.raises(LabError) as caught:
        bench.meta.command(cmd, **members)
    assert why in str(caught.value)


def test_what_is_no_json(bench):
    bench.meta.daemon.send("hello")
    assert "not a JSON object" in bench.meta.wait("error", mark=bench.mark)["text"]


def test_statistics(bench):
    seen = bench.meta.command("stats")
    assert seen["calls"] == 0 and isinstance(seen["violations"], dict)


def test_every_message_is_traced_with_its_call(bench, sbc):
    call = bench.meta.ring("15550001111", numbers.USER)
    leg = sbc.incoming()
    leg.reply(486)
    sbc.expect("ACK")
    call.wait_ended()
    assert [m.label for _, _, m in call.messages()] == ["INVITE", "486 Whatever", "ACK"]


def test_forbidden_text_is_seen(make_bench, start_sbc):
    bench = make_bench(lambda config: config["sip"].update(forbid=["10.9.8.7"]))
    wire = start_sbc(bench)
    bench.meta.ring("15550001111", numbers.USER)
    wire.incoming().reply(486, headers=["Server: pbx at 10.9.8.7"])
    wire.expect("ACK")
    assert bench.violations() == {"forbidden_text"}


BROKEN = {
    "not JSON": ("{", ""),
    "no sip": ({}, '"sip" is missing'),
    "unknown member": ({"sip": {"listen": "127.0.0.1:1", "colour": 1}}, 'unknown member "colour"'),
    "listen": ({"sip": {"listen": "here"}}, '"listen" must be'),
    "cert": ({"sip": {"listen": "127.0.0.1:1", "cert": "/nowhere"}}, "/nowhere: No such file"),
    "timers": ({"sip": {"listen": "127.0.0.1:1", "cert": "%", "key": "%", "ca": "%"}, "timers": {"scale": 0}},
               "0 < scale"),
    "resolve": ({"sip": {"listen": "127.0.0.1:1", "cert": "%", "key": "%", "ca": "%"}, "resolve": {"a": "b"}},
                'resolve: "a" must be'),
    "no PEM": ({"sip": {"listen": "127.0.0.1:1", "cert": "%", "key": "%", "ca": "%"},
                "media": {"address": "127.0.0.1", "ports": [40000, 40010]}}, "sip: certificate")}


@pytest.mark.parametrize("config, why", BROKEN.values(), ids=BROKEN.keys())
def test_a_bad_configuration_is_one_line_and_status_2(tmp_path, config, why):
    path = tmp_path / "c.json"
    text = config if isinstance(config, str) else json.dumps(config).replace("%", str(path))
    path.write_text(text)
    done = subprocess.run([built("metasim", "metasim"), "-c", path], input="", capture_output=True, text=True,
                          check=False, timeout=10)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and why in done.stderr
