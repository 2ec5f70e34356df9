"""Entra's policies: only what a policy can say, never in force by themselves, never about more people or devices than ordered."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from msgspec.structs import replace

from phaseout.exporting.conditional_access import APPLICATIONS, policies
from phaseout.exporting.ids import ids_of
from phaseout.exporting.rules import Ids, Rules
from phaseout.exporting.whole_platforms import Meant, meant
from phaseout.exports.entra import EXPORT
from phaseout.judge.order import compile_order
from phaseout.model.directive import Clause, DeviceClass, Stage, StageKind
from phaseout.model.effect import Effect
from phaseout.model.fault import FaultsError
from phaseout.model.predicate import AnyOf, Is, Not, Predicate, VersionRange

from .conftest import Sample


def document(rules: Rules) -> dict[str, Any]:
    stream = io.StringIO()
    EXPORT.write(rules, stream)
    made: dict[str, Any] = json.loads(stream.getvalue())
    return made


def with_clause(rules: Rules, number: int, **changes: object) -> Rules:
    clause: Clause = rules.directive.clauses[number]
    clauses = tuple(replace(each, **changes) if each is clause else each for each in rules.directive.clauses)  # type: ignore[arg-type]
    return replace(rules, order=compile_order(replace(rules.directive, clauses=clauses), rules.order.waivers.values()))


def says(*tests: Predicate) -> Meant:
    return meant(DeviceClass(str(number), "", test) for number, test in enumerate(tests))


APPLE = frozenset({"apple"})


def test_a_policy_never_takes_effect_by_itself(sample: Sample) -> None:
    for folder in ("everyone", "departments"):
        made = document(sample(folder))["policies"]
        assert made
        assert {each["state"] for each in made} == {"enabledForReportingButNotEnforced"}


def test_activesync_stands_alone_with_exchange_online(sample: Sample) -> None:
    for each in document(sample("everyone"))["policies"]:
        conditions = each["conditions"]
        if "exchangeActiveSync" in conditions["clientAppTypes"]:
            assert conditions["clientAppTypes"] == ["exchangeActiveSync"]
            assert conditions["applications"]["includeApplications"] == ["00000002-0000-0ff1-ce00-000000000000"]


@pytest.mark.parametrize(
    ("tests", "whole", "in_part"),
    [
        ([Is(maker=APPLE)], ("iOS", "macOS"), ()),
        ([Is(platform=frozenset({"ios", "ipados"}))], ("iOS",), ()),
        ([Is(platform=frozenset({"ios"}))], (), ("iOS",)),
        ([Is(maker=APPLE, form_factor=frozenset({"phone"}))], (), ("iOS",)),
        ([Is(platform=frozenset({"android"}))], ("android",), ()),
        ([Is(platform=frozenset({"android"}), version=VersionRange(below=(13,)))], (), ("android",)),
        ([Is(maker=frozenset({"huawei"}), platform=frozenset({"android"}))], (), ("android",)),
        ([Not(Is(maker=APPLE))], ("android", "windows", "windowsPhone", "linux"), ()),
        ([Is(platform=frozenset({"ios"})), Is(platform=frozenset({"ipados"}))], ("iOS",), ()),
        ([AnyOf((Is(platform=frozenset({"linux"})), Is(model=("pixel*",))))], ("linux",), ("android", "windows", "windowsPhone")),
    ],
)
def test_only_whole_platforms_are_named(tests: list[Predicate], whole: tuple[str, ...], in_part: tuple[str, ...]) -> None:
    found = says(*tests)
    assert found.whole == whole
    assert set(found.in_part) >= set(in_part)


def test_platforms_that_entra_does_not_know_are_told() -> None:
    assert says(Is(platform=frozenset({"harmonyos", "ios", "ipados"}))).unknown == ("harmonyos",)


def test_a_version_range_becomes_a_note_and_no_policy(sample: Sample) -> None:
    made, notes = policies(sample("everyone"))
    assert {each.rule.clause.id for each in made} == {"mail"}
    assert ("no-whole-platform", "old") in {(note.name, note.text.split()[1]) for note in notes}


def test_a_stage_that_does_not_block_becomes_a_note_and_no_policy(sample: Sample) -> None:
    rules = with_clause(sample("everyone"), 0, stages=())
    assert document(rules)["policies"] == []
    assert any(note.name == "no-block-yet" for note in EXPORT.notes(rules))


def staged(rules: Rules, services: tuple[str, ...], **stages: StageKind) -> Rules:
    """Return the rules with a first clause that is about some services, and has a stage at some doors; the others block."""
    clause = rules.directive.clauses[0]
    begins = clause.stages[-1].starts
    kinds = {"*": StageKind.BLOCK, **{door.replace("_", "-"): kind for door, kind in stages.items()}}
    return with_clause(rules, 0, services=services, stages=tuple(Stage(door, kind, begins) for door, kind in kinds.items()))


def test_all_applications_but_those_that_are_only_warned_of(sample: Sample) -> None:
    rules = staged(sample("everyone"), ("sign-in", "mail", "files"), webmail=StageKind.WARN)
    conditions = [each["conditions"] for each in document(rules)["policies"]]
    made = {tuple(each["clientAppTypes"]): each["applications"] for each in conditions}
    assert made["browser",] == {
        "includeApplications": ["All"],
        "excludeApplications": [APPLICATIONS["mail"], APPLICATIONS["files"]],
    }
    assert made["mobileAppsAndDesktopClients",] == {"includeApplications": ["All"]}
    answer = EXPORT.answers(rules)
    phones = (one.client for one in rules.seen if one.client.device.platform == "ios" and one.client.person)
    iphone = next(client for client in phones if client.person and client.person.id != "3")
    for service, door, effect in (
        ("mail", "webmail", Effect.ALLOW), ("files", "webmail", Effect.ALLOW), ("mail", "rest", Effect.BLOCK),
        ("chat", "rest", Effect.BLOCK), ("sign-in", "sign-in", Effect.BLOCK),
    ):  # fmt: skip
        assert answer(replace(iphone, service=service, door=door)) is effect, (service, door)
    assert "whole-application" in {note.name for note in EXPORT.notes(rules)}, "chat, which the clause is not about"


def test_an_application_is_blocked_whole_or_not_at_all(sample: Sample) -> None:
    rules = staged(sample("everyone"), ("mail", "directory"), ews=StageKind.WARN)
    assert not any("mobileAppsAndDesktopClients" in policy.clients for policy in policies(rules)[0])
    rules = staged(sample("everyone"), ("mail",))
    (note,) = (note for note in EXPORT.notes(rules) if note.name == "whole-application")
    assert "calendar, contacts, directory can't be told from" in note.text


def test_waived_people_and_emergency_accounts_are_kept_out(sample: Sample) -> None:
    users = document(sample("everyone"))["policies"][0]["conditions"]["users"]
    assert users["includeUsers"] == ["All"]
    assert users["excludeUsers"] == ["0a0a0a0a-0000-4000-8000-000000000003"]
    assert "no-emergency-account" in {note.name for note in EXPORT.notes(sample("everyone"))}
    users = document(sample("departments"))["policies"][0]["conditions"]["users"]
    assert users["includeUsers"] == []
    assert len(users["includeGroups"]) == 2
    assert set(users["excludeUsers"]) == {"0a0a0a0a-0000-4000-8000-000000000004", "0a0a0a0a-0000-4000-8000-000000000001"}


CLARA, OTHER = "0a0a0a0a-0000-4000-8000-000000000003", "0a0a0a0a-0000-4000-8000-000000000009"


def waived_to(rules: Rules, name: str, ids: dict[str, str]) -> list[str]:
    waivers = [replace(each, person=name) for each in rules.order.waivers.values()]
    rules = replace(rules, order=compile_order(rules.directive, waivers), ids=Ids(people=ids))
    out: list[str] = document(rules)["policies"][0]["conditions"]["users"]["excludeUsers"]
    return out


def test_a_person_s_object_id_stands_under_any_of_the_person_s_names(sample: Sample) -> None:
    rules = sample("everyone")
    for name in ("3", "clara@example.org", "Clara@Example.org"):
        for key in ("3", "clara@example.org", "CLARA@example.org"):
            assert waived_to(rules, name, {key: CLARA, "4": OTHER}) == [CLARA], (name, key)
    assert waived_to(rules, "clara@example.org", {"3": OTHER, "clara@example.org": CLARA}) == [CLARA], "the name itself first"
    assert waived_to(rules, "guest@example.net", {"guest@example.net": CLARA}) == [CLARA], "who is on no staff list"


def test_a_name_of_several_people_has_no_object_id_of_one_of_them(sample: Sample) -> None:
    rules = sample("everyone")
    groups = tuple(
        replace(group, people=tuple(replace(each, logins=(*each.logins, "desk@example.org")) for each in group.people))
        for group in rules.groups
    )
    with pytest.raises(FaultsError, match="PO605"):
        waived_to(replace(rules, groups=groups), "desk@example.org", {"3": CLARA, "4": OTHER})
    assert waived_to(replace(rules, groups=groups), "desk@example.org", {"desk@example.org": CLARA}) == [CLARA]


def test_every_name_without_an_id_is_told_at_once(sample: Sample) -> None:
    with pytest.raises(FaultsError) as caught:
        document(replace(sample("departments"), ids=Ids()))
    assert {fault.code for fault in caught.value.faults} == {"PO605"}
    assert len(caught.value.faults) == 3


def test_an_exception_from_an_exception_is_no_policy(sample: Sample) -> None:
    rules = sample("departments")
    who = rules.directive.clauses[0].who
    out = replace(who.but_not, but_not=who) if who.but_not else None
    made, notes = policies(with_clause(rules, 0, who=replace(who, but_not=out)))
    assert made == ()
    assert "nested-exception" in {note.name for note in notes}


def test_entra_blocks_exactly_whom_and_what_the_policies_name(sample: Sample) -> None:
    rules = sample("everyone")
    answer = EXPORT.answers(rules)
    for one in rules.seen:
        client = one.client
        waived = client.person is not None and client.person.id == "3"
        apple = client.device.platform in {"ios", "ipados"}
        expected = apple and not waived and client.door in {"activesync", "webmail"}
        assert answer(client) is (Effect.BLOCK if expected else Effect.ALLOW), client


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("[units]\n", set()),
        ("[units\n", {"PO603"}),
        ("[groups]\nx = 'y'\n", {"PO603"}),
        ("units = 3\n", {"PO603"}),
        ("[units]\nx = 'no id'\n[people]\ny = 4\n", {"PO604"}),
        ("never = ['x']\n", {"PO604"}),
    ],
)
def test_the_file_of_ids_is_checked(text: str, codes: set[str]) -> None:
    if not codes:
        assert ids_of(text, "ids.toml") == Ids()
        return
    with pytest.raises(FaultsError) as caught:
        ids_of(text, "ids.toml")
    assert {fault.code for fault in caught.value.faults} == codes
