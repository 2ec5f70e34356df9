"""Google Workspace: activities of the Reports API and mobile devices of the Directory API, one JSON object a line.

An activity is one line with one or several events, and counts once, as the event that shows the most: a device that
synchronised the account, then one that was registered, then a sign-in, a grant, and at last what was refused; of several of one
kind, the first. Of others' events beside it, nothing is counted.
Some exporters make a line of each event; then each counts, for all of them have the activity's id.
Sign-ins say nothing of the device. What they lack stands in the ``mobile`` events: a device that synchronised the account is
presence, one that was registered is set-up; the person is ``USER_EMAIL``, who need not be the actor. An application that
context-aware access refused is an attempt; a grant to an application is set-up of a sign-in, and says the system where the
application is made for one. Instants are UTC.
"""

from __future__ import annotations

from typing import Final

from phaseout.reading.inventory import inventory
from phaseout.reading.iso_time import instant
from phaseout.reading.json_lines import TEXT, fault_of, objects, picker, value_of, without_mark
from phaseout.reading.leak import copied
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import Clock, Likeness, Reader, Setting

_ACTIVITY: Final = "admin#reports#activity"
_DEVICE: Final = "admin#directory#mobiledevice"

_EVENT: Final = {"type": TEXT, "name": TEXT, "parameters": [{"name": TEXT, "value": TEXT}]}
_pick = picker(
    {
        "kind": TEXT,
        "id": {"time": TEXT, "uniqueQualifier": TEXT, "applicationName": TEXT},
        "actor": {"email": TEXT},
        "events": TEXT,
        **dict.fromkeys(("email", "model", "os", "type", "userAgent", "lastSync", "deviceId", "resourceId"), TEXT),
    }
)
_pick_events = picker([_EVENT])

_REGISTERS: Final = "DEVICE_REGISTER_UNREGISTER_EVENT"

_MEANING: Final = {
    "DEVICE_SYNC_EVENT": "presence", _REGISTERS: "set-up", "login_success": "use", "authorize": "set-up",
    "ACCESS_DENY_EVENT": "attempt", "login_failure": "attempt",
}  # fmt: skip
"""The events that mean something here, and what each is; the one that shows the most of a device first."""

_SERVICES: Final = {"GMAIL": "mail", "CALENDAR": "calendar", "CONTACTS": "contacts", "DRIVE": "files", "CHAT": "chat"}
"""The applications that context-aware access names."""


def detect(lines: tuple[str, ...]) -> Likeness:
    """Look for the ``kind`` that Google writes into each object."""
    fits = sum(found.get("kind") in {_ACTIVITY, _DEVICE} for found in objects(lines))
    return Likeness(
        fits / len(lines) if lines else 0.0, f"{fits} of {len(lines)} lines are Google Workspace activities or devices"
    )


def rows(lines: ir.Table, _: Setting) -> ir.Table:
    """Take the fields and the event that counts out of each object."""
    read = lines.mutate(all=_pick(without_mark(lines.line)))
    events = read.all["events"]
    read = read.mutate(
        events=_pick_events(ibis.ifelse(events.startswith("["), events, ibis.literal("[") + events + "]")),
        is_device=read.all["kind"] == _DEVICE,
        # The Directory API sets a colon before the milliseconds.
        stamp=ibis.coalesce(read.all["id"]["time"], read.all["lastSync"].substr(0, 19) + "Z"),
    )
    read = read.mutate(event=_telling(read.events), at=instant(read.stamp))
    of = {name: value_of(read.event["parameters"], name, "name", "value") for name in _PARAMETERS}
    fault = fault_of(read.line, read["at"])
    told = read.select(
        "row", "at", fault=fault, line=copied(read.line, fault),
        id=ibis.ifelse(read.is_device, read.all["resourceId"], _qualified(read.all["id"])),
        event=ibis.ifelse(read.is_device, "DEVICE_SYNC_EVENT", read.event["name"]),
        login=ibis.coalesce(
            of["USER_EMAIL"], ibis.ifelse(read.is_device, _first_address(read.all["email"]), read.all["actor"]["email"])
        ),
        application=of["CAA_APPLICATION"],
        state=of[_STATE],
        client=of[_CLIENT],
        model=ibis.coalesce(of["DEVICE_MODEL"], read.all["model"]),
        type=ibis.coalesce(of["DEVICE_TYPE"], read.all["type"]),
        os=ibis.coalesce(of["OS_VERSION"], read.all["os"]),
        device_id=ibis.coalesce(of["DEVICE_ID"], of["CAA_DEVICE_ID"], read.all["deviceId"]),
        user_agent=read.all["userAgent"].re_replace(r",\s*gzip\(gfe\)$", "").nullif(""),
    )  # fmt: skip
    # Where an exporter makes a line of each event, all lines of an activity have its id.
    parts = (told.id, *(ibis.coalesce(told[name], "") for name in ("event", "login", "device_id")))
    record = ibis.ifelse(told.id.isnull(), ibis.null("string"), ibis.literal(" ").join(parts))
    return told.mutate(record=record).drop("id")


