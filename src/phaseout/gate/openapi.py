"""The OpenAPI document of the gate's HTTP: made of what each caller and each route states, and of nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from phaseout.gate.caller import Caller, key_in_header, key_in_query
from phaseout.gate.http import Request
from phaseout.gate.operation import Operation, Parameter, Reply
from phaseout.gate.routes import ROUTES

_ABOUT: Final = (
    "Mail servers ask, with each request, whether this person's device may be used for this service now. Made by "
    "phaseout gate openapi; docs/gate says what the answers mean to people."
)

_EVERYWHERE: Final = (
    Reply(400, "It is no question, or no HTTP."),
    Reply(408, "It took longer than limits.seconds; the connection is closed."),
    Reply(413, "Its body is larger than limits.body; the connection is closed."),
    Reply(431, "Its head is larger than limits.head; the connection is closed."),
)
"""Answers that every question may get."""

_KEYED: Final = (
    Reply(500, "The key is none of the caller's: as good as no answer, for neither yes nor no may come of a typing error."),
)

_FULL: Final = "There are limits.connections connections already; the connection is closed."

_SCHEMES: Final[Mapping[Callable[[Request], str], str]] = {key_in_header: "key", key_in_query: "key-in-query"}
"""By what reads a caller's key."""

_SECURITY: Final = {
    _SCHEMES[key_in_header]: {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "Where the configuration has keys for the caller.",
    },
    _SCHEMES[key_in_query]: {
        "type": "apiKey",
        "in": "query",
        "name": "key",
        "description": "The same, for callers that can send no header.",
    },
}

Json = dict[str, Any]


def document(callers: Iterable[Caller]) -> Json:
    """Return the document.

    Args:
        callers: those that there are; one that states no operation is not asked over HTTP.
    """
    told = {caller.id: (caller.title, _with_no_opinion(caller), _SCHEMES[caller.key_of]) for caller in callers}
    told |= {name: ("the gate itself", operations, _SCHEMES[key_in_header]) for name, operations in ROUTES.items()}
    every = [operation for _, operations, _ in told.values() for operation in operations]
    shapes = {shape for operation in every for shape in (operation.body, *(reply.body for reply in operation.replies)) if shape}
    ordered = sorted(shapes, key=lambda shape: (shape.__module__, shape.__qualname__))
    schemas, components = msgspec.json.schema_components(ordered, ref_template="#/components/schemas/{name}")
    by_shape = dict(zip(ordered, schemas, strict=True))
    paths: Json = {}
    for name, (title, operations, scheme) in told.items():
        for operation in operations:
            asked = _operation(name, title, operation, by_shape)
            if operation.is_keyed:
                asked["security"] = [{scheme: []}, {}]
            paths.setdefault(f"/{name}{operation.path}", {})[operation.method] = asked
    return {
        "openapi": "3.1.0",
        "info": {"title": "phaseout gate", "version": "1", "description": _ABOUT},
        "paths": paths,
        "components": {
            "securitySchemes": _SECURITY,
            "responses": {str(reply.status): {"description": reply.told} for reply in (*_EVERYWHERE, *_KEYED)},
            "schemas": {name: _for_callers(component) for name, component in components.items()},
        },
    }


def _for_callers(component: Json) -> Json:
    """Keep of a shape's description what those who ask need: its first sentences, and not what our own readers are told."""
    about = component.get("description", "").partition("\n\n")[0]
    return {**component, "description": " ".join(about.split())} if about else component


def document_text(callers: Iterable[Caller]) -> str:
    """Return the document as the file that is published."""
    return json.dumps(document(callers), indent=2, ensure_ascii=False) + "\n"


def _with_no_opinion(caller: Caller) -> tuple[Operation, ...]:
    """Return a caller's operations, with its own status for "no opinion" among the answers."""
    none = caller.no_opinion
    headers = tuple(Parameter(name, "As HTTP has it.", example=value) for name, value in none.headers)
    reply = Reply(none.status, "No opinion: the door does what its own configuration says.", headers, none.content_type)
    return tuple(replace(each, replies=(*each.replies, reply)) for each in caller.operations)


def _operation(name: str, title: str, operation: Operation, shapes: Mapping[type, Json]) -> Json:
    told: Json = {
        "operationId": f"{name}{operation.path}".replace("/", "-").replace("{", "").replace("}", ""),
        "tags": [title],
        "summary": operation.told,
        "parameters": [_parameter(each) for each in operation.parameters],
        "responses": _responses(operation, shapes),
        "security": [],
    }
    if operation.body:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": shapes[operation.body]}}}
    return told


def _parameter(parameter: Parameter) -> Json:
    told: Json = {
        "name": parameter.name,
        "in": parameter.where.value,
        "description": parameter.told,
        "required": parameter.is_required,
    }
    return told | _value(parameter)


def _value(parameter: Parameter) -> Json:
    schema: Json = {"type": "string"}
    if parameter.values:
        schema["enum"] = list(parameter.values)
    elif parameter.is_required:
        schema["minLength"] = 1  # an empty one is none
    return {"schema": schema} | ({"example": parameter.example} if parameter.example else {})


def _responses(operation: Operation, shapes: Mapping[type, Json]) -> Json:
    """Return the answers by status; where several share one, in one sentence after the other."""
    found: dict[str, Json] = {}
    for reply in (*operation.replies, Reply(503, _FULL)):
        here = found.setdefault(str(reply.status), {"description": ""})
        here["description"] = f"{here['description']} {reply.told}".strip()
        for header in reply.headers:
            head = {"description": header.told, "required": header.is_required} | _value(header)
            here.setdefault("headers", {})[header.name] = head
        if reply.content_type:
            schema = shapes[reply.body] if reply.body else {"type": "string"}
            here.setdefault("content", {})[reply.content_type] = {"schema": schema}
    for reply in (*_EVERYWHERE, *(_KEYED if operation.is_keyed else ())):
        found.setdefault(str(reply.status), {"$ref": f"#/components/responses/{reply.status}"})
    return dict(sorted(found.items()))
