"""What is asked of a decision log afterwards: one decision for the help desk, all of them for another bundle."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from phaseout.cli.gate import COMMAND
from phaseout.gate.asked import Asked
from phaseout.gate.decide import decide
from phaseout.gate.lookup import look_up, of_login, told
from phaseout.gate.past import records
from phaseout.gate.policy import DEFAULT, Policy
from phaseout.gate.record import line_of, own_part, shared_part
from phaseout.gate.replay import replay
from phaseout.gate.serving import Serving
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.directive import Scope
from phaseout.model.effect import Effect
from phaseout.model.fault import FaultsError

Known = Keys = Content = Any  # what conftest gives; tests can't import from it
PHONE, SAMSUNG = Clue(ClueKind.ACTIVESYNC, "iPhone"), Clue(ClueKind.ACTIVESYNC, "SamsungDevice")


@pytest.fixture
def log(serving: Serving, known: Known, tmp_path: Path) -> Path:
    """Return a log of five decisions, with a torn line between."""
    lines = []
    cases = (("anna", PHONE, 25), ("anna", PHONE, 26), ("anna", SAMSUNG, 26), ("vera", PHONE, 25), ("gleb", PHONE, 25))
    for number, (login, clue, on) in enumerate(cases):
        asked = Asked("nginx", "activesync", "mail", login, (clue,), address="192.0.2.7", device_id="D1")
        outcome = decide(serving, DEFAULT, asked, known.day(on))
        shared = shared_part(asked, outcome, serving.digest)
        lines.append(line_of(f"K7Q4MX-{number}", known.day(on), 4, own_part(asked), shared))
    path = tmp_path / "decisions.jsonl"
    path.write_bytes(b"".join([*lines[:2], b'{"id": "torn\n', b"\n", *lines[2:]]))
    return path


def test_the_same_bundle_decides_the_same(log: Path, serving: Serving) -> None:
    found = replay(records([log]), serving, {})
    assert (found.same, found.different, found.unreadable, found.differences) == (5, 0, 1, ())


def test_every_difference_is_told(log: Path, content: Content, keys: Keys) -> None:
    clauses = tuple(
        replace(each, who=Scope(roles=frozenset({"none"}))) if each.id == "seat" else each for each in content.directive.clauses
    )
    other = keys.served(replace(content, directive=replace(content.directive, clauses=clauses)))
    found = replay(records([log]), other, {})
    assert (found.same, found.different) == (1, 4)
    (most, *others) = found.differences
    assert (most.person, most.door, most.count, most.first) == ("1", "activesync", 2, "K7Q4MX-0")
    assert (most.before.effect, most.before.clause, most.after.effect, most.after.clause) == ("block", "seat", "allow", None)
    assert {each.person for each in others} == {"1", "4"}, "a verdict that changes is told, even where nothing is blocked"


def test_another_time_and_another_policy(log: Path, serving: Serving) -> None:
    later = replay(records([log]), serving, {}, datetime(2020, 12, 24, tzinfo=UTC))
    assert [(each.person, each.after.effect) for each in later.differences] == [("4", "block")], "the waiver has ended by then"
    braked = replay(records([log]), serving, {"activesync": Policy(at_most=Effect.WARN)})
    assert [(each.person, each.after.effect, each.count) for each in braked.differences] == [("1", "warn", 2)]


def test_a_waiver_that_is_gone_is_a_difference_even_where_all_may_pass(log: Path, content: Content, keys: Keys) -> None:
    found = replay(records([log]), keys.served(replace(content, waivers=())), {"activesync": Policy(at_most=Effect.ALLOW)})
    (gleb,) = [each for each in found.differences if each.person == "4"]
    assert (gleb.before.effect, gleb.after.effect) == ("allow", "allow")
    assert gleb.before.waiver in {each.id for each in content.waivers}
    assert gleb.after.waiver is None
    assert f", waiver {gleb.before.waiver})" in gleb.before.short
    assert "waiver" not in gleb.after.short


def test_a_replay_writes_nothing_that_a_terminal_obeys(log: Path, content: Content, keys: Keys, tmp_path: Path) -> None:
    log.write_text(
        log.read_text("utf-8").replace('"person":"1",', "").replace('"login":"anna"', r'"login":"a\u001b[2J"'), "utf-8"
    )
    bundle = tmp_path / "gate.bundle"
    bundle.write_bytes(keys.seal(content))
    said = run("replay", log, "--bundle", bundle, "--trust", keys.public, "--at", "2019-01-01")
    assert r"  a\x1b[2J, Apple phone" in said
    assert said.replace("\n", "").isprintable()


def test_a_record_of_a_newer_version_is_not_passed_over_in_silence(log: Path, serving: Serving) -> None:
    text = log.read_text("utf-8").replace('"activesync":"iPhone"', '"telepathy":"iPhone"')
    log.write_text(text, "utf-8")
    assert replay(records([log]), serving, {}).unreadable == 5


def test_the_help_desk_finds_a_decision_however_it_is_read_out(log: Path) -> None:
    for said in ("K7Q4MX-3", " k7q4mx-3 "):
        (found,) = look_up(records([log]), said)
        text = "\n".join(told(found, ZoneInfo("Europe/Moscow")))
    for line in (
        "decision:      K7Q4MX-3", "2020-10-25 03:00:00 Europe/Moscow", "told the door: warn", "person:        3",
        "clause:        region", "activesync iPhone", "device id:     D1",
    ):  # fmt: skip
        assert line in text


def test_a_login_finds_its_person_under_every_login(log: Path, serving: Serving, known: Known) -> None:
    lines = []
    logins = ("a.petrova", "anna", "anna@example.org", "EXAMPLE\\anna", "anna@elsewhere.org", "ANNA@example.org ", "boris", "")
    for number, login in enumerate(logins):
        asked = Asked("nginx", "activesync", "mail", login, (PHONE,))
        outcome = decide(serving, DEFAULT, asked, known.day(25))
        if login == "a.petrova":
            outcome = replace(outcome, person="1")
        lines.append(line_of(f"K7Q4MX-{number}", known.day(25), 4, own_part(asked), shared_part(asked, outcome, "00")))
    log.write_bytes(b"".join(lines))
    cases = (("anna@example.org", "01235"), ("anna", "012345"), ("x@example.org", ""), ("anna@elsewhere.org", "14"))
    for login, numbers in cases:
        found = [each.id[-1] for each in of_login(lambda: records([log]), login, 20)]
        assert "".join(found) == numbers, login


def test_a_login_is_looked_for_in_a_pipe_too(log: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        pool.submit(pipe.write_bytes, log.read_bytes())
        lines = run("lookup", "--login", "anna@example.org", pipe).splitlines()
    assert len(lines) == 3
    assert all(", activesync: " in line and " anna, " in line for line in lines)


def test_packed_logs_are_read_too(log: Path) -> None:
    packed = log.with_suffix(".jsonl.1.gz")
    packed.write_bytes(gzip.compress(log.read_bytes()))
    assert len(look_up(records([log, packed]), "K7Q4MX-1")) == 2


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-9], lambda _: b"no gzip", lambda data: data[:20] + b"\0\0\0\0" + data[24:]]
)
def test_a_log_that_can_t_be_read_is_told(log: Path, damage: Callable[[bytes], bytes]) -> None:
    packed = log.with_suffix(".gz")
    packed.write_bytes(damage(gzip.compress(log.read_bytes())))
    for path in (packed, log.with_name("missing"), log.parent):
        with pytest.raises(FaultsError, match="PO532") as told_of:
            list(records([path]))
        assert ("gzip -dc" in str(told_of.value)) == (path == packed), "reading rights help nobody with a damaged file"


def run(*words: object) -> str:
    done = CliRunner().invoke(COMMAND, [str(word) for word in words], catch_exceptions=False, standalone_mode=False)
    if isinstance(done.exception, click.ClickException):
        raise done.exception
    assert done.exception is None
    return done.stdout


def test_the_commands(log: Path, content: Content, keys: Keys, tmp_path: Path) -> None:
    bundle = tmp_path / "gate.bundle"
    bundle.write_bytes(keys.seal(content))
    assert "told the door: block" in run("lookup", "k7q4mx-0", log)
    assert run("lookup", "k7q4mxo", log) == run("lookup", "K7Q4MX\u20130 ", log) == run("lookup", "K7Q4MX-0", log)
    with pytest.raises(click.ClickException, match="No decision K7Q4MX-9"):
        run("lookup", "K7Q4MX-9", log)
    with pytest.raises(click.UsageError, match="LOGS"):
        run("lookup", "K7Q4MX-9")
    lines = run("lookup", "--login", "ANNA", log).splitlines()
    assert lines
    assert all(line.startswith("K7Q4MX-") for line in lines)
    assert run("lookup", "--login", "anna", "--last", 1, log).splitlines() == lines[-1:]
    assert run("lookup", "--login", "nobody", log) == "Nothing was decided about nobody in these logs.\n"
    said = run("replay", log, "--bundle", bundle, "--trust", keys.public)
    assert said == "5 decisions would be the same, 0 would not, 1 lines are no decision.\n"
    (tmp_path / "gate.toml").write_text('[doors.activesync]\nat_most = "warn"\n', "utf-8")
    said = run("replay", log, "--bundle", bundle, "--trust", keys.public, "--config", tmp_path / "gate.toml")
    assert "      2  1, Apple phone, iOS, activesync (mail), first K7Q4MX-0" in said
    assert "was:      block (violation, clause seat, stage block): " in said
    assert "would be: warn (violation, clause seat, stage block): " in said
    found = json.loads(run("replay", log, "--bundle", bundle, "--trust", keys.public, "--at", "2020-12-24", "--json"))
    assert found["differences"][0]["after"]["effect"] == "block"


def test_a_lookup_tells_of_lines_that_are_no_decision(log: Path) -> None:
    packed = log.with_suffix(".xz")
    packed.write_bytes(b"no\ndecision log\n")
    for words in (("K7Q4MX-0", log, packed), ("--login", "anna", log, packed)):
        done = CliRunner().invoke(COMMAND, ["lookup", *map(str, words)])
        assert done.exit_code == 0
        assert "no decision, and were not looked at: 3." in done.stderr
    done = CliRunner().invoke(COMMAND, ["lookup", "K7Q4MX-0", str(packed)])
    assert done.exit_code == 1
    assert "not looked at: 2." in done.stderr


def test_a_check_reads_what_the_gate_wrote(log: Path) -> None:
    from phaseout.runs.formats import look  # noqa: PLC0415 - heavy, and for this test alone

    format_, likeness = look(log)[0]
    assert format_ == "decisions"
    assert likeness.sure > 0.5
