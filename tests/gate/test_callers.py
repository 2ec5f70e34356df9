"""What each caller's question is taken for: the facts alone, never a credential, and no nonsense passes for a question."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phaseout.devices.identify import identify_all
from phaseout.devices.imap_list import id_fields
from phaseout.gate.activesync_status import refusal
from phaseout.gate.asked import LONGEST_CLUE, LONGEST_LOGIN, Asked
from phaseout.gate.caller import CALLERS, NoQuestionError
from phaseout.gate.callers import dovecot, envoy, nginx, traefik
from phaseout.gate.decision import Decision, Outcome
from phaseout.gate.http import Answer, Request
from phaseout.gate.id_readings import MOST, readings
from phaseout.gate.web import door_of
from phaseout.model.access import Action
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.device import Device, Grade
from phaseout.model.directive import Clause, Scope, StageKind, Strength
from phaseout.model.effect import Effect
from phaseout.model.verdict import Verdict

DAY = datetime(2026, 10, 1, tzinfo=UTC)
SOGO = "/nginx/webmail/sogo"
EAS = "/Microsoft-Server-ActiveSync?"
PLAIN = f"{EAS}Cmd=Sync&User=anna&DeviceId=SEC1A2B3C4D5E6F7&DeviceType=SamsungDevice"
PACKED = f"{EAS}jQkJBBBBcHBsRjJMWFEwQUJDRDEyAAZpUGhvbmU="


def web(path: str = "/nginx/activesync", **headers: str) -> Request:
    return Request("GET", path, "", {name.replace("_", "-"): value for name, value in headers.items()})


def asked(request: Request) -> Asked:
    found = nginx.read(request)
    assert isinstance(found, Asked)
    return found


def allow(**body: object) -> Asked | Answer:
    return dovecot.read(Request("POST", "/dovecot", "command=allow", {}, json.dumps({"protocol": "imap"} | body).encode()))


def test_a_plain_activesync_query() -> None:
    found = asked(web(x_original_uri=PLAIN, x_original_method="POST", user_agent="Android-SAMSUNG/1", x_real_ip="192.0.2.1"))
    assert found == Asked(
        "nginx", "activesync", "mail", "anna",
        (Clue(ClueKind.USER_AGENT, "Android-SAMSUNG/1"), Clue(ClueKind.ACTIVESYNC, "SamsungDevice")),
        Action.USE, "192.0.2.1", "SEC1A2B3C4D5E6F7",
    )  # fmt: skip


def test_a_packed_activesync_query() -> None:
    found = asked(web(x_original_uri=PACKED, x_original_method="POST", x_user="anna"))
    assert found.login == "anna"
    assert found.clues == (Clue(ClueKind.ACTIVESYNC, "iPhone"),)
    assert found.device_id == "ApplF2LXQ0ABCD12"
    assert found.action is Action.SET_UP, "the query is a FolderSync"


@pytest.mark.parametrize(
    ("target", "method", "action"),
    [
        (f"{EAS}Cmd=Ping", "POST", Action.PRESENCE),
        (f"{EAS}Cmd=Provision", "POST", Action.SET_UP),
        (EAS, "OPTIONS", Action.SET_UP),
        (f"{EAS}Cmd=SendMail", "POST", Action.USE),
    ],
)
def test_what_an_activesync_request_does(target: str, method: str, action: Action) -> None:
    assert asked(web(x_original_uri=target, x_original_method=method)).action is action


def test_who_signed_in_counts_before_whom_the_query_names() -> None:
    assert asked(web(x_original_uri=PLAIN, x_user="boris")).login == "boris"
    assert asked(web(x_original_uri=PLAIN, x_user="-")).login == "anna"
    assert asked(web(SOGO, x_original_uri="/SOGo/so/vera%40example.org/Mail/view")).login == "vera@example.org"
    assert asked(web(SOGO, x_original_uri="/SOGo/so/public/x")).login == ""
    assert asked(web(SOGO, x_original_uri="/SOGo/so/vera/Mail", x_user="gleb")).login == "vera", "by a cookie"
    vera = web("/nginx/caldav/sogo", x_original_uri="/SOGo/dav/vera/Calendar/", x_user="gleb")
    assert asked(vera).login == "gleb", "her calendar"
    assert asked(web("/nginx/webmail", x_original_uri="/mail/")).login == ""


@pytest.mark.parametrize(
    "path",
    [
        "/SOGo/so/vera/Mail/view", "//SOGo/so/vera/Mail", "/SOGo.woa/so/vera/Mail", "/SOGo/%73o/vera/x", "/sogo/SO/vera/",
        "/SOGo/vera/Mail/view", "/SOGo.woa/vera/", "/SOGo/so/so/vera/Mail", "/SOGo/so/dav/vera/", "/SOGo/so/SOGo.woa/so/vera/x",
        "/SOGo/SOGo/vera/", "/SOGoX/so/vera/x", "/SOGo/so/anna/../vera/Mail", "/SOGo/./dav/vera/Calendar/?x=/SOGo/so/anna/",
    ],
)  # fmt: skip
def test_a_mailbox_is_named_however_its_path_is_written(path: str) -> None:
    assert asked(web(SOGO, x_original_uri=path)).login == "vera"


@pytest.mark.parametrize("door", ["webmail", "webmail/contacts", "ews", "mapi", "rest", "caldav", "carddav", "activesync"])
def test_a_path_names_nobody_where_no_sogo_stands(door: str) -> None:
    for path in ("/SOGo/so/vera/Mail/view", "/SOGo/dav/vera/Calendar/"):
        assert asked(web(f"/nginx/{door}", x_original_uri=path, x_user="anna")).login == "anna"
        assert asked(web(f"/nginx/{door}", x_original_uri=path)).login == ""
        told = {"x-forwarded-uri": path, "x-auth-user": "anna"}
        found = traefik.read(Request("GET", f"/traefik/{door}", "key=k&person=X-Auth-User", told))
        assert isinstance(found, Asked)
        assert found.login == "anna"


@pytest.mark.parametrize("text", ["x" * 5_000, "ж" * 900, "a ж" * 700])
def test_a_long_reason_is_cut_between_characters(text: str) -> None:
    question = Asked("nginx", "webmail", "mail", "anna")
    said = nginx.say(Decision("K-1", DAY, question, outcome(Effect.BLOCK), "00", text))
    reason = dict(said.headers)["X-Gate-Reason"]
    assert 2_900 < len(reason) < 3_100
    cut = unquote(reason, errors="strict").removesuffix(" [K-1]").removesuffix("…")
    assert text.startswith(cut)


def test_a_name_in_utf_8() -> None:
    assert asked(web(x_original_uri=PLAIN, x_user="жанна".encode().decode("latin-1"))).login == "жанна"


def test_only_a_checked_certificate_is_a_clue() -> None:
    told = {"x_original_uri": "/mail/", "x_client_cert_dn": "CN=LAPTOP-0042"}
    for checked, clues in (
        ("SUCCESS", (Clue(ClueKind.CERTIFICATE, "CN=LAPTOP-0042"),)), ("FAILED:expired", ()), ("NONE", ()), ("", ()),
    ):  # fmt: skip
        assert asked(web("/nginx/webmail", x_client_cert_verify=checked, **told)).clues == clues


def test_no_credential_is_taken() -> None:
    found = asked(web(x_original_uri=PLAIN, authorization="Basic c2VjcmV0", cookie="session=secret", x_api_key="secret"))
    assert "c2VjcmV0" not in repr(found)
    assert "secret" not in repr(found)
    question = allow(login="anna", pwhash="01c2secret", cookie="secret", device_id='"name" "x"')
    assert "secret" not in repr(question)


def test_what_is_long_is_cut() -> None:
    found = asked(web(x_original_uri="/x", x_user="a" * 9999, user_agent="b" * 9999))
    assert (len(found.login), len(found.clues[0].value)) == (LONGEST_LOGIN, LONGEST_CLUE)


@pytest.mark.parametrize("path", ["/nginx", "/nginx/", "/nginx/sofa", "/nginx/imap/calendar", "/nginx/webmail/chess"])
def test_a_path_without_a_door_is_no_question(path: str) -> None:
    with pytest.raises(NoQuestionError):
        nginx.read(web(path, x_original_uri="/x"))


def test_the_original_target_must_be_there() -> None:
    with pytest.raises(NoQuestionError):
        nginx.read(web())


def test_doors_and_services() -> None:
    assert door_of("/nginx/carddav") == ("carddav", "contacts", False)
    assert door_of("/nginx/webmail/files") == ("webmail", "files", False)
    assert door_of("/nginx/webmail/files/sogo") == ("webmail", "files", True)
    for wrong in ("/nginx", "/nginx/sogo", "/nginx/ews/sogo", "/nginx/webmail/sogo/files", "/nginx/webmail/mail/files"):
        with pytest.raises(NoQuestionError):
            door_of(wrong)


def outcome(effect: Effect) -> Outcome:
    clause = Clause("1 ж", Strength.MUST, Scope(everyone=True), (), ("mail",), DAY, DAY)
    return Outcome(effect, Verdict.VIOLATION, clause, StageKind.BLOCK, None, "", "7", Device())


@pytest.mark.parametrize(
    ("effect", "status"), [(Effect.ALLOW, 204), (Effect.WARN, 204), (Effect.QUARANTINE, 403), (Effect.BLOCK, 403)]
)
def test_nginx_is_told_by_status_and_headers(effect: Effect, status: int) -> None:
    question = Asked("nginx", "webmail", "mail", "anna")
    said = nginx.say(Decision("K-1", DAY, question, outcome(effect), "00", "Нет: 50%\r\nSet-Cookie: x"))
    headers = dict(said.headers)
    assert said.status == status
    assert (headers["X-Gate-Decision"], headers["X-Gate-Effect"]) == ("K-1", effect.value)
    assert ("X-Gate-Reason" in headers) == (effect is not Effect.ALLOW)
    if effect is not Effect.ALLOW:
        assert unquote(headers["X-Gate-Reason"]).startswith("Нет: 50%")
        assert unquote(headers["X-Gate-Clause"]) == "1 ж"
    encoded = said.encoded(keep_alive=True)
    assert b"\r\nSet-Cookie" not in encoded
    assert encoded.isascii()


def test_traefik_s_question() -> None:
    told = {
        "x-forwarded-uri": PLAIN, "x-forwarded-method": "POST", "x-forwarded-for": "192.0.2.99, 192.0.2.1",
        "x-auth-user": "vera", "user-agent": "Android-SAMSUNG/1", "x-user": "gleb",
    }  # fmt: skip
    found = traefik.read(Request("GET", "/traefik/activesync", "key=k&person=X-Auth-User", told))
    assert isinstance(found, Asked)
    assert (found.login, found.address, found.device_id, found.action) == ("vera", "192.0.2.1", "SEC1A2B3C4D5E6F7", Action.USE)
    for query in ("key=k", "key=k&person=", "person=&person=X-Auth-User", ""):
        nobody = traefik.read(Request("GET", "/traefik/activesync", query, told))
        assert isinstance(nobody, Asked)
        assert nobody.login == "anna", "whom the query names, where the operator names no header"


@pytest.mark.parametrize("header", ["Authorization", "authorization", "Proxy-Authorization", "Cookie"])
def test_a_credential_is_never_taken_for_a_name(header: str) -> None:
    told = {"x-forwarded-uri": "/mail/", header.lower(): "c2VjcmV0"}
    with pytest.raises(NoQuestionError):
        traefik.read(Request("GET", "/traefik/webmail", f"key=k&person={header}", told))


def test_envoy_s_question() -> None:
    told = {"x-phaseout-door": "activesync", "x-real-ip": "192.0.2.1", "user-agent": "Android-SAMSUNG/1"}
    path, _, query = PLAIN.partition("?")
    found = envoy.read(Request("POST", f"/envoy{path}", query, told))
    assert isinstance(found, Asked)
    assert (found.login, found.address, found.device_id, found.action) == ("anna", "192.0.2.1", "SEC1A2B3C4D5E6F7", Action.USE)
    with pytest.raises(NoQuestionError):
        envoy.read(Request("POST", f"/envoy{path}", query, told | {"x-phaseout-door": ""}))
    inside = envoy.read(Request("GET", "/envoy/envoy/vera/Mail/", "", told | {"x-phaseout-door": "webmail/contacts/sogo"}))
    assert isinstance(inside, Asked)
    assert (inside.service, inside.login) == ("contacts", "vera"), "only the first prefix is Envoy's own"


@pytest.mark.parametrize(
    ("effect", "status"), [(Effect.ALLOW, 200), (Effect.WARN, 200), (Effect.QUARANTINE, 403), (Effect.BLOCK, 403)]
)
def test_a_proxy_is_told_by_status(effect: Effect, status: int) -> None:
    decision = Decision("K-1", DAY, Asked("envoy", "webmail", "mail", "anna"), outcome(effect), "00", "No")
    for caller in (CALLERS["traefik"], CALLERS["envoy"]):
        said = caller.say(decision)
        assert (said.status, dict(said.headers)["X-Gate-Effect"]) == (status, effect.value)


@pytest.mark.parametrize(
    ("caller", "key"),
    [("nginx", "header"), ("dovecot", "header"), ("envoy", "header"), ("traefik", "query"), ("dovecot_events", "query")],
)
def test_a_key_counts_only_where_no_client_can_put_one(caller: str, key: str) -> None:
    request = Request("GET", "/x", "a=1&key=query&key=second", {"x-api-key": "header"})
    assert CALLERS[caller].key_of(request) == key


def test_questions_in_the_form_that_dovecot_sends() -> None:
    sample = Path(__file__).parent.parent / "samples" / "gate" / "dovecot-policy.jsonl"
    seen = {}
    for line in sample.read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        request = Request("POST", "/dovecot", question["path"].partition("?")[2], {}, json.dumps(question["body"]).encode())
        found = dovecot.read(request)
        if isinstance(found, Asked):
            seen[found.login, found.door, *(id_fields(clue.value).get("name", "") for clue in found.clues)] = found
    assert ("dmitri@example.org", "imap", "iPhone Mail") in seen
    assert ("farid@example.org", "imap", "com.google.android.gm") in seen
    assert {("boris", "pop3"), ("vera@example.org", "imap")} <= set(seen), "without an ID"
    assert all(found.address for found in seen.values())


def test_dovecot_s_report_and_other_services_are_no_question() -> None:
    report = Request("POST", "/dovecot", "command=report", {}, b'{"login": "anna", "protocol": "imap", "success": true}')
    for found in (dovecot.read(report), allow(protocol="sieve"), allow(protocol="doveadm")):
        assert isinstance(found, Answer)
        assert json.loads(found.body) == {"status": 0, "msg": ""}


def test_dovecot_is_told_by_status_and_message() -> None:
    question = Asked("dovecot", "imap", "mail", "anna")
    for effect, status in ((Effect.ALLOW, 0), (Effect.WARN, 0), (Effect.QUARANTINE, -1), (Effect.BLOCK, -1)):
        said = json.loads(dovecot.say(Decision("K-1", DAY, question, outcome(effect), "00", "No")).body)
        assert said == {"status": status, "msg": "No [K-1]" if status else ""}


def test_an_app_password_s_own_device_is_a_clue() -> None:
    found = allow(login="anna", device="os=android; maker=Samsung", device_id='"name" "iPhone Mail"')
    assert isinstance(found, Asked)
    assert Clue(ClueKind.INVENTORY, "os=android; maker=Samsung") in found.clues
    device = identify_all(found.clues)
    assert (device.maker, device.grade) == ("Samsung", Grade.MANAGED), "no certificate, and more than the client's word"
    alone = allow(login="anna", device="os=android")
    assert isinstance(alone, Asked)
    assert alone.clues == (Clue(ClueKind.INVENTORY, "os=android"),)


@pytest.mark.parametrize(
    ("query", "body"), [("command=allow", b"{"), ("command=allow", b"[1]"), ("command=allow", b'{"login": 7}'), ("", b"{}"),
                        ("command=drop", b"{}")],
)  # fmt: skip
def test_nonsense_from_dovecot_is_no_question(query: str, body: bytes) -> None:
    with pytest.raises(NoQuestionError):
        dovecot.read(Request("POST", "/dovecot", query, {}, body))


def test_bytes_that_are_no_utf_8_do_not_spoil_the_question() -> None:
    body = b'{"login": "anna", "protocol": "imap", "device_id": "\\"name\\" \\"\xff iPhone Mail\\""}'
    found = dovecot.read(Request("POST", "/dovecot", "command=allow", {}, body))
    assert isinstance(found, Asked)
    assert found.login == "anna"


@pytest.mark.parametrize("empty", ["", " "])
def test_without_an_id_there_is_no_clue(empty: str) -> None:
    found = allow(login="anna", device_id=empty.strip())
    assert isinstance(found, Asked)
    assert found.clues == ()


def test_a_list_that_says_a_thing_twice_is_read_both_ways() -> None:
    for text in ('"name" "Thunderbird" "NAME" "iPhone Mail"', '"name" "iPhone Mail" "Name" "Thunderbird"'):
        names = {id_fields(each)["name"] for each in readings(text)}
        assert names == {"iPhone Mail", "Thunderbird"}
    found = allow(login="anna", device_id='"name" "Thunderbird" "name" "iPhone Mail"')
    assert isinstance(found, Asked)
    assert len({found.clues, *found.others}) == 2


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ('"name" "a" "version" "1"', 1),
        ('"name" "a" "name" "a"', 1),
        ('"name" NIL "name" "b"', 2),
        ('"name" "say \\"hi\\"" "NAME" "x"', 2),
        ('"name" "a" "name" "b" "os" "c" "os" "d"', 4),
        ("", 1),
        ('"name', 1),
    ],
)
def test_how_many_ways_there_are(text: str, ways: int) -> None:
    assert len(readings(text)) == ways


@pytest.mark.parametrize(
    "before", [f'"x" "{"y" * 5000}"', f'"x" "{"y" * 79}{chr(92) * 2000}"', " ".join(f'"k{n}" "{"v" * 90}"' for n in range(29))]
)
def test_what_stands_before_it_hides_no_name(before: str) -> None:
    (found,) = readings(f'{before} "NAME" "iPhone Mail" "os" "iOS"')
    assert id_fields(found[:LONGEST_CLUE]) | {"name": "iPhone Mail", "os": "iOS"} == id_fields(found[:LONGEST_CLUE])


@given(st.text(alphabet='"\\ NILabc()\n', max_size=80))
def test_any_text_has_few_readings_and_none_raises(text: str) -> None:
    assert 1 <= len(readings(text)) <= MOST


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=60), max_size=8), st.text(max_size=40))
def test_no_header_and_no_path_raises_anything_else(headers: dict[str, str], path: str) -> None:
    for read in (nginx.read, dovecot.read, traefik.read, envoy.read):
        answered(read, Request("GET", f"/nginx/{path}", path, headers, path.encode()))


@given(st.text(max_size=60), st.sampled_from(["x-original-uri", "x-user", "user-agent", "x-client-cert-dn", "x-real-ip"]))
def test_no_value_of_a_known_header_raises(value: str, name: str) -> None:
    told = {"x-original-uri": PLAIN, "x-client-cert-verify": "SUCCESS"} | {name: value.encode().decode("latin-1")}
    answered(nginx.read, Request("GET", "/nginx/activesync", "", told))


@given(st.binary(max_size=200))
def test_no_body_raises_anything_else(body: bytes) -> None:
    answered(dovecot.read, Request("POST", "/dovecot", "command=allow", {}, body))


def answered(read: Callable[[Request], Asked | Answer], request: Request) -> None:
    try:
        assert isinstance(read(request), Asked | Answer)
    except NoQuestionError:
        return


def test_the_folder_is_the_list() -> None:
    assert {"nginx", "dovecot", "traefik", "envoy"} <= set(CALLERS.ids)
    assert all(CALLERS[name].id == name for name in CALLERS.ids)


@pytest.mark.parametrize(
    ("command", "status", "body"),
    [
        ("FolderSync", 200, "03016a000007564c03313239000101"),
        ("Sync", 200, "03016a00454e03313239000101"),
        ("Ping", 200, "03016a00000d454703313239000101"),
        ("Provision", 200, "03016a00000e454b03313239000101"),
        ("SendMail", 403, ""),
    ],
)  # fmt: skip
def test_a_refusal_in_activesync_s_own_words(command: str, status: int, body: str) -> None:
    said = refusal(web(x_original_uri=f"{EAS}Cmd={command}&DeviceType=iPhone"))
    assert (said.status, said.body.hex()) == (status, body)
