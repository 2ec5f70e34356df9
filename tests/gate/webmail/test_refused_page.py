"""Real Chromium before a webmail that stands behind nginx with the very files of deploy/nginx: the page of who is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from gate import KEY
from nginx import deployed, running_nginx
from programs import free_port

from .browser import Browser

GATE = (
    '[callers.nginx]\nkeys = ["nginx.key"]\n[texts]\ncontact = "it@example.org, telephone 7-33"\n'
    'waiver = {en = "Ask the minister\'s office.", ru = "Обратитесь в канцелярию."}\n'
)
LONG_WORDS = (
    "From 17 July on, employees of the Ministry must not use mobile telephones and tablet computers of Apple for reading or "
    "answering official mail. This does not concern what they use such devices for outside of their duties."
)
READABLE = 16
"""CSS pixels of the smallest letters on the page."""

HTTP = """
    include phaseout/gate-upstream.conf;
    server {{
        listen 127.0.0.1:{port};
        include phaseout/door-closed.conf;
        location /mail/ {{
            auth_basic "mail";
            auth_basic_user_file {here}/users;
            set $phaseout_door webmail;
            include phaseout/protect.conf;
            proxy_pass http://127.0.0.1:{back};
        }}
    }}
    server {{
        listen 127.0.0.1:{back};
        location / {{ default_type text/html; return 200 "<title>Mail</title>Your letters"; }}
    }}
"""

Start = Callable[..., Any]
Phone = Callable[[str], AbstractContextManager[Browser]]
Desk = Callable[[], AbstractContextManager[Browser]]
Content = Gate = Keys = Any  # what the conftest above gives; tests can't import from it


@pytest.fixture
def gate(start_gate: Start, keys: Keys, content: Content, tmp_path: Path) -> Iterator[Gate]:
    """Run a gate whose clause has as many words as clauses have."""
    (tmp_path / "nginx.key").write_text(KEY, "ascii")
    clauses = (replace(content.directive.clauses[0], text=LONG_WORDS), *content.directive.clauses[1:])
    data = keys.seal(replace(content, directive=replace(content.directive, clauses=clauses)))
    with start_gate(GATE, data=data) as running_gate:
        yield running_gate


@pytest.fixture
def webmail(gate: Gate, tmp_path: Path) -> Iterator[str]:
    """Run nginx before a webmail, and return the address under which anna opens it."""
    here, port = tmp_path / "nginx", free_port()
    deployed(here, gate.port)
    (here / "users").write_text("anna:{PLAIN}right-1\n", "ascii")
    with running_nginx(here, port, HTTP.format(here=here, port=port, back=free_port())):
        yield f"http://anna:right-1@127.0.0.1:{port}/mail/"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            (
                "This device can't be used for work here Apple phones and tablets: not allowed since 8 October 2020.",
                "You may go on using it privately.",
                "What to do now Get this instead: Android phone. At the service desk.",
                "If you need an exception: Ask the minister's office.",
                "Tell the help desk this number:",
            ),
        ),
        (
            "ru",
            (
                "Это устройство нельзя использовать здесь для работы Apple phones and tablets: запрещено с 8 октября 2020 г.",  # noqa: RUF001
                "Пользоваться им в личных целях по-прежнему можно.",
                "Что делать Вместо него можно получить: Android phone. At the service desk.",
                "Если вам необходимо исключение: Обратитесь в канцелярию.",
                "Сообщите службе поддержки этот номер:",
            ),
        ),
    ],
)
def test_an_iphone_reads_why(language: str, said: tuple[str, ...], gate: Gate, webmail: str, phone: Phone) -> None:
    with phone(language) as browser:
        browser.go(webmail)
        text = browser.text()
        decision = gate.decisions()[-1]
        assert (decision["effect"], decision["login"]) == ("block", "anna")
        for words in (*said, LONG_WORDS, "it@example.org, telephone 7-33", decision["id"]):
            assert words in text
        assert "Your letters" not in text
        assert browser.status() == 403
        assert browser.run("return document.documentElement.lang") == language
        assert browser.run("return innerWidth") == 390
        assert not browser.scrolls_sideways()
        assert browser.smallest_letters("main") >= READABLE
        assert browser.run("return document.documentElement.scrollHeight <= 2 * innerHeight"), "two screens at most"


def test_firefox_on_linux_opens_the_mail(gate: Gate, webmail: str, desk: Desk) -> None:
    with desk() as browser:
        browser.go(webmail)
        assert browser.text() == "Your letters"
        assert gate.decisions()[-1]["effect"] == "allow"
