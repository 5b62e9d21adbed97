# SPDX-License-Identifier: GPL-2.0-or-later
"""Are long lists shown in pages that are neither long nor miss anything?"""
import itertools

import pytest

from lab.kamailio import RpcError

N = 700
DIGITS = [f"1555{i:07d}" for i in range(N)]


@pytest.fixture(name="node", params=[4, 20], ids=["few buckets", "many buckets"])
def fixture_node(redis, start_node, request):
    for i, digits in enumerate(DIGITS):
        redis.command("HSET", f"wa:number:{digits}", "trunk", f"t{i % 7}")
    node = start_node(redis_url=redis.url, hash_size=request.param)
    node.wait_up()
    return node


def pages(node, limit=100, *filters, between=lambda: None):
    cursor = 0
    while True:
        page = node.rpc("wa_numbers.list", str(cursor), str(limit), *filters)
        yield page
        cursor = page["next"]
        if not cursor:
            return
        between()


def listed(found):
    return [n["digits"] for page in found for n in page["numbers"]]


@pytest.mark.parametrize("limit", [7, 100, 250])
def test_every_number_once_in_pages_of_the_size_asked_for(node, limit):
    found = list(pages(node, limit))
    assert sorted(listed(found)) == DIGITS
    assert all(len(page["numbers"]) <= limit for page in found)
    assert {page["total"] for page in found} == {N}


def test_changes_between_pages_lose_and_double_nothing(node):
    others = (f"1666{i:07d}" for i in itertools.count())

    def between():
        come, gone = next(others), next(others)
        node.set(come)
        node.set(gone)
        assert node.job("remove", gone) == ("done", "")
    found = [d for d in listed(pages(node, 200, between=between)) if d.startswith("1555")]
    assert sorted(found) == DIGITS


def test_filters(node):
    assert sorted(listed(pages(node, 50, "trunk=t3"))) == DIGITS[3::7]
    assert sorted(listed(pages(node, 50, "trunk=t3", "digits=15550000*"))) == [d for d in DIGITS[3::7]
                                                                             if d.startswith("15550000")]
    assert listed(pages(node, 50, "trunk=none")) == []
    assert sorted(listed(pages(node, 250, "trunk=t*", "has_password=0"))) == DIGITS


@pytest.mark.parametrize("words, why", [(["x"], "cursor"), (["4294967296"], "cursor"), (["0", "251"], "limit"),
                                        (["0", "0"], "limit"), (["0", "10", "trunk"], "trunk: expected field=value"),
                                        (["0", "10", "password=x"], "password=x: expected")])
def test_bad_parameters_are_named(redis, start_node, words, why):
    node = start_node(redis_url=redis.url)
    node.wait_up()
    with pytest.raises(RpcError, match=f"400 {why}"):
        node.rpc("wa_numbers.list", *words)
