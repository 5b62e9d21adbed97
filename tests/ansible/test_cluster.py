# SPDX-License-Identifier: GPL-2.0-or-later
"""Signalling and media apart: two active signalling hosts with one directory, two media hosts; hosts that come, go and die."""
import itertools
import json
import threading

import pytest

from lab import numbers, sip
from lab.addresses import SBC_HOSTNAME
from lab.errors import LabError
from lab.process import wait_until

from hosts import NETS, Host
from outside import CA, Outside

pytestmark = pytest.mark.timeout(3000)

SIGNALLING, MEDIA = ("sig1", "sig2"), ("media1", "media2")
# Redis and Sentinels are on hosts that stay.
STORE = {"wasbc_redis": ("sig1", "media1"), "wasbc_sentinel": ("sig1", "sig2", "media1")}
NUMBERS = (numbers.SDES, numbers.DTLS)


class Cluster:
    def __init__(self, networks):
        self.hosts = {name: Host(networks, name, "bookworm", 31 + i) for i, name in enumerate(SIGNALLING + MEDIA)}
        first = self.hosts["sig1"]
        self.outside = Outside(networks, first.address["meta"], first.address["pbx"], list(NUMBERS))
        self.names = {host.address[net]: name for name, host in self.hosts.items() for net in NETS}
        self.users = (f"1631557{n:04d}" for n in itertools.count())
        for host in self.hosts.values():
            host.write(CA[1:], self.outside.certs.ca.read_text())
            host.boot()

    def consists_of(self, *names):
        """Writes the inventory."""
        def of(group):
            return [name for name in group if name in names]
        self.outside.inventory(
            {"wasbc_signalling": of(SIGNALLING), "wasbc_media": of(MEDIA), **{g: of(h) for g, h in STORE.items()}},
            {name: {"ansible_host": host.address["cluster"],
                    **{f"wasbc_{net}_address": host.address[net] for net in NETS}}
             for name, host in self.hosts.items() if name in names})

    def through(self, name):
        """Meta and the PBX turn to that signalling host from now on."""
        host = self.hosts[name]
        self.outside.metasim.command("resolve", host=SBC_HOSTNAME, to=f"{host.address['meta']}:5061")
        self.outside.metasim.command("disconnect")
        self.outside.pbx.sbc = (host.address["pbx"], 5060)

    def call(self, way, number):
        """A call that both sides hear: Meta's side, the PBX's, and the names of the hosts of its media: rtpengine's and the relay's."""
        place = {"in": self.outside.call_in, "out": self.outside.call_out}[way]
        call, leg = place(number, next(self.users))
        hears(call, leg)
        return call, leg, self.media(call, leg, way)

    def call_at(self, way, number, media):
        """A call of which that host has both, rtpengine and the relay."""
        for _ in range(40):
            call, leg, at = self.call(way, number)
            if at == (media, media):
                return call, leg
            self.end(call, leg)
        raise AssertionError(f"none of 40 calls is {media}'s alone")

    def media(self, call, leg, way):
        toward_meta = call.received(lambda m: m.body and (m.method == "INVITE") == (way == "out"))[-1]
        return tuple(self.names[address] for address in (sip.Sdp(toward_meta.body).address, leg.remote_sdp.address))

    def end(self, call, leg):
        assert leg.bye(20).status == 200
        call.wait_ended()

    def ctl(self, name, *words):
        return json.loads(self.hosts[name].run("wasbcctl --json " + " ".join(words)))

    def left(self, name):
        """What rtpengine and the relay of a media host have of calls."""
        return int(self.hosts[name].run("/usr/local/sbin/wasbc-media-drain left"))


def hears(call, leg):
    """From now on another half second each way."""
    since = call.stats()["heard"]["audio_ms"]
    wait_until(lambda: call.stats()["heard"]["audio_ms"] > since + 500, 30, "WhatsApp hears the PBX", pause=0.1)
    had = len(leg.media.packets)
    wait_until(lambda: len(leg.media.packets) > had + 25, 30, "the PBX hears WhatsApp", pause=0.1)


