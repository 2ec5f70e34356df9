"""Parity: every access is compared, and each difference stands for as many as it says."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from phaseout.exporting.export import Export
from phaseout.exporting.rules import Rules
from phaseout.exports import EXPORTS
from phaseout.model.effect import Effect
from phaseout.runs.parity import parity

from .conftest import Sample


def constant(effect: Effect) -> Export:
    """Return an export that answers everybody alike."""
    return Export(
        "constant", "", "", ("activesync", "webmail", "caldav"), lambda *_: None, lambda _: lambda _: effect, lambda _: ()
    )


def total(rules: Rules, *doors: str) -> int:
    return sum(one.accesses for one in rules.seen if one.client.door in doors)


@pytest.mark.parametrize("folder", ["everyone", "departments"])
def test_every_access_is_compared_or_said_to_be_elsewhere(folder: str, sample: Sample) -> None:
    rules = sample(folder)
    for one in parity(rules, EXPORTS):
        assert one.accesses + one.elsewhere == sum(each.accesses for each in rules.seen)
        assert one.accesses == total(rules, *EXPORTS[one.export].doors)
        assert one.differing <= one.accesses


@pytest.mark.parametrize("effect", Effect)
def test_a_door_that_answers_all_alike_differs_wherever_the_judge_says_otherwise(effect: Effect, sample: Sample) -> None:
    rules = sample("everyone")
    (one,) = parity(rules, [constant(effect)])
    assert one.differing == sum(each.accesses for each in rules.seen if each.effect is not effect)
    assert {each.answered for each in one.differences} == {effect}
    assert effect not in {each.judged for each in one.differences}


def test_what_refuses_more_than_ordered_comes_first(sample: Sample) -> None:
    (one,) = parity(sample("everyone"), [constant(Effect.QUARANTINE)])
    told = [each.refuses_more for each in one.differences]
    assert told == sorted(told, reverse=True)
    assert set(told) == {True, False}


def test_nginx_differs_where_the_sample_says_that_it_must(sample: Sample) -> None:
    (one,) = parity(sample("everyone"), [EXPORTS["nginx"]])
    told = {(each.user_agent, each.device_type): (each.judged, each.answered) for each in one.differences}
    assert told.pop(("Apple-iPhone14C2/2001.362\n\rRemove-Mailbox", "")) == (Effect.BLOCK, Effect.ALLOW), "no map can name it"
    assert told.pop(("Apple-iPad13C4/2206.76", "iPad")) == (Effect.BLOCK, Effect.ALLOW), "a login that is on no list"
    assert told == {}


def test_differences_are_added_up_over_people(sample: Sample) -> None:
    rules = sample("everyone")
    one = next(each for each in rules.seen if each.effect is Effect.BLOCK)
    more = replace(one, login="somebody else", accesses=100, client=replace(one.client, device_id="OTHER"))
    (before,), (after,) = (parity(each, [constant(Effect.ALLOW)]) for each in (rules, replace(rules, seen=(*rules.seen, more))))
    assert after.differing == before.differing + 100
    assert len(after.differences) == len(before.differences)
    assert sum(each.people for each in after.differences) == sum(each.people for each in before.differences) + 1
