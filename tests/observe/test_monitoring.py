# SPDX-License-Identifier: GPL-2.0-or-later
"""G08: alert rules and the dashboard, against a Prometheus that scrapes the running SBC."""
import json
import re
import subprocess

import pytest
from prometheus import Prometheus

from calls import business_calls
from lab import numbers
from lab.process import program
from lab.rundir import ROOT

FILES = ROOT / "tools/monitoring"
METRIC = re.compile(r"\b(up|wasbc_\w+|rtpengine_\w+)\b")
VARIABLES = {"$node": ".*", "$__rate_interval": "1m", "$__range": "1m"}


def promtool(*words):
    return subprocess.run([program("promtool"), *words], cwd=FILES, capture_output=True, text=True, check=False)


def panels():
    """(panel's title, query) of all that is drawn."""
    for panel in json.loads((FILES / "dashboard.json").read_text("utf-8"))["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


def plain(query):
    for name, value in VARIABLES.items():
        query = query.replace(name, value)
    return query


@pytest.fixture(name="prometheus", scope="module")
def fixture_prometheus(shared_lab):
    running = Prometheus(shared_lab)
    yield running
    running.stop()


def test_G08_the_cases_of_the_alerts(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    for words in (("check", "rules", "alerts.yml"), ("check", "config", "prometheus.yml"), ("test", "rules", "alerts.test.yml")):
        done = promtool(*words)
        assert done.returncode == 0, done.stdout + done.stderr


def test_G08_every_alert_and_every_panel_has_what_it_asks_for(lab, pbx, users, prometheus):
    user = next(users)
    lab.metasim.policy(user, refuse={"code": 403, "reason": "No Approved Call Permission Found"})
    leg = pbx.call(user, numbers.DTLS.digits)
    leg.wait_final()
    call, leg = business_calls(lab, pbx, numbers.DTLS, next(users))
    prometheus.wait('count_over_time(wasbc_calls_total{reason="permission_missing"}[1m]) >= 2 and on (instance) wasbc_trunk_calls > 0')
    prometheus.wait("count_over_time(rtpengine_sessions[1m]) >= 2")
    titles = {plain(query): title for title, query in panels()}
    empty = [(titles[query], query) for query in prometheus.unanswered(titles)]
    groups = prometheus.get("rules")["groups"]
    leg.bye()
    call.wait_ended()
    assert not empty
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) == len(re.findall(r"- alert:", (FILES / "alerts.yml").read_text("utf-8")))
    assert [rule["name"] for rule in rules if rule["health"] == "err"] == []
    # a name that is misspelt would be an alert that never comes
    asked = {name for rule in rules for name in METRIC.findall(rule["query"])}
    assert prometheus.unanswered(sorted(asked)) == []
    assert all(rule["annotations"]["summary"] and rule["annotations"]["description"] and
               rule["labels"]["severity"] in ("page", "ticket", "info") for rule in rules)


def test_G08_what_the_readme_lists_is_there(lab, prometheus):
    prometheus.wait("wasbc_draining")
    text = (ROOT / "modules/wa_calls/README.md").read_text("utf-8").partition("## Statistics")[2]
    names = {expanded for name in re.findall(r"`(wasbc_[\w{},]+?)(?:\{[a-z,]+\})?`", text) if "<" not in name for expanded in expand(name)}
    assert len(names) > 20
    # those come with a call, and go with it
    always = names - {"wasbc_calls_total", "wasbc_trunk_calls"}
    assert prometheus.unanswered(f'{{__name__=~"{name}(_count)?"}}' for name in sorted(always)) == []


def expand(name):
    """wasbc_cdr_{written,lost}_total are two."""
    parts = re.fullmatch(r"(\w*)\{([\w,]+)\}(\w*)", name)
    return [name] if parts is None else [parts.group(1) + word + parts.group(3) for word in parts.group(2).split(",")]
