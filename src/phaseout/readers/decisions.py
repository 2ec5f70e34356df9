"""The gate's own decision log, one JSON object a line: what it was asked, and what it answered.

A request that the gate let pass is what it was (use, presence, set-up); one that it refused is an attempt. Where the mail
server's own log shows the same use of the same device, the decision is a repeat. nginx asks before anybody has signed in, so
whom it names is a claim until another log shows that the same person got in with the same client. Instants are UTC.
"""

from __future__ import annotations

from typing import Any, Final

from phaseout.model.access import PROTOCOLS, SERVICES, Action
from phaseout.reading.iso_time import instant
from phaseout.reading.json_lines import TEXT, fault_of, objects, picker, without_mark
from phaseout.reading.leak import copied
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import Clock, Likeness, Reader, Setting

_CLUES: Final = ("user_agent", "activesync", "imap_id", "certificate", "inventory")
"""The kinds of evidence that callers of the gate have and that tell of a device; the name in an EHLO never does."""

_BEFORE: Final = "nginx"
"""The caller that asks before the password is checked; Traefik and Envoy name whom they have checked themselves."""

_FIELDS: Final = ("at", "caller", "door", "service", "action", "login", "device_id", "effect")
_pick = picker({**dict.fromkeys(_FIELDS, TEXT), "clues": dict.fromkeys(_CLUES, TEXT)})

_OURS: Final = frozenset({"effect", "verdict", "bundle", "cost_us"})


def detect(lines: tuple[str, ...]) -> Likeness:
    """Look for the fields that only the gate writes together."""
    fits = sum(_is_ours(found) for found in objects(lines))
    return Likeness(fits / len(lines) if lines else 0.0, f"{fits} of {len(lines)} lines are decisions of the gate")


def _is_ours(found: dict[str, Any]) -> bool:
    return found.keys() >= _OURS


def rows(lines: ir.Table, _: Setting) -> ir.Table:
    """Take the fields out of each object."""
    read = lines.mutate(all=_pick(without_mark(lines.line)))
    told = {name: read.all[name].nullif("") for name in _FIELDS if name != "at"}
    clues = {name: read.all["clues"][name].nullif("") for name in _CLUES}
    read = read.mutate(at=instant(read.all["at"]))
    fault = fault_of(read.line, read["at"])
    return read.select("row", "at", fault=fault, line=copied(read.line, fault), **told, **clues)


def meaning(found: ir.Table) -> ir.Table:
    """Say what each distinct decision is."""
    passed = found.effect.isin(("allow", "warn"))
    is_claim = (found.caller == _BEFORE) & (found.action == Action.USE.value) & found.certificate.isnull()
    known = found.door.isin(PROTOCOLS) & found.service.isin(SERVICES) & found.action.isin(tuple(Action)) & found.effect.notnull()
    return found.mutate(
        ignored=ibis.cases(
            (~known.fill_null(False), "no decision"),
            (found.login.isnull(), "nobody signed in"),
            else_=ibis.null("string"),
        ),
        protocol=found.door,
        action=ibis.cases((~passed, "attempt"), (is_claim, "claim"), else_=found.action),
        outcome=ibis.ifelse(passed, "success", "failure"),
    )


READER = Reader(
    id="decisions",
    title="Decision log of phaseout gate (JSON lines)",
    clock=Clock.UTC,
    doors=("activesync", "imap", "pop3", "smtp", "webmail", "ews", "mapi", "rest", "caldav", "carddav", "sign-in"),
    detect=detect,
    rows=rows,
    meaning=meaning,
    behind=("combined", "dovecot", "iis", "httpproxy", "sogo", "zpush", "zimbra"),
    by_door=True,
    beforehand=True,
)
