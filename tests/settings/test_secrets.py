# SPDX-License-Identifier: GPL-2.0-or-later
"""What opens an account is nowhere to be read but in memory."""
import hashlib
import json
import re
import socket
import threading
from pathlib import Path

from calls import business_calls, user_calls
from lab import numbers, process
from lab.addresses import META_HOSTNAME, SBC_HOSTNAME
from lab.kamailio import RpcError
from lab.meta_wire import WireMeta
from lab.pbx_wire import WirePbx

PASSWORD = "opens-an-account-0123456789"
READING = re.compile(r"\.(list|show|status|stats?|keys|info|options|arg|ps[ax]?|modules|flags|version|diff|fetchn?"
                     r"|ppdefines(_full)?|mem_statsx?|shm_summary|report|runinfo|tcp_list)$")


def test_G06_secrets_are_sealed_at_rest_and_absent_from_logs_rpc_and_process_lists(own_lab, watch):
    lab = own_lab()
    lab.provision()
    lab.rpc("cfg.set_now_int", "core", "debug", 3)
    monitor = Monitor(lab)
    lab.set_password(numbers.SDES, PASSWORD)
    pbx = watch.pbx(WirePbx(lab))
    wire = WireMeta(lab)
    try:
        call, leg = user_calls(lab, pbx, numbers.SDES, "16315000001")
        leg.bye()
        call.wait_ended()
        call, leg = business_calls(lab, pbx, numbers.SDES, "16315000002")
        leg.bye()
        call.wait_ended()
        # a wrong answer is logged, with its reason
        dialog = wire.dialog(numbers.SDES.digits, numbers.USER)
        dialog.start(dialog.credentials(dialog.invite(), "not-" + PASSWORD))
        assert dialog.final().status in (403, 407)
    finally:
        wire.stop()
        pbx.stop()
    log = lab.kamailio.daemon.log()
    assert "DEBUG" in log and "event=ended" in log
    lab.redis.command("PING")
    places = {"the log": log, "Redis": stored(lab), "Redis' MONITOR": monitor.stop(), **dict(answers(lab)),
              **dict(processes(lab))}
    assert "wa:number:" in places["Redis' MONITOR"]
    assert "wa_numbers.show" in places and "core.ppdefines_full" in places and len(places) > 30
    for place, text in places.items():
        for name, secret in secrets(lab).items():
            assert secret not in text, f"{name} stands in {place}"


class Monitor:
    """All commands that Redis gets, as anybody may see them who may use it."""

    def __init__(self, lab):
        self.sock = socket.create_connection(lab.addresses.redis, 5)
        self.sock.settimeout(None)  # it may be quiet for longer
        self.sock.sendall(b"MONITOR\r\n")
        self.heard = self.sock.recv(64)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        while part := self.sock.recv(65536):
            self.heard += part

    def stop(self):
        process.wait_until(lambda: b'"PING"' in self.heard, 10, "Redis has shown all")
        self.sock.shutdown(socket.SHUT_RDWR)
        self.thread.join(5)
        return self.heard.decode("utf-8", "replace")


def secrets(lab):
    """What must not be seen: also what a password can be replaced by (HA1)."""
    digits = numbers.SDES.digits
    found = {"the token": numbers.TOKEN, "the password": PASSWORD,
             "the sealing key": (lab.dir / "seal.key").read_text(encoding="ascii").split()[1]}
    for realm in (META_HOSTNAME, SBC_HOSTNAME):
        a1 = f"{digits}:{realm}:{PASSWORD}".encode()
        found[f"HA1 for {realm}, MD5"] = hashlib.md5(a1, usedforsecurity=False).hexdigest()
        found[f"HA1 for {realm}, SHA-256"] = hashlib.sha256(a1).hexdigest()
    return found


def stored(lab):
    return "\n".join(str(lab.redis.command("HGETALL", key)) for key in lab.redis.command("KEYS", "wa:number:*")) \
        + str(lab.redis.command("XRANGE", "wa:changes", "-", "+"))


def answers(lab):
    """(method, answer) of every RPC that only reads, those that want a number included."""
    yield "wa_numbers.show", json.dumps(lab.rpc("wa_numbers.show", numbers.SDES.digits))
    for method in lab.rpc("system.listMethods"):
        if READING.search(method) and not method.startswith(("dns.", "dst_blocklist.")):
            try:
                yield f"{method}", json.dumps(lab.rpc(method))
            except RpcError:
                pass  # it wants an argument


def processes(lab):
    """(name, command line and environment) of each process of the SBC."""
    ours = str(lab.dir).encode()
    for proc in Path("/proc").glob("[0-9]*"):
        try:
            text = (proc / "cmdline").read_bytes() + (proc / "environ").read_bytes()
        except OSError:
            continue  # gone, or another user's
        if ours in text:
            yield f"process {proc.name}", text.decode("utf-8", "replace")
