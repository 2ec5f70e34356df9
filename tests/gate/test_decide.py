"""What a door does: the judge's rulings, the stages, and the operator's choices."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from phaseout.bundle.content import Content
from phaseout.gate.asked import LONGEST_CLUE, Asked
from phaseout.gate.decide import EXEMPT, decide
from phaseout.gate.memory import ENTRY, MOST_BYTES, Memory
from phaseout.gate.policy import DEFAULT, Policy
from phaseout.gate.serving import Serving
from phaseout.judge import judge, profile_of
from phaseout.model.access import Action
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.directive import Scope, Stage, StageKind, Waiver
from phaseout.model.effect import HARDNESS, Effect
from phaseout.model.person import Person
from phaseout.model.verdict import Ruling, Verdict

Known = Keys = Any  # what conftest gives; tests can't import from it
PHONE = Clue(ClueKind.ACTIVESYNC, "iPhone")
SAMSUNG = Clue(ClueKind.ACTIVESYNC, "SamsungDevice")


def asked(login: str, *clues: Clue, door: str = "webmail", **more: object) -> Asked:
    return Asked("nginx", door, "mail", login, clues, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("on", "effect", "verdict"),
    [
        (1, Effect.ALLOW, Verdict.ADVISED),
        (7, Effect.ALLOW, Verdict.ADVISED),
        (8, Effect.WARN, Verdict.VIOLATION),
        (15, Effect.WARN, Verdict.VIOLATION),
        (22, Effect.BLOCK, Verdict.VIOLATION),
    ],
)
def test_the_stage_of_the_day_decides(serving: Serving, known: Known, on: int, effect: Effect, verdict: Verdict) -> None:
    outcome = decide(serving, DEFAULT, asked("anna", PHONE), known.day(on))
    assert (outcome.effect, outcome.verdict) == (effect, verdict)
    assert outcome.clause is not None
    assert outcome.clause.id == "seat"
    assert outcome.person == "1"


def test_before_the_order_nothing_is_said(serving: Serving, known: Known) -> None:
    outcome = decide(serving, DEFAULT, asked("anna", PHONE), known.day(30, month=9))
    assert (outcome.effect, outcome.verdict, outcome.clause) == (Effect.ALLOW, Verdict.NOT_COVERED, None)


@pytest.mark.parametrize(
    ("login", "clues", "effect"),
    [
        ("anna", (SAMSUNG,), Effect.ALLOW),
        ("anna", (), Effect.ALLOW),
        ("gleb", (PHONE,), Effect.ALLOW),  # has a waiver
        ("vera", (PHONE,), Effect.WARN),  # only advised, although the stage blocks
        ("boris", (PHONE,), Effect.ALLOW),  # the clause's only stage is another door's
        ("stranger", (PHONE,), Effect.ALLOW),  # no clause reaches everyone
        ("", (PHONE,), Effect.ALLOW),
    ],
)
def test_who_is_blocked_and_who_is_not(
    serving: Serving, known: Known, login: str, clues: tuple[Clue, ...], effect: Effect
) -> None:
    assert decide(serving, DEFAULT, asked(login, *clues), known.day(25)).effect is effect


EVERYONE = Scope(everyone=True)
BUT_SOME = Scope(everyone=True, but_not=Scope(units=(("Ministry", "Region"),)))
SOME = Scope(units=(("Ministry", "Seat"),))


@pytest.mark.parametrize(
    ("who", "waived", "clues", "effect"),
    [
        (EVERYONE, {}, (PHONE,), Effect.BLOCK),
        (EVERYONE, {"person": "4"}, (PHONE,), Effect.ALLOW),
        (EVERYONE, {"role": "courier"}, (PHONE,), Effect.ALLOW),
        (EVERYONE, {"person": "4", "ends": True}, (PHONE,), Effect.BLOCK),
        (EVERYONE, {}, (SAMSUNG,), Effect.ALLOW),
        (EVERYONE, {}, (), Effect.BLOCK),  # can't be told, and the operator blocks that
        (EVERYONE, {"person": "4"}, (), Effect.ALLOW),  # who may use the forbidden device may use one that can't be told
        (BUT_SOME, {}, (PHONE,), Effect.ALLOW),
        (BUT_SOME, {"person": "4"}, (PHONE,), Effect.ALLOW),
        (BUT_SOME, {}, (), Effect.ALLOW),
        (SOME, {}, (PHONE,), Effect.ALLOW),
        (SOME, {}, (), Effect.ALLOW),
    ],
)
def test_who_has_not_signed_in_is_refused_only_where_anybody_would_be(
    who: Scope, waived: dict[str, Any], clues: tuple[Clue, ...], effect: Effect, keys: Keys, content: Content, known: Known
) -> None:
    holder = {"person": None, "role": None} | {name: each for name, each in waived.items() if name != "ends"}
    ends = known.day(20) if "ends" in waived else known.day(1, month=12)
    waiver = Waiver("w", "all", "travel", "On mission.", "minister", known.day(1), ends, **holder)
    clause = replace(
        content.directive.clauses[0],
        id="all",
        who=who,
        stages=(Stage("*", StageKind.BLOCK, known.day(1)),),
        deadline=known.day(1),
    )
    people = (*content.people, Person("9", "", ("olga@example.org",), ("Ministry", "Seat"), frozenset({"courier"})))
    made = replace(
        content, directive=replace(content.directive, clauses=(clause,)), people=people, waivers=(waiver,) if waived else ()
    )
    serving, policy = keys.served(made), Policy(cannot_tell=Effect.BLOCK)
    found = decide(serving, policy, asked("", *clues), known.day(25))
    assert (found.effect, found.person) == (effect, None)
    for login in ("anna", "boris", "vera", "gleb", "olga", "stranger"):
        signed_in = decide(serving, policy, asked(login, *clues), known.day(25))
        assert HARDNESS[found.effect] <= HARDNESS[signed_in.effect], f"{login} would get in, and never reaches the form"


def test_a_waived_violation_is_still_one(serving: Serving, known: Known) -> None:
    outcome = decide(serving, DEFAULT, asked("gleb", PHONE), known.day(25))
    assert (outcome.verdict, outcome.waiver) == (Verdict.VIOLATION, "w-gleb")


def test_the_waiver_s_end_blocks(serving: Serving, known: Known) -> None:
    assert decide(serving, DEFAULT, asked("gleb", PHONE), known.day(1, month=12)).effect is Effect.BLOCK


def test_each_door_has_its_own_stages(serving: Serving, known: Known) -> None:
    assert decide(serving, DEFAULT, asked("boris", PHONE, door="imap"), known.day(8)).effect is Effect.BLOCK


def test_setting_up_is_refused_like_use(serving: Serving, known: Known) -> None:
    for action in Action:
        assert decide(serving, DEFAULT, asked("anna", PHONE, action=action), known.day(25)).effect is Effect.BLOCK


def test_cannot_tell_blocks_only_where_the_operator_wrote_so(serving: Serving, known: Known) -> None:
    strict = Policy(cannot_tell=Effect.BLOCK)
    assert decide(serving, strict, asked("anna"), known.day(25)).effect is Effect.BLOCK
    assert decide(serving, strict, asked("anna"), known.day(8)).effect is Effect.WARN, "never harder than the stage"
    assert decide(serving, strict, asked("anna"), known.day(7)).effect is Effect.ALLOW
    assert decide(serving, DEFAULT, asked("anna"), known.day(25)).verdict is Verdict.CANNOT_TELL


def test_the_operator_s_brake(serving: Serving, known: Known) -> None:
    for brake in Effect:
        effect = decide(serving, Policy(at_most=brake), asked("anna", PHONE), known.day(25)).effect
        assert effect is brake


def test_a_quarantine_is_what_the_operator_says(serving: Serving, known: Known) -> None:
    for instead in (Effect.WARN, Effect.QUARANTINE, Effect.BLOCK):
        assert decide(serving, Policy(quarantine_as=instead), asked("anna", PHONE), known.day(16)).effect is instead


def test_the_hardest_of_several_readings_counts(serving: Serving, known: Known) -> None:
    for first, second in ((PHONE, SAMSUNG), (SAMSUNG, PHONE)):
        question = asked("anna", first, others=((second,),))
        assert decide(serving, DEFAULT, question, known.day(25)).effect is Effect.BLOCK


def test_exempt_addresses_are_decided_elsewhere(serving: Serving, known: Known) -> None:
    policy = Policy(exempt=(ip_network("192.0.2.0/24"), ip_network("2001:db8::/64")))
    for address, effect in (
        ("192.0.2.9", Effect.ALLOW), ("2001:db8::7", Effect.ALLOW), ("198.51.100.1", Effect.BLOCK), ("no address", Effect.BLOCK),
        ("::ffff:192.0.2.9", Effect.ALLOW), ("::FFFF:c000:209", Effect.ALLOW), ("::ffff:198.51.100.1", Effect.BLOCK),
        (None, Effect.BLOCK),
    ):  # fmt: skip
        outcome = decide(serving, policy, asked("anna", PHONE, address=address), known.day(25))
        assert outcome.effect is effect
        assert (outcome.reason == EXEMPT) == (effect is Effect.ALLOW)


rulings = st.builds(
    Ruling,
    clause=st.just("1"),
    verdict=st.sampled_from(Verdict),
    reason=st.just(""),
    waiver=st.sampled_from([None, "w"]),
    stage=st.sampled_from([None, *StageKind]),
)
policies = st.builds(
    Policy, cannot_tell=st.sampled_from(Effect), at_most=st.sampled_from(Effect), quarantine_as=st.sampled_from(Effect)
)


@given(rulings, policies)
def test_only_an_unwaived_violation_blocks_unless_the_operator_wrote_otherwise(ruling: Ruling, policy: Policy) -> None:
    effect = policy.effect_of(ruling)
    assert HARDNESS[effect] <= HARDNESS[policy.at_most]
    if HARDNESS[effect] >= HARDNESS[Effect.QUARANTINE]:
        assert ruling.waiver is None
        assert ruling.stage in {StageKind.QUARANTINE, StageKind.BLOCK}
        assert ruling.verdict is Verdict.VIOLATION or (
            ruling.verdict is Verdict.CANNOT_TELL and HARDNESS[policy.cannot_tell] >= HARDNESS[Effect.QUARANTINE]
        )


@given(
    login=st.sampled_from(["anna", "boris", "vera", "gleb", "CORP\\anna", "nobody", "", "anna@elsewhere.example"]),
    clues=st.lists(st.sampled_from([PHONE, SAMSUNG, Clue(ClueKind.USER_AGENT, "Apple-iPhone14C2/2001.362")]), max_size=2),
    door=st.sampled_from(["imap", "webmail", "activesync"]),
    on=st.integers(1, 31),
)
def test_the_gate_s_verdict_is_the_judge_s(
    keys: Keys, content: Content, login: str, clues: list[Clue], door: str, on: int
) -> None:
    serving = _SERVED.setdefault("one", keys.served(content))
    at = content.made_at.replace(day=on)
    outcome = decide(serving, DEFAULT, asked(login, *clues, door=door), at)
    member = serving.directory.find(login) if login else None
    person = None if member is None else serving.staff.person(member)
    device, _ = serving.device(tuple(clues))
    judged = judge(serving.order, profile_of(serving.order, person), device, "mail", door, Action.USE, at)
    assert outcome.verdict == judged.verdict


_SERVED: dict[str, Serving] = {}


def test_memories_do_not_grow_without_end() -> None:
    for length in (0, 1000, 3 * LONGEST_CLUE):
        memory, most = Memory[int, int](), 0
        for number in range(2 * MOST_BYTES // (ENTRY + length)):
            memory.keep(number, number, length)
            most = max(most, len(memory))
            assert memory[number] == number
        assert 0.99 * MOST_BYTES <= most * (ENTRY + length) <= MOST_BYTES
