"""The Exchange scripts: what they come to, that nothing of a log becomes a command, and that each change can be undone."""

from __future__ import annotations

import io
import re
from itertools import chain

import pytest
import tree_sitter
import tree_sitter_powershell
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from phaseout.exporting.access_rules import plan
from phaseout.exporting.powershell import comment, quoted
from phaseout.exporting.rules import Group, Rules
from phaseout.exports.exchange import EXPORT
from phaseout.judge.order import compile_order
from phaseout.judge.profile import profile_of
from phaseout.model.effect import Effect
from phaseout.model.person import Person

from .conftest import Sample, rules_for

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))

READS = {"Get-ActiveSyncDeviceAccessRule", "Get-CASMailbox", "Get-Content", "Test-Path"}
CHANGES = {"New-ActiveSyncDeviceAccessRule", "Set-ActiveSyncDeviceAccessRule", "Set-CASMailbox"}
UNDOES = {"Remove-ActiveSyncDeviceAccessRule", "Set-ActiveSyncDeviceAccessRule", "Set-CASMailbox"}
PLAIN = {
    "Join-Path", "Set-StrictMode", "Where-Object", "ForEach-Object", "Write-Output", "Write-Warning", "Write-Error",
    "Add-Content", "ConvertTo-Json", "ConvertFrom-Json", "Split-Path", "Rename-Item",
}  # fmt: skip
OWN = {"Write-Change", "Write-Failure", "Set-Rule", "Add-DeviceId", "Undo-Rule", "Undo-DeviceId"}


def script(rules: Rules, suffix: str = ".ps1") -> str:
    stream = io.StringIO(newline="")
    {".ps1": EXPORT.write, **EXPORT.beside}[suffix](rules, stream)
    return stream.getvalue()


def parsed(text: str) -> tree_sitter.Node:
    root = PARSER.parse(text.removeprefix("\ufeff").replace("\r\n", "\n").encode()).root_node
    assert not root.has_error, text
    return root


def nodes(root: tree_sitter.Node, kind: str) -> list[tree_sitter.Node]:
    found = chain.from_iterable(nodes(child, kind) for child in root.children)
    return [*([root] if root.type == kind else []), *found]


def commands(text: str) -> list[tree_sitter.Node]:
    return nodes(parsed(text), "command")


def named(text: str) -> set[str]:
    return {(node.text or b"").decode().split()[0] for node in commands(text)}


def value(expression: str) -> str:
    """Evaluate what ``quoted`` writes, as PowerShell would."""
    parts = re.findall(r"'((?:[^']|'')*)'|\[char\]0x([0-9A-F]+)|\[char\]::ConvertFromUtf32\(0x([0-9A-F]+)\)", expression)
    return "".join(text.replace("''", "'") + (chr(int(one or more, 16)) if one or more else "") for text, one, more in parts)


def test_both_scripts_are_powershell_and_call_nothing_but_what_they_should(sample: Sample) -> None:
    for folder in ("everyone", "departments"):
        assert named(script(sample(folder))) <= READS | CHANGES | PLAIN | OWN
        assert named(script(sample(folder), ".rollback.ps1")) <= READS | UNDOES | PLAIN | OWN


def test_every_command_that_changes_exchange_is_a_dry_run_unless_apply_is_given(sample: Sample) -> None:
    for suffix in (".ps1", ".rollback.ps1"):
        text = script(sample("everyone"), suffix)
        changing = [(node.text or b"").decode() for node in commands(text)]
        changing = [each for each in changing if each.split()[0] in CHANGES | UNDOES]
        assert len(changing) >= 3
        assert all(each.endswith("-WhatIf:(-not $Apply)") for each in changing), changing


def test_every_change_is_written_down_before_it_is_made(sample: Sample) -> None:
    lines = script(sample("everyone")).splitlines()
    changes = [number for number, line in enumerate(lines) if re.search(r"^\s+(\$null = New-|Set-A|Set-CAS)\S+ -", line)]
    assert len(changes) == 3
    assert all(any("Write-Change @{" in line for line in lines[number - 2 : number]) for number in changes)


