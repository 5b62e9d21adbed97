# SPDX-License-Identifier: GPL-2.0-or-later
"""D12: digest between the SBC and a PBX, either way."""
import re
import secrets

import pytest
from own_trunk import NUMBER, set_trunk, uri

from lab import digest, numbers, process
from lab.addresses import SBC_HOSTNAME
from lab.sip import digest as parameters

ACCOUNT = {"username": "pbx-account", "password": "a password, and \"quotes\" \\ too"}


def nothing_reached_meta(lab, mark):
    lab.metasim.catch_up()
    return [m.label for _, _, m in lab.metasim.messages(mark)] == []


# the SBC asks the PBX

@pytest.fixture(name="asked")
def fixture_asked(gateways, trunk):
    """A PBX whose calls are challenged."""
    trunk(gateways=uri(gateways[0]), challenge="1", **ACCOUNT)
    return gateways[0]


def begin(pbx, user, password=ACCOUNT["password"], username=ACCOUNT["username"], **how):
    """A call that is challenged and answered once; returns the leg and the next final reply."""
    leg = pbx.call(user, NUMBER.digits, cseq=how.pop("cseq", 1))
    assert leg.wait_final().status == 407
    leg.authenticate(username, password, **how)
    return leg, leg.wait_final()


def test_D12_a_pbx_shows_who_it_is_once_a_call(lab, asked, user):
    mark = lab.metasim.events.mark()
    leg = asked.call(user, NUMBER.digits, cseq=30)
    challenged = leg.wait_final()
    assert challenged.status == 407 and len(challenged.all("Proxy-Authenticate")) == 1
    given = parameters(challenged.get("Proxy-Authenticate"))
    assert given["realm"] == SBC_HOSTNAME and given["qop"] == "auth" and "algorithm" not in given
    assert "stale" not in given and len(given["nonce"]) > 20
    assert nothing_reached_meta(lab, mark)
    leg.authenticate(**ACCOUNT)
    assert leg.wait_final().status == 200
    call = lab.metasim.rung(user, mark=mark)
    call.wait_answered()
    # the sealed text of our Record-Route is enough from here on
    assert leg.reinvite(leg.sdp(direction="sendonly")).status == 200
    assert leg.bye().status == 200
    call.wait_ended()
    first, *_ = call.received(lambda m: m.method == "INVITE")
    assert first.cseq == 31 and "Authorization" not in first.text and ACCOUNT["username"] not in first.text


@pytest.mark.parametrize("change", [{"password": "another"}, {"username": "somebody"}, {"password": ""},
                                    {"uri": "sip:+4930123456@elsewhere.example"}],
                         ids=["password", "username", "no password", "uri"])
def test_D12_a_pbx_that_knows_no_better_is_refused_and_counted(lab, asked, user, change):
    mark, struck = lab.metasim.events.mark(), strikes(lab)
    leg = asked.call(user, NUMBER.digits)
    challenged = leg.wait_final()
    leg.answered = challenged
    username = change.get("username", ACCOUNT["username"])
    value = digest.answer(challenged.get("Proxy-Authenticate"), username,
                          change.get("password", ACCOUNT["password"]), "INVITE", change.get("uri", leg.target))
    leg.send_invite([f"Proxy-Authorization: {value}"])
    refused = leg.wait_final()
    assert refused.status == 403 and '"pbx_credentials"' in refused.get("Warning")
    assert refused.all("Proxy-Authenticate") == []
    assert nothing_reached_meta(lab, mark)
    process.wait_until(lambda: strikes(lab) > struck, 10, "it counts against the address")
    record = lab.record(leg.call_id)
    assert (record["result"], record["cause"], record["trunk"]) == ("refused", "pbx_credentials", "own")


def strikes(lab):
    return next(int(line.rpartition("=")[2]) for line in lab.rpc("stats.get_statistics", "wa_door:")
                if "strikes" in line)


