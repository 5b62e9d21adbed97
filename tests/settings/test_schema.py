# SPDX-License-Identifier: GPL-2.0-or-later
"""The schema that editors read and the reader that decides are of one mind about every field, beyond
which a schema can say nothing: that a time is later than another."""
import copy
import json
import subprocess

import jsonschema

from lab.rundir import ROOT, built

FOLDER = ROOT / "modules/wa_settings"
SCHEMA = json.loads((FOLDER / "wanted.schema.json").read_text())
BEYOND = ("ends before it begins", "slots overlap")
EXAMPLE = json.loads((FOLDER / "wanted.example.json").read_text())
# what a value may be mistaken for; the last ones are at, and over, some bound
WRONG = [None, True, 65536, 1.5, "", "ENABLED", "2460", "a b", "x" * 300, [7], {"y": 1}]


def places(value, path=()):
    """Every path below a JSON value, itself first; of a list's items the first one."""
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for item in value[:1]:
            yield from places(item, (*path, 0))


def changed(path, change):
    """The example with change(parent, key) done at a path."""
    document = copy.deepcopy(EXAMPLE)
    parent = document
    for key in path[:-1]:
        parent = parent[key]
    change(parent, path[-1])
    return document


def mutants():
    for path in list(places(EXAMPLE))[1:]:
        if path[0] == "defaults" and len(path) > 1:
            continue  # a field there is the same as in a number
        for wrong in WRONG:
            yield changed(path, lambda parent, key, value=wrong: parent.__setitem__(key, value))
        if isinstance(path[-1], str):
            yield changed(path, lambda parent, key: parent.__delitem__(key))
            yield changed(path, lambda parent, key: parent.__setitem__("unknown", parent[key]))


def reads(path):
    """Does wasbcctl take the file? It looks before it asks the SBC, which is not there."""
    done = subprocess.run([built("bin/wasbcctl", "build"), "-s", "/nonexistent", "plan", path], capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode in (0, 2, 3), done.stderr
    return done.returncode != 2, done.stderr


def test_the_example_is_right():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(EXAMPLE, SCHEMA)
    assert reads(FOLDER / "wanted.example.json")[0]


def test_A04_what_the_schema_refuses_the_reader_refuses_and_the_other_way_round(tmp_path):
    checker = jsonschema.Draft202012Validator(SCHEMA)
    path = tmp_path / "wanted.json"
    differ = []
    for document in mutants():
        path.write_text(json.dumps(document))
        taken, said = reads(path)
        if taken != checker.is_valid(document) and not any(words in said for words in BEYOND):
            differ.append((said.strip() or "taken", json.dumps(document)))
    assert differ == []
