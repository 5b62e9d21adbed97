# SPDX-License-Identifier: GPL-2.0-or-later
"""Can the key be changed while calls go on?"""
import base64
import os

import pytest

from lab import numbers
from lab.process import wait_until

cryptography = pytest.importorskip("cryptography.hazmat.primitives.ciphers.aead")

N = 40
DIGITS = [f"1555000{i:04d}" for i in range(N)]
KEYS = {name: os.urandom(32) for name in ("k1", "k2")}


def ring(*names):
    return "".join(f"{name} {base64.b64encode(KEYS[name]).decode()}\n" for name in names)


def stored(redis, digits):
    """(key id, password) as it stands in Redis."""
    name, text = redis.command("HGET", f"wa:number:{digits}", "password").split(":")
    raw = base64.b64decode(text)
    plain = cryptography.AESGCM(KEYS[name]).decrypt(raw[:12], raw[28:] + raw[12:28],
                                                    f"wa:number:{digits}:password".encode())
    return name, plain.decode()


def seal(redis, digits, name, password):
    nonce = os.urandom(12)
    out = cryptography.AESGCM(KEYS[name]).encrypt(nonce, password.encode(), f"wa:number:{digits}:password".encode())
    text = base64.b64encode(nonce + out[-16:] + out[:-16]).decode()
    redis.command("HSET", f"wa:number:{digits}", "password", f"{name}:{text}", "password_since", "1700000000")


@pytest.fixture(name="sealed")
def fixture_sealed(place, redis):
    """Numbers with a password each, under k1."""
    place.secret("seal.key", ring("k1"))
    for digits in DIGITS:
        seal(redis, digits, "k1", f"made up {digits}")
    return redis


def wait_resealed(node):
    node.wait("has sealed all anew", reseal="done")
    return node.status()


def test_two_nodes_at_once(place, sealed, start_node):
    nodes = [start_node(name, redis_url=sealed.url) for name in ("one", "two")]
    for node in nodes:
        node.wait_up()
    place.secret("seal.key", ring("k2", "k1"))
    jobs = [node.queue("reseal") for node in nodes]
    for node, job in zip(nodes, jobs):
        assert node.outcome(job) == ("done", "")
    done = [wait_resealed(node) for node in nodes]
    assert {stored(sealed, d) for d in DIGITS} == {("k2", f"made up {d}") for d in DIGITS}
    assert all(s["reseal_failed"] == 0 and s["seal_key"] == "k2" for s in done)
    assert all(s["reseal_seen"] == N for s in done)
    # each was written once: by whoever came first
    assert {sealed.command("HGET", f"wa:number:{d}", "version") for d in DIGITS} == {"1"}
    assert {sealed.command("HGET", f"wa:number:{d}", "password_since") for d in DIGITS} == {"1700000000"}


def test_a_password_that_changes_meanwhile_is_not_undone(place, sealed, start_node):
    node = start_node(redis_url=sealed.url, reseal_rate=20)
    node.wait_up()
    place.secret("seal.key", ring("k2", "k1"))
    assert node.job("reseal") == ("done", "")
    for digits in DIGITS:  # without a word in the stream: the node has the old ones
        seal(sealed, digits, "k1", "another one")
    wait_resealed(node)
    assert {stored(sealed, d)[1] for d in DIGITS if stored(sealed, d)[0] == "k2"} >= {"another one"}
    assert sum(stored(sealed, d)[1] == "another one" for d in DIGITS) == N


def test_the_rate_is_bounded_and_others_are_served(place, sealed, start_node):
    node = start_node(redis_url=sealed.url, reseal_rate=20)
    node.wait_up()
    place.secret("seal.key", ring("k2", "k1"))
    assert node.job("reseal") == ("done", "")
    node.set("15559990000")
    assert node.status()["reseal"] == "running"
    seconds = []
    wait_until(lambda: seconds.append(node.status()["resealed"]) or seconds[-1] == N, 20, "all are sealed anew")
    assert any(0 < n < N for n in seconds)