class Traffic:
    """A PBX that places call after call while hosts come and go, and asks the other signalling host when one refuses or is silent."""

    def __init__(self, cluster):
        self.cluster, self.placed, self.failed = cluster, 0, []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.sbc = self.cluster.outside.pbx.sbc
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.over.set()
        self.thread.join()
        self.cluster.outside.pbx.sbc = self.sbc  # all that the PBX says goes there, answers too

    def _run(self):
        for order in itertools.cycle((SIGNALLING, SIGNALLING[::-1])):
            if self.over.wait(1):
                return
            try:
                leg = next((leg for leg in map(self._try, order) if leg), None)
                if leg is None:
                    self.failed.append("refused by both")
                    continue
                if leg.bye(30).status == 200:
                    self.placed += 1
                leg.media.close()
            except LabError as error:
                self.failed.append(str(error))

    def _try(self, name):
        outside = self.cluster.outside
        outside.pbx.sbc = (self.cluster.hosts[name].address["pbx"], 5060)
        return outside.try_out(next(self.cluster.users), patience=4)


@pytest.fixture(scope="module")
def cluster(networks):
    made = Cluster(networks)
    yield made
    made.outside.close()


@pytest.fixture
def up(cluster):
    """A call that is up all the while, by the first host of either kind; it is there at the end."""
    cluster.through("sig1")
    call, leg = cluster.call_at("in", numbers.SDES, "media1")
    yield call, leg
    hears(call, leg)
    cluster.outside.pbx.sbc = (cluster.hosts["sig1"].address["pbx"], 5060)
    cluster.end(call, leg)


def everywhere(cluster, number, media=MEDIA):
    """Calls each way, until every host of media has had one; rtpengine and the relay of a call are on one host."""
    seen = set()
    for way in itertools.islice(itertools.cycle(("in", "out")), 48):
        call, leg, at = cluster.call(way, number)
        cluster.end(call, leg)
        seen.add((way, at))
        if len(seen) == 2 * len(media):
            break
    assert seen == {(way, (name, name)) for way in ("in", "out") for name in media}


def comes_to(cluster, name):
    call, leg, at = cluster.call("out", numbers.SDES)
    cluster.end(call, leg)
    return at == (name, name)


def test_bare_hosts_become_a_cluster(cluster):
    cluster.consists_of("sig1", "sig2", "media1")
    cluster.outside.play("site.yml", seconds=2800)
    for name in SIGNALLING:
        cluster.through(name)
        everywhere(cluster, numbers.SDES, media=("media1",))


def test_G11_a_media_host_is_added_without_a_failed_call(cluster, up):
    with Traffic(cluster) as traffic:
        cluster.consists_of(*SIGNALLING, *MEDIA)
        cluster.outside.play("site.yml", seconds=2800)
        cluster.outside.play("upgrade.yml", "-l", "wasbc_signalling", "-e", "wasbc_drain_timeout=4", seconds=2800)
    assert traffic.failed == [] and traffic.placed > 5
    everywhere(cluster, numbers.SDES)


def test_a_second_run_changes_nothing(cluster):
    assert cluster.outside.changes("site.yml", seconds=2800) == []


@pytest.mark.parametrize("number", NUMBERS, ids=["sdes", "dtls"])
@pytest.mark.parametrize("name", SIGNALLING)
def test_calls_both_ways_by_each_host(cluster, name, number):
    cluster.through(name)
    everywhere(cluster, number)


def test_no_session_is_left(cluster):
    for name in MEDIA:
        wait_until(lambda n=name: cluster.left(n) == 0, 60, f"{name} has no call left", pause=0.5)


