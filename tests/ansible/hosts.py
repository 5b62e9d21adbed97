# SPDX-License-Identifier: GPL-2.0-or-later
"""Booted Debian hosts with addresses of their own, and the networks between them.

    nets = Networks()
    host = Host(nets, "sbc1", "bookworm", 11)
    host.boot(); host.run("systemctl is-system-running --wait")
    host.power_off(); host.boot()

A host is a container of systemd-nspawn over an overlay: the root that `root` has made stays as it is. It has an interface
in each of three networks: meta0, pbx0, cluster0. This machine is .254 in each of them and plays Meta and the PBX.

Each run has a number of its own, and by it networks and names on this machine: several runs do not meet.
"""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from lab.errors import LabError
from lab.process import wait_until

HERE = Path(__file__).resolve().parent


def _claim():
    """The lowest number that no other run has, and the socket that holds it as long as this process lives."""
    for run in range(1, 50):
        guard = socket.socket()
        try:
            guard.bind(("127.77.0.1", 20400 + run))
            return run, guard
        except OSError:
            guard.close()
    raise LabError("49 runs of hosts are there, or something else has their ports (127.77.0.1:20401 and up)")


RUN, _GUARD = _claim()
# Networks that no machine's routing knows.
NETS = {"meta": f"10.{201 + RUN}.1", "pbx": f"10.{201 + RUN}.2", "cluster": f"10.{201 + RUN}.3"}
OUTSIDE = 254


def bridge(net):
    return f"wasbc{RUN}-{net}"


def ip(*words, check=True):
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise LabError(f"ip {' '.join(words)}: {done.stderr.strip()}")


class Networks:
    """A bridge for each network, with an address of this machine."""

    def __init__(self):
        self.dir = Path(tempfile.mkdtemp(prefix="wasbc-hosts-", dir=os.environ.get("WASBC_ROOTS")))
        self.hosts = []
        for name, net in NETS.items():
            ip("link", "del", bridge(name), check=False)  # of a run that was killed
            ip("link", "add", bridge(name), "type", "bridge", "forward_delay", "0")
            ip("addr", "add", f"{net}.{OUTSIDE}/24", "dev", bridge(name))
            ip("link", "set", bridge(name), "up")
        self.key = self.dir / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)

    def close(self):
        for host in self.hosts:
            host.remove()
        for name in NETS:
            ip("link", "del", bridge(name), check=False)
        shutil.rmtree(self.dir)


class Host:
    """name: at most nine letters; number: the last part of its addresses."""

    def __init__(self, nets, name, suite, number):
        self.nets, self.name, self.suite, self.number = nets, name, suite, number
        self.address = {net: f"{first}.{number}" for net, first in NETS.items()}
        self.dir = nets.dir / name
        self.root = self.dir / "root"
        self.nspawn = None
        base = subprocess.run([HERE / "root", suite], capture_output=True, text=True, check=False)
        if base.returncode:
            raise LabError(base.stderr.strip())
        for folder in ("root", "upper", "work"):
            (self.dir / folder).mkdir(parents=True)
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                        f"lowerdir={base.stdout.strip()},upperdir={self.dir}/upper,workdir={self.dir}/work",
                        self.root], check=True)
        nets.hosts.append(self)
        self._furnish()

    def _furnish(self):
        """Name, addresses, and who may come in."""
        self.write("etc/hostname", self.name + "\n")
        for net, address in self.address.items():
            self.write(f"etc/systemd/network/{net}.network",
                       f"[Match]\nName={net}0\n[Network]\nAddress={address}/24\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n")
        # nothing here has to survive a power cut of this machine
        self.write("etc/dpkg/dpkg.cfg.d/wasbc-test", "force-unsafe-io\n")
        ssh = self.root / "root/.ssh"
        ssh.mkdir(mode=0o700, exist_ok=True)
        shutil.copy(f"{self.nets.key}.pub", ssh / "authorized_keys")
        subprocess.run(["ssh-keygen", "-q", "-A", "-f", self.root], check=True)
        subprocess.run(["systemctl", f"--root={self.root}", "-q", "enable", "systemd-networkd"], check=True)
        # nobody waits here for a network that comes late
        subprocess.run(["systemctl", f"--root={self.root}", "-q", "mask", "systemd-networkd-wait-online.service"], check=True)

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def _link(self, net):
        return f"w{RUN}{self.name}-{net[0]}"

    def boot(self):
        extra = [f"--network-veth-extra={self._link(net)}:{net}0" for net in NETS]
        with open(self.dir / "console.log", "ab") as log:
            self.nspawn = subprocess.Popen(
                ["systemd-nspawn", "-q", "--register=no", "--keep-unit", "--console=pipe",
                 f"--machine=wasbc{RUN}-{self.name}", f"--hostname={self.name}",
                 # power_off() ends processes, not this machine, which has what they have written
                 "--suppress-sync=yes", "--kill-signal=SIGRTMIN+3", "--timezone=off", *extra, "-D", self.root, "-b"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, preexec_fn=self._enter_cgroups,
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"})
        wait_until(self._attach, 20, f"{self.name} has its interfaces")
        wait_until(lambda: self.run("systemctl is-system-running", check=False) in ("running", "degraded"), 60,
                   f"{self.name} has booted", pause=0.2)

    def _cgroups(self):
        return [tree / f"wasbc{RUN}-{self.name}" for tree in (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup/systemd"),
                                                         Path("/sys/fs/cgroup")) if (tree / "cgroup.procs").exists()]

    def _enter_cgroups(self):
        """Of its own: hosts that share one would end each other's services."""
        for group in self._cgroups():
            group.mkdir(exist_ok=True)
            (group / "cgroup.procs").write_text(str(os.getpid()))

    def _attach(self):
        try:
            for net in NETS:
                ip("link", "set", self._link(net), "master", bridge(net), "up")
        except LabError:
            if self.nspawn.poll() is not None:
                raise LabError(f"{self.name} does not boot: {(self.dir / 'console.log').read_text()[-500:]}") from None
            return False
        return True

    def leader(self):
        """Process id of its init, here."""
        if self.nspawn is None:
            return None
        with open(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children", encoding="ascii") as children:
            pids = children.read().split()
        return int(pids[0]) if pids else None

    def run(self, command, check=True, seconds=60):
        """A shell command in it; returns what it wrote."""
        leader = self.leader()
        if leader is None:
            if check:
                raise LabError(f"{self.name} is off")
            return ""
        done = subprocess.run(["nsenter", "-t", str(leader), "-a", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                               "HOME=/root", "sh", "-c", command], capture_output=True, text=True, timeout=seconds,
                              stdin=subprocess.DEVNULL, check=False)
        if check and done.returncode:
            raise LabError(f"{self.name}: {command}: exit {done.returncode}: {(done.stderr or done.stdout).strip()[-2000:]}")
        return done.stdout.strip()

    def cut(self, net):
        ip("link", "set", self._link(net), "down")

    def mend(self, net):
        ip("link", "set", self._link(net), "up")

    def power_off(self):
        """As if somebody had pulled the plug: no process gets to do anything any more."""
        leader = self.leader()
        if leader:
            os.kill(leader, signal.SIGKILL)
        self.nspawn.wait(20)
        self.nspawn = None
        # their other ends go with the container; later than that
        for net in NETS:
            ip("link", "del", self._link(net), check=False)

    def remove(self):
        if self.nspawn:
            self.power_off()
        subprocess.run(["umount", self.root], check=False)
        for group in self._cgroups():
            for folder in sorted(group.glob("**/"), reverse=True):
                folder.rmdir()