def test_D12_a_nonce_counts_and_one_that_is_not_ours_is_stale(lab, asked, users):
    """Each use has a count of its own; the challenge to a right answer for a wrong nonce says so."""
    leg, reply = begin(asked, next(users))
    assert reply.status == 200
    first = leg.invite.get("Proxy-Authorization")
    challenge = " ".join(["Digest", *(f'{k}="{parameters(first)[k]}",' for k in ("realm", "nonce", "opaque"))])
    leg.bye()

    def again(nc, text=challenge):
        other = asked.call(next(users), NUMBER.digits)
        other.wait_final()
        other.send_invite(["Proxy-Authorization: " + digest.answer(
            text, ACCOUNT["username"], ACCOUNT["password"], "INVITE", other.target, nc=nc)])
        return other, other.wait_final()
    _, reply = again("00000001")
    assert reply.status == 407 and "stale" not in parameters(reply.get("Proxy-Authenticate"))
    other, reply = again("00000002")
    assert reply.status == 200
    other.bye()
    forged = re.sub(r'nonce="[^"]*"', f'nonce="{secrets.token_hex(20)}"', challenge)
    other, reply = again("00000001", forged)
    assert reply.status == 407 and parameters(reply.get("Proxy-Authenticate"))["stale"] == "true"
    other.answered = reply
    other.authenticate(**ACCOUNT)
    assert other.wait_final().status == 200
    other.bye()


def test_D12_a_trunk_without_an_account_lets_nobody_in(lab, gateways, trunk, user):
    trunk(gateways=uri(gateways[0]), challenge="1")
    mark = lab.metasim.events.mark()
    leg = gateways[0].call(user, NUMBER.digits)
    refused = leg.wait_final()
    assert refused.status == 503 and '"trunk_account"' in refused.get("Warning")
    assert nothing_reached_meta(lab, mark)


# the PBX asks the SBC

CHALLENGE = 'Digest realm="pbx.example", nonce="{n}", opaque="o{n}", qop="auth"'
FORMS = {"401 MD5": (401, [CHALLENGE]), "407 MD5": (407, [CHALLENGE]),
         "407 SHA-256 and MD5": (407, [CHALLENGE + ", algorithm=SHA-256", CHALLENGE + ", algorithm=MD5"]),
         "401 without qop": (401, ['Digest realm="pbx.example", nonce="{n}"'])}


@pytest.fixture(name="asking")
def fixture_asking(gateways, trunk):
    """A PBX that knows us by an account."""
    trunk(gateways=uri(gateways[0]), **ACCOUNT)
    return gateways[0]


def challenges(form=FORMS["407 MD5"]):
    """Status and headers, with fresh nonces."""
    status, headers = form
    return [text.format(n=secrets.token_hex(8)) for text in headers], status


def credentials(request, status=407, password=ACCOUNT["password"]):
    """The request's credentials, which are right."""
    (header,) = request.all("Proxy-Authorization" if status == 407 else "Authorization")
    given = parameters(header)
    assert given["username"] == ACCOUNT["username"] and given["uri"] == request.uri
    assert given["response"] == digest.response(given, password, request.method)
    return given


def rung(lab, pbx, user, form=FORMS["407 MD5"]):
    """A user calls, the PBX asks first. Returns Meta's call, the leg and the first INVITE."""
    call = lab.metasim.ring(NUMBER, user)
    leg = pbx.incoming()
    first = leg.invite
    headers, status = challenges(form)
    leg.challenge(headers, status)
    return call, leg, first


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_D12_a_challenge_of_the_pbx_is_answered(lab, asking, user, form):
    call, leg, first = rung(lab, asking, user, form)
    given = credentials(leg.invite, form[0])
    assert given.get("algorithm", "MD5") == ("SHA-256" if len(form[1]) > 1 else "MD5")
    assert given["realm"] == "pbx.example" and leg.invite.cseq == first.cseq + 1
    assert leg.invite.branch != first.branch and "Authorization" not in first.text
    leg.answer()
    call.wait_answered()
    asking.wait(lambda m: m.method == "ACK" and m.call_id == leg.call_id and m.cseq == leg.invite.cseq,
                "the ACK of the 200")
    call.hangup()
    bye = leg.expect("BYE")
    assert bye.cseq == leg.invite.cseq + 1
    leg.reply(200, to=bye)
    assert call.wait_ended()["by"] == "user"
    # Meta has counted on its own, and was asked by nobody but us
    sent = {m.method: m.cseq for m in call.sent(lambda m: m.method is not None)}
    for reply in call.received(lambda m: m.is_reply):
        assert reply.cseq <= sent["BYE"] and "pbx.example" not in reply.text
    assert [m.status for m in call.received(lambda m: m.is_reply and m.cseq_method == "BYE")] == [200]


