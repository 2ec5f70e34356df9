"""What a refused person is told in full, in their language: why, since when, and what to do now; before it is laid out."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from phaseout.gate.decision import Decision
from phaseout.gate.settings import Texts
from phaseout.gate.words import Say, language_for, sentence, source_of, speaker
from phaseout.model.directive import Clause, Directive
from phaseout.model.verdict import Verdict


class Shown(Struct, frozen=True):
    """What a letter is about.

    Attributes:
        decision: the decision's id; empty when none was handed on.
        clause: the clause that decided, or None when it is not known any more.
        service: that was asked for.
        verdict: the order's.
        refused: whether the device was refused, and not only warned of.
    """

    decision: str
    clause: Clause | None
    service: str
    verdict: Verdict
    refused: bool = True


class Letter(Struct, frozen=True):
    """The parts in their order, each plain text; what there is nothing to say of is empty. Nothing of other people or clauses.

    Attributes:
        language: in which it is written.
        title: one line above all.
        reason: what holds for the device, and since when.
        words: the clause in its own words, whatever their language.
        source: the order and the clause.
        personal: that private use is not concerned, where the clause says so.
        heading: above what to do.
        to_do: what to do now.
        questions: whom to ask.
        number: what the decision's id is for.
        decision: the decision's id.
    """

    language: str
    title: str
    reason: str
    words: str
    source: str
    personal: str
    heading: str
    to_do: tuple[str, ...]
    questions: str
    number: str
    decision: str


def letter(shown: Shown, directive: Directive | None, texts: Texts, language: str) -> Letter:
    """Write a letter.

    Args:
        shown: what it is about.
        directive: the order that is served, or None when there is none.
        texts: what people are told.
        language: one of ``languages()``.
    """
    say = speaker(language)
    clause = shown.clause if directive else None
    reason = words = source = personal = ""
    if directive and clause:
        reason = sentence(directive, clause, shown.service, shown.verdict, say)
        words = clause.text or clause.summary
        source = f"{directive.title}. {source_of(directive, clause, say)}"
        if clause.personal_use_allowed:
            personal = say("You may go on using it privately.")
    refused, warned = say("This device can't be used for work here"), say("This device should not be used for work here")
    contact, waiver = texts.contact_in(language), texts.waiver_in(language)
    return Letter(
        language=language,
        title=refused if shown.refused else warned,
        reason=reason,
        words=words,
        source=source,
        personal=personal,
        heading=say("What to do now"),
        to_do=tuple(_to_do(directive, clause, waiver, say)),
        questions=f"{say('Questions:')} {contact}" if contact else "",
        number=say("Tell the help desk this number:") if shown.decision else "",
        decision=shown.decision,
    )


def letter_of(decision: Decision, accepted: str, directive: Directive, texts: Texts) -> Letter:
    """Write to the person whom a decision concerns.

    Args:
        decision: which refuses or warns.
        accepted: the languages that the person's program accepts, as ``Accept-Language`` has them.
        directive: the order that is served.
        texts: what people are told.
    """
    outcome = decision.outcome
    shown = Shown(decision.id, outcome.clause, decision.asked.service, outcome.verdict, decision.refuses)
    return letter(shown, directive, texts, language_for(accepted, texts.language))


def _to_do(directive: Directive | None, clause: Clause | None, waiver: str, say: Say) -> Iterator[str]:
    """Give what to do now, the nearest first."""
    if directive and clause:
        for name in clause.replacements:
            instead = directive.replacements[name]
            told = ". ".join(part.rstrip(".") for part in (instead.name, instead.how, instead.note) if part)
            yield say("Get this instead: {thing}.").format(thing=told)
    yield say("Open your work mail on another device, such as your work computer.")
    if waiver:
        yield f"{say('If you need an exception:')} {waiver}"
