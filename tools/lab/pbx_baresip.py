# SPDX-License-Identifier: GPL-2.0-or-later
"""A PBX with real audio: baresip as Debian has it.

It answers what comes in, plays a tone, and records what it hears. Driven over
its JSON control connection (ctrl_tcp), so that nothing has to be guessed from
its output; the SIP trace it prints feeds the ladder.
"""
import itertools
import json
import os
import re
import socket
import subprocess
import threading

from . import audio, sip
from .addresses import hostport
from .errors import LabError
from .events import Events
from .process import Daemon, program, wait_until

CODECS = {"OPUS": "opus/48000/2", "G722": "g722/16000/1", "PCMU": "pcmu", "PCMA": "pcma"}
TRACE = re.compile(r"(?:\x1b\[[\d;]*m)*(UDP|TCP|TLS) (\S+) -> (\S+)$")


def _unregistered():
    """The account parameters that keep it from registering. From 1.1 on, an account
    without registration answers only for addresses of interfaces, and loopback has
    one only; a spare account (prio) would register when another fails."""
    said = subprocess.run([program("baresip"), "-h"], capture_output=True, text=True, timeout=10, check=False)
    version = re.search(r"baresip v(\d+)\.(\d+)", said.stdout + said.stderr)
    return "regint=0" if version and (int(version[1]), int(version[2])) < (1, 1) else "regint=3600;prio=1"


class BaresipPbx:
    """hz: the tone it plays; None makes it silent, without one RTP packet.
    number: the business number it calls from."""

    modules = "opus g722 g711 sndfile ausine aubridge".split()

    def __init__(self, lab, codecs=("PCMU", "PCMA"), hz=700, name="pbx", transport="udp", address=None,
                 number=None):
        self.lab, self.name, self.hz = lab, name, hz
        self.number = number or lab.number
        self.address = address or lab.addresses.pbx_sip
        self.events = Events(name)
        self.trace = Events(f"{name} trace")   # (time, sent by us, Message)
        self._message = None
        self.dir = lab.dir / name
        self._configure([CODECS[c] for c in codecs], transport)
        self.daemon = Daemon(lab, f"{name}-daemon", ["stdbuf", "-oL", "baresip", "-4", "-s", "-f", self.dir],
                             on_line=self._on_line, orphan="KILL")
        self.control = None
        self.tokens = itertools.count(1)
        self.users_uri = f"sip:+{{user}}@{hostport(lab.addresses.sip_pbx)}"

    def _configure(self, codecs, transport):
        (self.dir / "heard").mkdir(parents=True)
        settings = [*self.settings(), ("module_path", "/usr/lib/baresip/modules"),
                    *(("module", f"{m}.so") for m in self.modules),
                    ("module_tmp", "uuid.so"), ("module_tmp", "account.so"),
                    ("module_app", "menu.so"), ("module_app", "ctrl_tcp.so")]
        (self.dir / "config").write_text("".join(f"{k}\t{v}\n" for k, v in settings))
        (self.dir / "contacts").write_text("")
        with open(os.open(self.dir / "accounts", os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as out:
            out.write(f"{self.account(transport)};{_unregistered()};answermode=auto;"
                      f"audio_codecs={','.join(codecs)};audio_source={self.source()};ptime=20\n")

    def source(self):
        return f"ausine,{self.hz}" if self.hz else "aubridge,nothing"

    def settings(self):
        """What stands in its configuration beside modules: [(name, value)]."""
        host, port = self.address
        self.control_port = port + 10  # baresip takes port + 1 for TLS
        return [
            # its RTP sockets are bound to no address, so loopback packets leave from
            # 127.0.0.1: that is what its SDP has to name
            ("sip_listen", hostport(self.address)), ("net_interface", "127.0.0.1"),
            ("call_local_timeout", 120), ("call_max_calls", 50),
            ("audio_source", self.source()), ("audio_player", "aubridge,sink"), ("audio_alert", "aubridge,alert"),
            ("ausrc_srate", 48000), ("auplay_srate", 48000), ("ausrc_channels", 2), ("auplay_channels", 2),
            ("rtcp_mux", "no"), ("jitter_buffer_delay", "1-20"), ("rtp_ports", "20000-29999"),
            ("opus_bitrate", 64000), ("ringback_disabled", "yes"), ("menu_bell", "no"), ("statmode_default", "off"),
            ("ctrl_tcp_listen", f"{host}:{self.control_port}"), ("snd_path", self.dir / "heard")]

    def account(self, transport):
        """Its address, and whatever parameters a kind of it has."""
        return f"<sip:+{self.number}@{hostport(self.lab.addresses.sip_pbx)};transport={transport}>"

    def wait_ready(self):
        self.control = wait_until(self._connect, 30, f"{self.name} (baresip) takes commands", self.daemon)
        threading.Thread(target=self._read_control, daemon=True).start()

    def _connect(self):
        try:
            return socket.create_connection((self.address[0], self.control_port), 2)
        except OSError:
            return None

    def _read_control(self):
        self.control.settimeout(None)
        stream = self.control.makefile("rb")
        try:
            while True:
                size = b""
                while (char := stream.read(1)) not in (b":", b""):
                    size += char
                if not size:
                    break
                self.events.add(json.loads(stream.read(int(size))))
                stream.read(1)  # the comma that ends a netstring
        except (OSError, ValueError) as err:
            self.events.end(f"control connection lost: {err}")
            return
        self.events.end("control connection closed")

    def _on_line(self, line, at):
        """Puts the messages of the SIP trace together again."""
        with open(self.dir / "trace.log", "a", encoding="utf-8") as log:
            log.write(line + "\n")
        found = TRACE.match(line)
        if found:
            self._message = (at, found.group(2) == hostport(self.address), [])
        elif self._message and "\x1b[;m" in line:
            started, sent, lines = self._message
            lines.append(line.split("\x1b")[0])
            self._message = None
            self.trace.add((started, sent, sip.Message("\r\n".join(l.rstrip("\r") for l in lines))))
        elif self._message:
            self._message[2].append(line)

    def command(self, name, params=None):
        token = str(next(self.tokens))
        frame = json.dumps({"command": name, "token": token, **({"params": params} if params else {})}).encode()
        self.control.sendall(b"%d:%s," % (len(frame), frame))
        answer = self.events.wait(lambda e: e.get("token") == token, 20, f"an answer to {name}")
        if not answer["ok"]:
            raise LabError(f"{self.name}: {name} {params or ''}: {answer['data']}")
        return answer["data"]

    def dial(self, user):
        """Calls a WhatsApp user through the SBC."""
        self.command("dial", self.users_uri.format(user=user))

    def hangup(self):
        self.command("hangup")

    def wait_event(self, kind, seconds=10, mark=0):
        return self.events.wait(lambda e: e.get("type") == kind, seconds, kind, mark)

    def wait_sip(self, match, what, seconds=10, mark=0):
        """(time, sent, Message) of the first traced message with match(sent, message)."""
        return self.trace.wait(lambda t: match(t[1], t[2]), seconds, what, mark)

    def recordings(self):
        return sorted((self.dir / "heard").glob("*-dec.wav"), key=lambda p: p.stat().st_mtime_ns)

    def heard(self):
        """The tone in the newest recording; complete once the call has ended."""
        files = self.recordings()
        return audio.measure(audio.read(files[-1])) if files else audio.measure([])

    def stop(self):
        self.daemon.stop(2)  # in a call it would wait for an answer to its BYE
        if self.control:
            self.control.close()
