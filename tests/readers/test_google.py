"""What an activity of several events counts as."""

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phaseout.readers.google import READER

Observe = Callable[..., Any]

ACTIVITY = {"kind": "admin#reports#activity", "id": {"time": "2026-11-20T06:00:00Z"}, "actor": {"email": "anna@example.org"}}


def event(name: str, **parameters: str) -> dict[str, Any]:
    return {"name": name, "parameters": [{"name": key, "value": value} for key, value in parameters.items()]}


SYNC = event("DEVICE_SYNC_EVENT", USER_EMAIL="boris@example.org", DEVICE_ID="d1", DEVICE_MODEL="iPhone14,2", DEVICE_TYPE="IOS")
OTHER = event("DEVICE_SYNC_EVENT", USER_EMAIL="clara@example.org", DEVICE_ID="d2", DEVICE_MODEL="Pixel 8")
NEW = event("DEVICE_REGISTER_UNREGISTER_EVENT", USER_EMAIL="boris@example.org", DEVICE_ID="d1", ACCOUNT_STATE="REGISTERED")
GONE = event("DEVICE_REGISTER_UNREGISTER_EVENT", USER_EMAIL="boris@example.org", DEVICE_ID="d3", ACCOUNT_STATE="UNREGISTERED")
REFUSED, SIGNED_IN, OUT = event("login_failure"), event("login_success"), event("logout")


@pytest.mark.parametrize(
    ("events", "becomes"),
    [
        ([NEW, SYNC], "boris@example.org presence d1"),
        ([GONE, SYNC], "boris@example.org presence d1"),
        ([GONE, NEW], "boris@example.org set-up d1"),
        ([REFUSED, SIGNED_IN, OUT], "anna@example.org use -"),
        ([REFUSED, OUT], "anna@example.org attempt -"),
        ([GONE, OUT], "a device taken away"),
    ],
)
def test_the_event_that_shows_the_most_counts(
    events: list[dict[str, Any]], becomes: str, observe: Observe, tmp_path: Path
) -> None:
    path = tmp_path / "activities"
    orders = [list(order) for order in itertools.permutations(events)]
    path.write_text("".join(json.dumps(ACTIVITY | {"events": order}) + "\n" for order in orders), "utf-8")
    found = observe(READER, path)
    told = [f"{row['login']} {row['action']} {row.get('device_id', '-')}" for row in found.sightings]
    assert (told or list(found.summary["ignored"])) == [becomes]
    assert found.summary["accesses"] + sum(found.summary["ignored"].values()) == len(orders)


def test_of_two_of_a_kind_the_first_counts(observe: Observe, tmp_path: Path) -> None:
    path = tmp_path / "activities"
    path.write_text(json.dumps(ACTIVITY | {"events": [SYNC, OTHER]}) + "\n", "utf-8")
    found = observe(READER, path)
    assert [(row["login"], row["device_id"], row["n"]) for row in found.sightings] == [("boris@example.org", "d1", 1)]


@pytest.mark.parametrize(
    ("client", "told"), [("NATIVE_IOS", "os=iOS; managed=no"), ("NATIVE_ANDROID", "os=Android; managed=no"), ("WEB", None)]
)
def test_a_grant_tells_the_system_of_a_program_that_runs_on_one_alone(
    client: str, told: str | None, observe: Observe, tmp_path: Path
) -> None:
    log = tmp_path / "token.jsonl"
    log.write_text(json.dumps({**ACTIVITY, "events": [event("authorize", client_type=client, app_name="Mail")]}))
    (row,) = observe(READER, log).sightings
    assert (row["login"], row["action"], row.get("inventory")) == ("anna@example.org", "set-up", told)


def test_activities_without_an_id_are_no_repeats_of_each_other(observe: Observe, tmp_path: Path) -> None:
    log = tmp_path / "login.jsonl"
    log.write_text((json.dumps({**ACTIVITY, "events": [SIGNED_IN]}) + "\n") * 3)
    seen = observe(READER, log)
    assert (seen.summary["accesses"], seen.summary["ignored"]) == (3, {})