def test_D12_an_account_may_be_kept_as_its_hash(lab, gateways, trunk, users):
    """As others keep it; of two challenges the one is answered that it is good for."""
    name, password, pbx = ACCOUNT["username"], ACCOUNT["password"], gateways[0]
    trunk(gateways=uri(pbx), username=name, password="{HA1}" + digest.HASHES["MD5"](f"{name}:pbx.example:{password}"))
    call, leg, _ = rung(lab, pbx, next(users), FORMS["407 SHA-256 and MD5"])
    assert credentials(leg.invite)["algorithm"] == "MD5"
    leg.reply(486)
    assert call.wait_ended()["code"] == 486
    hashed = "{HA1}" + digest.HASHES["MD5"](f"{name}:{SBC_HOSTNAME}:{password}")
    trunk(gateways=uri(pbx), username=name, password=hashed, challenge="1")
    leg, reply = begin(pbx, next(users), hashed)  # the hash is no password
    assert reply.status == 403
    leg, reply = begin(pbx, next(users))
    assert reply.status == 200
    assert leg.bye().status == 200


def test_D12_what_a_challenged_pbx_call_ends_with_fits(lab, asking, users):
    """CANCEL and the ACK of a refusal have the CSeq of the second INVITE, Meta sees its own."""
    call, leg, _ = rung(lab, asking, next(users))
    leg.reply(180)
    lab.metasim.wait("progress", call=call.name, code=180)
    call.hangup()
    cancel = leg.expect("CANCEL")
    assert (cancel.cseq, cancel.branch) == (leg.invite.cseq, leg.invite.branch)
    leg.reply(200, to=cancel)
    leg.reply(487)
    assert call.wait_ended()["code"] == 487
    call, leg, _ = rung(lab, asking, next(users))
    leg.reply(486)
    asking.wait(lambda m: m.method == "ACK" and m.call_id == leg.call_id and m.cseq == leg.invite.cseq, "ACK")
    assert call.wait_ended()["code"] == 486
    (refused,) = call.received(lambda m: m.is_reply and m.status == 486)
    assert refused.cseq == call.sent(lambda m: m.method == "INVITE")[-1].cseq


def test_D12_the_pbx_hangs_up_a_call_it_has_challenged(lab, asking, user):
    call, leg, _ = rung(lab, asking, user)
    leg.answer()
    call.wait_answered()
    leg.cseq = 500
    assert leg.bye().cseq == 501
    assert call.wait_ended()["by"] == "business"


def test_D12_a_stale_nonce_is_answered_again(lab, asking, user):
    call, leg, first = rung(lab, asking, user)
    leg.challenge(challenges()[0][0] + ", stale=true")
    credentials(leg.invite)
    assert leg.invite.cseq == first.cseq + 2
    leg.reply(486)
    assert call.wait_ended()["code"] == 486


def test_D12_a_wrong_password_is_told_and_ends_the_call(lab, gateways, trunk, user):
    """The account is the trunk's: no other gateway is asked."""
    trunk(gateways=f"{uri(gateways[1])};;1;;2 {uri(gateways[0])};;1;;1", **ACCOUNT)
    call, leg, _ = rung(lab, gateways[0], user)
    leg.reply(407, headers=[f"Proxy-Authenticate: {challenges()[0][0]}"])
    assert call.wait_ended()["code"] == 503
    record = lab.record(call.sent(lambda m: m.method == "INVITE")[0].call_id)
    assert (record["cause"], record["code"], record["result"]) == ("trunk_account", 503, "failed")
    assert len(gateways[0].received(lambda m: m.method == "INVITE")) == 2
    assert gateways[1].received(lambda m: m.method == "INVITE") == []
    line = next(line for line in lab.kamailio.daemon.log().splitlines()
                if "refuses our credentials" in line and uri(gateways[0]) in line)
    assert "refused again with MD5" in line and ACCOUNT["password"] not in line


def test_D12_a_challenge_to_a_trunk_without_an_account_ends_the_call(lab, gateways, trunk, user):
    trunk(gateways=uri(gateways[0]))
    call = lab.metasim.ring(NUMBER, user)
    leg = gateways[0].incoming()
    leg.reply(401, headers=["WWW-Authenticate: " + challenges()[0][0]])
    assert call.wait_ended()["code"] == 503
    assert len(gateways[0].received(lambda m: m.method == "INVITE")) == 1


def test_D12_the_next_gateway_asks_anew(lab, gateways, trunk, user):
    """One that breaks down after its challenge was answered leaves no trace in what the other gets."""
    trunk(gateways=f"{uri(gateways[1])};;1;;2 {uri(gateways[0])};;1;;1", **ACCOUNT)
    call, leg, first = rung(lab, gateways[0], user)
    leg.reply(500)
    other = gateways[1].incoming()
    assert other.invite.cseq == first.cseq and "Authorization" not in other.invite.text
    other.challenge(challenges()[0])
    other.challenge(challenges()[0][0] + ", stale=true")
    credentials(other.invite)
    other.answer()
    call.wait_answered()
    call.hangup()
    bye = other.expect("BYE")
    assert bye.cseq == other.invite.cseq + 1
    other.reply(200, to=bye)
    call.wait_ended()


