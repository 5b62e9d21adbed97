# SPDX-License-Identifier: GPL-2.0-or-later
"""By which ways is Redis reached, and what is said when it is not?"""
import re

import pytest

from lab import rundir
from lab.certs import Certs
from lab.process import wait_until

NUMBER = "15550001111"
SECRET = "never-to-be-seen-7c1f-in-a-log"
NAME = "redis.wasbc.test"


def works(node):
    node.wait_up()
    node.set(NUMBER)
    node.wait_numbers(NUMBER)


@pytest.fixture(name="tls_redis")
def fixture_tls_redis(place, start_redis):
    """Redis with TLS: its name and its address stand in the certificate."""
    certs = Certs(place.dir / "certs")
    host, port = place.addresses.redis
    certs.leaf("redis", f"DNS:{NAME}", f"IP:{host}")
    certs.leaf("other", "DNS:other.example")
    certs.leaf("client", "DNS:sbc.wasbc.test")

    def start(cert="redis", clients="no"):
        redis = start_redis(settings=[
            f"tls-port {port + 1}", f"tls-cert-file {certs.dir}/{cert}.crt", f"tls-key-file {certs.dir}/{cert}.key",
            f"tls-ca-cert-file {certs.ca}", f"tls-auth-clients {clients}"])
        redis.certs, redis.tls_url = certs, f"rediss://{host}:{port + 1}/2"
        return redis
    return start


def test_by_a_unix_socket(place, start_redis, start_node):
    path = place.dir / "redis.sock"
    start_redis(settings=[f"unixsocket {path}"])
    works(start_node(redis_url=f"unix://{path}?db=3"))


@pytest.mark.parametrize("name", ["", NAME], ids=["by address", "by name"])
def test_by_tls(tls_redis, start_node, name):
    redis = tls_redis()
    node = start_node(tls=True, redis_url=redis.tls_url, redis_ca_file=redis.certs.ca, redis_tls_name=name)
    works(node)
    assert redis.command("EXISTS", f"wa:number:{NUMBER}") == 0  # not in database 0
    assert "rediss://" in node.status()["redis"]


def test_by_tls_with_a_certificate_of_ours(tls_redis, start_node):
    redis = tls_redis(clients="yes")
    client = redis.certs.dir / "client"
    works(start_node(tls=True, redis_url=redis.tls_url, redis_ca_file=redis.certs.ca,
                     redis_cert_file=f"{client}.crt", redis_key_file=f"{client}.key"))


@pytest.mark.parametrize("cert, ca, said", [("other", "ca", "mismatch"), ("redis", "stranger_ca", "certificate")],
                         ids=["for another name", "of an unknown CA"])
def test_a_certificate_that_proves_nothing_is_refused(tls_redis, start_node, cert, ca, said):
    redis = tls_redis(cert)
    node = start_node(tls=True, redis_url=redis.tls_url, redis_ca_file=getattr(redis.certs, ca))
    node.wait_log(said)
    node.wait_error(said)
    assert node.status()["connected"] == 0
    # between two tries there is nobody but us
    wait_until(lambda: redis.command("INFO", "clients").split("connected_clients:")[1].startswith("1\r"), 15,
               "no connection is kept")


def permissions():
    """What the README says that the user needs."""
    text = (rundir.ROOT / "modules/wa_numbers/README.md").read_text("utf-8")
    return " ".join(re.findall(r"\+\w+", text.split("The user needs")[1].split(";")[0]))


USER = f"user sbc on >{SECRET} ~wa:* {permissions()}"


def test_as_a_user_with_a_password(place, start_redis, start_node):
    redis = start_redis(settings=[USER])
    file = place.secret("redis.pass", SECRET + "\n")
    node = start_node(redis_url=redis.url.replace("//", "//sbc:taken-from-the-file@"), redis_password_file=file)
    works(node)
    assert node.job("remove", NUMBER) == ("done", "")
    assert node.job("reload", "force") == ("done", "")
    users = redis.command("CLIENT", "LIST")
    assert users.count("user=sbc") == 2
    assert SECRET not in node.daemon.log()
    assert "taken-from-the-file" not in node.daemon.log()


@pytest.mark.parametrize("password, settings, login, said", [
    (SECRET, [], "", "NOAUTH"),
    (SECRET, [], ":wrong-one-5b@", "WRONGPASS"),
    (None, [USER], f"nobody:{SECRET}@", "WRONGPASS"),
    (None, [], f":{SECRET}@", "AUTH: refused"),
    (None, [f"user sbc on >{SECRET} ~wa:* +ping +hgetall +scan"], f"sbc:{SECRET}@", "NOPERM"),
], ids=["none given", "wrong", "unknown user", "none wanted", "user may not read"])
def test_who_is_not_let_in_is_told_why(start_redis, start_node, password, settings, login, said):
    redis = start_redis(settings=settings, password=password)
    # a busy machine's Redis gives this one reason and no other
    node = start_node(redis_url=redis.url.replace("//", f"//{login}"), redis_timeout=10000)
    node.wait_error(said)
    wait_until(lambda: node.errors() > 3, 15, "it has tried again and again", node.daemon)
    log = node.daemon.log()
    assert said in log
    assert log.count("is away") == 1  # once for a reason, however often it is tried
    assert SECRET not in log and "wrong-one" not in log
    assert node.status()["ready"] == 0