def test_one_that_does_not_open_is_counted_and_left(place, sealed, start_node):
    node = start_node(redis_url=sealed.url)
    node.wait_up()
    first, second = DIGITS[:2]
    copied = sealed.command("HGET", f"wa:number:{second}", "password")
    sealed.command("HSET", f"wa:number:{first}", "password", copied)
    place.secret("seal.key", ring("k2", "k1"))
    assert node.job("reload") == ("done", "") and node.job("reseal") == ("done", "")
    status = wait_resealed(node)
    assert (status["resealed"], status["reseal_failed"]) == (N - 1, 1)
    assert sealed.command("HGET", f"wa:number:{first}", "password") == copied
    assert f"number {first}: its sealed password cannot be sealed anew" in node.daemon.log()


def test_it_goes_on_when_redis_is_back(place, sealed, start_node):
    node = start_node(redis_url=sealed.url, reseal_rate=50)
    node.wait_up()
    place.secret("seal.key", ring("k2", "k1"))
    assert node.job("reseal") == ("done", "")
    wait_until(lambda: node.status()["resealed"] > 0, 15, "it has begun", node.daemon)
    sealed.command("CLIENT", "KILL", "TYPE", "normal")
    wait_resealed(node)
    assert {stored(sealed, d) for d in DIGITS} == {("k2", f"made up {d}") for d in DIGITS}


@pytest.mark.parametrize("text, mode, why", [
    ("", 0o600, "there is no key in it"), ("k2 short\n", 0o600, "line 1: the key is"),
    (ring("k2"), 0o644, "others may read"), (None, 0, "No such file")], ids=["empty", "malformed", "open", "gone"])
@pytest.mark.parametrize("method", ["keys", "reseal"])
def test_a_key_file_that_cannot_be_used_changes_nothing(place, sealed, start_node, method, text, mode, why):
    node = start_node(redis_url=sealed.url)
    node.wait_up()
    path = place.dir / "seal.key"
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
        path.chmod(mode)
    state, said = node.job(method)
    assert state == "failed" and why in said
    status = node.status()
    assert (status["seal_key"], status["reseal"]) == ("k1", "never")
    secret = place.secret("password", "under the key as it was\n")
    node.set(DIGITS[0], password_file=secret)
    assert stored(sealed, DIGITS[0]) == ("k1", "under the key as it was")


def test_keys_are_read_and_nothing_is_written(place, sealed, start_node):
    node = start_node(redis_url=sealed.url)
    node.wait_up()
    place.secret("seal.key", ring("k2", "k1"))
    assert node.job("keys") == ("done", "")
    assert node.status()["seal_key"] == "k2"
    assert {stored(sealed, d)[0] for d in DIGITS} == {"k1"}


def test_a_call_after_the_old_key_is_gone(own_lab, start_wire):
    """The workers take the new key over, though none of them has read the file."""
    lab = own_lab(listed=[numbers.DTLS])
    lab.provision()
    pbx = start_wire(lab)
    key = base64.b64encode(os.urandom(32)).decode()
    path = lab.dir / "seal.key"
    path.write_text(f"new {key}\n" + path.read_text())
    lab.job("wa_numbers.reseal")
    wait_until(lambda: lab.rpc("wa_numbers.status")["reseal"] == "done", 20, "all is sealed anew")
    assert lab.redis.command("HGET", f"wa:number:{lab.number}", "password").startswith("new:")
    path.write_text(f"new {key}\n")
    lab.job("wa_numbers.keys")
    wait_until(lambda: lab.rpc("wa_numbers.show", lab.number)["has_password"] == 1, 15, "the password is there")
    call = lab.metasim.ring(numbers.DTLS, numbers.USER)
    pbx.incoming().reply(486)
    assert call.wait_ended()["code"] == 486