def test_what_exchange_refuses_stops_nothing_else_and_is_written_down(sample: Sample) -> None:
    for suffix in (".ps1", ".rollback.ps1"):
        root = parsed(script(sample("everyone"), suffix))
        tried = [node for each in nodes(root, "try_statement") for node in nodes(each, "command")]
        own = [
            node
            for node in nodes(root, "command")
            if (node.text or b"").split()[0] in {b"Set-Rule", b"Add-DeviceId", b"Undo-Rule"}
        ]
        assert own
        assert {node.start_byte for node in own} <= {node.start_byte for node in tried}
        changing = [(node.text or b"").decode() for node in nodes(root, "command")]
        changing = [each for each in changing if each.split()[0] in CHANGES | UNDOES]
        assert all(" -ErrorAction Stop " in each for each in changing), "cmdlets of a module heed no preference of the script's"
    root = parsed(script(sample("everyone")))
    caught = [(each.text or b"").decode() for each in nodes(root, "catch_clause")]
    assert len(caught) == 2
    assert all("$failed++" in each and "Write-Failure " in each for each in caught)
    assert "exit 1" in (nodes(root, "if_statement")[-1].text or b"").decode()


def test_what_is_written_down_is_what_the_rollback_knows(sample: Sample) -> None:
    did = set(re.findall(r"Did = '(\w+)'", script(sample("everyone"))))
    assert did == {"NewRule", "ChangedRule", "AddedDeviceId", "Failed"}
    undo = script(sample("everyone"), ".rollback.ps1")
    assert "Failed" in re.findall(r"Did -ne '(\w+)'", undo), "that is no change"
    assert {"NewRule", "AddedDeviceId"} == set(re.findall(r"Did -eq '(\w+)'", undo))
    written = set(re.findall(r"Write-Change @\{ (.*) \}", script(sample("everyone"))))
    keys = {key for each in written for key in re.findall(r"(\w+) =", each)}
    assert set(re.findall(r"\$Change\.(\w+)", undo)) <= keys


def test_files_begin_with_a_byte_order_mark_and_hold_letters_of_others_in_comments_alone(sample: Sample) -> None:
    for suffix in (".ps1", ".rollback.ps1"):
        text = script(sample("everyone"), suffix)
        assert text.startswith("\ufeff")
        assert "\n" not in text.replace("\r\n", "")
        code = re.sub(r"# .*", "", text.removeprefix("\ufeff"))
        assert code.isascii()
    assert "Ёлкина" in script(sample("everyone"))


@given(st.text(max_size=40))
def test_a_string_stays_what_it_is(text: str) -> None:
    expression = quoted(text)
    assert expression.isascii()
    assert expression.isprintable()
    assert value(expression) == text
    assert not commands(f"$x = {expression}\n")


@given(st.text(max_size=40))
def test_a_comment_stays_one_line(text: str) -> None:
    line = comment(text)
    assert line.startswith("#")
    assert len(line.splitlines()) == 1
    assert not commands(f"$x = 1\n{line}\n")


HOSTILE = st.text(st.sampled_from("'\"`$(){};#\u2018\u2019\u201a\u201b|&@\r\n\x00 aЖ\U0001f600<>"), min_size=1, max_size=25)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_nothing_of_a_log_becomes_a_command(agent: str, kind: str, device_id: str) -> None:
    rules = rules_for("everyone")
    usual = len(commands(script(rules)))
    hostile = [
        replace(
            one,
            login=f"{one.login}{agent}",
            client=replace(
                one.client,
                user_agent=f"{one.client.user_agent} {agent}",
                device_type=one.client.device_type and f"{one.client.device_type}{kind}",
                device_id=f"{one.client.device_id}{device_id}",
            ),
        )
        for one in rules.seen
    ]
    text = script(replace(rules, seen=(*rules.seen, *hostile)))
    assert len(commands(text)) == usual
    assert named(text) <= READS | CHANGES | PLAIN | OWN


