"""The published OpenAPI document says what the gate's callers and routes really read, all of them, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from phaseout.gate.answering import Answering
from phaseout.gate.caller import CALLERS, Caller, NoQuestionError
from phaseout.gate.decision_log import DecisionLog
from phaseout.gate.http import Answer, Request
from phaseout.gate.metrics import Metrics
from phaseout.gate.openapi import document, document_text
from phaseout.gate.operation import Operation, Parameter, Reply, Where
from phaseout.gate.routes import ROUTES
from phaseout.gate.settings import Settings

FILE = Path(__file__).parents[2] / "schema" / "gate.openapi.json"
OVER_HTTP = [caller for caller in CALLERS if caller.operations]
KEY = {"x-api-key"}
"""Asked for beside what an operation reads; a security scheme says it."""

AFTERWARDS = {"accept-language"}
"""Read by what writes to people, when it is decided."""


class Headers(dict[str, str]):
    """Headers that remember which of them were looked for."""

    def __init__(self, given: dict[str, str]) -> None:
        super().__init__(given)
        self.read: set[str] = set()

    def get(self, name: str, otherwise: Any = None) -> Any:  # noqa: ANN401 - as dict has it
        self.read.add(name)
        return super().get(name, otherwise)

    def __getitem__(self, name: str) -> str:
        self.read.add(name)
        return super().__getitem__(name)


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Answering]:
    watch: Any = SimpleNamespace(serving=None, is_there=True, is_refused=False)
    log = DecisionLog(tmp_path / "log")
    callers = {name: CALLERS[name] for name in CALLERS.ids}
    yield Answering(Settings(), callers, watch, log, Metrics(), lambda: datetime(2026, 11, 1, tzinfo=UTC))
    log.close()


def body_of(shape: type | None) -> bytes:
    """Return a body with no more in it than it must have, as the shape's examples say it."""
    if shape is None:
        return b""
    told = msgspec.json.schema(shape)["$defs"][shape.__name__]
    return json.dumps({name: told["properties"][name]["examples"][0] for name in told["required"]}).encode()


def requests(name: str, operation: Operation) -> Iterator[tuple[Request, Headers]]:
    """Give a request of an operation for each value that its path may have, or its example, with every header in it."""
    headers = {each.name.lower(): each.example for each in operation.parameters if each.where is Where.HEADER}
    query = "&".join(
        f"{each.name}={(each.values or (each.example,))[0]}" for each in operation.parameters if each.where is Where.QUERY
    )
    paths = [f"/{name}{operation.path}"]
    for each in operation.parameters:
        if each.where is Where.PATH:
            paths = [path.replace(f"{{{each.name}}}", value) for path in paths for value in each.values or (each.example,)]
    for path in paths:
        given = Headers(headers)
        yield Request(operation.method.upper(), path, query, given, body_of(operation.body)), given


def stated(operations: tuple[Operation, ...]) -> set[str]:
    return {each.name.lower() for every in operations for each in every.parameters if each.where is Where.HEADER}


def test_the_file_is_fresh() -> None:
    assert FILE.read_text("utf-8") == document_text(CALLERS), f"phaseout gate openapi > schema/{FILE.name}"


def test_every_caller_and_every_route_is_in_it(answering: Answering) -> None:
    written = json.loads(FILE.read_text("utf-8"))
    asked = {name for name in CALLERS.ids if answering.answer(Request("GET", f"/{name}")).status != 404}
    assert asked
    assert {path.split("/")[1] for path in written["paths"]} == asked | set(answering._routes)
    assert set(ROUTES) == set(answering._routes)
    ids = [told["operationId"] for path in written["paths"].values() for told in path.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("caller", OVER_HTTP, ids=lambda caller: caller.id)
def test_a_caller_reads_what_it_states(caller: Caller) -> None:
    read = set[str]()
    for operation in caller.operations:
        for request, headers in requests(caller.id, operation):
            found = caller.read(request)
            assert isinstance(found, Answer) or found.caller == caller.id
            read |= headers.read
    assert read - AFTERWARDS == stated(caller.operations) - AFTERWARDS


@pytest.mark.parametrize("caller", OVER_HTTP, ids=lambda caller: caller.id)
def test_a_question_without_what_is_required_is_none(caller: Caller) -> None:
    for operation in caller.operations:
        required = [each for each in operation.parameters if each.is_required and each.where is not Where.PATH]
        for request, headers in requests(caller.id, operation):
            for each in required:
                short = {name: value for name, value in headers.items() if name != each.name.lower()}
                query = "" if each.where is Where.QUERY else request.query
                with pytest.raises(NoQuestionError):
                    caller.read(request._replace(headers=short, query=query))


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_a_route_reads_what_it_states(route: str, answering: Answering) -> None:
    read = set[str]()
    for operation in ROUTES[route]:
        for request, headers in requests(route, operation):
            answer = answering.answer(request)
            assert answer.status in {reply.status for reply in operation.replies}
            assert answer.content_type.partition(";")[0] in {reply.content_type for reply in operation.replies}
            read |= headers.read - (KEY if operation.is_keyed else set())
    assert read == stated(ROUTES[route])


def test_a_new_caller_needs_its_own_file_alone() -> None:
    asks = Operation("/{door}", "?", (Parameter("door", "It.", Where.PATH, ("a",), is_required=True),), (Reply(202, "Yes."),))
    new = Caller("new", "A new one", lambda _: Answer(202), lambda _: Answer(202), Answer(418), operations=(asks,))
    told = document([*CALLERS, new])["paths"]["/new/{door}"]["get"]
    assert set(told["responses"]) == {"202", "400", "408", "413", "418", "431", "500", "503"}
    assert re.match("No opinion", told["responses"]["418"]["description"])