def _qualified(id_: ir.StructValue) -> ir.StringValue:
    """Return an activity's id: its number tells apart those of one application at one time."""
    return ibis.coalesce(id_["applicationName"], "") + " " + id_["uniqueQualifier"].nullif("")


def _telling(events: ir.ArrayValue) -> ir.StructValue:
    """Return the event that shows the most; a device that was taken away shows nothing."""
    kept = events.filter(lambda event: ~_is_taken_away(event["name"], value_of(event["parameters"], _STATE, "name", "value")))
    return ibis.coalesce(*(_first(kept, name) for name in _MEANING), _first(events, _REGISTERS), events[0])


def _first(events: ir.ArrayValue, name: str) -> ir.StructValue:
    """Return the first event of a name, or null."""
    return events.filter(lambda event: event["name"] == name)[0]


def _is_taken_away(event: ir.StringValue, state: ir.StringValue) -> ir.BooleanValue:
    """Whether an event takes a device away from an account."""
    return (event == _REGISTERS) & (state == "UNREGISTERED").fill_null(False)


_STATE: Final = "ACCOUNT_STATE"
_CLIENT: Final = "client_type"
_CLIENTS: Final = {"NATIVE_IOS": "iOS", "NATIVE_ANDROID": "Android"}
"""The kinds of programs that are granted something and run on one system alone."""
_PARAMETERS: Final = (
    "USER_EMAIL", "CAA_APPLICATION", _STATE, "DEVICE_MODEL", "DEVICE_TYPE", "OS_VERSION", "DEVICE_ID", "CAA_DEVICE_ID", _CLIENT,
)  # fmt: skip


def _first_address(emails: ir.StringValue) -> ir.StringValue:
    """Return the first of a JSON list of addresses."""
    return emails.re_extract(r'"([^"]+)"', 1).nullif("")


def meaning(found: ir.Table) -> ir.Table:
    """Say what each distinct event is."""
    event, nothing = found.event, ibis.null("string")
    is_mobile = event.startswith("DEVICE_")
    application = ibis.cases(*((found.application == name, service) for name, service in _SERVICES.items()), else_="sign-in")
    service = ibis.cases((is_mobile, "mail"), (event == "ACCESS_DENY_EVENT", application), else_="sign-in")
    # An ActiveSync device is known by its own word alone; the system's name stands in its version, or in the type.
    is_told = found.type == "GOOGLE_SYNC"
    os = ibis.ifelse(found.os.re_search("[A-Za-z]"), found.os, ibis.ifelse(is_told, nothing, found.type))
    system = ibis.cases(*((found.client == name, system) for name, system in _CLIENTS.items()), else_=nothing)
    return found.mutate(
        ignored=ibis.cases(
            (event.isnull(), "no event"),
            (~event.isin(tuple(_MEANING)), "another event"),
            (_is_taken_away(event, found.state), "a device taken away"),
            else_=nothing,
        ),
        service=service,
        protocol=ibis.cases((is_mobile, "mobile-management"), (service == "sign-in", "sign-in"), else_="webmail"),
        action=ibis.cases(*((event == name, action) for name, action in _MEANING.items()), else_="use"),
        outcome=ibis.ifelse(event.isin(("login_failure", "ACCESS_DENY_EVENT")), "failure", "success"),
        inventory=ibis.ifelse(
            is_mobile | (event == "authorize"),
            inventory(
                model=found.model,
                os=ibis.ifelse(is_mobile, os, system),
                os_version=found.os,
                managed=ibis.ifelse(is_mobile & ~is_told.fill_null(False), "yes", "no"),
            ),
            nothing,
        ),
    )


READER = Reader(
    id="google",
    title="Google Workspace activities and mobile devices (JSON lines)",
    clock=Clock.UTC,
    exported=True,
    doors=("sign-in", "mobile-management", "webmail"),
    detect=detect,
    rows=rows,
    meaning=meaning,
)