def test_a_rule_stands_for_what_the_string_alone_tells(sample: Sample) -> None:
    made = plan(sample("everyone"))
    found = {(rule.characteristic, rule.text): rule.effect for rule in made.rules}
    assert found["DeviceType", "iPhone"] is Effect.BLOCK
    assert found["UserAgent", "SAMSUNG-SM-G530M/101.40404"] is Effect.QUARANTINE
    assert found["DeviceType", "SamsungDevice"] is Effect.ALLOW, "a clause permits it expressly"
    assert "Outlook" not in {text for _, text in found}, "it can't be told"
    assert not [text for _, text in found if "forged" in text], "it was only ever refused"


def test_a_version_is_no_matter_of_a_device_type(sample: Sample) -> None:
    """An order about old systems: every phone of a type that was seen was old, yet the type tells no version."""
    rules = sample("everyone")
    clauses = tuple(clause for clause in rules.directive.clauses if clause.id == "old")
    order = compile_order(replace(rules.directive, clauses=clauses))
    made = plan(replace(rules, order=order))
    assert {rule.characteristic for rule in made.rules} == {"UserAgent"}


def test_who_is_waived_and_who_can_not_be_told_is_allowed_by_name(sample: Sample) -> None:
    made = plan(sample("everyone"))
    assert {(entry.mailbox, entry.device_id) for entry in made.allowed} == {
        ("clara@example.org", "CLARA1"),
        ("dmitri@example.org", "DMITRI2"),
    }


def test_who_is_waived_and_was_not_seen_is_told(sample: Sample) -> None:
    rules = sample("everyone")
    gala = Person("7", "Gala\nRemove-Mailbox", ("MINEX\\gala", "gala@example.org"), ("Ministry",))
    waiver = replace(rules.order.waivers["W-1"], id="W-2", person="7")
    order = compile_order(rules.directive, (*rules.order.waivers.values(), waiver))
    given = replace(rules, order=order, groups=(*rules.groups, Group(profile_of(order, gala), (gala,))))
    assert plan(rules).unseen == ()
    assert plan(given).unseen == (gala,), "the one whose device was seen is allowed by name"
    assert r"#   Gala\x0aRemove-Mailbox: gala@example.org" in script(given).splitlines()
    assert "waived-unseen" in {note.name for note in EXPORT.notes(given)} - {note.name for note in EXPORT.notes(rules)}
    ended = replace(given, at=waiver.ends)
    assert plan(ended).unseen == ()


def test_what_an_earlier_run_left_is_told_before_anything_is_changed(sample: Sample) -> None:
    root = parsed(script(sample("everyone")))
    loops = [(node.start_byte, (node.text or b"").decode()) for node in nodes(root, "foreach_statement")]
    at, looked = next((start, text) for start, text in loops if "$earlier" in text)
    assert at < min(start for start, text in loops if "Add-DeviceId" in text or "Set-Rule" in text)
    assert {"$allowed", "$blocked", "$rules"} <= set(re.findall(r"\$\w+", looked))
    assert named(looked) <= {"Where-Object", "Write-Warning"}, "it is told, and nothing else is done"
    before = (root.text or b"").decode().partition("foreach ($change in $earlier)")[0]
    assert before.rstrip().splitlines()[-2] == "if (Test-Path -LiteralPath $Record) {", "in a dry run too"


def test_an_order_for_some_becomes_personal_blocks_of_what_was_seen(sample: Sample) -> None:
    made = plan(sample("departments"))
    assert made.rules == ()
    assert {entry.person.id for entry in made.blocked} == {"1", "5"}
    assert made.allowed == ()


def test_a_device_counts_as_what_it_was_last(sample: Sample) -> None:
    entry = next(entry for entry in plan(sample("departments")).blocked if entry.device_id == "ANNA1")
    assert entry.seen.client.user_agent == "Apple-iPhone14C2/2107.93"


@pytest.mark.parametrize("folder", ["everyone", "departments"])
def test_once_the_plan_stands_no_device_with_a_name_is_treated_otherwise_than_ordered(folder: str, sample: Sample) -> None:
    rules = sample(folder)
    answer = EXPORT.answers(rules)
    named_ones = [one for one in rules.seen if one.client.door == "activesync" and one.client.person and one.client.device_id]
    assert len(named_ones) > 10
    for one in named_ones:
        expected = Effect.ALLOW if one.effect is Effect.WARN else one.effect
        assert answer(one.client) is expected, one
