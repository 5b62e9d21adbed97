# SPDX-License-Identifier: GPL-2.0-or-later
"""D02, D03, D07: challenges of forms that the far end may choose, answered by what they ask for."""
import itertools

import pytest

from far_end import FarEnd, answer, send_calls_to
from lab import numbers
from lab.digest import response
from lab.errors import LabError
from lab.pbx_wire import WirePbx
from lab.process import wait_until
from lab.sip import Sdp, digest
from lab.whole import Lab

NUMBER = numbers.SDES
PASSWORD = "known-to-the-far-end-and-to-us"
COUNT = itertools.count(1)


@pytest.fixture(name="lab", scope="module")
def fixture_lab():
    """A lab whose calls go to a far end of the test's own; every algorithm is on."""
    with Lab(site={"AUTH_ALGORITHMS": "SHA-256,SHA-512-256,MD5,SHA-256-sess,MD5-sess"}, listed=[NUMBER]) as lab:
        lab.provision()
        lab.set_password(NUMBER, PASSWORD)
        lab.far = FarEnd(lab)
        try:
            send_calls_to(lab, lab.far)
            wait_until(lambda: known(lab), 15, "the number is known again")
            yield lab
        finally:
            lab.far.stop()


def known(lab):
    try:
        return int(lab.rpc("wa_numbers.show", NUMBER.digits)["has_password"])
    except LabError:
        return False


@pytest.fixture(name="pbx")
def fixture_pbx(lab):
    pbx = WirePbx(lab)
    yield pbx
    pbx.stop()


def place(lab, pbx, *steps, cseq=20):
    """A call that meets these refusals. Returns the INVITEs and what the PBX got."""
    lab.far.steps = list(steps)
    mark = lab.far.invites.mark()
    reply = pbx.call(f"16315{next(COUNT):06d}", NUMBER.digits, cseq=cseq).wait_final()
    return lab.far.invites.since(mark), reply


def credentials(invite, name="Proxy-Authorization"):
    (header,) = invite.all(name)
    return digest(header)


def fits(invite, name="Proxy-Authorization"):
    given = credentials(invite, name)
    return (given["response"] == response(given, PASSWORD, "INVITE", invite.raw_body)
            and given["uri"] == invite.uri and given["username"] == NUMBER.digits)


def fresh(rest, nonce=None):
    nonce = nonce or f"n{next(COUNT)}"
    return f'Digest realm="wa.meta.vc", nonce="{nonce}"{rest}'


