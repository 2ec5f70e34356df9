"""A real nginx takes the maps and answers as the pure function says that it does."""

from __future__ import annotations

import base64
import io
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from nginx import configured, running_nginx
from phaseout.exporting.rules import Client, Rules
from phaseout.exporting.tables import Strings, Table, folded, tables
from phaseout.exports.nginx import EXPORT, escaped
from phaseout.model.access import WEB_DOORS
from phaseout.model.effect import Effect
from phaseout.runs.check import check
from phaseout.runs.exporting import rules_of
from phaseout.runs.inputs import Asked, load_norms
from programs import free_port

from .conftest import AT, SAMPLES, Sample

HTTP = """
    include phaseout.conf;
    server {{
        listen 127.0.0.1:{port};
        {locations}
    }}
"""
FOLDERS = sorted(path.name for path in SAMPLES.iterdir())


def http(here: Path, rules: Rules, port: int) -> str:
    """Write the maps, and return a server that says what they come to."""
    stream = io.StringIO(newline="")
    EXPORT.write(rules, stream)
    (here / "phaseout.conf").write_bytes(stream.getvalue().encode())
    names = [f"{table.door}_{table.service}" for table in tables(rules)]
    says = [f'location /{name}/ {{ return 200 "$phaseout_{name} $phaseout_{name}_stage"; }}' for name in names]
    refuses = [f"location /real/{name}/ {{ if ($phaseout_{name}) {{ return 403; }} return 204; }}" for name in names]
    return HTTP.format(port=port, locations="\n".join(says + refuses))


def ask(port: int, path: str, client: Client, login: str | None) -> tuple[int, str]:
    """Send what the client sends; return the status and the body."""
    named = f"DeviceType={quote(client.device_type)}&" if client.device_type else ""
    head = [f"GET {path}?{named}Cmd=Sync HTTP/1.1", "Host: x"]
    head += ["Connection: close", f"User-Agent: {client.user_agent}"]
    if login is not None:
        head.append("Authorization: Basic " + base64.b64encode(f"{login}:secret".encode()).decode())
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall("".join(f"{line}\r\n" for line in [*head, ""]).encode())
        said = b""
        while block := connection.recv(65536):
            said += block
    top, _, body = said.decode().partition("\r\n\r\n")
    return int(top.split(" ")[1]), body


Served = tuple[Rules, int]


@pytest.fixture(scope="module", params=FOLDERS)
def served(request: pytest.FixtureRequest, sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    here, port = tmp_path_factory.mktemp("nginx"), free_port()
    rules = sample(request.param)
    with running_nginx(here, port, http(here, rules, port)):
        yield rules, port


def test_nginx_accepts_the_maps(sample: Sample, tmp_path: Path) -> None:
    for folder in FOLDERS:
        command = [*configured(tmp_path, http(tmp_path, sample(folder), 1)), "-t"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "warn" not in done.stderr


def test_every_client_that_was_seen_is_answered_as_the_pure_function_says(served: Served) -> None:
    rules, port = served
    answer = EXPORT.answers(rules)
    asked = [one for one in rules.seen if one.client.door in WEB_DOORS and one.client.user_agent.isprintable()]
    for one in asked:
        client = one.client
        login = client.person.logins[0] if client.person else one.login
        expected = answer(client)
        place = f"{client.door}_{client.service}"
        told = "" if expected is Effect.ALLOW else expected.value
        assert ask(port, f"/{place}/", client, login) == (200, f"{int(expected is Effect.BLOCK)} {told}"), client
        assert ask(port, f"/real/{place}/", client, login)[0] == (403 if expected is Effect.BLOCK else 204)
    assert len(asked) >= 10
    assert {answer(one.client) for one in asked} >= {Effect.ALLOW, Effect.BLOCK}


def test_what_no_map_has_passes(served: Served) -> None:
    _, port = served
    stranger = Client("activesync", "mail", user_agent="Unheard-of/1.0", device_type="Unheard-of")
    assert ask(port, "/activesync_mail/", stranger, "anna@example.org") == (200, "0 ")
    assert ask(port, "/activesync_mail/", replace(stranger, user_agent="", device_type=""), None) == (200, "0 ")


def test_who_is_not_known_is_refused_only_what_everybody_is(served: Served) -> None:
    rules, port = served
    blocked = next(one.client for one in rules.seen if one.effect is Effect.BLOCK and one.client.door == "activesync")
    everybody = {one.effect for one in rules.seen if one.client.user_agent == blocked.user_agent}
    assert len(everybody) > 1, "the sample has somebody who may use the same device"
    assert ask(port, "/activesync_mail/", blocked, None) == (200, "0 ")


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=60))
def test_a_key_says_nothing_but_its_string(text: str) -> None:
    """Undo what nginx's lexer and its map undo (ngx_conf_file.c, ngx_http_map_module.c): the string must come out."""
    key = escaped(text)
    assert key[0] == key[-1] == '"'
    inner = re.sub(r"\\([\\\"'])|\\([trn])", lambda found: found[1] or {"t": "\t", "r": "\r", "n": "\n"}[found[2]], key[1:-1])
    assert not re.search(r'(?<!\\)(?:\\\\)*"', key[1:-1])
    assert not inner.startswith("~")
    assert inner.removeprefix("\\") == text or (inner == text and not text.startswith("\\"))


