# SPDX-License-Identifier: GPL-2.0-or-later
"""One dictionary of reasons: the C table, the table in cfg/README.md, and the words of the script."""
import re

import script

ROWS = script.CFG.parent / "modules/lib/wa_reason_rows.h"


def dictionary():
    rows = re.findall(r'^ROW\("([^"]*)", (\d+), (\w+), "([^"]*)", "([^"]*)"\)$', ROWS.read_text(), re.M)
    return [(code, "-" if status == "0" else status, whose.lower(), text, remedy)
            for code, status, whose, text, remedy in rows]


def test_D10_the_readme_has_the_dictionary():
    text = (script.CFG / "README.md").read_text()
    section = text[text.index("## Causes"):text.index("## Log")]
    rows = [tuple(cell.strip().strip("`") for cell in line.strip("|").split("|"))
            for line in section.splitlines() if line.startswith("| `")]
    assert rows == dictionary()


def test_D10_every_cause_of_the_script_is_in_the_dictionary():
    known = {row[0] for row in dictionary()}
    named = {word for path in script.files()
             for word in re.findall(r'\$var\(cause\) = "(\w+)"', script.code(path))}
    # media_ and bye_ are the beginnings of words that are put together
    begun = {word for word in named if word.endswith("_")}
    assert begun <= {"media_", "bye_"}
    assert named - begun <= known, f"add to {ROWS.name} and to cfg/README.md: {sorted(named - begun - known)}"