P = "Proxy-Authenticate: "
FORMS = {
    "MD5-sess": (P + fresh(', opaque="o", algorithm=MD5-sess, qop="auth"'),
                 {"algorithm": "MD5-sess", "qop": "auth", "nc": "00000001", "opaque": "o"}),
    "SHA-256-sess": (P + fresh(', opaque="o", algorithm=SHA-256-sess, qop="auth"'),
                     {"algorithm": "SHA-256-sess", "qop": "auth"}),
    "MD5-sess without qop": (P + fresh(", algorithm=MD5-sess"), {"algorithm": "MD5-sess", "qop": None, "nc": None}),
    "SHA-512-256": (P + fresh(', algorithm=SHA-512-256, qop="auth"'), {"algorithm": "SHA-512-256"}),
    "auth-int alone": (P + fresh(', algorithm=SHA-256, qop="auth-int"'), {"qop": "auth-int", "nc": "00000001"}),
    "auth-int first": (P + fresh(', algorithm=MD5, qop="auth-int,auth"'), {"qop": "auth"}),
    "no qop": (P + fresh(', opaque="o", algorithm=MD5'), {"qop": None, "nc": None, "cnonce": None, "opaque": "o"}),
    "no opaque": (P + fresh(', algorithm=MD5, qop="auth"'), {"opaque": None}),
    "no algorithm": (P + fresh(', opaque="o", qop="auth"'), {"algorithm": None, "qop": "auth"}),
    "quotes the other way round": (P + fresh(', algorithm="MD5", qop=auth'), {"qop": "auth"}),
    "unknown parameters": (P + fresh(', qop="auth,token", x=y, domain="sip:a, b", charset=UTF-8'), {"qop": "auth"}),
    "two in one header": (P + fresh(', opaque="o1", algorithm=MD5, qop="auth"') + ", "
                          + fresh(', opaque="o2", algorithm=SHA-256, qop="auth"'),
                          {"algorithm": "SHA-256", "opaque": "o2"}),
    "two headers": (P + fresh(', opaque="o1", algorithm=SHA-256, qop="auth"') + "\n"
                    + P + fresh(', opaque="o2", algorithm=MD5, qop="auth"'), {"algorithm": "SHA-256", "opaque": "o1"}),
    "unknown ones first": (P + 'Basic realm="wa.meta.vc"\n' + P + fresh(', opaque="o1", algorithm=MD6, qop="auth"')
                           + "\n" + P + fresh(', opaque="o2", algorithm=MD5, qop="auth"'),
                           {"algorithm": "MD5", "opaque": "o2"}),
    "folded lines": (P + fresh(',\n opaque="o",\n\talgorithm=SHA-256,\n qop="auth"'),
                     {"algorithm": "SHA-256", "opaque": "o", "qop": "auth"}),
    "lower-case name": ("proxy-authenticate : digest" + fresh(', opaque="o", qop="auth"')[6:], {"opaque": "o"}),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_D02_a_challenge_of_this_form_is_answered(lab, pbx, form):
    header, expected = form
    seen, reply = place(lab, pbx, header)
    assert [m.cseq for m in seen] == [20, 21]
    assert reply.status == 486 and reply.cseq == 20
    given = credentials(seen[1])
    assert {name: given.get(name) for name in expected} == expected
    assert given["nonce"] in header and fits(seen[1])
    # of two challenges the values are never mixed
    assert all(value in header for value in (given["nonce"], given.get("opaque", "")))


def test_D02_a_401_is_answered_like_a_407(lab, pbx):
    seen, reply = place(lab, pbx, "401 WWW-Authenticate: " + fresh(', opaque="o", qop="auth", algorithm=SHA-256'))
    assert len(seen) == 2 and reply.status == 486
    assert seen[1].all("Proxy-Authorization") == [] and fits(seen[1], "Authorization")


def test_D02_a_stale_nonce_is_answered_once_more_and_not_for_ever(lab, pbx):
    def challenge(more=""):
        return P + fresh(', qop="auth", algorithm=MD5' + more)
    seen, reply = place(lab, pbx, challenge(), challenge(", stale=TRUE"))
    assert [m.cseq for m in seen] == [20, 21, 22] and reply.status == 486 and fits(seen[2])
    assert credentials(seen[1])["nonce"] != credentials(seen[2])["nonce"]
    before = lab.rpc("wa_auth.stats")
    lab.rpc("cfg.set_now_int", "wasbc", "reread_wait", 0)
    seen, reply = place(lab, pbx, challenge(), *(challenge(", stale=true") for _ in range(5)))
    lab.rpc("cfg.set_now_int", "wasbc", "reread_wait", 3000)
    assert len(seen) == 3 and reply.status == 403
    assert lab.rpc("wa_auth.stats")["answer_refused"] == before["answer_refused"] + 1


NO_USE = {"Basic": (P + 'Basic realm="wa.meta.vc"', "no challenge uses the Digest scheme"),
          "unknown algorithm": (P + fresh(', algorithm=MD6, qop="auth"'), "the challenge uses an unknown algorithm"),
          "unknown qop": (P + fresh(', qop="token"'), "the challenge offers an unknown qop only"),
          "no nonce": (P + 'Digest realm="wa.meta.vc", qop="auth"', "the challenge lacks realm or nonce"),
          "broken off": (P + 'Digest realm="wa.meta.vc', "the challenge is malformed"),
          "nothing": ("X-Nothing: here", "there is no challenge"),
          "of the other kind": ("WWW-Authenticate: " + fresh(', qop="auth"'), "there is no challenge")}


@pytest.mark.parametrize("kind", NO_USE.values(), ids=NO_USE.keys())
def test_D02_a_challenge_that_cannot_be_answered_is_403_and_the_log_says_why(lab, pbx, kind):
    header, why = kind
    seen, reply = place(lab, pbx, header)
    assert len(seen) == 1 and reply.status == 403
    assert "meta_auth" in reply.get("Warning") and not reply.all("Proxy-Authenticate")
    assert f"Meta refuses our credentials: {why}" in lab.kamailio.daemon.log()


def test_D07_ahead_and_refused_without_stale_is_a_normal_round(lab, pbx):
    lab.rpc("cfg.set_now_int", "wasbc", "reuse_nonce", 1)
    place(lab, pbx, P + fresh(', opaque="o", qop="auth", algorithm=SHA-256', "first"))
    before = lab.rpc("wa_auth.stats")
    seen, reply = place(lab, pbx, P + fresh(', qop="auth", algorithm=MD5', "second"))
    lab.rpc("cfg.set_now_int", "wasbc", "reuse_nonce", 0)
    assert [m.cseq for m in seen] == [20, 21] and reply.status == 486
    assert fits(seen[0]) and fits(seen[1])
    assert (credentials(seen[0])["nonce"], credentials(seen[0])["nc"]) == ("first", "00000002")
    assert (credentials(seen[1])["nonce"], credentials(seen[1])["nc"]) == ("second", "00000001")
    after = lab.rpc("wa_auth.stats")
    assert after["ahead_refused"] == before["ahead_refused"] + 1
    assert (after["answer_refused"], after["waited"]) == (before["answer_refused"], before["waited"])


def test_D02_one_nonce_in_two_challenges_is_counted_on(lab, pbx):
    """A far end whose nonces live for a while gives the same to several calls."""
    header = P + fresh(', qop="auth", algorithm=SHA-256', "the-same-for-all")
    counts = [credentials(place(lab, pbx, header)[0][1])["nc"] for _ in range(3)]
    assert counts == ["00000001", "00000002", "00000003"]


@pytest.fixture(name="answered")
def fixture_answered(lab, pbx):
    """answered(*steps) places a call that Meta challenges and answers; its BYEs meet these refusals.
    Returns the leg, and a function for what Meta has got of a method."""
    def place_it(*steps):
        lab.far.steps, lab.far.answers = [P + fresh(', qop="auth", algorithm=SHA-256')], True
        lab.far.bye_steps = list(steps)
        mark = lab.far.requests.mark()
        leg = pbx.call(f"16315{next(COUNT):06d}", NUMBER.digits, cseq=60)
        return leg, lambda method: [m for m in lab.far.requests.since(mark) if m.method == method]
    yield place_it
    lab.far.answers, lab.far.early, lab.far.bye_steps, lab.far.sdp = False, False, [], answer


def bye_of_a_challenged_call(answered, *steps):
    """Returns the INVITEs, the BYEs as the far end has them, and the PBX's reply to its BYE."""
    leg, got = answered(*steps)
    assert leg.wait_final().status == 200
    reply = leg.bye()
    return got("INVITE"), got("BYE"), reply


def bye_fits(bye):
    """Its credentials are the right ones."""
    given = credentials(bye)
    assert given["response"] == response(given, PASSWORD, "BYE") and given["uri"] == bye.uri
    assert given["username"] == NUMBER.digits


def test_D05_a_bye_that_is_challenged_is_answered_in_sequence(answered):
    invites, byes, reply = bye_of_a_challenged_call(answered, P + fresh(', opaque="b", qop="auth", algorithm=MD5'))
    assert [m.cseq for m in invites] == [60, 61]
    assert [m.cseq for m in byes] == [62, 63] and (reply.status, reply.cseq) == (200, 61)
    bye_fits(byes[1])
    assert byes[0].all("Proxy-Authorization") == [] and len(byes[1].all("CSeq")) == 1


def test_D05_a_bye_refused_again_is_no_challenge_to_the_pbx(answered):
    _, byes, reply = bye_of_a_challenged_call(answered, *(P + fresh(', qop="auth", algorithm=MD5') for _ in range(4)))
    assert len(byes) == 2 and reply.status == 403 and not reply.all("Proxy-Authenticate")


TWO = (P + fresh(', opaque="b1", qop="auth", algorithm=SHA-256') + "\n"
       + P + fresh(', opaque="b2", qop="auth", algorithm=MD5'))


def test_E04_D05_the_bye_of_an_operator_is_answered_for(lab, answered):
    """Once for the challenge, once more for a stale nonce, and no more than that."""
    leg, got = answered(TWO, P + fresh(', stale=true, qop="auth", algorithm=MD5'))
    assert leg.wait_final().status == 200
    lab.rpc("wa_calls.hangup", leg.call_id)
    leg.reply(200, to=leg.expect("BYE"))
    wait_until(lambda: len(got("BYE")) == 3, 10, "BYE with credentials for another nonce")
    assert [m.cseq for m in got("BYE")] == [62, 63, 64]
    assert credentials(got("BYE")[1])["algorithm"] == "SHA-256" and not got("BYE")[0].all("Proxy-Authorization")
    for bye in got("BYE")[1:]:
        bye_fits(bye)
        assert bye.call_id == got("INVITE")[0].call_id and bye.get("Route") == got("BYE")[0].get("Route")


def test_E04_a_bye_of_an_operator_that_is_refused_again_is_told(lab, answered):
    leg, got = answered(*(P + fresh(', qop="auth", algorithm=MD5') for _ in range(3)))
    assert leg.wait_final().status == 200
    lab.rpc("wa_calls.hangup", leg.call_id)
    leg.reply(200, to=leg.expect("BYE"))
    told = f"BYE of ours, Call-ID {got('INVITE')[0].call_id}: 407, the credentials were refused"
    wait_until(lambda: told in lab.kamailio.daemon.log(), 10, "it is in the log")
    assert len(got("BYE")) == 2


def test_D05_the_bye_to_an_answer_without_media_is_answered_for(lab, answered):
    lab.far.sdp = lambda host, offer: "v=0\r\n"
    leg, got = answered(TWO)
    assert leg.wait_final().status == 503
    wait_until(lambda: len(got("BYE")) == 2, 10, "BYE with credentials")
    assert [m.cseq for m in got("BYE")] == [62, 63]
    bye_fits(got("BYE")[1])


def test_C09_an_early_answer_of_metas_and_the_same_again(lab, answered):
    """rtpengine is told twice, and the PBX keeps its codec."""
    lab.far.early = True
    leg, _ = answered()
    answers = [leg.wait_status(183), leg.wait_final()]
    assert answers[1].status == 200
    for reply in answers:
        assert Sdp(reply.body).payload_type("PCMU/8000") == 0 and Sdp(reply.body).payload_type("opus") is None
    wait_until(lambda: ":0:PCMU:OPUS" in (lab.relay.call(leg.call_id) or {}).get("down", ""), 15, "the relay knows it")
    leg.bye()


def test_D02_nothing_secret_is_logged(lab, pbx):
    seen, _ = place(lab, pbx, P + fresh(', qop="auth", algorithm=SHA-256'))
    log = lab.kamailio.daemon.log()
    assert PASSWORD not in log
    assert credentials(seen[1])["response"] not in log
