"""The page that a refused person sees: why, since when, and what to do now. Nothing of other people or other clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from string import Template
from typing import Final
from urllib.parse import unquote

from phaseout.gate.caller import NoQuestionError
from phaseout.gate.http import Answer, Request
from phaseout.gate.letter import Letter, Shown, letter
from phaseout.gate.settings import Texts
from phaseout.gate.web import door_of
from phaseout.gate.words import language_for
from phaseout.model.access import SERVICES
from phaseout.model.directive import Directive
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


def page(request: Request, directive: Directive | None, texts: Texts) -> Answer:
    """Return the page for what the web server hands on of a refusal (``X-Gate-Decision`` and others).

    Args:
        request: of the web server; its path names the door, or the service.
        directive: the order that is served, or None when there is none.
        texts: what people are told.
    """
    language = language_for(request.headers.get("accept-language", ""), texts.language)
    decision = request.headers.get("x-gate-decision", "")
    wanted = unquote(request.headers.get("x-gate-clause", ""))
    service = _service_of(request.path)
    clause = next((each for each in directive.judged if each.id == wanted), None) if directive else None
    verdict = _VERDICTS.get(unquote(request.headers.get("x-gate-verdict", "")), Verdict.VIOLATION)
    shown = Shown(decision if _ID.fullmatch(decision) else "", clause, service, verdict)
    return page_of(letter(shown, directive, texts, language))


def _service_of(path: str) -> str:
    """Return the service of a path that names a door, such as ``/denied/caldav/sogo``, or a service; of any other, mail."""
    try:
        return door_of(path).service
    except NoQuestionError:
        named = path.rstrip("/").rpartition("/")[2]
        return named if named in SERVICES else "mail"


def page_of(told: Letter) -> Answer:
    """Return a letter as a page."""
    text = _PAGE.substitute(language=told.language, title=escape(told.title), body="\n".join(_parts(told)))
    return Answer(403, _HEADERS, text.encode(), "text/html; charset=utf-8")


def _parts(told: Letter) -> Iterator[str]:
    """Lay a letter out, from why to whom to ask."""
    if told.reason:
        yield f"<p>{escape(told.reason)}</p>"
    if told.words:
        yield f'<blockquote lang=""><p>{escape(told.words)}</p></blockquote>'  # in whatever language the order is
    for text in (told.source, told.personal):
        if text:
            yield f"<p>{escape(text)}</p>"
    yield f"<h2>{escape(told.heading)}</h2>"
    yield "<ul>"
    for text in told.to_do:
        yield f"<li>{escape(text)}</li>"
    yield "</ul>"
    if told.questions:
        yield f"<p>{escape(told.questions)}</p>"
    if told.decision:
        yield f"<p>{escape(told.number)} <code>{escape(told.decision)}</code></p>"
