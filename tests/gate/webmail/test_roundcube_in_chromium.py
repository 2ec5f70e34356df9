"""Real Chromium before real Roundcube: what the refused person reads, and how an open session ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from dovecot import PASSWORD
from gate import KEY
from phaseout.model.directive import Stage, StageKind

from .browser import Browser
from .stack import Stack

GATE = '[callers.roundcube]\nkeys = ["roundcube.key"]\n[texts]\ncontact = "it@example.org"\n'
READABLE = 14
"""CSS pixels of the smallest letters that a person on a phone should have to read."""

Start = Callable[..., Any]
Phone = Callable[[str], AbstractContextManager[Browser]]
Desk = Callable[[], AbstractContextManager[Browser]]
Content = Gate = Keys = Any  # what the conftest above gives; tests can't import from it


@pytest.fixture(autouse=True)
def key(tmp_path: Path) -> None:
    (tmp_path / "roundcube.key").write_text(KEY, "ascii")


@pytest.fixture
def gate(start_gate: Start, stack: Stack) -> Iterator[Gate]:
    with start_gate(GATE, port=stack.gate) as running:
        yield running


def sign_in(browser: Browser, stack: Stack, user: str = "anna@example.org") -> None:
    browser.go(stack.url)
    browser.type("#rcmloginuser", user)
    browser.type("#rcmloginpwd", PASSWORD)
    browser.click("#rcmloginsubmit")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            (
                "This device can't be used for work here",
                "Apple phones and tablets: not allowed since 8 October 2020. Service: work mail.",
                "What to do now",
                "Questions: it@example.org Tell the help desk this number:",
            ),
        ),
        (
            "ru",
            (
                "Это устройство нельзя использовать здесь для работы",
                "Apple phones and tablets: запрещено с 8 октября 2020 г. Служба: рабочая почта.",  # noqa: RUF001
                "Что делать",
                "Вопросы: it@example.org Сообщите службе поддержки этот номер:",
            ),
        ),
    ],
)
def test_an_iphone_reads_why(language: str, said: tuple[str, ...], gate: Gate, stack: Stack, phone: Phone) -> None:
    with phone(language) as browser:
        sign_in(browser, stack)
        browser.wait(lambda: browser.has(".phaseout"), "the letter is there")
        text = browser.text()
        (decision,) = gate.decisions()
        assert decision["effect"] == "block"
        for words in (*said, "No Apple phones for work.", decision["id"]):
            assert words in text
        assert browser.status() == 403
        assert browser.run("return innerWidth") == 390
        assert not browser.scrolls_sideways()
        assert browser.smallest_letters(".phaseout") >= READABLE
        assert browser.run("return document.querySelector('.phaseout').lang") == language
        browser.go(f"{stack.url}?_task=mail")
        assert not browser.has("#messagelist")
        assert browser.has("#rcmloginuser"), "somebody else, or another account, can sign in"


def test_firefox_on_linux_opens_the_mail(gate: Gate, stack: Stack, desk: Desk) -> None:
    with desk() as browser:
        sign_in(browser, stack)
        browser.wait(lambda: browser.has("#messagelist"), "the mailbox is open")
        assert "This device" not in browser.text()
        assert [each["effect"] for each in gate.decisions()] == ["allow"]


def test_an_open_session_ends_when_the_block_begins(
    start_gate: Start, stack: Stack, phone: Phone, keys: Keys, content: Content
) -> None:
    stack.choose("open", seconds=1)
    draft = "Dear Vera, a long letter that nobody wants to write twice."
    with (
        start_gate(GATE, data=blocking_from(None, keys, content), port=stack.gate) as gate,
        phone("en") as reading,
        phone("ru") as writing,
    ):
        for browser in (reading, writing):
            sign_in(browser, stack)
            browser.wait(lambda browser=browser: browser.has("#messagelist"), "the mailbox is open")
        writing.go(f"{stack.url}?_task=mail&_action=compose")
        writing.wait(lambda: writing.has("#composebody"), "a message can be written")
        writing.type("#composebody", draft)
        begins = datetime.now(UTC) + timedelta(seconds=3)
        gate.put(blocking_from(begins, keys, content))
        reading.wait(lambda: reading.has(".phaseout"), "the session has ended by itself")
        assert "not allowed since" in reading.text()
        writing.wait(lambda: "запрещено с" in writing.text(), "it is said")  # noqa: RUF001 - Russian letters
        assert writing.run("return document.querySelector('#composebody').value") == draft, "the unsent message stays"
        decided = [(datetime.fromisoformat(each["at"]) >= begins, each["effect"]) for each in gate.decisions()]
        assert set(decided) == {(False, "allow"), (True, "block")}
        assert len([effect for _, effect in decided if effect == "block"]) == 2, "one for each session"
        writing.go(f"{stack.url}?_task=mail")
        assert writing.has(".phaseout")


def blocking_from(begins: datetime | None, keys: Keys, content: Content) -> bytes:
    """Return a bundle whose only clause blocks from then on, or only observes."""
    stages = [Stage("*", StageKind.OBSERVE, content.made_at)]
    if begins:
        stages.append(Stage("*", StageKind.BLOCK, begins))
    clauses = (replace(content.directive.clauses[0], stages=tuple(stages)),)
    made_at = begins or content.made_at
    return keys.seal(replace(content, directive=replace(content.directive, clauses=clauses), waivers=(), made_at=made_at))


def test_without_a_gate_the_closed_door_says_so(stack: Stack, phone: Phone) -> None:
    stack.choose("closed")
    with phone("ru") as browser:
        sign_in(browser, stack, "gleb@example.org")
        browser.wait(lambda: browser.status() == 503, "the door is closed")
        text = browser.text()
        assert "РАБОЧУЮ ПОЧТУ СЕЙЧАС ОТКРЫТЬ НЕЛЬЗЯ Попробуйте ещё раз через минуту." in text
        assert not browser.has("#messagelist")
        assert not browser.scrolls_sideways()
        assert browser.smallest_letters(".boxerror") >= READABLE
