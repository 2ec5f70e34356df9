"""The HTML page as text: whole, well formed, escaped, and without any address that it would load from."""

import io
import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from phaseout.model.answer import Answer
from phaseout.reporting.page.view import Limits, rendered
from phaseout.reports import REPORTS

VOID = {"meta", "br", "use", "path", "rect", "input", "img", "link", "hr"}
SECTIONS = ["coverage", "burn-down", "platforms", "units", "findings", "cannot-tell", "advised", "waived", "order", "accounting"]


class Page(HTMLParser):
    """Reads a page and holds it to what every page must be: each tag closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len({name for name, _ in attrs})
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


_WRITTEN: list[tuple[Answer, str]] = []
"""Pages that were written before: drawing takes most of the time, and the answers are the same objects in every test."""


def html(answer: Answer) -> str:
    for given, text in _WRITTEN:
        if given is answer:
            return text
    stream = io.StringIO(newline="")
    REPORTS["html"].write(answer, stream)
    _WRITTEN.append((answer, stream.getvalue()))
    return stream.getvalue()


@pytest.mark.parametrize("which", ["answer", "large_answer", "empty_answer", "hostile_answer", "broken_sums"])
def test_the_page_is_well_formed_and_each_id_stands_once(which: str, request: pytest.FixtureRequest) -> None:
    text = html(request.getfixturevalue(which))
    page = Page(text)
    ids = Counter(attributes["id"] for _, attributes in page.tags if "id" in attributes)
    assert text.startswith("<!DOCTYPE html>")
    assert [name for name, count in ids.items() if count > 1] == []
    referred = set(re.findall(r'(?:href="#|url\(#|aria-labelledby=")([\w-]+)', text))
    assert referred <= set(ids)


@pytest.mark.parametrize("which", ["answer", "hostile_answer"])
def test_the_page_loads_nothing(which: str, request: pytest.FixtureRequest) -> None:
    text = html(request.getfixturevalue(which))
    page = Page(text)
    links = {attributes["href"] for attributes in page.all("a")}
    outside = {link for link in links if not str(link).startswith("#")}
    assert outside <= {"https://www.example.org/orders/212?a=1&b=2"}
    assert len(re.findall(r"https?:", text)) == len([a for a in page.all("a") if str(a["href"]).startswith("http")])
    assert not re.search(r"\b(?:src|srcset|action|background|poster|data)=|@import|url\((?!#)", text)
    assert {tag for tag, _ in page.tags} & {"script", "iframe", "object", "embed", "link", "img", "base", "form"} == set()
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    policy = next(meta for meta in page.all("meta") if meta.get("http-equiv"))
    assert "default-src 'none'" in str(policy["content"])


def test_what_logs_and_lists_say_is_shown_and_never_obeyed(hostile_answer: Answer) -> None:
    text = html(hostile_answer)
    page = Page(text)
    assert "<script>alert(1)</script>" in page.text
    assert "<script" not in text
    assert "{{ 7 * 7 }}" in page.text
    assert "\\x1b[2J" in page.text
    assert "\\u202e" in page.text
    assert "javascript:" not in {str(attributes["href"]).partition("alert")[0] for attributes in page.all("a")}
    assert "(javascript:alert(1))" in page.text


def test_the_sections_come_in_order_after_the_answer(answer: Answer) -> None:
    page = Page(html(answer))
    assert [attributes["id"] for attributes in page.all("section")] == SECTIONS
    assert [attributes["href"] for attributes in page.all("a")][: len(SECTIONS)] == [f"#{name}" for name in SECTIONS]
    assert page.text.index("17 people have used a banned device") < page.text.index("What was seen, and what was not")


def test_every_finding_stands_with_its_evidence(answer: Answer) -> None:
    page = Page(html(answer))
    cards = [attributes for attributes in page.all("details") if attributes.get("class") == "finding"]
    assert len(cards) == len(answer.findings)
    for finding in answer.findings:
        assert finding.person.name in page.text
        for evidence in finding.evidence:
            assert str(evidence.first) in page.text
            assert str(evidence.last) in page.text
            assert evidence.clues[0].value in page.text


def test_everything_unseen_and_the_accounting_are_there(answer: Answer) -> None:
    text = Page(html(answer)).text
    told = [
        *(person.name for person in answer.coverage.never_seen),
        *(login.login for login in answer.coverage.unknown_logins),
        *(f"{log.lines:,}" for log in answer.coverage.logs),
        "1,026,963", "563,534", "463,419", "no log shows it", "press-desk: 920 accesses", "e1101: on 4 days",
        "not a work service", "Order No. 212 on mobile devices", "shall not be opened on telephones",
        "Another reading, shown and not judged", "phaseout-rejected.jsonl", "The file ends in the middle of a line.",
    ]  # fmt: skip
    assert [words for words in told if words not in text] == []


def test_sums_that_do_not_add_up_are_cried_out(answer: Answer, broken_sums: Answer) -> None:
    assert "do not add up" not in Page(html(answer)).text
    assert "The sums do not add up: 7 lines are not accounted for." in Page(html(broken_sums)).text


def test_tables_have_headers_and_charts_have_words(answer: Answer) -> None:
    page = Page(html(answer))
    assert all(attributes.get("scope") in {"row", "col"} for attributes in page.all("th"))
    charts = page.all("svg")
    assert len(charts) == 6
    assert all(chart["role"] == "img" and len(str(chart["aria-label"])) > 20 for chart in charts)
    assert page.all("html")[0]["lang"] == "en"
    assert {tag for tag, _ in page.tags} >= {"header", "nav", "main", "footer", "h1"}
    assert len(page.all("h1")) == 1


def test_charts_take_their_colours_from_the_style_sheet(answer: Answer) -> None:
    text = html(answer)
    drawn = "".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL))
    assert re.findall(r"#[0-9a-f]{6}\b", drawn) == []
    used = set(re.findall(r"var\(--([\w-]+)\)", text))
    for rule in (r":root \{(.*?)\n\}", r"@media \(prefers-color-scheme: dark\) \{(.*?)\n\}", r"@media print \{(.*?)\n\}"):
        defined = set(re.findall(r"--([\w-]+):", re.search(rule, text, re.DOTALL)[1]))  # type: ignore[index]
        assert used - defined <= {"sans", "serif"}, rule


def test_a_large_answer_says_what_it_leaves_out(large_answer: Answer) -> None:
    text = html(large_answer)
    page = Page(text)
    cards = [attributes for attributes in page.all("details") if attributes.get("class") == "finding"]
    assert len(cards) == 200 + 3 + 12 + 9
    assert "Evidence is shown for the first 200 of 2,600 findings" in page.text
    assert "400 more findings are in the JSON lines file" in page.text
    assert len(text) < 2_000_000


def test_many_findings_are_folded_by_unit_and_none_is_lost_by_it(answer: Answer) -> None:
    def classes(text: str) -> Counter:
        return Counter(attributes.get("class") for attributes in Page(text).all("details"))

    plain, folded = classes(html(answer)), classes(rendered(answer, Limits(open=10)))
    units = {one.person.unit for one in answer.violations}
    assert plain["unit"] == 0
    assert folded["unit"] >= len(units)
    assert folded["finding"] == plain["finding"] == len(answer.findings)


def test_every_limit_is_said_where_it_cuts(answer: Answer) -> None:
    text = Page(rendered(answer, Limits(cards=5, rows=4, evidence=1, names=2, list=1))).text
    said = [
        "Evidence is shown for the first 5 of 17 findings", "8 more findings are in the JSON lines file",
        "1 more of the kind are in the JSON lines file", "36 more people who were never seen", "1 more logs",
        "1 more such logins", "2 more kinds of such evidence", "4 more units",
    ]  # fmt: skip
    assert [words for words in said if words not in text] == []


def test_the_page_says_that_names_are_replaced(answer: Answer) -> None:
    assert "replaced by pseudonyms" in html(replace(answer, pseudonymised=True))
    assert "replaced by pseudonyms" not in html(answer)
