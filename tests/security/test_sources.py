# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may speak: by network and password, never by what a message says of itself."""
import os
import socket
import subprocess

import pytest
from attacker import address_of, connects, counter, invite_of_a_liar, request

from lab import numbers, process
from lab.kamailio import RpcError
from lab.meta_wire import WireMeta
from lab.rundir import BUILD

REAL = "157.240.0.0/16\n129.134.0.0/16\n31.13.64.0/18\n57.144.0.0/14\n2a03:2880::/32\n"
REGISTRY = """route:      157.240.0.0/17
descr:      Facebook
origin:     AS32934
notify:     ops@example.net
source:     RADB

route:      157.240.128.0/17
origin:     AS32934
route6:     2a03:2880::/36
origin:     AS32934

route6:     2a03:2880:1000::/36
"""


def replace(path, text):
    """As an operator has to: the file is never half written."""
    path.with_suffix(".new").write_text(text)
    os.rename(path.with_suffix(".new"), path)


def side(lab, name="meta"):
    return lab.rpc("wa_door.status")[name]


def test_G01_meta_is_known_by_its_network_and_password_never_by_a_header(lab):
    before = lab.rpc("wa_door.status")
    assert before["kernel"] == "filters"
    # whoever is not in Meta's networks does not even get a connection
    assert not connects(lab.addresses.sip, address_of(lab, 66))
    assert not connects(lab.addresses.sip, lab.addresses.pbx)
    process.wait_until(lambda: lab.rpc("wa_door.status")["kernel_dropped"] >= before["kernel_dropped"] + 2, 15,
                       "the kernel has counted them")
    # who is, is still asked for the password, whatever his headers say
    meta = WireMeta(lab)
    try:
        reply = meta.dialog(numbers.SDES.digits, numbers.USER,
                            headers=["X-WASBC-Trusted: yes", "P-Asserted-Identity: <sip:wa.meta.vc>"]).invite()
        assert reply.status == 407
    finally:
        meta.stop()
    # and one who claims to be Meta on the PBXes' socket is a PBX that nobody knows
    assert invite_of_a_liar(lab) == 403


def test_G01_the_script_refuses_what_the_kernel_let_through(own_lab):
    lab = own_lab()
    lab.provision()
    meta = WireMeta(lab)
    try:
        assert meta.dialog(numbers.SDES.digits, numbers.USER).invite().status == 407
        strangers = counter(lab, "strangers")
        lab.rpc("wa_door.set", "meta", "192.0.2.0/24", "force")
        mark = meta.trace.mark()
        meta.dialog(numbers.SDES.digits, numbers.USER).start()
        process.wait_until(lambda: counter(lab, "strangers") == strangers + 1, 15, "a stranger was counted")
        process.wait_until(lambda: meta.trace.over, 15, "its connection is closed")
        assert [t for t in meta.trace.since(mark) if not t[1]] == [], "it got an answer"
    finally:
        meta.stop()


