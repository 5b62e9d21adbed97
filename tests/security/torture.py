# SPDX-License-Identifier: GPL-2.0-or-later
"""The cases of RFC 4475, one message each, by section and the RFC's name for it.

Written for this lab after what each section describes: `@SBC@` is where the message goes, `@VIA@` the
transport, `@ID@` unlike in any other. Lines end with CR LF; what is sent byte by byte says so.
"""
from collections import namedtuple

Case = namedtuple("Case", "section name valid text")
SDP = "v=0\r\no=mhandley 29739 7272939 IN IP4 192.0.2.3\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\n" \
      "m=audio 49217 RTP/AVP 0 12\r\nm=video 3227 RTP/AVP 31\r\na=rtpmap:31 LPC\r\n"
STANDARD = ["Via: SIP/2.0/@VIA@ 192.0.2.1:5060;rport;branch=z9hG4bK@ID@", "Max-Forwards: 70",
            "From: <sip:caller@example.net>;tag=@ID@", "To: <sip:user@@SBC@>", "Call-ID: @ID@.torture@example.net",
            "CSeq: 8 @METHOD@", "Contact: <sip:caller@192.0.2.1>"]
CASES = []


def message(first, headers=(), body="", drop=(), length=None, end="\r\n\r\n"):
    """A message of the standard headers, some of them left out or others put in their place."""
    method = first.split(" ")[0] if not first.startswith("SIP/") else "INVITE"
    kept = [h for h in STANDARD if h.split(":")[0] not in drop]
    size = len(body.encode("utf-8", "surrogateescape")) if length is None else length
    lines = [first, *kept, *headers]
    if length != "":
        lines += [f"Content-Length: {size}"]
    return "\r\n".join(lines).replace("@METHOD@", method) + end + body


def case(section, name, text, valid=False):
    CASES.append(Case(section, name, valid, text))


def add_valid():
    case("3.1.1.1", "wsinv", "\r\n".join([
        "INVITE sip:vivekg@@SBC@;unknownparam SIP/2.0", "TO :", f" sip:vivekg@@SBC@ ;   tag    = {19 * '1'}n",
        'from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>', "  ;", "  tag = @ID@",
        "MaX-fOrWaRdS: 0068", "Call-ID: wsinv.@ID@@192.0.2.1", "Content-Length   : 0", "cseq: 0009", "  INVITE",
        "Via  : SIP  /   2.0", " /@VIA@", "    192.0.2.2;rport;branch=390@ID@", "s :", "NewFangledHeader:   newfangled value",
        " continued newfangled value", "UnknownHeaderWithUnusualValue: ;;,,;;,;", "Content-Type: application/sdp",
        "Route:", " <sip:services.example.com;lr;unknownwith=value;unknown-no-value>",
        "v:  SIP  / 2.0  / TCP     spindle.example.com   ;", "  branch  =   z9hG4bK9ikj8  ,",
        " SIP  /    2.0   / UDP  192.168.255.111   ; branch=", " z9hG4bK30239",
        'm:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =', "      newvalue ;", "  secondparam ; q = 0.33",
        "", ""]), True)
    odd = "!interesting-Method0123456789_*+`.%indeed'~"
    case("3.1.1.2", "intmeth", message(
        f"{odd} sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@@SBC@ SIP/2.0",
        ['To: "BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:1_unusual.URI~(to-be!sure)@example.com>',
         "extensionHeader-!.%*+_`'~:\ufeff\u5927\u505c\u96fb"], drop=["To"]), True)
    case("3.1.1.3", "esc01", message("INVITE sip:sips%3Auser%40example.com@@SBC@ SIP/2.0",
                                     ["To: <sip:%75se%72@example.com>", "From: <sip:I%20have%20spaces@example.net>;tag=@ID@",
                                      "Content-Type: application/sdp"], SDP, drop=["To", "From"]), True)
    case("3.1.1.4", "escnull", message("REGISTER sip:@SBC@ SIP/2.0", [
        "To: sip:null-%00-null@example.com", "From: sip:null-%00-null@example.com;tag=@ID@",
        "Contact: <sip:%00@host5.example.com>", "Contact: <sip:%00%00@host5.example.com>"], drop=["To", "From", "Contact"]),
        True)
    case("3.1.1.5", "esc02", message("RE%47IST%45R sip:@SBC@ SIP/2.0", [
        'To: "%Z%45" <sip:resource@example.com>', 'From: "%Z%45" <sip:resource@example.com>;tag=f232jadfj23',
        "Contact: <sip:alias1@host1.example.com>", "Contact: <sip:alias2@host2.example.com>;"], drop=["To", "From"]), True)
    case("3.1.1.6", "lwsdisp", message("OPTIONS sip:user@@SBC@ SIP/2.0", ["From: caller<sip:caller@example.com>;tag=@ID@"],
                                       drop=["From"]), True)
    long = "many" * 60
    case("3.1.1.7", "longreq", message(f"INVITE sip:user@@SBC@;param={long} SIP/2.0", [
        f'To: "I have a user name of {"extreme" * 40}" <sip:user@example.com:6000;unknownparam1={long}value;longparam{"name" * 60}'
        f'=shortvalue;{long}=parameterlong>', f"From: <sip:{'amazinglylongcallername' * 5}@example.net>;tag=12{'982' * 90}424;"
        f"unknownheaderparam{'name' * 60}={'value' * 60}", f"Call-ID: longreq.one{'really' * 60}longcallid@ID@",
        f"Unknown-{'Long' * 60}-Name: unknown-{'long' * 60}-value", *(
            f"Via: SIP/2.0/TCP sip{n}.example.com" for n in range(30, 0, -1)),
        f"Via: SIP/2.0/TCP host.example.com;received=192.0.2.5;branch=very{'long' * 60}branchvalue"],
        drop=["To", "From", "Call-ID"]), True)
    case("3.1.1.8", "dblreq", message("REGISTER sip:@SBC@ SIP/2.0") + message(
        "INVITE sip:joe@@SBC@ SIP/2.0", ["Content-Type: application/sdp"], SDP), True)
    case("3.1.1.9", "semiuri", message("OPTIONS sip:user;par=u%40example.net@@SBC@ SIP/2.0"), True)
    case("3.1.1.10", "transports", message("OPTIONS sip:user@@SBC@ SIP/2.0", [
        f"Via: SIP/2.0/{t} t{n}.example.com;branch=z9hG4bKnot{n}" for n, t in enumerate(["SCTP", "TLS", "UNKNOWN", "TCP"])]),
        True)
    part = "--7a9cbec02ceef655\r\n"
    case("3.1.1.11", "mpart01", message("MESSAGE sip:kumiko@@SBC@ SIP/2.0", [
        "Content-Type: multipart/mixed;boundary=7a9cbec02ceef655"], part + "Content-Type: text/plain\r\n"
        "Content-Transfer-Encoding: binary\r\n\r\nHello\r\n" + part + "Content-Type: application/octet-stream\r\n"
        "Content-Transfer-Encoding: binary\r\n\r\n0\x82\x01R\x06\x09*\x86H\x86\xf7\x0d\x01\x07\x02\x00\xff\r\n"
        "--7a9cbec02ceef655--\r\n"), True)
    case("3.1.1.12", "unreason", message("SIP/2.0 200 = 2**3 * 5**2 \u043d\u043e \u0441\u0442\u043e \u0434\u0435\u0432"
                                         "\u044f\u043d\u043e\u0441\u0442\u043e - \u043f\u0440\u043e\u0441\u0442\u043e\u0435"),
         True)
    case("3.1.1.13", "noreason", message("SIP/2.0 100 "), True)


