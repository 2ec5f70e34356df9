"""The configuration: what is written is done, what can't be understood is told; and every error's page shows what is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import click
import pytest

from phaseout.cli import command
from phaseout.gate.caller import CALLERS
from phaseout.gate.place import Place, wired
from phaseout.gate.server import Job, run
from phaseout.gate.settings import Doveadm, Limits, Settings, Texts, Tls, _Caller, _Door, _File, _Tls, load_settings
from phaseout.model.effect import Effect
from phaseout.model.fault import FaultsError

ROOT = Path(__file__).parents[2]
ERRORS = ROOT / "docs" / "errors"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
CODES = sorted(path.stem for path in ERRORS.glob("PO5*.md") if path.stem >= "PO520")
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
SHOWN_ELSEWHERE = {"PO530", "PO544"}  # test_running has a port taken, test_tls a certificate whose time is over


def told(text: str, folder: Path) -> list[str]:
    (folder / "gate.toml").write_text(text, encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load_settings(folder / "gate.toml", CALLERS.ids)
    return [fault.code for fault in caught.value.faults]


def test_everything_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "nginx.key").write_text("0123456789abcdef\n", encoding="utf-8")
    (tmp_path / "gate.toml").write_text(
        """
        trusted_keys = ["gate.key.pub"]
        reuse_port = true
        without_log = "no-opinion"
        [limits]
        head = 1000
        body = 2000
        seconds = 1.5
        idle = 9
        connections = 7
        [texts]
        language = "ru"
        contact = "it@example.org"
        waiver = "Write to the minister."
        [doveadm]
        at = "[::1]:10880"
        key = "nginx.key"
        remember_minutes = 3
        [tls]
        certificate = "gate.pem"
        key = "tls.key"
        client_ca = "callers.pem"
        [callers.nginx]
        keys = ["nginx.key"]
        [doors.imap]
        cannot_tell = "block"
        at_most = "warn"
        quarantine_as = "quarantine"
        exempt = ["192.0.2.10", "2001:db8::/64", "::ffff:198.51.100.0/120"]
        """,
        encoding="utf-8",
    )
    found = load_settings(tmp_path / "gate.toml", CALLERS.ids)
    assert found.trusted_keys == (tmp_path / "gate.key.pub",)
    assert (found.reuse_port, found.answers_without_log) == (True, False)
    assert (found.limits.head, found.limits.seconds, found.limits.connections) == (1000, 1.5, 7)
    assert (found.texts.language, found.texts.contact) == ("ru", "it@example.org")
    assert found.keys == {"nginx": (b"0123456789abcdef",)}
    assert found.doveadm == Doveadm("::1", 10880, b"0123456789abcdef")
    assert found.tls == Tls(tmp_path / "gate.pem", tmp_path / "tls.key", tmp_path / "callers.pem")
    assert found.remembers == timedelta(minutes=3)
    policy = found.policies["imap"]
    assert (policy.cannot_tell, policy.at_most, policy.quarantine_as) == (Effect.BLOCK, Effect.WARN, Effect.QUARANTINE)
    assert policy.exempt == (ip_network("192.0.2.10"), ip_network("2001:db8::/64"), ip_network("198.51.100.0/24"))


def test_nothing_need_be_written(tmp_path: Path) -> None:
    (tmp_path / "gate.toml").write_text("", encoding="utf-8")
    found = load_settings(tmp_path / "gate.toml", CALLERS.ids)
    assert found.answers_without_log
    assert not found.keys
    assert not found.policies


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = 'without_log = "x"\n[callers.sendmail]\nkeys=["none"]\n[callers.nginx]\nkeys=["none"]\n[doors.sofa]\n'
    text += '[doors.imap]\nexempt=["192.0.2.1/8"]\n[texts]\nlanguage = "xx"'
    assert told(text, tmp_path) == ["PO522"] * 5 + ["PO523"] * 2
    text = 'reuse_port = 1\n[limits]\nheads = 1\nbody = "x"\n[doors.imap]\nat_most = "x"\n[doors.pop3]\nat_most = "x"\n'
    text += "[callers.nginx]\n"
    assert told(text + "keys = []\n", tmp_path) == ["PO522"] * 6


def test_a_mistake_is_told_with_the_door_that_has_it(tmp_path: Path) -> None:
    (tmp_path / "gate.toml").write_text('[doors.pop3]\n[doors.imap]\nat_mots = "warn"\n', encoding="utf-8")
    with pytest.raises(FaultsError, match=r"`at_mots` - at `\$\.doors\.imap`"):
        load_settings(tmp_path / "gate.toml", CALLERS.ids)


def test_texts_of_each_language(tmp_path: Path) -> None:
    text = '[texts]\nlanguage = "ru"\ncontact = {en = "Ask", ru = "Спросите"}\nwaiver = {en = "Write"}\n'
    (tmp_path / "gate.toml").write_text(text, encoding="utf-8")
    texts = load_settings(tmp_path / "gate.toml", CALLERS.ids).texts
    assert [texts.contact_in(language) for language in ("en", "ru")] == ["Ask", "Спросите"]
    assert [texts.waiver_in(language) for language in ("en", "ru")] == ["Write", "Write"]
    assert told('[texts]\ncontact = {xx = "Ask"}\n', tmp_path) == ["PO522"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x", "PO521"),
        ("reuse_port = 1", "PO522"),
        ("doors = 1", "PO522"),
        ('[doors.imap]\ncannot_tell = "explode"', "PO522"),
        ('[doors.imap]\nexempt = ["everywhere"]', "PO522"),
        ("[limits]\nheads = 1", "PO522"),
        ("[limits]\nhead = -1", "PO522"),
        ("[limits]\nseconds = nan", "PO522"),
        ("[limits]\nseconds = inf", "PO522"),
        ("[limits]\nconnections = 0", "PO522"),
        ('[tls]\ncertificate = "gate.pem"', "PO522"),
        ('[tls]\nclient_ca = "callers.pem"', "PO522"),
        ('[doveadm]\nat = "somewhere"', "PO522"),
        ("[doveadm]\nremember_minutes = -1", "PO522"),
        ("[doveadm]\nremember_minutes = 1441", "PO522"),
        (f"[doveadm]\nremember_minutes = 1{'0' * 40}", "PO522"),
        (f"[limits]\nbody = 1{'0' * 40}", "PO522"),
        (f"[limits]\nseconds = 1{'0' * 400}", "PO522"),
        ('[doveadm]\nat = "127.0.0.1:65536"', "PO522"),
        ('[doveadm]\nat = "127.0.0.1:0"', "PO522"),
        ('[doveadm]\nat = "127.0.0.1:10880"\nkey = "none"', "PO523"),
    ],
)
def test_what_can_t_be_understood_is_told(text: str, code: str, tmp_path: Path) -> None:
    assert told(text, tmp_path) == [code]


@pytest.mark.parametrize("key", ["short", "x" * 600, "naïve-naïve-naïve", "0123456789abcdef\nsecond line"])
def test_a_key_that_can_be_guessed_or_not_be_sent_is_none(key: str, tmp_path: Path) -> None:
    (tmp_path / "k").write_text(key, encoding="utf-8")
    assert told('[callers.nginx]\nkeys = ["k"]', tmp_path) == ["PO523"]


PLACES = [
    "127.0.0.1:14001", "[::1]:14001", "unix:/run/gate.sock", "192.0.2.1:65535", "tls:192.0.2.1:8", "tls:[::1]:1", "unix:/run/a=b",
    "postfix=127.0.0.1:14002", "postfix=[::1]:14002", "postfix=unix:/run/postfix.sock", "postfix=192.0.2.1:14002",
    "postfix=tls:192.0.2.1:14002",
]  # fmt: skip

NO_PLACES = [
    "", "14001", "localhost:1", ":1", "127.0.0.1:x", "127.0.0.1", "tls:", "tls:unix:/x", "tls:1", "nginx=127.0.0.1:1",
    "sendmail=127.0.0.1:1", "postfix=", "postfix=postfix=127.0.0.1:1", "tls:postfix=127.0.0.1:1",
    "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1: 1", "127.0.0.1:1_0", "127.0.0.1:٣", "127.0.0.1:" + "9" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("text", PLACES)
def test_places_are_read_as_they_are_written(text: str) -> None:
    place = Place.read(text)
    assert str(place) == text
    assert place.is_local == ("192" not in text)
    assert place.is_secure == ("tls:" in text)
    assert place.caller == ("postfix" if text.startswith("postfix=") else "")


def test_ipv4_in_ipv6_s_clothes_is_as_local_as_ipv4() -> None:
    assert [Place.read(f"[::ffff:{address}]:1").is_local for address in ("127.0.0.1", "192.0.2.1")] == [True, False]


@pytest.mark.parametrize(
    ("text", "lacks"),
    [("14001", '"14001" has no port'), (":14001", '":14001" has no address before its port'), ("unix:", '"unix:" has no path')],
)
def test_half_a_place_is_told_what_it_lacks(text: str, lacks: str) -> None:
    with pytest.raises(ValueError, match=re.escape(lacks)):
        Place.read(text)


@pytest.mark.parametrize("text", NO_PLACES)
def test_what_is_no_place_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Place.read(text)


@pytest.mark.parametrize("code", [code for code in CODES if code not in SHOWN_ELSEWHERE])
def test_the_page_shows_what_is_printed(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = dict(BLOCK.findall((ERRORS / f"{code}.md").read_text(encoding="utf-8")))
    said = ""
    for line in blocks["sh"].splitlines():
        if not line.startswith("phaseout "):
            subprocess.run(["bash", "-ec", line], check=True, env={**os.environ, "PATH": PATH})
            continue
        try:
            command.main(line.split()[1:], standalone_mode=False)
        except FaultsError as error:
            said += f"{error}\n"
        except click.ClickException as error:
            said += f"{error.format_message()}\n"
    by_http = ", ".join(name for name in CALLERS.ids if name not in wired())
    assert said.replace(by_http, "CALLERS") == blocks["text"]


def test_each_place_that_is_reached_from_elsewhere_needs_the_keys_of_those_who_ask_there(tmp_path: Path) -> None:
    keys = dict.fromkeys((name for name in CALLERS.ids if name not in wired()), (b"0123456789abcdef",))
    settings = Settings(keys=keys, trusted_keys=(tmp_path / "none",))
    places = tuple(map(Place.read, ("postfix=192.0.2.1:14002", "192.0.2.1:14001", "postfix=127.0.0.1:14002")))
    with pytest.raises(FaultsError) as caught:
        run(Job(tmp_path / "b", places, tmp_path / "d", settings, allow_older=False, clock=lambda: datetime.now(UTC)))
    (fault,) = caught.value.faults
    assert (fault.file, fault.code) == ("postfix=192.0.2.1:14002", "PO524")
    assert fault.message == "It is reached from other machines, and these callers need no key: postfix."


@pytest.mark.parametrize(
    "asked",
    [
        ["gate"],
        ["gate", "--bundle", "b", "--listen", "localhost", "--decision-log", "d"],
        ["gate", "--bundle", "b", "--decision-log", "d"],
    ],
)
def test_a_command_that_lacks_something_says_what(asked: list[str]) -> None:
    with pytest.raises(click.UsageError, match=r"Missing option|Write 127"):
        command.main(asked, standalone_mode=False)


READ = ["gate.bundle", "gate.toml", "gate.key.pub", "other.key.pub", "nginx.key", "doveadm.key", "gate.pem", "tls.key", "ca.pem"]


@pytest.mark.parametrize("file", READ)
@pytest.mark.parametrize("link", [None, os.symlink, os.link])
def test_decisions_are_written_into_nothing_that_is_read(
    file: str, link: Callable[[str, str], None] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for each in READ:
        Path(each).write_text("0123456789abcdef", encoding="utf-8")
    config = 'trusted_keys = ["gate.key.pub"]\n[callers.nginx]\nkeys = ["nginx.key"]\n[doveadm]\nat = "127.0.0.1:1"\n'
    config += 'key = "doveadm.key"\n[tls]\ncertificate = "gate.pem"\nkey = "tls.key"\nclient_ca = "ca.pem"\n'
    Path("gate.toml").write_text(config, encoding="utf-8")
    if link:
        link(file, "d")
    words = ["--bundle", "gate.bundle", "--config", "gate.toml", "--trust", "other.key.pub", "--listen", "127.0.0.1:0"]
    with pytest.raises(click.UsageError, match="would overwrite what is read"):
        command.main(["gate", *words, "--decision-log", "d" if link else file], standalone_mode=False)


HEAVY = ("ibis", "duckdb", "pyarrow", "pandas", "numpy", "pydantic", "matplotlib", "rich", "jinja2", "sqlite3")


def test_a_gate_loads_nothing_heavy() -> None:
    script = (
        "import sys, phaseout.gate.server\nfrom phaseout.gate.caller import CALLERS\nlist(CALLERS)\n"
        "import types\nphaseout.gate.server._warm(types.SimpleNamespace())\nprint('\\n'.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "phaseout" in loaded
    assert sorted(loaded.intersection(HEAVY)) == []


def test_the_page_has_every_key() -> None:
    page = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
    for shape, before in (
        (_File, ""),
        (Limits, "limits."),
        (Texts, "texts."),
        (_Caller, "callers.NAME."),
        (_Door, "doors.NAME."),
        (_Tls, "tls."),
    ):
        for name in shape.__struct_fields__:
            if name not in {"limits", "texts", "callers", "doors", "doveadm", "tls"}:
                assert f"`{before}{name}`" in page


def test_the_page_has_every_caller() -> None:
    page = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `([a-z_]+)` \| ", page.partition("## Who asks")[2].partition("\n## ")[0], re.MULTILINE))
    assert told == set(CALLERS.ids)