def test_any_string_stands_in_a_map_and_is_found_again(sample: Sample, tmp_path: Path) -> None:
    nasty = [
        '"',
        "\\",
        "~.*",
        "~*x",
        "default",
        "include /etc/passwd;",
        "hostnames",
        "volatile",
        "{",
        "}",
        "$host",
        "a;b",
        "'",
        "#",
    ]
    nasty += ["Пример", "x" * 700, "a b  c", r"\"", r"\\", "\\~", "%22", "\u2019"]
    rules = sample("everyone")
    pattern = next(one for one in rules.seen if one.client.door == "webmail" and one.effect is Effect.BLOCK)
    base = pattern.client.user_agent
    agents = [f"{base} {each}" for each in nasty]
    seen = tuple(replace(pattern, client=replace(pattern.client, user_agent=agent)) for agent in agents)
    made = replace(rules, seen=seen, groups=tuple(group for group in rules.groups if not group.profile.waivers))
    port = free_port()
    answer = EXPORT.answers(made)
    with running_nginx(tmp_path, port, http(tmp_path, made, port)):
        for one in seen:
            assert answer(one.client) is Effect.BLOCK, one.client.user_agent
            assert ask(port, "/webmail_mail/", one.client, None)[1] == "1 block", one.client.user_agent


def test_any_type_is_found_as_a_query_has_it(sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = ["windows mail", "x(1)", "Ж", "100%", "a%20b", "a b", "a/b", "a+b"]
    pairs = {("mail/1", kind): Effect.WARN for kind in kinds}
    table = Table("activesync", "mail", (), Strings((), {}, dict.fromkeys(kinds, Effect.BLOCK), pairs))
    monkeypatch.setattr("phaseout.exports.nginx.tables", lambda _: (table,))
    monkeypatch.setattr(f"{__name__}.tables", lambda _: (table,))
    port = free_port()
    with running_nginx(tmp_path, port, http(tmp_path, sample("everyone"), port)):
        for kind in kinds:
            for agent, said in (("", "1 block"), ("Mail/1", "0 warn")):
                client = Client("activesync", "mail", user_agent=agent, device_type=kind)
                assert ask(port, "/activesync_mail/", client, None)[1] == said, kind


def test_a_login_counts_as_the_logs_spell_it(tmp_path: Path) -> None:
    agent = "Apple-iPhone14C2/2001.362"
    target = "/Microsoft-Server-ActiveSync?Cmd=Sync&DeviceId=X&DeviceType=iPhone"
    named = {r"EXAMPLE\x5Canna": r"EXAMPLE\anna", "anna@mail.example.org": "anna@mail.example.org"}
    lines = [f'192.0.2.7 - {login} [10/Mar/2026:09:00:00 +0000] "POST {target} HTTP/1.1" 200 1 "-" "{agent}"' for login in named]
    log = tmp_path / "access.log"
    log.write_text("\n".join(lines) + "\n")
    folder, same = SAMPLES / "everyone", {"EXAMPLE": "example.org", "mail.example.org": "example.org"}
    norms = load_norms(folder / "order.yaml", folder / "staff.csv", folder / "waivers.yaml", domains=same)
    checked = check(Asked((log,), AT), norms, io.StringIO())
    rules = rules_of(checked, None)
    checked.engine.close()
    port = free_port()
    with running_nginx(tmp_path, port, http(tmp_path, rules, port)):
        client = Client("activesync", "mail", user_agent=agent, device_type="iPhone")
        for login in named.values():
            assert ask(port, "/activesync_mail/", client, login)[1] == "1 block", login
        assert ask(port, "/activesync_mail/", client, "stranger")[1] == "0 "


def test_only_the_case_of_ascii_letters_is_folded() -> None:
    assert folded("Apple-iPhone ÄЖ") == "apple-iphone ÄЖ"