def add_invalid_syntax():
    case("3.1.2.1", "badinv01", message("INVITE sip:user@@SBC@ SIP/2.0", [
        'Contact: "Joe" <sip:joe@example.org>;;;;', "Via: SIP/2.0/UDP 192.0.2.15;;,;,,"], drop=["Contact"]))
    case("3.1.2.2", "clerr", message("INVITE sip:user@@SBC@ SIP/2.0", ["Content-Type: application/sdp"], SDP, length=9999))
    case("3.1.2.3", "ncl", message("INVITE sip:user@@SBC@ SIP/2.0", ["Content-Type: application/sdp"], SDP, length=-999))
    case("3.1.2.4", "scalar02", message("REGISTER sip:@SBC@ SIP/2.0", [
        "CSeq: 36893488147419103232 REGISTER", "Expires: 10000000000000000000000000000000",
        "Contact: <sip:user@host129.example.com>;expires=280297596632815"], drop=["CSeq", "Contact"]))
    case("3.1.2.5", "scalarlg", message("SIP/2.0 503 Service Unavailable", [
        "CSeq: 9292394834772304023312 OPTIONS", "Retry-After: 949302838503028349304023988",
        "Warning: 1812 overture \"In Progress\""], drop=["CSeq"]))
    case("3.1.2.6", "quotbal", message("INVITE sip:user@@SBC@ SIP/2.0", ['To: "Mr. J. User <sip:j.user@example.com>'],
                                       drop=["To"]))
    case("3.1.2.7", "ltgtruri", message("INVITE <sip:user@@SBC@> SIP/2.0"))
    case("3.1.2.8", "lwsruri", message("INVITE sip:user@@SBC@; lr SIP/2.0"))
    case("3.1.2.9", "lwsstart", message("INVITE  sip:user@@SBC@  SIP/2.0"))
    case("3.1.2.10", "trws", message("OPTIONS sip:remote-target@@SBC@ SIP/2.0  "))
    case("3.1.2.11", "escruri", message("INVITE sip:user@@SBC@?Route=%3Csip:example.com%3E SIP/2.0"))
    case("3.1.2.12", "baddate", message("INVITE sip:user@@SBC@ SIP/2.0", ["Date: Fri, 01 Jan 2010 16:00:00 EST"]))
    case("3.1.2.13", "regbadct", message("REGISTER sip:@SBC@ SIP/2.0", [
        "Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E"], drop=["Contact"]))
    case("3.1.2.14", "badaspec", message("OPTIONS sip:user@@SBC@ SIP/2.0", ['To: "Watson, Thomas" < sip:t.watson@example.org >'],
                                         drop=["To"]))
    case("3.1.2.15", "baddn", message("OPTIONS sip:t.watson@@SBC@ SIP/2.0", [
        "From: Bell, Alexander <sip:a.g.bell@example.com>;tag=@ID@"], drop=["From"]))
    case("3.1.2.16", "badvers", message("OPTIONS sip:t.watson@@SBC@ SIP/7.0"))
    case("3.1.2.17", "mismatch01", message("OPTIONS sip:user@@SBC@ SIP/2.0", ["CSeq: 8 INVITE"], drop=["CSeq"]))
    case("3.1.2.18", "mismatch02", message("NEWMETHOD sip:user@@SBC@ SIP/2.0", ["CSeq: 8 INVITE"], drop=["CSeq"]))
    case("3.1.2.19", "bigcode", message("SIP/2.0 4294967301 better not break the receiver"))


