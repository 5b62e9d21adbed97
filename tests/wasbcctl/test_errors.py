# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator is told who mistypes, or whom Kamailio does not hear: one clear line, and the exit status."""
import os
import re
import socket
import subprocess

import pytest
from test_words import LINES, words_of

from lab.rundir import built

SAMPLES = {"DIGITS": "15550001111", "NUMBER|TRUNK": "15550001111", "WABA": "12345", "NAME": "x", "CALL": "x",
           "GROUP.NAME": "wasbc.ring_timeout", "VALUE": "1", "ADDRESS": "192.0.2.1", "meta|pbx": "meta",
           "NETWORK,NETWORK...": "192.0.2.0/24", "ADDRESS|all": "all"}
NOBODY = 65534


def ctl(*words, path="/nonexistent", stdin="", **how):
    return subprocess.run([built("bin/wasbcctl", "build"), "-s", path, *words], input=stdin, capture_output=True, text=True,
                          timeout=60, check=False, **how)


def typed(line, wanted):
    """A line of the help with a word for each that has to be there."""
    noun, verb, _ = words_of(line)
    while "[" in line:
        line = re.sub(r"\[[^][]*\](?: ?\.\.\.)?", "", line)
    begin = [noun, *([verb] if verb else [])]
    return begin + [wanted if word == "FILE" else SAMPLES[word] for word in line.split()[len(begin):]]


@pytest.fixture(name="wanted", scope="module")
def fixture_wanted(tmp_path_factory):
    path = tmp_path_factory.mktemp("wanted") / "numbers.json"
    path.write_text('{"numbers": [{"number": "+15550001111", "phone_number_id": "106540352242922"}]}')
    return str(path)


ASKING = [line for line in LINES if not line.startswith("source convert")]


@pytest.mark.parametrize("line", ASKING)
def test_every_verb_says_that_kamailio_is_not_there(line, wanted):
    done = ctl(*typed(line, wanted))
    assert done.returncode == 3, (typed(line, wanted), done)
    assert "kamailio at /nonexistent: nobody is there: is it running?" in done.stderr and done.stdout == ""


@pytest.mark.parametrize("line", [line for line in LINES if "[FIELD" not in line])
def test_every_verb_says_what_it_takes(line):
    noun, verb, _ = words_of(line)
    done = ctl(noun, *([verb] if verb else []), *["--none"] * 9)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("wasbcctl: ") and re.search(rf"{re.escape(verb or noun)}|--none", done.stderr)


def test_a_socket_that_is_dead_mute_or_not_for_this_user(tmp_path):
    dead, mute = tmp_path / "dead", tmp_path / "mute"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(dead))
    assert "is it running?" in ctl("status", path=dead).stderr
    assert "is it this socket" in ctl("status", path=tmp_path / "none").stderr
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(mute))
        done = ctl("-t", "1", "status", path=mute)
        assert done.returncode == 3 and "no answer in time" in done.stderr
        mute.chmod(0)
        binary = os.open(built("bin/wasbcctl", "build"), os.O_RDONLY)  # in a folder that may be closed to others
        other = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
        done = subprocess.run([f"/proc/self/fd/{binary}", "-s", mute, "status"], pass_fds=[binary], capture_output=True,
                              text=True, timeout=20, check=False, cwd="/", **other)
        os.close(binary)
        assert done.returncode == 3 and "not for this user: run it as root" in done.stderr


def test_words_that_are_none():
    for words, said in ((["none"], "no such noun: none"), (["number"], "a verb is missing after number"),
                        (["number", "none"], "no such verb: none"), (["number", "show"], "too few words after show"),
                        (["call", "show", "a", "b"], "too many words after show"), (["-t", "0", "status"], "1 to 3600 seconds: 0"),
                        (["--none", "status"], "--none"), (["number", "list", "--none"], "--error"),
                        (["apply", "x", "--parallel", "0"], "not 0; FILE"), (["plan", "--all"], "a file is missing"),
                        (["doctor", "abc"], "doctor [NUMBER]"), (["top", "--interval", "0"], "--interval 1 to")):
        done = ctl(*words)
        assert done.returncode == 2 and said in done.stderr, (words, done)
    assert "number rotate DIGITS" in ctl("number", "none").stderr
    done = ctl("trunk", "--help")
    assert done.returncode == 0 and "trunk show NAME" in done.stdout and "number" not in done.stdout


def test_what_the_sbc_refuses_is_said(lab):
    path = lab.dir / "kamailio_rpc.sock"
    for words, said in ((["number", "show", "19990001111"], "no such number"), (["number", "set", "15550001111", "bogus=1"], "bogus: no such field"),
                        (["trunk", "show", "none"], "not found"), (["call", "show", "none"], "o such call"),
                        (["knob", "list", "none"], "none has no knobs"), (["knob", "set", "wasbc.none", "1"], "no such knob: wasbc.none"),
                        (["knob", "set", "wa_trace.hep", "nowhere"], "cfg/knobs.md"), (["source", "check", "x"], "an address"),
                        (["ban", "add", "192.0.2.1", "x"], "seconds: 1 to"), (["unblock", "none"], "is blocked")):
        done = ctl(*words, path=path)
        assert done.returncode == 1 and said in done.stderr and done.stdout == "", (words, done)
    done = ctl("knob", "set", "wasbc.ring_timeout", "-5", path=path)
    assert done.returncode == 2 and "0 or more, not -5" in done.stderr
