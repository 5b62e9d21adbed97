# SPDX-License-Identifier: GPL-2.0-or-later
"""The text form of Prometheus, read as strictly as its description has it."""
import re
import urllib.request

from lab.addresses import hostport

FAMILY = re.compile(r"# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)")
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?(?:[0-9]+(?:\.[0-9]+)?|\+Inf|NaN))")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
TYPES = {"counter", "gauge", "histogram"}


def text(lab):
    """What the SBC serves."""
    with urllib.request.urlopen(f"http://{hostport(lab.addresses.metrics)}/metrics", timeout=30) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return answer.read().decode("ascii")


def scrape(lab):
    return read(text(lab))


def labels_of(part):
    labels, at = {}, 0
    while at < len(part):
        match = LABEL.match(part, at)
        assert match, f"labels: {part}"
        assert match.group(1) not in labels, f"twice: {part}"
        labels[match.group(1)] = match.group(2)
        at = match.end()
    return labels


def family_of(name, types):
    for suffix in ("_bucket", "_sum", "_count"):
        base = name.removesuffix(suffix)
        if base != name and types.get(base) == "histogram":
            return base
    return name


def read(page):
    """{name: [(labels, value)]}; raises AssertionError on the first thing that is wrong."""
    assert page.endswith("\n")
    helps, types, samples, current = {}, {}, {}, None
    for line in page.splitlines():
        if line.startswith("#"):
            kind, name, rest = FAMILY.fullmatch(line).groups()
            where = helps if kind == "HELP" else types
            assert name not in where and name not in samples, f"{name}: {kind} twice or too late"
            where[name] = rest
            assert kind == "HELP" and rest or rest in TYPES, line
            current = name
            continue
        match = SAMPLE.fullmatch(line)
        assert match, f"no sample: {line}"
        name, labels, value = match.groups()
        family = family_of(name, types)
        assert family == current and family in helps and family in types, f"{name} is not in its family"
        entry = (labels_of(labels or ""), float(value))
        assert entry[0] not in [known for known, _ in samples.setdefault(name, [])], f"twice: {line}"
        samples[name].append(entry)
    for name, kind in types.items():
        assert name.endswith("_total") == (kind == "counter"), f"{name} is a {kind}"
        if kind == "histogram":
            check_histogram(name, samples)
    return samples


def check_histogram(name, samples):
    series = {}
    for labels, value in samples.get(f"{name}_bucket", []):
        key = tuple(sorted((k, v) for k, v in labels.items() if k != "le"))
        series.setdefault(key, []).append((float(labels["le"]), value))
    counts = {tuple(sorted(labels.items())): value for labels, value in samples.get(f"{name}_count", [])}
    assert series.keys() == counts.keys() and len(samples.get(f"{name}_sum", [])) == len(counts)
    for key, buckets in series.items():
        assert buckets == sorted(buckets) and [v for _, v in buckets] == sorted(v for _, v in buckets)
        assert buckets[-1] == (float("inf"), counts[key])


def value(samples, name, **labels):
    """The sum of all samples that have these labels."""
    return sum(v for known, v in samples.get(name, []) if labels.items() <= known.items())
