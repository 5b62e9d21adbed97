# SPDX-License-Identifier: GPL-2.0-or-later
"""The numbers of a WhatsApp Business Account, page by page."""
import json

from lab import numbers

WABA = "102290129340500"
SMALL = "102290129340501"


def more_numbers(lab, waba, digits):
    for d in digits:
        lab.metasim.command("graph_number", number={
            "id": f"2{d}", "waba_id": waba, "digits": d, "display": f"+{d[0]} {d[1:4]}-{d[4:7]}-{d[7:]}",
            "app_id": numbers.APP, "verified_name": "Found"})


def pages(lab, mark, waba):
    lab.metasim.catch_up()
    return [e["query"] for e in lab.metasim.events.since(mark)
            if e["event"] == "graph_request" and e["id"] == waba and e["edge"] == "phone_numbers"]


def test_A06_a_waba_is_listed_page_by_page(lab, ctl):
    digits = ["16315551111", *(f"1631556{n:04d}" for n in range(230))]
    more_numbers(lab, WABA, digits)
    mark = lab.metasim.events.mark()
    done = ctl(lab, "number", "discover", WABA)
    assert done.status == 0, done.words
    assert sorted(n["digits"] for n in done.json) == sorted(digits)
    first, = [n for n in done.json if n["digits"] == "16315551111"]  # +1 631-555-1111
    assert first == {"phone_number_id": "216315551111", "digits": "16315551111", "name": "Found", "known": "no"}
    asked = pages(lab, mark, WABA)
    assert len(asked) == 3 and "after=" not in asked[0] and all("after=" in q for q in asked[1:])
    # what is known here is told from what is not
    known = {n["digits"]: n["known"] for n in ctl(lab, "number", "discover", numbers.WABA).json}
    assert known[numbers.READ.digits] == "yes" and known[numbers.UNKNOWN.digits] == "no"


def test_A06_numbers_are_adopted_when_the_operator_says_so(lab, ctl):
    digits = ["16315570001", "16315570002"]
    more_numbers(lab, SMALL, digits)
    assert [n["known"] for n in ctl(lab, "number", "discover", SMALL).json] == ["no", "no"]
    lab.job("wa_numbers.set", digits[0], "phone_number_id=1")
    try:
        done = ctl(lab, "number", "discover", SMALL, "--adopt", "--app", numbers.APP)
        assert done.status == 0 and "1 numbers adopted" in done.words
        assert {n["digits"]: n["known"] for n in done.json} == {digits[0]: "other id", digits[1]: "adopted"}
        shown = lab.rpc("wa_numbers.show", digits[1])
        assert (shown["phone_number_id"], shown["waba_id"], shown["app_id"]) == (f"2{digits[1]}", SMALL, numbers.APP)
        assert ctl(lab, "number", "discover", SMALL).json[1]["known"] == "yes"
    finally:
        for d in digits:
            lab.job("wa_numbers.remove", d)


def test_A06_a_list_that_cannot_be_read_is_told(lab, ctl):
    entry = {"id": "1", "display_phone_number": "+1 631-555-1111"}
    endless = {"data": [entry], "paging": {"cursors": {"after": "QQ"}, "next": "https://x"}}
    for fault, words in (({"status": 403, "code": 200}, "graph 200:"),
                         ({"body": '{"data":7}'}, "graph answer: data: array expected"),
                         ({"body": '{"data":[{"id":7}]}'}, "graph answer: data[0].id: a string of digits"),
                         ({"status": 200, "body": json.dumps(endless)}, "the pages do not end")):
        # as often as it is asked: a request may be made twice
        lab.metasim.command("graph_fault", phone_number_id=SMALL, edge="phone_numbers", count=0, **fault)
        done = ctl(lab, "number", "discover", SMALL)
        lab.metasim.command("graph_fault_clear")
        assert done.status == 1 and words in done.words
    assert ctl(lab, "number", "discover", "no-waba").status == 1
    assert ctl(lab, "number", "discover").status == 2
