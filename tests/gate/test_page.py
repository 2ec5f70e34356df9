"""What the refused person reads: in their language, the clause in its own words, what to do, and nothing else."""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from phaseout.gate import letter as letter_module
from phaseout.gate import words
from phaseout.gate.http import Request
from phaseout.gate.page import page
from phaseout.gate.settings import Texts
from phaseout.gate.words import language_for, languages, one_line, short_text, speaker
from phaseout.model.access import SERVICES
from phaseout.model.verdict import Verdict

Start = Callable[..., Any]
Content = Any  # what conftest gives
RUSSIAN = "запрещено с 8 октября 2020 г."  # noqa: RUF001 - Russian letters
TEXTS = Texts(contact="it@example.org", waiver="Ask the minister's office.")


class Reader(HTMLParser):
    """What a page says, and whether its tags close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - its signature
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def shown(content: Content, texts: Texts = TEXTS, **headers: str) -> str:
    told = {"x-gate-clause": "seat", "x-gate-decision": "K7Q4MX-2F"} | {name.replace("_", "-"): headers[name] for name in headers}
    answer = page(Request("GET", "/denied/mail", "", told), content.directive, texts)
    assert answer.status == 403
    return answer.body.decode()


def test_it_says_why_since_when_and_what_to_do(content: Content) -> None:
    text = Reader(shown(content)).text
    for said in (
        "Apple phones and tablets: not allowed since 8 October 2020. Service: work mail.",
        "No Apple phones for work.", "Replacement of Apple phones. order-12, clause seat.",
        "You may go on using it privately.", "Get this instead: Android phone. At the service desk.",
        "If you need an exception: Ask the minister's office.", "Questions: it@example.org", "K7Q4MX-2F",
    ):  # fmt: skip
        assert said in text


def test_it_speaks_russian_to_who_asks_for_it(content: Content) -> None:
    html = shown(content, accept_language="ru-RU,ru;q=0.9,en;q=0.8")
    assert '<html lang="ru">' in html
    assert RUSSIAN in html
    assert "No Apple phones for work." in html, "the clause stays in its own words"
    assert "What to do" not in html


def test_it_says_nothing_of_other_clauses_or_people(content: Content) -> None:
    html = shown(content)
    for other in ("pilot", "region", "anna", "Anna", "Pilot", "w-gleb"):
        assert other not in html
    unknown = shown(content, x_gate_clause="unknown")
    assert "Apple" not in unknown
    assert "What to do now" in unknown


def test_it_needs_nothing_from_elsewhere_and_runs_no_script(content: Content) -> None:
    html = shown(content)
    assert not re.search(r"<script|src=|href=|url\(|@import", html)
    assert 'name="viewport"' in html
    headers = dict(page(Request("GET", "/denied/mail"), content.directive, TEXTS).headers)
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", '"><img>', "K-1\r\nX: y", "' onload='x"])
def test_what_comes_from_outside_is_never_markup(content: Content, evil: str) -> None:
    for header in ("x_gate_clause", "x_gate_decision", "accept_language", "x_gate_verdict"):
        html = shown(content, **{header: quote(evil) if header != "x_gate_decision" else evil})
        assert evil not in html
        assert Reader(html).text


def test_what_could_not_be_told_is_not_called_an_apple(content: Content) -> None:
    assert "The device was not recognised." in shown(content, x_gate_verdict="cannot%20tell")


def test_without_an_order_it_still_says_what_to_do() -> None:
    answer = page(Request("GET", "/denied/mail"), None, TEXTS)
    assert "What to do now" in answer.body.decode()


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"), ("ru", "ru"), ("RU-ru", "ru"), ("de, fr", "en"), ("en;q=0.5, ru;q=0.6", "ru"), ("ru;q=0", "en"),
        ("ru;q=x, en", "en"), ("ru" * 9999, "en"), ("en, ru", "en"), (";q=", "en"),
        ("en; q=0.2, ru; q=0.9", "ru"), ("en ;q=0.2 ,\tru ;\tQ=0.9 ", "ru"), ("ru ; q=0", "en"),
    ],
)  # fmt: skip
def test_the_browser_s_choice(accepted: str, language: str) -> None:
    assert language_for(accepted, "en") == language


@pytest.mark.parametrize("verdict", [Verdict.CANNOT_TELL, Verdict.ADVISED, Verdict.VIOLATION])
@pytest.mark.parametrize("clause", [0, 2])
def test_the_short_text_is_one_line_in_every_language(content: Content, verdict: Verdict, clause: int) -> None:
    for language in languages():
        text = short_text(content.directive, content.directive.clauses[clause], "mail", verdict, "it@example.org", language)
        assert text == one_line(text)
        assert text.endswith("it@example.org")
        assert len(text) < 300
    english = short_text(content.directive, content.directive.clauses[clause], "mail", verdict, "", "en")
    assert english.isascii(), "an IMAP ALERT is ASCII"


def test_one_line_has_no_line_end() -> None:
    assert one_line("a\r\nb\0c\u2028d\te") == "a b c d e"


def po(path: Path) -> dict[str, str]:
    return dict(re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("language", [language for language in languages() if language != "en"])
def test_a_language_is_whole_and_freshly_compiled(language: str) -> None:
    folder = words.LOCALES / language / "LC_MESSAGES"
    written = po(folder / "gate.po")
    with (folder / "gate.mo").open("rb") as stream:
        compiled = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]
    assert {key: value for key, value in compiled.items() if key} == written, "run: make messages"
    source = "".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in (words, letter_module))
    said = set(re.findall(r'say\(\s*"([^"]+)"', source)) | set(re.findall(r"say\('([^']+)'\)", source))
    said |= {*words._MONTHS, *words._SERVICES.values()}
    assert said == set(written)
    for text, translated in written.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", translated))


def test_every_service_has_a_name() -> None:
    assert set(words._SERVICES) == set(SERVICES)
    assert speaker("xx")("work mail") == "work mail"


def test_a_running_gate_shows_it(start_gate: Start) -> None:
    with start_gate('[texts]\nlanguage = "ru"\ncontact = "it@example.org"\n') as gate:
        status, headers, body = gate.ask("/denied/mail", {"X-Gate-Clause": "seat", "X-Gate-Decision": "K-1"})
        assert (status, headers["content-type"]) == (403, "text/html; charset=utf-8")
        assert RUSSIAN.encode() in body
        target = "/Microsoft-Server-ActiveSync?Cmd=FolderSync&DeviceType=iPhone"
        status, headers, body = gate.ask("/denied/activesync", {"X-Original-URI": target})
        assert (status, headers["content-type"], body[-5:]) == (200, "application/vnd.ms-sync.wbxml", b"129\0\1\1"[-5:])


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("caldav", "work calendar"), ("caldav/sogo", "work calendar"), ("carddav/sogo", "work contacts"),
        ("webmail/contacts/sogo", "work contacts"), ("webmail/sogo", "work mail"), ("contacts", "work contacts"),
        ("x/y", "work mail"),
    ],
)  # fmt: skip
def test_the_page_names_the_service_that_was_refused(path: str, service: str, content: Content) -> None:
    told = {"x-gate-clause": "seat", "x-gate-verdict": "violation"}
    assert f"Service: {service}." in page(Request("GET", f"/denied/{path}", "", told), content.directive, TEXTS).body.decode()
