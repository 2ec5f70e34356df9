"""An iPhone is stopped before SOGo sees it, a Samsung syncs real messages; webmail, calendars and address books likewise.

The phones are requests written here by hand, in the form that the protocol's specification has; no real phone was asked.
"""

from __future__ import annotations

import base64
import imaplib
import json
import re
from typing import Any

import pytest

from misspelt import misspelt
from programs import wait_until

from .wbxml import Element, packed, texts

Mail = Gate = Known = Any  # what conftest gives

SAMSUNG, IPHONE = "Android-SAMSUNG-SM-S901B/101.13", "Apple-iPhone14C2/2001.362"
THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0"
CALENDAR, CONTACTS = "iOS/17.4 (21E219) dataaccessd/1.0", "iOS/17.4 (21E219) AddressBookCore/1.0"
PATHS = ("/Microsoft-Server-ActiveSync", "/SOGo/Microsoft-Server-ActiveSync")
HEADERS = {"Content-Type": "application/vnd.ms-sync.wbxml", "MS-ASProtocolVersion": "14.1"}
FOLDERS = packed(("FolderSync", [("SyncKey", "0")]), 7)

MESSAGE = """From: Gleb <gleb@example.org>
To: anna@example.org
Subject: {subject}
Message-ID: <{subject}@example.org>
Date: Mon, 12 Oct 2026 10:00:00 +0000

{body}
"""

EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example Ministry//Tests//EN
BEGIN:VEVENT
UID:meeting-1
DTSTAMP:20261012T100000Z
DTSTART:20261013T100000Z
DTEND:20261013T110000Z
SUMMARY:Replacement of phones
END:VEVENT
END:VCALENDAR
"""

CARD = """BEGIN:VCARD
VERSION:3.0
UID:card-1
FN:Vera Example
N:Example;Vera;;;
EMAIL:vera@example.org
END:VCARD
"""


def query(command: str, kind: str, device: str, user: str = "anna@example.org") -> str:
    return f"Cmd={command}&User={user}&DeviceId={device}&DeviceType={kind}"


def packed_query(code: int, kind: str, device: str) -> str:
    """Write the query in its packed form ([MS-ASHTTP] 2.2.1.1.1.1); it names nobody."""
    fields = bytes((141, code, 9, 4, len(device))) + device.encode() + bytes((0, len(kind))) + kind.encode()
    return base64.b64encode(fields).decode()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("command", "asked"),
    [
        ("FolderSync", query("FolderSync", "iPhone", "ApplF2LXQ0ABCD12")),
        ("Sync", query("Sync", "iPhone", "ApplF2LXQ0ABCD12")),
        ("FolderSync", packed_query(9, "iPhone", "ApplF2LXQ0ABCD12")),
        ("Sync", packed_query(0, "iPhone", "ApplF2LXQ0ABCD12")),
    ],
)
def test_an_iphone_is_stopped_before_sogo_sees_it(mail: Mail, gate: Gate, path: str, command: str, asked: str) -> None:
    before, decided = mail.reached(), len(gate.decisions())
    status, headers, body = mail.ask("POST", f"{path}?{asked}", IPHONE, FOLDERS, **HEADERS)
    assert (status, headers["content-type"]) == (200, "application/vnd.ms-sync.wbxml")
    assert texts(body) == [("Status", "129")]
    assert body[:8].hex() == {"FolderSync": "03016a000007564c", "Sync": "03016a00454e0331"}[command]
    assert mail.reached() == before
    (decision,) = gate.decisions()[decided:]
    assert (decision["login"], decision["effect"], decision["door"]) == ("anna@example.org", "block", "activesync")
    assert (decision["device"]["maker"], decision["device_id"]) == ("Apple", "ApplF2LXQ0ABCD12")


def test_an_iphone_may_not_even_ask_what_there_is(mail: Mail) -> None:
    before = mail.reached()
    assert [mail.ask("OPTIONS", path, IPHONE)[0] for path in PATHS] == [403, 403]
    assert mail.reached() == before


def test_an_iphone_finds_no_way_around(mail: Mail) -> None:
    before, asked = mail.reached(), query("FolderSync", "iPhone", "ApplF2LXQ0ABCD12")
    for path in (
        "/SOGo//Microsoft-Server-ActiveSync", "//Microsoft-Server-ActiveSync", "/SOGo/./Microsoft-Server-ActiveSync",
        "/%53OGo/Microsoft-Server-ActiveSync", "/SOGo/so/../Microsoft-Server-ActiveSync", "/SOGo/%4dicrosoft-Server-ActiveSync",
        "/SOGo/Microsoft-Server-ActiveSync/", "/SOGo/so/Microsoft-Server-ActiveSync", "/sogo/Microsoft-Server-ActiveSync",
        "/SOGo.woa/Microsoft-Server-ActiveSync", "/SOGoX/Microsoft-Server-ActiveSync", "/SOGo/SOGo/Microsoft-Server-ActiveSync",
        "/x/Microsoft-Server-ActiveSync", "/SOGo/dav/Microsoft-Server-ActiveSync",
    ):  # fmt: skip
        status, _, body = mail.ask("POST", f"{path}?{asked}", IPHONE, FOLDERS, **HEADERS)
        assert (status, body[-6:]) == (200, b"129\0\1\1") or status in {403, 404}, path
    assert mail.reached() == before


class Phone:
    """A Samsung that syncs."""

    def __init__(self, mail: Mail, *, plain: bool) -> None:
        self.mail = mail
        self.plain = plain
        self.device = "SEC1A2B3C4D5E6F7" if plain else "SEC7F6E5D4C3B2A1"

    def ask(self, command: str, document: bytes) -> list[tuple[str, str]]:
        codes = {"Sync": 0, "FolderSync": 9}
        plain = query(command, "SamsungDevice", self.device)
        asked = plain if self.plain else packed_query(codes[command], "SamsungDevice", self.device)
        status, headers, body = self.mail.ask("POST", f"{PATHS[0]}?{asked}", SAMSUNG, document, **HEADERS)
        assert status == 200
        assert headers["content-type"] == "application/vnd.ms-sync.wbxml"
        return texts(body)

    def folders(self) -> dict[str, str]:
        """Return the folders by their names."""
        told = self.ask("FolderSync", FOLDERS)
        assert told[0] == ("Status", "1")
        ids, names = ([value for name, value in told if name == wanted] for wanted in ("ServerId", "DisplayName"))
        return dict(zip(names, ids, strict=True))

    def sync(self, folder: str, key: str, *more: Element) -> list[tuple[str, str]]:
        collection: Element = ("Collection", [("SyncKey", key), ("CollectionId", folder), *more])
        return self.ask("Sync", packed(("Sync", [("Collections", [collection])]), 0))


WANTED: tuple[Element, ...] = (
    ("GetChanges", "1"),
    ("WindowSize", "25"),
    ("Options", [("FilterType", "0"), ("BodyPreference", [("Type", "1"), ("TruncationSize", "4096")])]),
)


def counting(mail: Mail, user: str) -> None:
    """Open a mailbox once as a client that counts changes does.

    Dovecot begins to count only then, and to a mailbox that is not counted SOGo's ActiveSync has nothing to say.
    """
    client = imaplib.IMAP4("127.0.0.1", mail.imap)
    try:
        client.login(user, mail.password)
        client.enable("CONDSTORE")
        client.select("INBOX")
    finally:
        client.logout()


@pytest.mark.parametrize("plain", [True, False], ids=["plain query", "packed query"])
def test_a_samsung_passes_and_syncs_what_is_delivered(mail: Mail, gate: Gate, *, plain: bool) -> None:
    decided, phone = len(gate.decisions()), Phone(mail, plain=plain)
    status, headers, _ = mail.ask("OPTIONS", PATHS[0], SAMSUNG)
    assert (status, "14.1" in headers["ms-asprotocolversions"]) == (200, True)
    first, second = f"first-{phone.device}", f"second-{phone.device}"
    mail.deliver("anna", first, MESSAGE.format(subject=first, body="The replacement is ready."))
    counting(mail, "anna@example.org")
    folders = phone.folders()
    assert {"INBOX", "Drafts", "Sent", "Trash", "Personal Calendar", "Personal Address Book"} <= set(folders)
    inbox = folders["INBOX"]
    begun = dict(phone.sync(inbox, "0"))
    assert begun["Status"] == "1"
    told = phone.sync(inbox, begun["SyncKey"], *WANTED)
    assert ("Subject", first) in told
    assert ("Data", "The replacement is ready.\r\n") in told
    mail.deliver("anna", second, MESSAGE.format(subject=second, body="Come at noon."))
    more = phone.sync(inbox, dict(told)["SyncKey"], *WANTED)
    assert [value for name, value in more if name == "Subject"] == [second], "what is new, and nothing else"
    assert ("Data", "Come at noon.\r\n") in more
    decisions = gate.decisions()[decided:]
    assert {(each["login"], each["effect"], each["device"]["maker"]) for each in decisions} == {
        ("anna@example.org", "allow", "Samsung")
    }
    assert [each["action"] for each in decisions] == ["set-up", "set-up", "use", "use", "use"]
    # SOGo writes a request down after its answer.
    wait_until(lambda: mail.reached().count(f"{PATHS[1]}?") >= 4, "SOGo has written them down")


def test_a_samsung_with_a_wrong_password_is_refused_by_sogo(mail: Mail) -> None:
    wrong = "Basic " + base64.b64encode(b"anna@example.org:wrong").decode()
    asked = query("FolderSync", "SamsungDevice", "SEC1A2B3C4D5E6F7")
    status, headers, _ = mail.ask("POST", f"{PATHS[0]}?{asked}", SAMSUNG, FOLDERS, user="", Authorization=wrong, **HEADERS)
    assert (status, "basic" in headers["www-authenticate"].lower()) == (401, True)


def test_a_password_that_sogo_reads_and_nginx_does_not_is_no_way_around(mail: Mail, gate: Gate) -> None:
    right = base64.b64encode(f"anna@example.org:{mail.password}".encode()).decode()
    before, decided = mail.reached(), len(gate.decisions())
    asked = packed_query(9, "SamsungDevice", "SEC1A2B3C4D5E6F7")  # it names nobody
    for told in misspelt(f"Basic {right}"):
        for method, target in (("PROPFIND", "/SOGo/dav/"), ("POST", f"{PATHS[0]}?{asked}")):
            assert mail.ask(method, target, IPHONE, FOLDERS, user="", Authorization=told, **HEADERS)[0] == 400, told
    assert (mail.reached(), len(gate.decisions())) == (before, decided)
    assert mail.ask("PROPFIND", "/SOGo/dav/", THUNDERBIRD, user="", Authorization=f"basic  {right}", Depth="0")[0] == 207


SPELLINGS = (
    "/SOGo/", "/SOGo.woa/", "/SOGo.woa/so/", "/SOGo/so/so/", "/SOGo/so/dav/", "/SOGo/dav/so/", "/SOGo/so/SOGo.woa/so/",
    "/SOGo/SOGo/", "/SOGo/SOGo.woa/so/", "/SOGo/so/SOGo/so/", "/SOGo/so/SO/", "/SOGo/%73o/", "/SOGo/so/%73o/", "/SOGoX/so/",
    "/SOGo-/", "/SOGo//so/", "/x/so/",
)  # fmt: skip


def test_webmail(mail: Mail, gate: Gate, known: Known) -> None:
    assert mail.ask("GET", "/SOGo/", known.firefox, user="")[0] in {200, 302}
    form = json.dumps({"userName": "anna@example.org", "password": mail.password}).encode()
    status, headers, body = mail.ask(
        "POST", "/SOGo/connect", known.firefox, form, user="", **{"Content-Type": "application/json"}
    )
    assert (status, json.loads(body)["cn"]) == (200, "anna")
    cookie = "; ".join(re.findall(r"\b(?:0xHIGHFLYxSOGo|XSRF-TOKEN)=[^;, ]+", headers["set-cookie"]))
    inbox = "/SOGo/so/anna@example.org/Mail/view"
    status, _, body = mail.ask("GET", inbox, known.firefox, user="", Cookie=cookie)
    assert (status, b"SOGo" in body) == (200, True)
    before = mail.reached()
    for path in SPELLINGS:
        for method in ("GET", "POST"):
            target = f"{path}anna@example.org/Mail/0/folderINBOX/view"
            status, _, body = mail.ask(method, target, known.iphone, user="", Cookie=cookie)
            assert (status, b"No Apple phones for work." in body) in {(403, True), (404, False)}, path
    assert mail.reached() == before
    status, headers, body = mail.ask("GET", inbox, known.iphone, user="", Cookie=cookie)
    assert (status, headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert b"No Apple phones for work." in body
    assert gate.decisions()[-1]["id"].encode() in body
    assert gate.decisions()[-1]["login"] == "anna@example.org", "SOGo's path names whose mailbox it is"
    assert mail.reached() == before


@pytest.mark.parametrize(
    ("folder", "file", "text", "kind", "door", "agent"),
    [
        ("Calendar", "meeting-1.ics", EVENT, "text/calendar", "caldav", CALENDAR),
        ("Contacts", "card-1.vcf", CARD, "text/vcard", "carddav", CONTACTS),
    ],
)
def test_calendars_and_address_books(
    mail: Mail, gate: Gate, folder: str, file: str, text: str, kind: str, door: str, agent: str
) -> None:
    target = f"/SOGo/dav/anna@example.org/{folder}/personal/{file}"
    before = mail.reached()
    assert mail.ask("PUT", target, agent, text.encode(), **{"Content-Type": kind})[0] == 403
    assert mail.reached() == before
    decision = gate.decisions()[-1]
    assert (decision["door"], decision["effect"], decision["login"]) == (door, "block", "anna@example.org")
    assert mail.ask("GET", target, THUNDERBIRD)[0] == 404, "the iPhone put nothing there"
    assert mail.ask("PUT", target, THUNDERBIRD, text.encode(), **{"Content-Type": kind})[0] == 201
    status, _, body = mail.ask("GET", target, THUNDERBIRD)
    assert (status, text.splitlines()[3].encode() in body) == (200, True)
    assert mail.ask("PROPFIND", target.rpartition("/")[0] + "/", THUNDERBIRD, Depth="1")[0] == 207
    assert mail.ask("GET", target, agent)[0] == 403
    before = mail.reached()
    for path in ("/SOGo.woa/dav", "/SOGoX/dav", "/SOGo/SOGo/dav", "/SOGo/so/dav", "/SOGo/dav/dav", "/x/dav", "/SOGo/so"):
        assert mail.ask("PROPFIND", f"{path}/anna@example.org/{folder}/personal/", agent, Depth="1")[0] in {403, 404, 405}, path
    assert mail.reached() == before