def add_semantics():
    case("3.2.1", "badbranch", message("OPTIONS sip:user@@SBC@ SIP/2.0", ["Via: SIP/2.0/@VIA@ 192.0.2.1;rport;branch=z9hG4bK"],
                                       drop=["Via"]))
    case("3.3.1", "insuf", message("INVITE sip:user@@SBC@ SIP/2.0", drop=["Call-ID", "From", "To"]))
    case("3.3.2", "unkscm", message("OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0"))
    case("3.3.3", "novelsc", message("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0"))
    case("3.3.4", "unksm2", message("REGISTER sip:@SBC@ SIP/2.0", [
        "To: isbn:2983792873", "From: <http://www.example.com>;tag=@ID@", "Contact: <name:John_Smith>"],
        drop=["To", "From", "Contact"]))
    case("3.3.5", "bext01", message("OPTIONS sip:user@@SBC@ SIP/2.0", [
        "Require: nothingSupportsThis, nothingSupportsThisEither", "Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis"]))
    case("3.3.6", "invut", message("INVITE sip:user@@SBC@ SIP/2.0", ["Content-Type: application/unknownformat"],
                                   "<audio>\r\n <pcmu port=\"443\"/>\r\n</audio>\r\n"))
    case("3.3.7", "regaut01", message("REGISTER sip:@SBC@ SIP/2.0", ["Authorization: NoOneKnowsThisScheme opaque-data=here"]))
    case("3.3.8", "multi01", message("INVITE sip:user@@SBC@ SIP/2.0", [
        "From: sip:caller@example.net;tag=3414", "To: sip:user@example.com", "Call-ID: other.@ID@", "CSeq: 59 INVITE",
        "Max-Forwards: 5", "From: sip:caller2@example.com;tag=2"]))
    case("3.3.9", "mcl01", message("OPTIONS sip:user@@SBC@ SIP/2.0", ["Content-Length: 13", "Content-Type: text/plain"],
                                   "There's no way to know how many octets are supposed to be here.\r\n", length=5))
    case("3.3.10", "bcast", message("SIP/2.0 200 OK", ["Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23"]))
    case("3.3.11", "zeromf", message("OPTIONS sip:user@@SBC@ SIP/2.0", ["Max-Forwards: 0"], drop=["Max-Forwards"]))
    case("3.3.12", "cparam01", message("REGISTER sip:@SBC@ SIP/2.0", ["Contact: sip:+19725552222@gw1.example.net;unknownparam"],
                                       drop=["Contact"]))
    case("3.3.13", "cparam02", message("REGISTER sip:@SBC@ SIP/2.0", ["Contact: <sip:+19725552222@gw1.example.net;unknownparam>"],
                                       drop=["Contact"]))
    case("3.3.14", "regescrt", message("REGISTER sip:@SBC@ SIP/2.0", [
        "Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>"], drop=["Contact"]))
    case("3.3.15", "sdp01", message("INVITE sip:user@@SBC@ SIP/2.0", ["Accept: text/nobodyKnowsThis", "Content-Type: application/sdp"],
                                    SDP))
    case("3.4.1", "inv2543", message("INVITE sip:UserB@@SBC@ SIP/2.0", [
        "Via: SIP/2.0/@VIA@ iftgw.example.com", "Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>",
        "Content-Type: application/sdp"], SDP, drop=["Via", "Max-Forwards", "Contact"]))


add_valid()
add_invalid_syntax()
add_semantics()