@pytest.mark.parametrize("direction", ["in", "out"])
def test_D12_a_bye_of_meta_that_the_pbx_challenges_is_answered(lab, asking, user, direction):
    if direction == "in":
        call, leg, _ = rung(lab, asking, user)
        leg.answer()
    else:
        mark = lab.metasim.events.mark()
        leg = asking.call(user, NUMBER.digits)
        assert leg.wait_final().status == 200
        call = lab.metasim.rung(user, mark=mark)
    call.wait_answered()
    call.hangup()
    bye = leg.expect("BYE")
    leg.reply(401, to=bye, headers=["WWW-Authenticate: " + challenges()[0][0]])
    again = asking.wait(lambda m: m.method == "BYE" and m.call_id == leg.call_id and m.cseq == bye.cseq + 1,
                        "BYE with credentials")
    credentials(again, 401)
    assert again.uri == bye.uri
    leg.reply(200, to=again)
    assert call.wait_ended()["by"] == "user"
    (reply,) = call.received(lambda m: m.is_reply and m.cseq_method == "BYE")
    assert (reply.status, reply.cseq) == (200, call.sent(lambda m: m.method == "BYE")[0].cseq)


def test_D12_E04_the_bye_of_an_operator_is_answered_for(lab, asking, user):
    call, leg, _ = rung(lab, asking, user)
    leg.answer()
    call.wait_answered()
    asking.wait(lambda m: m.method == "ACK" and m.call_id == leg.call_id and m.cseq == leg.invite.cseq, "ACK")
    lab.rpc("wa_calls.hangup", leg.call_id)
    bye = leg.expect("BYE")
    assert bye.cseq == leg.invite.cseq + 1
    leg.reply(407, to=bye, headers=["Proxy-Authenticate: " + challenges()[0][0]])
    again = asking.wait(lambda m: m.method == "BYE" and m.call_id == leg.call_id and m.cseq == bye.cseq + 1,
                        "BYE with credentials")
    credentials(again)
    assert again.get("Reason") == bye.get("Reason") and "operator" in bye.get("Reason")
    leg.reply(200, to=again)
    assert call.wait_ended()["by"] == "business"


def test_D12_E06_both_ways_with_sha256_and_over_a_crash(own_lab, start_wire):
    """What a PBX is asked is up to the site; the raised CSeq outlives Kamailio."""
    lab = own_lab(site={"TRUNK_ALGORITHMS": "SHA-256,MD5"}, listed=[numbers.NO_TRUNK])
    lab.provision()
    pbx = start_wire(lab)
    set_trunk(lab, gateways=uri(pbx), challenge="1", **ACCOUNT)
    for at, name in enumerate(("SHA-256", "MD5")):
        leg = pbx.call(f"1631555000{at}", NUMBER.digits)
        challenged = leg.wait_final()
        asked = challenged.all("Proxy-Authenticate")
        assert [parameters(value).get("algorithm", "MD5") for value in asked] == ["SHA-256", "MD5"]
        assert parameters(asked[0])["nonce"] != parameters(asked[1])["nonce"]
        leg.send_invite(["Proxy-Authorization: " + digest.answer(
            asked[at], ACCOUNT["username"], ACCOUNT["password"], "INVITE", leg.target)])
        assert leg.wait_final().status == 200, name
        leg.bye()
    hashed = "{HA1}" + digest.HASHES["SHA-256"](f"{ACCOUNT['username']}:{SBC_HOSTNAME}:{ACCOUNT['password']}")
    set_trunk(lab, gateways=uri(pbx), challenge="1", username=ACCOUNT["username"], password=hashed)
    leg = pbx.call("16315550007", NUMBER.digits)
    (asked,) = leg.wait_final().all("Proxy-Authenticate")
    assert parameters(asked)["algorithm"] == "SHA-256"
    set_trunk(lab, gateways=uri(pbx), **ACCOUNT)
    call, leg, _ = rung(lab, pbx, "16315550009")
    leg.answer()
    call.wait_answered()
    pbx.wait(lambda m: m.method == "ACK" and m.call_id == leg.call_id and m.cseq == leg.invite.cseq, "ACK")
    lab.kamailio.crash_and_restart()
    call.hangup()
    bye = leg.expect("BYE")
    assert bye.cseq == leg.invite.cseq + 1
    leg.reply(200, to=bye)
    assert call.wait_ended()["by"] == "user"
