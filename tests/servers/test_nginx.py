"""nginx as a mail door: what is asked of it is known, and the log that it writes must say exactly that."""

import base64
import gzip
import socket
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard

from nginx import running_nginx
from programs import free_port, wait_until

from .conftest import ZONE, Account, account, findings, kind

HTTP = """
    log_format vhost '$host:$server_port $remote_addr - $remote_user [$time_local] "$request" '
                     '$status $body_bytes_sent "$http_referer" "$http_user_agent"';
    server {{
        listen 127.0.0.1:{port};
        access_log {here}/combined.log combined;
        access_log {here}/vhost.log vhost;
        auth_basic "Mail";
        auth_basic_user_file {here}/passwords;
        location / {{ proxy_pass http://127.0.0.1:{back}; }}
    }}
    server {{
        listen 127.0.0.1:{back};
        location / {{
            if ($http_x_answer = "449") {{ return 449; }}
            if ($http_x_answer = "503") {{ return 503; }}
            return 200 "mail";
        }}
    }}
"""
PASSWORDS = {r"MINEX\anna": "one", "boris@example.org": "two", "вера": "three"}
IPHONE = "Apple-iPhone14C2/2001.362"
SAMSUNG = "Android-SAMSUNG-SM-S901B/101.13"
BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15"
QUOTED = r'Mail "for" work \ 1.0 [beta] "'
UNICODE = "Почта/1.0 (моя)"
EAS = "/Microsoft-Server-ActiveSync"


@dataclass(frozen=True)
class Deed:
    """One request, and what a reader should make of it: None when it is set aside, for the reason given."""

    target: str
    agent: str | None
    login: str | None = None
    password: str | None = None
    method: str = "POST"
    answer: str = ""
    expected: frozenset[tuple[str, str]] | None = None
    ignored: str = ""

    def request(self, port: int) -> bytes:
        """Write it as it goes over the wire."""
        head = [f"{self.method} {self.target} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close", "Content-Length: 0"]
        if self.agent is not None:
            head.append(f"User-Agent: {self.agent}")
        if self.login is not None:
            password = PASSWORDS.get(self.login, "") if self.password is None else self.password
            head.append("Authorization: Basic " + base64.b64encode(f"{self.login}:{password}".encode()).decode())
        if self.answer:
            head.append(f"X-Answer: {self.answer}")
        return "".join(f"{line}\r\n" for line in [*head, ""]).encode()


def packed(command: int, device: str, device_type: str) -> str:
    """Write a query as Exchange 14.1 clients pack it ([MS-ASHTTP] 2.2.1.1.1.1): no policy key, no parameters."""
    body = bytes([141, command, 0x19, 0x04, len(device)]) + device.encode() + b"\0" + bytes([len(device_type)])
    return base64.b64encode(body + device_type.encode()).decode()


def plain(command: str, user: str, device: str, device_type: str) -> str:
    return f"{EAS}?Cmd={command}&User={user}&DeviceId={device}&DeviceType={device_type}"


def sync(login: str, device: str, device_type: str, agent: str, **other: str) -> frozenset[tuple[str, str]]:
    columns = {"action": "use", "outcome": "success"} | other
    return kind(
        login=login, service="mail", protocol="activesync", device_id=device, activesync=device_type, user_agent=agent, **columns
    )


ANNA, BORIS = r"MINEX\anna", "boris@example.org"
PHONE = plain("Sync", "MINEX%5Canna", "ABCDEF0123456789ABCDEF0123", "iPhone")
IS_PHONE = sync(ANNA, "ABCDEF0123456789ABCDEF0123", "iPhone", IPHONE)
DEEDS = (
    # Phones ask without a password first.
    Deed(PHONE, IPHONE, ignored="asked to sign in"),
    *[Deed(PHONE, IPHONE, ANNA, expected=IS_PHONE)] * 3,
    Deed(
        plain("Ping", "MINEX%5Canna", "ABCDEF0123456789ABCDEF0123", "iPhone"),
        IPHONE,
        ANNA,
        expected=sync(ANNA, "ABCDEF0123456789ABCDEF0123", "iPhone", IPHONE, action="presence"),
    ),
    Deed(
        plain("Provision", "MINEX%5Canna", "ABCDEF0123456789ABCDEF0123", "iPhone"),
        IPHONE,
        ANNA,
        expected=sync(ANNA, "ABCDEF0123456789ABCDEF0123", "iPhone", IPHONE, action="set-up"),
    ),
    Deed(
        PHONE,
        IPHONE,
        ANNA,
        answer="449",
        expected=sync(ANNA, "ABCDEF0123456789ABCDEF0123", "iPhone", IPHONE, action="set-up"),
    ),
    Deed(
        PHONE,
        IPHONE,
        ANNA,
        answer="503",
        expected=sync(ANNA, "ABCDEF0123456789ABCDEF0123", "iPhone", IPHONE, action="attempt", outcome="failure"),
    ),
    # nginx writes the name with which a sign-in was tried, so that the attempt has somebody.
    Deed(
        PHONE,
        IPHONE,
        ANNA,
        "wrong",
        expected=sync(ANNA, "ABCDEF0123456789ABCDEF0123", "iPhone", IPHONE, action="attempt", outcome="failure"),
    ),
    *[
        Deed(
            f"{EAS}?{packed(0, 'SEC1234567890ABC', 'SamsungDevice')}",
            SAMSUNG,
            BORIS,
            expected=sync(BORIS, "SEC1234567890ABC", "SamsungDevice", SAMSUNG),
        )
    ]
    * 2,
    Deed(
        f"{EAS}?{packed(18, 'SEC1234567890ABC', 'SamsungDevice')}",
        SAMSUNG,
        BORIS,
        expected=sync(BORIS, "SEC1234567890ABC", "SamsungDevice", SAMSUNG, action="presence"),
    ),
    Deed(
        "/owa/",
        BROWSER,
        BORIS,
        method="GET",
        expected=kind(login=BORIS, service="mail", protocol="webmail", action="use", outcome="success", user_agent=BROWSER),
    ),
    Deed("/owa/prem/style.css", BROWSER, BORIS, method="GET", ignored="part of a page"),
    Deed("/intranet/news", BROWSER, BORIS, method="GET", ignored="not a work service"),
    Deed(
        "/EWS/Exchange.asmx",
        None,
        BORIS,
        expected=kind(login=BORIS, service="mail", protocol="ews", action="use", outcome="success"),
    ),
    Deed(
        "/EWS/Exchange.asmx",
        QUOTED,
        BORIS,
        expected=kind(
            login=BORIS,
            service="mail",
            protocol="ews",
            action="use",
            outcome="success",
            user_agent=r"Mail \x22for\x22 work \x5C 1.0 [beta] \x22",
        ),
    ),
    Deed(
        "/EWS/Exchange.asmx",
        UNICODE,
        "вера",
        expected=kind(
            login="вера",
            service="mail",
            protocol="ews",
            action="use",
            outcome="success",
            user_agent="".join(chr(byte) if byte < 0x7F else f"\\x{byte:02X}" for byte in UNICODE.encode()),
        ),
    ),
)


