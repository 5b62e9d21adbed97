# SPDX-License-Identifier: GPL-2.0-or-later
"""Help, manual page and completion of wasbcctl have the same words."""
import re
import subprocess

import pytest

from lab.rundir import ROOT, built


def help_lines():
    """["number set DIGITS [FIELD=VALUE ...]", ...]"""
    said = subprocess.run([built("bin/wasbcctl", "build"), "--help"], capture_output=True, text=True, timeout=10,
                          check=True).stdout
    return re.findall(r"^  ([a-z].*)$", said, re.M)


def words_of(line):
    """Noun, verb ("" for none) and options of a line of the help."""
    noun, *rest = line.split()
    verb = rest[0] if rest and re.fullmatch("[a-z]+", rest[0]) else ""
    return noun, verb, re.findall(r"--[a-z-]+", line)


LINES = help_lines()


def test_the_help_is_read():
    assert len(LINES) > 40 and ("doctor", "", ["--ca", "--nameserver"]) in map(words_of, LINES)


@pytest.mark.parametrize("line", LINES)
def test_the_manual_page_has_each_command_and_its_options(line):
    page = (ROOT / "tools/wasbcctl/wasbcctl.1").read_text("utf-8").replace("\\-", "-")
    page = re.sub(r"\\f[BIR]", "", page)
    noun, verb, options = words_of(line)
    entry = next((e for e in re.split(r"^\.TP$", page, flags=re.M)
                  if re.search(rf"(^|\| ){noun}{' ' + verb if verb else ''}( |$)", e.strip().splitlines()[0])), None)
    assert entry, f"no entry of {noun} {verb}"
    assert [o for o in options if o not in entry] == []


@pytest.mark.parametrize("line", LINES)
def test_the_readme_has_each_command_and_its_options(line):
    table = (ROOT / "tools/wasbcctl/README.md").read_text("utf-8")
    noun, verb, options = words_of(line)
    name = f"{noun} {verb}".strip()
    assert re.search(rf"`{name}[` ]", table), f"no row of {name}"
    assert [o for o in options if o not in table] == []


COMPLETE = f'''source "{ROOT}/tools/wasbcctl/wasbcctl.bash"
while IFS= read -r line; do
	read -ra typed <<< "${{line%|}}"
	[[ $line == *" |" || $line == "|" ]] && typed+=("")
	COMP_WORDS=("$1" "${{typed[@]}}")
	COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
	COMPREPLY=()
	_wasbcctl
	echo "${{COMPREPLY[@]}}"
done'''


def complete(*typed):
    """What is offered where each of these lines ends; "number " is at the next word."""
    done = subprocess.run(["bash", "-c", COMPLETE, "bash", built("bin/wasbcctl", "build")], cwd=ROOT / "modules",
                          input="".join(f"{line}|\n" for line in typed), capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.stderr == ""
    return [set(line.split()) for line in done.stdout.split("\n")[:len(typed)]]


def test_completion_offers_nouns_verbs_and_options():
    verbs, expected = {}, {"": set(), "number se": {"set"}, "plan READ": {"README.md"},
                           "doctor --ca READ": {"README.md"}}
    for noun, verb, options in map(words_of, LINES):
        expected[""].add(noun)
        verbs.setdefault(noun, set()).add(verb)
        if options:
            expected[f"{noun} {verb} --" if verb else f"{noun} --"] = set(options)
    expected.update((f"-s x {noun} ", found) for noun, found in verbs.items() if "" not in found)
    offered = dict(zip(expected, complete(*expected)))
    assert {typed: found - offered[typed] for typed, found in expected.items() if found - offered[typed]} == {}
    assert offered["number se"] == {"set"}