def test_G01_the_list_is_refreshed_at_run_time_unless_it_is_absurd(own_lab, tmp_path):
    networks = tmp_path / "meta.networks"
    others = tmp_path / "pbx.networks"
    replace(others, "127.0.0.0/8\n")
    lab = own_lab(site={"META_NETWORKS_FILE": networks, "PBX_NETWORKS_FILE": others})
    assert "No such file" in side(lab)["error"] and side(lab)["from"] == "configuration"
    assert connects(lab.addresses.sip, lab.addresses.meta)
    replace(networks, REAL)
    process.wait_until(lambda: side(lab)["from"] == "file", 15, "the file is read")
    assert side(lab)["networks"] == 5 and side(lab)["addresses"] == 2 * 65536 + 16384 + 4 * 65536
    assert lab.rpc("wa_door.check", "57.147.255.255")["meta"] == 1
    assert lab.rpc("wa_door.check", "57.148.0.0")["meta"] == 0
    assert lab.rpc("wa_door.check", "2a03:2880::7")["meta"] == 1
    assert lab.rpc("wa_door.check", "2a03:2881::7")["meta"] == 0
    process.wait_until(lambda: not connects(lab.addresses.sip, lab.addresses.meta, 0.2), 15, "the kernel knows")
    for text, why in (("0.0.0.0/0\n", "absurdly large"), ("", "no network"), ("<html>Error</html>\n", "neither"),
                      ("157.240.0.0/16\n10.0.0.0/8\n", "10.0.0.0: "), ("157.240.0.0/24\n", "too few"),
                      (REAL + "::/0\n", "absurdly large"), ("157.240.0.0/16\n", "less than half"),
                      ("1.0.0.0/10 2.0.0.0/10 3.0.0.0/10\n", "too many")):
        replace(networks, text)
        process.wait_until(lambda w=why: w in side(lab)["error"], 15, f"refused: {why}")
        assert side(lab)["networks"] == 5, text
    with pytest.raises(RpcError, match="too many"):
        lab.rpc("wa_door.reload")
    replace(networks, REAL + f"{lab.addresses.meta}\n")
    with pytest.raises(RpcError, match="private or reserved"):
        lab.rpc("wa_door.reload")
    # who knows better may
    lab.rpc("wa_door.reload", "force")
    assert side(lab)["networks"] == 6 and side(lab)["error"] == ""
    # the files are looked at one after the other: who looks for changes has no objection to what was forced
    replace(others, f"{lab.addresses.pbx}\n127.0.0.9\n")
    process.wait_until(lambda: side(lab, "pbx")["networks"] == 2, 15, "the other file is read")
    assert side(lab)["networks"] == 6 and side(lab)["error"] == ""
    process.wait_until(lambda: connects(lab.addresses.sip, lab.addresses.meta, 0.2), 15, "the kernel knows")


def test_G01_ipv6_sources_are_told_apart_too(own_lab):
    lab = own_lab()
    lab.stop()
    port = lab.addresses.sip_pbx[1] + lab.addresses.index
    lab = own_lab(site={"PBX_LISTEN_TCP": f"[::1]:{port}"})
    sources = f"{lab.addresses.pbx},::1"

    def answered():
        with socket.create_connection(("::1", port), 20) as sock:
            try:
                sock.sendall(request("OPTIONS", ("[::1]", sock.getsockname()[1]), ("[::1]", port), "TCP"))
                return sock.recv(4096)[:11]
            except ConnectionError:  # closed before it was read
                return b""
    lab.rpc("wa_door.set", "pbx", f"{lab.addresses.pbx},2001:db8::/32")
    assert answered() == b""
    lab.rpc("wa_door.set", "pbx", sources)
    assert answered() == b"SIP/2.0 200"


def convert(text, *options):
    return subprocess.run([BUILD / "bin/wasbcctl", "source", "convert", *options], input=text, capture_output=True,
                          text=True, check=False)


def test_a_registry_s_answer_becomes_a_list():
    done = convert(REGISTRY)
    assert (done.returncode, done.stdout) == (0, "157.240.0.0/16\n2a03:2880::/35\n")
    for text, why in (("route: 0.0.0.0/0\n", "absurdly large"), ("No entries found\n", "no network: No"),
                      ("", "no network in the input"), ("route: 10.0.0.0/8\n", "absurdly large")):
        done = convert(text)
        assert done.returncode == 1 and done.stdout == "" and why in done.stderr, (text, done)
    assert convert("10.1.2.3/24", "--force").stdout == "10.1.2.0/24\n"


def test_an_operator_bans_and_shows(lab):
    def ctl(*words):
        done = subprocess.run([BUILD / "bin/wasbcctl", "-s", lab.dir / "kamailio_rpc.sock", *words],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr
    address = address_of(lab, 67)
    assert ctl("ban", "add", address, "60")[0] == 0
    assert address in ctl("ban", "list")[1] and "operator" in ctl("source", "check", address)[1]
    assert ctl("ban", "remove", address)[0] == 0
    assert address not in ctl("ban", "list")[1]
    code, _, said = ctl("ban", "add", lab.addresses.meta)
    assert code == 1 and "an address of Meta" in said
    code, _, said = ctl("source", "set", "meta", "0.0.0.0/0")
    assert code == 1 and "absurdly large" in said
    assert ctl("source", "status")[0] == 0
