# SPDX-License-Identifier: GPL-2.0-or-later
"""One host, from a bare Debian to calls and back: the playbooks as the README tells them."""
import json
import os
import ssl

import pytest

from lab import numbers
from lab.addresses import SBC_HOSTNAME
from lab.process import wait_until

from hosts import Host
from outside import CA, Outside

pytestmark = pytest.mark.timeout(1800)


DEBIANS = os.environ.get("WASBC_DEBIANS", "bookworm trixie").split()


@pytest.fixture(scope="module", params=DEBIANS)
def site(networks, request):
    host = Host(networks, f"sbc{DEBIANS.index(request.param)}", request.param, 11 + DEBIANS.index(request.param))
    outside = Outside(networks, host.address["meta"], host.address["pbx"], [numbers.DTLS, numbers.SDES])
    host.write(CA[1:], outside.certs.ca.read_text())
    host.boot()
    outside.host = host
    outside.inventory(
        {group: [host.name] for group in ("wasbc_signalling", "wasbc_media", "wasbc_redis")},
        {host.name: {"ansible_host": host.address["cluster"], "wasbc_meta_address": host.address["meta"],
                  "wasbc_pbx_address": host.address["pbx"], "wasbc_cluster_address": host.address["cluster"]}})
    yield outside
    outside.close()
    host.power_off()


def heard_both_ways(call, leg):
    wait_until(lambda: call.stats()["heard"]["audio_ms"] > 1000, 20, "WhatsApp hears a second", pause=0.1)
    wait_until(lambda: leg.media.heard().seconds > 1, 20, "the PBX hears a second", pause=0.1)
    assert abs(call.stats()["heard"]["hz"] - 1000) < 20
    assert abs(leg.media.heard().hz - 700) < 20


def test_a_bare_host_becomes_an_sbc(site):
    site.play("site.yml")
    assert site.host.run("systemctl is-active kamailio rtpengine-daemon wasbc-relay redis-server@wasbc nftables").split() \
        == ["active"] * 5
    shown = json.loads(site.host.run(f"wasbcctl --json number show {numbers.SDES.digits}"))
    assert shown["srtp"] == "SDES" and shown["has_password"] in (1, "1"), shown


def test_a_second_run_changes_nothing(site):
    assert site.changes("site.yml") == []


def test_a_rehearsal_changes_nothing(site):
    assert site.changes("site.yml", "--check", "--diff") == []


@pytest.mark.parametrize("number", [numbers.SDES, numbers.DTLS], ids=["sdes", "dtls"])
def test_calls_both_ways(site, number):
    for place in (site.call_in, site.call_out):
        call, leg = place(number)
        heard_both_ways(call, leg)
        leg.bye()
        call.wait_ended()
    assert site.metasim.violations() == []


def served(site):
    """The certificate that Meta gets to see."""
    return ssl.get_server_certificate((site.host.address["meta"], 5061))


def test_a_certificate_that_certbot_renews_is_served_without_a_call_lost(site):
    site.play("site.yml", "-e", "kamailio_certificate=acme")
    call, leg = site.call_in(numbers.SDES)
    site.certs.leaf("renewed", f"DNS:{SBC_HOSTNAME}")
    lineage = f"etc/letsencrypt/live/{SBC_HOSTNAME}"
    for name, made in (("fullchain", "renewed.crt"), ("privkey", "renewed.key")):
        site.host.write(f"{lineage}/{name}.pem", (site.certs.dir / made).read_text())
    hook = "/etc/letsencrypt/renewal-hooks/deploy/wasbc"
    site.host.run(f"RENEWED_LINEAGE=/etc/letsencrypt/live/another.example.com {hook}")
    before = served(site)
    assert before not in (site.certs.dir / "renewed.crt").read_text()
    site.host.run(f"RENEWED_LINEAGE=/{lineage} {hook}")
    wait_until(lambda: served(site) in (site.certs.dir / "renewed.crt").read_text(), 60, "the new certificate is served", pause=0.5)
    assert site.host.run("stat -c '%a %U %G' /etc/wasbc/tls/privkey.pem") == "640 root kamailio"
    heard_both_ways(call, leg)
    leg.bye()
    call.wait_ended()


def test_what_waits_for_a_restart_is_said_until_somebody_restarts_it(site):
    def waits():
        site.play("site.yml", "-e", "rtpengine_log_level=6")
        return "rtpengine-daemon goes on with its old settings" in (site.dir / "site.log").read_text()
    assert waits() and waits()
    site.host.run("systemctl restart rtpengine-daemon")
    assert not waits()


def test_only_what_is_needed_is_reachable(site):
    """From the PBX's network: SIP answers, Redis, ng and SSH do not."""
    import socket

    def open_port(net, port):
        with socket.socket() as sock:
            sock.settimeout(1)
            return sock.connect_ex((site.host.address[net], port)) == 0
    assert open_port("pbx", 5060) and open_port("meta", 5061) and open_port("cluster", 22)
    for net, port in (("pbx", 22), ("meta", 22), ("meta", 5060), ("pbx", 6379), ("cluster", 6379), ("cluster", 9464)):
        assert not open_port(net, port), f"{net}:{port} is open"


def test_secrets_are_for_root_and_kamailio_alone(site):
    said = site.host.run("stat -c '%a %U %G %n' /etc/wasbc/* /etc/redis/wasbc.conf")
    for line in said.splitlines():
        mode, _, group, name = line.split()
        assert mode[-1] == "0", line
        if name.endswith((".key", ".token", ".password")):
            assert mode == "600" and group == "root", line
    processes = site.host.run("cat /proc/[0-9]*/cmdline | tr '\\0' ' '")
    for secret in site.secrets_shown():
        assert secret not in processes


def test_a_host_that_is_off_and_on_again_takes_calls(site):
    site.host.power_off()
    site.host.boot()
    wait_until(lambda: site.host.run("wasbcctl status >/dev/null && echo yes", check=False) == "yes", 60,
               "the directory is there", pause=0.2)
    call, leg = site.call_in(numbers.SDES)
    heard_both_ways(call, leg)
    leg.bye()
    call.wait_ended()


def test_removed_and_purged(site):
    site.host.run("DEBIAN_FRONTEND=noninteractive apt-get -y purge wasbc wasbc-media", seconds=120)
    left = site.host.run("ls -d /etc/wasbc /var/lib/wasbc /usr/lib/wasbc /usr/share/wasbc /usr/bin/wasbcctl "
                         "/usr/bin/wasbc-relay /usr/lib/systemd/system/kamailio.service.d 2>/dev/null; true")
    assert left == ""
