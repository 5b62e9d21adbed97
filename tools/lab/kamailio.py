# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's Kamailio: the product's own configuration with a site file for this lab."""
import itertools
import json
import os
import re
import socket
import ssl

from .addresses import META_HOSTNAME, SBC_HOSTNAME, hostport
from .errors import LabError
from .process import Daemon, wait_until
from .rundir import BUILD, ROOT, built

MODULES = "wa_numbers wa_auth wa_trunk wa_settings wa_media wa_tls wa_topo wa_calls wa_door wa_trace wa_page".split()


class RpcError(LabError):
    """A fault of the RPC: .code and .text."""

    def __init__(self, method, code, text):
        super().__init__(f"{method}: {code} {text}")
        self.code, self.text = code, text


class Kamailio:
    """site: values that differ from the usual lab's, by name as in site.cfg."""

    env = {}  # further variables of its environment

    def __init__(self, lab, site=None):
        self.lab, self.dir = lab, lab.dir
        for module in MODULES:
            built(f"modules/{module}.so", "build")
        self.site = {**self._site(), **(site or {})}
        self.dialogs = itertools.count(1)
        self.write_site()
        self.start()

    def _site(self):
        at = self.lab.addresses
        return {
            "SBC_HOSTNAME": SBC_HOSTNAME,
            "META_LISTEN": hostport(at.sip), "META_PORT": at.sip[1],
            "PBX_LISTEN_UDP": hostport(at.sip_pbx), "PBX_LISTEN_TCP": hostport(at.sip_pbx),
            "PBX_LISTEN_TLS": hostport(at.sip_pbx_tls),
            "META_NEXT_HOP": f"sip:{hostport(at.metasim_sip)};transport=tls",
            "META_NAME": META_HOSTNAME, "META_SOURCES": f"{at.meta}/32", "PBX_SOURCES": f"{at.pbx}/32",
            "RTPENGINE_SOCK": f"udp:{hostport(at.rtpengine_ng)}",
            "RUN_DIR": self.dir, "WASBC_MODULES": BUILD / "modules", "TLS_CONFIG": self.dir / "tls.cfg",
            "REDIS_URL": f"redis://{hostport(at.redis)}/0", "SEAL_KEY_FILE": self.dir / "seal.key",
            "GRAPH_URL": f"https://{hostport(at.graph)}", "GRAPH_VERSION": "v25.0",
            "GRAPH_TOKEN_FILE": self.dir / "graph.token", "GRAPH_CA_FILE": self.lab.certs.ca,
            "GRAPH_APP_ID": self.lab.app_id, "GRAPH_APPS_FILE": self.dir / "apps",
            "SYNC_INTERVAL": 7200, "DEFAULT_TRUNK": "pbx", "WORKERS": 4,
            "CDR_FILE": self.dir / "calls.jsonl", "CALLS_JOURNAL": self.dir / "calls.journal", "CDR_REDIS": 1,
            "MEDIA_LOOK": 1000, "MEDIA_PATIENCE": 1000, "METRICS_LISTEN": hostport(at.metrics), "METRICS_CERTIFICATE": self.lab.certs.dir / "sbc.crt",
            "PAGE_LISTEN": hostport(at.page), "PAGE_FILE": ROOT / "tools/page/index.html",
            "RELAY_SOCK": f"udp:{hostport(at.relay_control)}"}

    def write_site(self):
        certs = self.lab.certs
        (self.dir / "site.cfg").write_text(
            "".join(f'#!substdef "!{name}!{value}!g"\n' for name, value in self.site.items()))
        # the profiles that a site copies, with the lab's files
        profiles = (ROOT / "cfg/tls.cfg.example").read_text("utf-8")
        for name, value in {"certificate": certs.dir / "sbc.crt", "private_key": certs.dir / "sbc.key",
                            "ca_list": certs.ca, "server_name": self.site["META_NAME"]}.items():
            profiles = re.sub(rf"^{name} = .*", f"{name} = {value}", profiles, flags=re.M)
        (self.dir / "tls.cfg").write_text(profiles)

    def start(self):
        self.daemon = Daemon(self.lab, "kamailio", [
            "kamailio", "-f", ROOT / "cfg/kamailio.cfg", f"--substdef=!WASBC_SITE!{self.dir}/site.cfg!g",
            "-DD", "-E", "-x", "fm", "--atexit=no", "-m", "256", "-M", "16",
            "-Y", self.dir, "-P", self.dir / "kamailio.pid"], env=self.env)

    def restart(self, **site):
        """Ended in order and started again, with these values of site.cfg."""
        self.daemon.stop()
        self.site.update(site)
        self.write_site()
        self.start()
        self.wait_ready()

    def crash(self):
        """Ends every process of it at once: none gets to do anything any more."""
        self.daemon.kill()
        self.daemon.stop()

    def crash_and_restart(self):
        self.crash()
        self.start()
        self.wait_ready()

    def wait_ready(self):
        at = self.lab.addresses
        wait_until(lambda: self._options_udp(at.sip_pbx), 40, "Kamailio answers OPTIONS by UDP", self.daemon)
        wait_until(lambda: self._options_tls(at.sip), 40, "Kamailio answers OPTIONS by TLS", self.daemon)

    def wait_loaded(self):
        """Ready, and with its numbers: it takes new calls."""
        self.wait_ready()
        wait_until(lambda: self.rpc("wa_numbers.status")["ready"] == 1, 40, "Kamailio has loaded its numbers", self.daemon)

    def _options(self, transport, source, target):
        dialog = next(self.dialogs)
        return (f"OPTIONS sip:{hostport(target)} SIP/2.0\r\n"
                f"Via: SIP/2.0/{transport} {hostport(source)};rport;branch=z9hG4bKready{dialog}\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:lab@{source[0]}>;tag=r{dialog}\r\n"
                f"To: <sip:{hostport(target)}>\r\nCall-ID: ready-{os.getpid()}-{dialog}\r\n"
                f"CSeq: 1 OPTIONS\r\nContact: <sip:lab@{hostport(source)}>\r\n"
                "Content-Length: 0\r\n\r\n").encode()

    def _options_udp(self, target):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((self.lab.addresses.pbx, 0))
            sock.settimeout(0.3)
            try:
                sock.sendto(self._options("UDP", sock.getsockname(), target), target)
                return sock.recv(65536).startswith(b"SIP/2.0 200")
            except OSError:
                return False

    def _options_tls(self, target):
        context = ssl.create_default_context(cafile=self.lab.certs.ca)
        try:
            with socket.create_connection(target, 2, source_address=(self.lab.addresses.meta, 0)) as plain, \
                    context.wrap_socket(plain, server_hostname=SBC_HOSTNAME) as sock:
                sock.settimeout(1)
                sock.sendall(self._options("TLS", sock.getsockname(), target))
                return sock.recv(65536).startswith(b"SIP/2.0 200")
        except OSError:
            return False

    def rpc(self, method, *params, seconds=20):
        """One JSON-RPC call; returns its result, raises RpcError on a fault."""
        local = self.dir / f"rpc-{os.getpid()}-{next(self.dialogs)}.sock"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.bind(str(local))
            try:
                sock.settimeout(seconds)
                sock.sendto(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method,
                                        "params": list(params)}).encode(), str(self.dir / "kamailio_rpc.sock"))
                answer = json.loads(sock.recv(1 << 20))
            except OSError as err:
                raise LabError(f"{method}: no answer from Kamailio: {err}\n{self.daemon.waits()}") from None
            finally:
                local.unlink()
        if "error" in answer:
            raise RpcError(method, answer["error"].get("code"), answer["error"].get("message"))
        return answer.get("result")

    def kill(self):
        self.daemon.kill()

    def stop(self):
        self.daemon.stop()
