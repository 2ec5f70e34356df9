"""What the gate answers beside its callers' questions, as data; what does it stands in ``answering``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from phaseout.gate.asked import SERVICE_OF
from phaseout.gate.operation import Operation, Parameter, Reply, Where

_TEXT: Final = "text/plain"

_SHOWN: Final = (
    Parameter("X-Gate-Decision", "The decision's id, as the answer to the question had it.", example="K7Q4MX-2F"),
    Parameter("X-Gate-Clause", "The clause, likewise.", example="seat"),
    Parameter("X-Gate-Verdict", "The verdict, likewise.", example="violation"),
    Parameter("Accept-Language", "The browser's, to choose the language by.", example="ru, en;q=0.5"),
)

_DOOR: Final = Parameter("door", "The door.", Where.PATH, tuple(sorted(set(SERVICE_OF) - {"activesync"})), is_required=True)

_ORIGINAL: Final = Parameter(
    "X-Original-URI", "The path and query that the phone asked for.", example="/?Cmd=Sync&DeviceType=iPhone"
)

_WBXML: Final = "application/vnd.ms-sync.wbxml"

ROUTES: Final[Mapping[str, tuple[Operation, ...]]] = {
    "healthz": (Operation("", "Does the gate live?", (), (Reply(200, "It does.", (), _TEXT),), is_keyed=False),),
    "readyz": (
        Operation(
            "",
            "Does the gate decide, with all its tables loaded?",
            (),
            (Reply(200, "It does.", (), _TEXT), Reply(503, "It does not; the text says why.", (), _TEXT)),
            is_keyed=False,
        ),
    ),
    "metrics": (
        Operation("", "What has been counted?", (), (Reply(200, "Prometheus's text form.", (), _TEXT),), is_keyed=False),
    ),
    "denied": (
        Operation(
            "/{door}",
            "What is a refused person's browser shown?",
            (_DOOR, *_SHOWN),
            (Reply(403, "The page, in the person's language.", (), "text/html"),),
        ),
        Operation(
            "/activesync",
            "What is a refused phone told?",
            (_ORIGINAL,),
            (
                Reply(200, "Status 129 in the command's own words.", (), _WBXML),
                Reply(403, "The command has no such words, or there is none."),
            ),
        ),
    ),
}
"""By the first part of the path; for ``denied``, the key is nginx's."""