def test_G03_limits_count_calls_of_all_hosts(cluster):
    for name in SIGNALLING:
        assert '!SHARED_LIMITS!1!' in cluster.hosts[name].run("cat /etc/wasbc/site.cfg")
        wait_until(lambda n=name: cluster.ctl(n, "status")["limits_count"] == "all nodes", 30, "the nodes hear each other", pause=0.2)
        cluster.hosts[name].run("wasbcctl knob set wasbc.number_calls 1")
    cluster.through("sig1")
    call, leg, _ = cluster.call("out", numbers.SDES)
    cluster.outside.pbx.sbc = (cluster.hosts["sig2"].address["pbx"], 5060)
    second = cluster.outside.pbx.call(next(cluster.users), numbers.SDES.digits)
    assert second.wait_final(30).status == 486
    cluster.outside.pbx.sbc = (cluster.hosts["sig1"].address["pbx"], 5060)
    cluster.end(call, leg)
    for name in SIGNALLING:
        cluster.hosts[name].run("wasbcctl knob set wasbc.number_calls 1000")


def test_G11_new_calls_go_to_the_media_host_that_is_left(cluster):
    gone = cluster.hosts["media2"]
    cluster.through("sig1")
    lost, silent = cluster.call_at("in", numbers.SDES, "media2")
    gone.power_off()
    for name in SIGNALLING:
        cluster.through(name)
        for number in NUMBERS:
            everywhere(cluster, number, media=("media1",))
    # what ran there is over: Meta hangs up when it has heard nothing for 30 s
    silent.reply(200, to=silent.expect("BYE", 90))
    lost.wait_ended(60)
    gone.boot()
    cluster.through("sig1")
    wait_until(lambda: gone.run("systemctl is-active wasbc-relay rtpengine-daemon", check=False).split() == ["active"] * 2,
               60, "media runs again", pause=0.5)
    # one that was silent is asked again by a call, after a second at the earliest
    wait_until(lambda: comes_to(cluster, "media2"), 60, "it gets calls again", pause=0.5)
    everywhere(cluster, numbers.SDES)


def test_G09_a_media_host_is_drained_and_removed_without_a_failed_call(cluster, up):
    cluster.through("sig2")
    call, leg = cluster.call_at("out", numbers.DTLS, "media2")
    with Traffic(cluster) as traffic:
        cluster.outside.play("drain.yml", "-l", "media2", "-e", "wasbc_drain_timeout=2")
        placed = traffic.placed
        wait_until(lambda: traffic.placed > placed + 4, 60, "calls while one host is drained", pause=0.2)
        assert cluster.left("media2") == 2, "its rtpengine and its relay have the call that runs, and no other"
    hears(call, leg)
    cluster.through("sig2")
    cluster.end(call, leg)
    assert cluster.outside.play("drain.yml", "-l", "media2")["media2"]["failed"] == 0  # ends when the last call has
    assert cluster.left("media2") == 0
    with Traffic(cluster) as traffic:
        cluster.consists_of(*SIGNALLING, "media1")
        cluster.outside.play("site.yml", seconds=2800)
        cluster.outside.play("upgrade.yml", "-l", "wasbc_signalling", "-e", "wasbc_drain_timeout=4", seconds=2800)
    assert traffic.failed == [] and traffic.placed > 5
    cluster.hosts["media2"].power_off()
    cluster.through("sig2")
    everywhere(cluster, numbers.DTLS, media=("media1",))


def test_G09_a_signalling_host_is_removed_and_added_without_a_failed_call(cluster, up):
    """A call that it began is ended by the other one."""
    cluster.through("sig2")
    call, leg, _ = cluster.call("out", numbers.SDES)
    with Traffic(cluster) as traffic:
        cluster.outside.play("drain.yml", "-l", "sig2", "-e", "wasbc_drain_timeout=2")
        cluster.consists_of("sig1", "media1")
        cluster.outside.play("site.yml", seconds=2800)
        cluster.hosts["sig2"].run("systemctl disable --now kamailio")
    cluster.through("sig1")
    hears(call, leg)
    call.hangup()
    leg.reply(200, to=leg.expect("BYE", 20))
    call.wait_ended()
    assert traffic.failed == []
    with Traffic(cluster) as traffic:
        cluster.consists_of(*SIGNALLING, "media1")
        cluster.outside.play("site.yml", seconds=2800)
    assert traffic.failed == []
    cluster.through("sig2")
    everywhere(cluster, numbers.SDES, media=("media1",))