def ask(port: int, deed: Deed) -> int:
    """Make one request and return the answer's status."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(deed.request(port))
        said = b""
        while block := connection.recv(65536):
            said += block
    return int(said.split(b" ", 2)[1])


def status_of(deed: Deed) -> int:
    if deed.answer:
        return int(deed.answer)
    return 200 if deed.login is not None and deed.password is None else 401


@dataclass(frozen=True)
class Written:
    """The logs that nginx wrote, and when."""

    here: Path
    began: datetime
    ended: datetime


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    here, port, back = tmp_path_factory.mktemp("nginx"), free_port(), free_port()
    (here / "passwords").write_text("".join(f"{name}:{{PLAIN}}{word}\n" for name, word in PASSWORDS.items()), "utf-8")
    began = datetime.now(UTC).replace(microsecond=0)
    with running_nginx(here, port, HTTP.format(here=here, port=port, back=back), env={"TZ": ZONE}):
        for deed in DEEDS:
            assert ask(port, deed) == status_of(deed), deed
        for name in ("combined.log", "vhost.log"):
            wait_until(lambda log=here / name: lines_of(log) == len(DEEDS), f"{name} is complete")
    return Written(here, began, datetime.now(UTC))


def lines_of(log: Path) -> int:
    return log.read_bytes().count(b"\n")


def holds(found: Account, written: Written, times: int = 1) -> None:
    """Compare what a reader saw with what was done."""
    done = Counter(deed.expected for deed in DEEDS if deed.expected is not None)
    aside = Counter(deed.ignored for deed in DEEDS if deed.expected is None)
    assert found.format == "combined"
    assert found.seen == Counter({each: n * times for each, n in done.items()})
    assert found.ignored == {reason: n * times for reason, n in aside.items()}
    assert found.rejected == []
    assert found.lines == len(DEEDS) * times
    assert written.began <= found.first <= found.last <= written.ended


@pytest.mark.parametrize("name", ["combined.log", "vhost.log"])
def test_the_log_says_what_was_done(written: Written, name: str) -> None:
    holds(account(written.here / name), written)


def test_the_clock_was_another_zones(written: Written) -> None:
    assert all("+0500]" in line for line in (written.here / "combined.log").read_text("utf-8").splitlines())


def test_rotated_and_compressed_it_says_the_same(written: Written, tmp_path: Path) -> None:
    log = (written.here / "combined.log").read_bytes()
    (tmp_path / "access.log.2.gz").write_bytes(gzip.compress(log))
    (tmp_path / "access.log.3").write_bytes(zstandard.compress(log))
    (tmp_path / "access.log.4.gz").write_bytes(gzip.compress(log) + gzip.compress(log))
    holds(account(tmp_path / "access.log.2.gz"), written)
    holds(account(tmp_path / "access.log.3"), written)
    holds(account(tmp_path / "access.log.4.gz"), written, times=2)


def test_a_line_that_is_cut_off_is_told(written: Written, tmp_path: Path) -> None:
    log = (written.here / "combined.log").read_bytes()
    last = log.splitlines()[-1]
    (tmp_path / "access.log").write_bytes(log + last[:20] + b"\n")
    found = account(tmp_path / "access.log")
    assert found.rejected == [last[:20].decode()]
    holds(replace(found, rejected=[], lines=found.lines - 1), written)


def test_a_check_names_the_one_who_uses_an_iphone(written: Written, tmp_path: Path) -> None:
    (only,) = [
        row for row in findings(written.here / "combined.log", tmp_path, tuple(PASSWORDS)) if row["verdict"] == "violation"
    ]
    assert only["person"]["id"] == ANNA
    assert (only["device"]["model_id"], only["device"]["grade"]) == ("iPhone14,2", "claimed")
    assert only["accesses"] == sum(deed.expected == IS_PHONE for deed in DEEDS)
    assert only["other"] == {"attempt": 2, "presence": 1, "set-up": 2}
