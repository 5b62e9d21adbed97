# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands around the hosts: Meta and a PBX on this machine, and the inventory that leads to the hosts.

It looks to the parts of tools/lab as a lab does: addresses, files, certificates.
"""
import base64
import os
import socket
import subprocess
from pathlib import Path
from types import SimpleNamespace

import yaml

from lab import metasim, numbers
from lab.addresses import META_HOSTNAME, SBC_HOSTNAME
from lab.certs import Certs
from lab.errors import LabError
from lab.pbx_wire import WirePbx
from lab.rundir import BUILD, ROOT

from hosts import NETS, OUTSIDE

CA = "/usr/local/share/wasbc-test-ca.pem"


class Outside:
    """meta, pbx: the address that the SBC shows to either side."""

    app_id = numbers.APP
    number = numbers.SDES.digits

    def __init__(self, nets, meta, pbx, listed):
        self.dir = nets.dir / f"outside-{meta}"
        self.dir.mkdir()
        self.nets = nets
        self.kept = {}  # secrets, by name
        self.guard = socket.socket()  # what the lab's daemons inherit to hold an index
        at_meta, at_pbx = (f"{NETS[n]}.{OUTSIDE}" for n in ("meta", "pbx"))
        self.addresses = SimpleNamespace(
            guard=self.guard, meta=at_meta, pbx=at_pbx, sip=(meta, 5061), sip_pbx=(pbx, 5060),
            metasim_sip=(at_meta, 15061), graph=(at_meta, 15443), pbx_sip=(at_pbx, 5060))
        self.certs = Certs(self.dir / "certs")
        self.certs.leaf("sbc", f"DNS:{SBC_HOSTNAME}")
        self.certs.leaf("meta", f"DNS:{META_HOSTNAME}")
        self.certs.leaf("graph", f"IP:{at_meta}")
        self.metasim = metasim.Metasim(self, listed, None)
        self.metasim.wait_ready()
        self.pbx = WirePbx(self)

    def close(self):
        self.pbx.stop()
        self.metasim.stop()
        self.guard.close()

    # the inventory

    def variables(self):
        """Those of a site whose Meta is the simulator."""
        hop = f"{self.addresses.metasim_sip[0]}:{self.addresses.metasim_sip[1]}"
        return {
            "ansible_user": "root", "ansible_ssh_private_key_file": str(self.nets.key),
            "ansible_ssh_common_args": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
            "common_packages_dir": os.environ.get("WASBC_DEBS", str(BUILD / "deb")),
            "common_apt_cache_valid": 10 ** 8, "common_management_networks": [f"{NETS['cluster']}.0/24"],
            "wasbc_hostname": SBC_HOSTNAME, "wasbc_graph_app_id": numbers.APP, "wasbc_meta_ca": CA,
            "wasbc_pbx_networks": [f"{NETS['pbx']}.0/24"],
            "wasbc_site": {"META_SOURCES": f"{self.addresses.meta}/32", "META_NEXT_HOP": f"sip:{hop};transport=tls",
                           "META_NAME": META_HOSTNAME, "GRAPH_CA_FILE": CA, "MEDIA_LOOK": 1000, "WORKERS": 2,
                           "GRAPH_URL": "https://{}:{}".format(*self.addresses.graph)},
            "wasbc_trunks": {"pbx": {"gateways": "sip:{}:{};transport=udp".format(*self.addresses.pbx_sip),
                                     "codecs": "PCMU,PCMA", "options": "0"}},
            "wasbc_wanted": {"defaults": {"waba_id": numbers.WABA, "app_id": numbers.APP, "trunk": "pbx",
                                          "calling": "ENABLED", "sip": "ENABLED", "hostname": SBC_HOSTNAME},
                             "numbers": [{"number": f"+{n.digits}", "phone_number_id": n.id, "srtp": n.srtp or "DTLS"}
                                         for n in (numbers.DTLS, numbers.SDES)]},
            "kamailio_certificate_chain": str(self.certs.dir / "sbc.crt")}

    def secrets(self):
        return {"kamailio_seal_key": "t1 " + base64.b64encode(os.urandom(32)).decode(),
                "kamailio_graph_token": numbers.TOKEN,
                "kamailio_certificate_key": (self.certs.dir / "sbc.key").read_text(),
                "redis_password": os.urandom(16).hex(), "redis_wasbc_password": os.urandom(16).hex()}

    def inventory(self, groups, hosts, **changed):
        """groups: {group: [host names]}; hosts: {name: variables}. Secrets are in a vault, as a site has them; written
        again with other hosts, they stay."""
        folder = self.dir / "inventory"
        every = folder / "group_vars/all"
        every.mkdir(parents=True, exist_ok=True)
        (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts, "children": {
            group: {"hosts": {name: {} for name in names}} for group, names in groups.items()}}}))
        (every / "main.yml").write_text(yaml.safe_dump({**self.variables(), **changed}))
        if not self.kept:
            self.folder = folder
            (folder / "vault.password").write_text(os.urandom(8).hex())
            self.keep(**self.secrets())

    def keep(self, **secrets):
        """Puts secrets into the vault, beside those that it has or in their place."""
        self.kept.update(secrets)
        vault = self.folder / "group_vars/all/vault.yml"
        vault.write_text(yaml.safe_dump(self.kept))
        subprocess.run(["ansible-vault", "encrypt", "--vault-password-file", self.folder / "vault.password", vault], check=True,
                       capture_output=True)

    def play(self, book, *options, seconds=1500):
        """Runs a playbook; returns {host: {"ok": n, "changed": n, ...}} of its recap."""
        log = self.dir / f"{Path(book).stem}.log"
        with open(log, "wb") as out:
            done = subprocess.run(
                ["ansible-playbook", "-i", self.folder / "hosts.yml", "--vault-password-file",
                 self.folder / "vault.password", book, *options], cwd=ROOT / "ansible", stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, timeout=seconds, check=False,
                env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible/ansible.cfg"), "ANSIBLE_NOCOLOR": "1"})
        text = log.read_text("utf-8", "replace")
        if done.returncode:
            raise LabError(f"ansible-playbook {book}: exit {done.returncode}\n{text[-4000:]}")
        for secret in self.secrets_shown():
            if secret in text:
                raise LabError(f"ansible-playbook {book} has shown a secret")
        recap = text[text.rindex("PLAY RECAP"):].splitlines()[1:]
        return {line.split(":")[0].strip(): {k: int(v) for k, _, v in (w.partition("=") for w in line.split(":", 1)[1].split())}
                for line in recap if "=" in line}

    def changes(self, book, *options, seconds=1500):
        """Names of the tasks that have changed something."""
        recap = self.play(book, *options, seconds=seconds)
        task, changed = "", []
        for line in (self.dir / f"{Path(book).stem}.log").read_text("utf-8", "replace").splitlines():
            if line.startswith(("TASK [", "RUNNING HANDLER [")):
                task = line[line.index("[") + 1:line.rindex("]")]
            elif line.startswith("changed:"):
                changed.append(f"{line[9:].strip()} {task}")
        assert sum(host["changed"] for host in recap.values()) == len(changed) or changed, recap
        return changed

    def secrets_shown(self):
        for value in self.kept.values():
            # a line of a key as well as the whole
            yield from (line for line in value.splitlines() if len(line) > 15 and "-----" not in line)

    # calls

    def call_in(self, number=numbers.SDES, user=numbers.USER):
        """A WhatsApp user rings; answered, with a tone each way. Returns Meta's side and the PBX's."""
        call = self.metasim.ring(number, user, media={"tone_hz": 700})
        leg = self.pbx.incoming(15)
        leg.answer(hz=1000)
        call.wait_answered()
        return call, leg

    def try_out(self, user, number=numbers.SDES, patience=0.5):
        """The business rings, as a caller does who tries again when nobody says anything (for so many seconds). The leg of a call that was
        answered, or None: nobody there, or refused."""
        mark = self.metasim.events.mark()
        self.metasim.policy(user, media={"tone_hz": 700})
        leg = self.pbx.call(user, number.digits)
        try:
            self.pbx.wait(lambda m: m.is_reply and m.call_id == leg.call_id, "any reply", patience)
        except LabError:
            return None
        if leg.wait_final(30).status != 200:
            return None
        self.metasim.rung(user, 1, mark)
        return leg

    def call_out(self, number=numbers.SDES, user="16315552222", seconds=15):
        """The business rings; answered by the user at once. seconds: for each step."""
        mark = self.metasim.events.mark()
        self.metasim.policy(user, media={"tone_hz": 700})
        leg = self.pbx.call(user, number.digits)
        call = self.metasim.rung(user, seconds, mark)
        call.wait_answered(seconds)
        assert leg.wait_final(seconds).status == 200
        leg.play(1000)
        return call, leg
