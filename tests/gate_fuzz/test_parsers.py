"""Nothing that a caller, a client or an operator writes raises anything but what its reader promises."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from phaseout.bundle.content import Content
from phaseout.bundle.keys import signing_key, trusted, trusted_key
from phaseout.bundle.seal import seal
from phaseout.devices.activesync_query import COMMANDS, parse_query
from phaseout.devices.identify import identify
from phaseout.devices.imap_list import id_fields
from phaseout.gate.activesync_status import refusal
from phaseout.gate.answering import Answering
from phaseout.gate.asked import Asked
from phaseout.gate.bundle_watch import BundleWatch
from phaseout.gate.caller import CALLERS, NoQuestionError
from phaseout.gate.decision_log import DecisionLog
from phaseout.gate.http import Answer, Connections, Request
from phaseout.gate.id_readings import MOST, readings
from phaseout.gate.kick import outcome_of
from phaseout.gate.lookup import told as lookup_told
from phaseout.gate.metrics import Metrics
from phaseout.gate.record import record_of
from phaseout.gate.replay import replay
from phaseout.gate.replay import told as replay_told
from phaseout.gate.settings import Limits, Settings, load_settings
from phaseout.gate.web import text_of
from phaseout.gate.wire import WireConnections
from phaseout.gate.words import language_for
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.fault import Fault, FaultsError

Serving = Any  # what conftest gives; tests can't import from it

PATHS = (
    "/nginx/activesync", "/nginx/webmail", "/nginx/webmail/contacts", "/nginx/caldav", "/nginx/imap", "/nginx", "/nginx/%00",
    "/traefik/webmail", "/traefik/activesync", "/envoy/mail/", "/envoy/Microsoft-Server-ActiveSync", "/envoy",
    "/dovecot", "/dovecot_events", "/postfix", "/denied/mail", "/denied/activesync", "/denied", "/readyz", "/metrics", "/healthz",
    "/", "*", "",
)  # fmt: skip
HEADERS = (
    "x-original-uri", "x-original-method", "x-user", "x-real-ip", "user-agent", "x-client-cert-verify", "x-client-cert-dn",
    "x-api-key", "x-gate-decision", "x-gate-clause", "x-gate-verdict", "accept-language", "authorization",
    "x-forwarded-uri", "x-forwarded-method", "x-forwarded-for", "x-auth-user", "x-phaseout-door",
)  # fmt: skip
WORDS = (
    "name",
    "NAME",
    "version",
    "os",
    "os-version",
    "vendor",
    "NIL",
    "nil",
    "iPhone Mail",
    "Thunderbird",
    "16.3 (20D47)",
    "\\",
    '"',
)

LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=80)
AGENTS = st.one_of(
    LATIN,
    st.builds("Apple-{}{}/{}.{}".format, st.sampled_from(["iPhone", "iPad", "x"]), LATIN, st.integers(), st.integers()),
    st.builds("Mozilla/5.0 ({}; {}) {}".format, st.sampled_from(["iPhone", "Linux; Android 13", "Macintosh"]), LATIN, LATIN),
)
PLAIN = st.builds("Cmd={}&User={}&DeviceId={}&DeviceType={}".format, st.sampled_from([*COMMANDS, "x"]), LATIN, LATIN, LATIN)
PACKED = st.binary(max_size=60).map(lambda body: base64.b64encode(bytes((141, 0, 9, 4)) + body).decode())
QUERIES = st.one_of(LATIN, PLAIN, PACKED)
TARGETS = st.builds("{}?{}".format, st.sampled_from(["/Microsoft-Server-ActiveSync", "/SOGo/so/%FF%00/", "/"]), QUERIES)
ID_LISTS = st.one_of(
    st.text(max_size=120),
    st.lists(st.sampled_from(WORDS).map(lambda word: f'"{word}"'), max_size=14).map(" ".join),
    st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)), max_size=7).map(
        lambda pairs: ", ".join(f"{key}={value}" for key, value in pairs)
    ),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=8,
)
QUESTIONS = st.fixed_dictionaries(
    {},
    optional={
        "login": st.text(max_size=30) | JSON, "remote": st.text(max_size=30) | JSON, "device_id": ID_LISTS | JSON,
        "protocol": st.sampled_from(["imap", "pop3", "smtp", "submission", "sieve", ""]) | JSON,
        "device": st.text(max_size=40) | JSON,
        "event": st.sampled_from(["imap_command_finished", "x"]) | JSON,
        "fields": st.fixed_dictionaries(
            {}, optional={"user": st.text(max_size=20), "cmd_name": st.just("ID"), "cmd_args": ID_LISTS, "remote_ip": JSON}
        ) | JSON,
    },
)  # fmt: skip
BODIES = st.one_of(
    st.binary(max_size=80),
    QUESTIONS.map(lambda value: json.dumps(value).encode()),
    st.integers(0, 30_000).map(lambda deep: b'{"x":' + b"[" * deep),
    st.sampled_from([b'{"login":"\\ud800","protocol":"imap"}', b'{"login":"\xff","protocol":"imap"}', b'{"login":1e999}']),
)
REQUESTS = st.builds(
    Request,
    st.sampled_from(["GET", "POST", "HEAD", "OPTIONS"]),
    st.sampled_from(PATHS) | LATIN.map("/nginx/{}".format) | LATIN,
    st.sampled_from(["", "command=allow", "command=report", "command=allow&x", "key=k&person=X-Auth-User"]) | LATIN,
    st.dictionaries(st.sampled_from(HEADERS), LATIN | TARGETS | AGENTS, max_size=8),
    BODIES,
)

ATTRIBUTES = st.dictionaries(
    st.sampled_from(["request", "sasl_username", "helo_name", "client_address", "ccert_subject", "policy_context", "x-api-key"]),
    st.sampled_from(["smtpd_access_policy", "", "anna", "+41+2B", "+C3+28", "192.0.2.7"]) | LATIN,
).map(lambda told: "".join(f"{name}={value}\n" for name, value in told.items()).encode() + b"\n")

FUZZED = settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture(scope="module")
def answering(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answering]:
    """Return all of the gate behind its HTTP."""
    watch: Any = SimpleNamespace(serving=serving, is_there=True, is_refused=False)
    callers = {name: CALLERS[name] for name in CALLERS.ids}
    log = DecisionLog(tmp_path_factory.mktemp("log") / "log")
    yield Answering(Settings(), callers, watch, log, Metrics(), lambda: datetime(2026, 11, 1, tzinfo=UTC))
    log.close()


@FUZZED
@given(REQUESTS)
def test_every_request_has_an_answer_and_none_is_5xx(answering: Answering, request_: Request) -> None:
    answer = answering.answer(request_)
    head = answer.encoded(keep_alive=True).partition(b"\r\n\r\n")[0]
    assert answer.status < 500 or request_.path.startswith("/readyz"), "only that may say that nothing is ready"
    assert len(head.split(b"\r\n")) == 1 + len(answer.headers) + bool(answer.content_type) + (answer.status != 204)


@FUZZED
@given(st.sampled_from(CALLERS.ids), REQUESTS)
def test_callers_take_a_question_or_say_that_it_is_none(caller: str, request_: Request) -> None:
    why = ""
    try:
        found: Asked | Answer = CALLERS[caller].read(request_)
    except NoQuestionError as error:
        found, why = Answer(400), str(error)
    assert len(why) < 40
    assert isinstance(found, Asked | Answer)


@given(ID_LISTS)
def test_id_lists(text: str) -> None:
    ways = readings(text)
    assert 1 <= len(ways) <= MOST
    for way in ways:
        fields = id_fields(way)
        assert all(fields.values())
        assert identify(Clue(ClueKind.IMAP_ID, way)).reason


@given(QUERIES)
def test_activesync_queries(text: str) -> None:
    found = parse_query(text)
    assert found is None or any((found.command, found.user, found.device_id, found.device_type))
    assert refusal(Request("POST", "/denied/activesync", "", {"x-original-uri": f"/x?{text}"})).status in {200, 403}


@given(st.sampled_from(ClueKind), AGENTS | st.text(max_size=60))
def test_clues(kind: ClueKind, text: str) -> None:
    assert identify(Clue(kind, text)).reason


@given(LATIN | st.lists(st.sampled_from(["ru", "en-GB", ";q=", "nan", "-1", "1e999", ",", "0"]), max_size=9).map("".join))
def test_languages(text: str) -> None:
    assert language_for(text, "en") in {"en", "ru"}


@given(LATIN)
def test_names_in_headers(text: str) -> None:
    assert (text_of(text).encode() == b"") is (text == "")


@given(st.dictionaries(st.sampled_from(HEADERS), LATIN, max_size=6), LATIN)
def test_pages(answering: Answering, headers: dict[str, str], path: str) -> None:
    shown = answering.answer(Request("GET", f"/denied/{path}", "", headers))
    assert shown.status in ({200, 403} if path.startswith("activesync") else {403})
    assert path.startswith("activesync") or b"</html>" in shown.body


class Wire:
    """What a connection writes to."""

    def __init__(self) -> None:
        self.said = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.said += data

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed


LINES = st.sampled_from([
    b"GET / HTTP/1.1\r\n", b"POST /dovecot?command=allow HTTP/1.1\r\n", b"GET /nginx/webmail HTTP/1.0\r\n",
    b"CONNECT x:1 HTTP/1.1\r\n",
    b"X-User: \xff\r\n", b"X-Original-URI: /\r\n", b"Content-Length: 3\r\n", b"Content-Length: -1\r\n",
    b"Content-Length: 3, 3\r\n",

    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n", b"Connection: close\r\n", b"Upgrade: h2c\r\n",
    b"3\r\nabc\r\n",
    b"0\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b" folded\r\n", b": \r\n", b"\0", b"{}", b"Expect: 100-continue\r\n",
])  # fmt: skip


@FUZZED
@given(st.lists(LINES | st.binary(max_size=12), max_size=12))
def test_wires(answering: Answering, parts: list[bytes]) -> None:
    wire, refused = Wire(), list[str]()
    connection = Connections(Limits(), answering.answer, refused.append).connection()
    connection.connection_made(wire)  # type: ignore[arg-type]
    for part in parts:
        connection.data_received(part)
    assert b"HTTP/1.1 5" not in wire.said
    assert len(refused) <= 1
    assert wire.closed or not refused


def test_who_has_a_place_of_his_own_is_not_asked_for_over_http(answering: Answering) -> None:
    for caller in CALLERS:
        found = answering.answer(Request("GET", f"/{caller.id}", "", {"request": "smtpd_access_policy"}))
        assert (found.status == 404) is (caller.wire is not None)


@FUZZED
@given(
    st.lists(ATTRIBUTES | st.binary(max_size=40) | st.sampled_from([b"\n", b"=", b"request=smtpd_access_policy\n"]), max_size=6)
)
def test_wires_that_are_not_http(answering: Answering, parts: list[bytes]) -> None:
    for caller in CALLERS:
        if caller.wire is None:
            continue
        wire, refused = Wire(), list[str]()
        all_ = WireConnections(Limits(), caller.wire, partial(answering.ask, caller), refused.append)
        connection = all_.connection()
        connection.connection_made(wire)  # type: ignore[arg-type]
        for part in parts:
            connection.data_received(part)
        assert re.fullmatch(rb"(action=[ -~]+\n\n)*", wire.said)
        assert refused == []


RECORDS = st.fixed_dictionaries(
    {
        "id": st.text(max_size=9), "at": st.datetimes().map(lambda at: f"{at.isoformat()}Z") | st.text(max_size=9),
        "caller": st.text(max_size=9), "cost_us": st.floats(0, 9) | JSON, "door": st.sampled_from(["imap", "activesync", "sofa"]),
        "service": st.sampled_from(["mail", "calendar", "sofa"]), "action": st.sampled_from(["use", "set-up", "sofa"]),
        "login": st.text(max_size=9), "grade": st.text(max_size=9), "verdict": st.text(max_size=9), "effect": st.text(max_size=9),
        "reason": st.text(max_size=9), "bundle": st.text(max_size=9),
    },
    optional={
        "clues": st.dictionaries(st.sampled_from([*ClueKind, "sofa"]), st.text(max_size=40), max_size=3) | JSON,
        "others": st.lists(st.dictionaries(st.sampled_from(ClueKind), st.text(max_size=9), max_size=2), max_size=3) | JSON,
        "device": st.dictionaries(st.sampled_from(["maker", "model", "sofa"]), st.text(max_size=9), max_size=3) | JSON,
        "person": st.text(max_size=9) | JSON, "clause": st.text(max_size=9) | JSON, "address": st.text(max_size=9) | JSON,
    },
)  # fmt: skip


@settings(FUZZED, max_examples=150)
@given(RECORDS.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60))
def test_lines_of_decision_logs(serving: Serving, line: bytes) -> None:
    record = record_of(line)
    found = replay([record], serving, {})
    assert found.same + found.different + found.unreadable == 1
    assert "".join(replay_told(found))
    if record is not None:
        for zone in ("America/New_York", "Pacific/Kiritimati"):
            assert "".join(lookup_told(record, ZoneInfo(zone)))


def seal_head(key: Any) -> bytes:  # noqa: ANN401 - a private key
    """Return how a bundle begins that a key signs."""
    return b"phaseout bundle 1\n" + trusted(key.public_key()).fingerprint


@settings(FUZZED, max_examples=60)
@given(data=st.binary(max_size=300), changed=st.dictionaries(st.integers(0, 100_000), st.integers(0, 255), max_size=6))
def test_bundles_that_are_none_or_were_damaged_before_they_were_signed(
    sealed: Path, data: bytes, changed: dict[int, int]
) -> None:
    key = signing_key(sealed / "gate.key")
    body = bytearray((sealed / "gate.bundle").read_bytes()[len(seal_head(key)) + 64 :])
    for place, value in changed.items():
        body[place % len(body)] = value
    told = seal_head(key)
    for bytes_ in (data, told + data, told + key.sign(told + bytes(body)) + body):
        (sealed / "broken.bundle").write_bytes(bytes_)
        metrics = Metrics()
        watch = BundleWatch(sealed / "broken.bundle", [trusted_key(sealed / "gate.key.pub")], metrics)
        watch.take(datetime(2026, 11, 1, tzinfo=UTC))
        assert (watch.serving is None) is bool(metrics.bundles_refused)


@pytest.mark.parametrize("zone", ["/UTC", "../UTC", "UT\0C", "", "Nowhere/Nowhere"])
def test_a_signed_bundle_with_a_time_zone_that_is_none_is_refused(zone: str, sealed: Path, serving: Serving) -> None:
    told = serving.order.directive
    content = Content(datetime(2026, 1, 1, tzinfo=UTC), "0.1.0", (), replace(told, time_zone=zone), (), ())
    (sealed / "zone.bundle").write_bytes(seal(content, signing_key(sealed / "gate.key")))
    metrics = Metrics()
    BundleWatch(sealed / "zone.bundle", [trusted_key(sealed / "gate.key.pub")], metrics).take(datetime(2026, 11, 1, tzinfo=UTC))
    assert set(metrics.bundles_refused) == {("PO502",)}


@given(st.binary(max_size=80) | st.sampled_from([b'[["doveadmResponse"', b'[["error",{"exitCode":68}', b""]))
def test_answers_of_doveadm(said: bytes) -> None:
    try:
        outcome = outcome_of(said)
    except ValueError as error:
        outcome = str(error)
    assert 0 < len(outcome) <= 100 or said.startswith(b"\r\n")


TOML = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from([
            "[limits]", "[texts]", "[doors.imap]", "[callers.nginx]", "[doveadm]", "head = 1", "seconds = nan", "seconds = -1",
            "keys = ['none']", 'exempt = ["::/0", "1"]', "cannot_tell = 'block'", "x = 1979-13-41", 'language = ""',
            "trusted_keys = []",
            "reuse_port = 1", "without_log = ''", "at = '127.0.0.1:x'", "at = ''", "remembers = -1",
        ]),
        max_size=6,
    ).map("\n".join),
)  # fmt: skip


def told(text: str, folder: Path) -> None:
    """Read a configuration; mistakes must be told as mistakes."""
    (folder / "gate.toml").write_text(text, encoding="utf-8", errors="replace")
    faults: tuple[Fault, ...] = ()
    try:
        load_settings(folder / "gate.toml", CALLERS.ids)
    except FaultsError as error:
        faults = error.faults
    assert all(fault.code.startswith("PO52") and fault.way_out for fault in faults)


@FUZZED
@given(TOML)
def test_configurations(tmp_path: Path, text: str) -> None:
    told(text, tmp_path)


@pytest.mark.parametrize(
    "text",
    ['[callers.nginx]\nkeys = ["a\\u0000"]', "a = " + "[" * 5000, "[limits]\nhead = " + "9" * 5000],
    ids=["a null in a path", "depth without end", "a number without end"],
)
def test_configurations_that_break_their_reader(text: str, tmp_path: Path) -> None:
    told(text, tmp_path)
