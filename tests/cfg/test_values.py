# SPDX-License-Identifier: GPL-2.0-or-later
"""Which values does the configuration accept, and does it say what is wrong with others?"""
import re
import subprocess

import pytest
import script

from lab.process import program
from lab.rundir import BUILD

MUST = {"SBC_HOSTNAME": "sbc.example.com", "META_LISTEN": "127.0.0.1:5061", "PBX_LISTEN_UDP": "127.0.0.2:5060",
        "PBX_LISTEN_TCP": "127.0.0.2:5060", "PBX_LISTEN_TLS": "127.0.0.2:5061", "SEAL_KEY_FILE": "{dir}/seal.key"}
HERE = {"WASBC_MODULES": str(BUILD / "modules"), "RUN_DIR": "{dir}", "TLS_CONFIG": "{dir}/tls.cfg",
        "GRAPH_TOKEN_FILE": "{dir}/token", "GRAPH_CA_FILE": "/etc/ssl/certs/ca-certificates.crt"}
MORE = {"META_PORT": "15061", "META_NAME": "meta.example", "META_NEXT_HOP": "sip:127.0.0.3:15061;transport=tls",
        "META_SOURCES": "127.0.0.3/32, 2001:db8::/32", "PBX_SOURCES": "127.0.0.4", "DEFAULT_TRUNK": "pbx",
        "GRAPH_URL": "https://127.0.0.3:15443", "GRAPH_VERSION": "v26.0", "GRAPH_APP_ID": "1",
        "GRAPH_APPS_FILE": "{dir}/apps", "GRAPH_SECRET_FILE": "{dir}/secret",
        "REDIS_URL": "redis://127.0.0.5:16379/3", "RTPENGINE_SOCK": "udp:127.0.0.5:12223", "SYNC_INTERVAL": "5",
        "WORKERS": "1", "AUTH_ALGORITHMS": "MD5", "RELAY_SOCK": "udp:127.0.0.1:2230", "MEDIA_LEARNING": "delayed", "MEDIA_TIMEOUT": "30"}


@pytest.fixture(name="site")
def _site(tmp_path):
    """Writes a site file with these values; returns Kamailio's arguments for it."""
    (tmp_path / "tls.cfg").write_text("[server:default]\nmethod = TLSv1.2+\n")
    (tmp_path / "token").write_text("made up\n")
    key = tmp_path / "seal.key"
    key.write_text("k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")
    key.chmod(0o600)

    def write(values):
        path = tmp_path / "site.cfg"
        path.write_text("".join(f'#!substdef "!{name}!{value}!g"\n' for name, value in values.items())
                        .replace("{dir}", str(tmp_path)))
        return ["-f", str(script.CFG / "kamailio.cfg"), f"--substdef=!WASBC_SITE!{path}!g", "-Y", str(tmp_path),
                "-x", "fm", "-m", "64", "-M", "8"]
    return write


def run(arguments, *more):
    done = subprocess.run([program("kamailio"), *arguments, *more], capture_output=True, text=True, timeout=30,
                          check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("values", [
    MUST | HERE,
    MUST | HERE | MORE,
    *({**MUST, **HERE, name: value} for name, value in MORE.items()),
], ids=["what must be set", "everything", *map(str.lower, MORE)])
def test_accepted(site, values):
    status, said = run(site(values), "-c")
    assert status == 0, said
    assert "config file ok" in said
    assert not re.search(r"WARNING.*warning in config file", said), said


@pytest.mark.parametrize("name", MUST)
def test_a_value_that_must_be_set_is_named(site, name):
    values = {**MUST, **HERE}
    del values[name]
    status, said = run(site(values), "-c")
    assert status != 0
    assert f"site.cfg:{name}-is-not-set" in said


def test_a_missing_site_file_is_named(site):
    arguments = site(MUST | HERE)
    arguments[2] = "--substdef=!WASBC_SITE!/nowhere/site.cfg!g"
    status, said = run(arguments, "-c")
    assert status != 0
    assert "/nowhere/site.cfg" in said


def test_the_example_is_accepted_with_every_default_written_out(site, tmp_path):
    text = (script.CFG / "site.cfg.example").read_text().replace("##!substdef", "#!substdef").replace("/21,...", "/21")
    values = dict(re.findall(r'^#!substdef "!(\w+)!([^!]*)!g"$', text, re.M))
    assert set(MUST) <= set(values)
    status, said = run(site({**values, **HERE, **{n: v for n, v in MUST.items() if "LISTEN" in n}}), "-c")
    assert status == 0, said


def test_every_value_of_the_script_is_in_the_example():
    known = set(re.findall(r'^#+!substdef "!(\w+)!', (script.CFG / "site.cfg.example").read_text(), re.M))
    asked = {name for path in script.files() for name in re.findall(r"^#!ifndef (\w+)", path.read_text(), re.M)}
    # KAMAILIO_5 is set by Kamailio 5 itself
    assert asked - {"WASBC_SITE", "KAMAILIO_5"} == known


# What only mod_init can refuse, so Kamailio is started; it ends by itself.
@pytest.mark.parametrize("values, message", [
    ({"SEAL_KEY_FILE": "{dir}/none.key"}, r"seal_key_file: .*/none\.key: No such file"),
    ({"SEAL_KEY_FILE": "{dir}/tls.cfg"}, r"seal_key_file: .*tls\.cfg"),
    ({"TLS_CONFIG": "{dir}/none.cfg"}, r"cannot stat config file .*/none\.cfg"),
    ({"REDIS_URL": "http://127.0.0.5"}, r"redis_url: expected redis://"),
    ({"GRAPH_URL": "ftp://127.0.0.3"}, r"graph_url: expected https://"),
    ({"META_LISTEN": "127.0.0.1:5061:1:tls"}, r"core\.cfg, line \d+, .*syntax error"),
    ({"META_LISTEN": "127.0.0.1"}, r'socket: "127\.0\.0\.1" is not ADDRESS:PORT'),
    ({"META_SOURCES": "31.13.24.0/99"}, r'meta_sources: "31\.13\.24\.0/99" is neither'),
    ({"PBX_SOURCES": "10.0.0.0/8,pbx.example.com"}, r'pbx_sources: "pbx\.example\.com" is neither'),
    ({"WASBC_MODULES": "/nowhere"}, r"could not open module </nowhere/"),
    ({"MEDIA_LEARNING": "immediate"}, r"learning is .immediate.: .off. or .delayed."),
], ids=lambda v: next(iter(v)).lower() if isinstance(v, dict) else "")
def test_refused_with_a_message(site, values, message):
    status, said = run(site({**MUST, **HERE, **values}), "-DD", "-E")
    assert status != 0
    assert re.search(message, said), said
