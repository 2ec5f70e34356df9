"""The page that a refused person sees: why, since when, and what to do now. Nothing of other people or other clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from string import Template
from typing import Final
from urllib.parse import unquote

from phaseout.gate.asked import SERVICE_OF
from phaseout.gate.http import Answer, Request
from phaseout.gate.settings import Texts
from phaseout.gate.words import language_for, sentence, source_of, speaker
from phaseout.model.access import SERVICES
from phaseout.model.directive import Clause, Directive
from phaseout.model.verdict import Verdict

_ID: Final = re.compile(r"[0-9A-Z]{1,12}-[0-9A-Z]{1,12}")

_VERDICTS: Final = {verdict.word: verdict for verdict in Verdict}

_HEADERS: Final = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Vary", "Accept-Language"),
)

_PAGE: Final = Template("""\
<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>$title</title>
<style>
:root { color-scheme: light dark; }
body { font: 1.125rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 0 auto; padding: 1.25rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { font-size: 1.125rem; margin-bottom: 0; }
blockquote { margin: 1rem 0; padding-left: 1rem; border-left: .25rem solid #888; }
ul { padding-left: 1.25rem; }
code { font-size: 1.25rem; }
</style>
</head>
<body>
<main>
<h1>$title</h1>
$body
</main>
</body>
</html>
""")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page is about.

    Attributes:
        decision: the decision's id; empty when none was handed on.
        clause: the clause that decided, or None when it is not known any more.
        service: that was asked for.
        verdict: the order's.
    """

    decision: str
    clause: Clause | None
    service: str
    verdict: Verdict


def page(request: Request, directive: Directive | None, texts: Texts) -> Answer:
    """Return the page for what the web server hands on of a refusal (``X-Gate-Decision`` and others).

    Args:
        request: of the web server; its path ends in the door or the service.
        directive: the order that is served, or None when there is none.
        texts: what people are told.
    """
    language = language_for(request.headers.get("accept-language", ""), texts.language)
    decision = request.headers.get("x-gate-decision", "")
    wanted = unquote(request.headers.get("x-gate-clause", ""))
    named = request.path.rstrip("/").rpartition("/")[2]
    service = SERVICE_OF.get(named, named)
    clause = next((each for each in directive.judged if each.id == wanted), None) if directive else None
    verdict = _VERDICTS.get(unquote(request.headers.get("x-gate-verdict", "")), Verdict.VIOLATION)
    shown = Shown(decision if _ID.fullmatch(decision) else "", clause, service if service in SERVICES else "mail", verdict)
    return page_of(shown, language, directive, texts)


def page_of(shown: Shown, language: str, directive: Directive | None, texts: Texts) -> Answer:
    """Return the page in one of ``languages()``.

    Args:
        shown: what it is about.
        language: of the page.
        directive: the order that is served, or None when there is none.
        texts: what people are told.
    """
    title = speaker(language)("This device can't be used for work here")
    body = "\n".join(_parts(shown, directive, texts, language))
    text = _PAGE.substitute(language=language, title=escape(title), body=body)
    return Answer(403, _HEADERS, text.encode(), "text/html; charset=utf-8")


def _parts(shown: Shown, directive: Directive | None, texts: Texts, language: str) -> Iterator[str]:
    """Give the parts of the page, from why to whom to ask."""
    say = speaker(language)
    clause = shown.clause
    if directive and clause:
        yield f"<p>{escape(sentence(directive, clause, shown.service, shown.verdict, say))}</p>"
        if words := clause.text or clause.summary:
            yield f"<blockquote><p>{escape(words)}</p></blockquote>"
        yield f"<p>{escape(directive.title)}. {escape(source_of(directive, clause, say))}</p>"
        if clause.personal_use_allowed:
            yield f"<p>{escape(say('What you use the device for in your own life is not concerned.'))}</p>"
    yield f"<h2>{escape(say('What to do now'))}</h2>"
    yield "<ul>"
    if directive and clause:
        for name in clause.replacements:
            instead = directive.replacements[name]
            line = ". ".join(part.rstrip(".") for part in (instead.name, instead.how, instead.note) if part)
            yield f"<li>{escape(line)}.</li>"
    yield f"<li>{escape(say('Open your work mail on another device, such as your work computer.'))}</li>"
    if texts.waiver:
        yield f"<li>{escape(say('If you need an exception:'))} {escape(texts.waiver)}</li>"
    yield "</ul>"
    if texts.contact:
        yield f"<p>{escape(say('Questions:'))} {escape(texts.contact)}</p>"
    if shown.decision:
        yield f"<p>{escape(say('Tell the help desk this number:'))} <code>{escape(shown.decision)}</code></p>"
