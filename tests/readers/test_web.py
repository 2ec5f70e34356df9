"""What a request says, by its path, its query and its status."""

import re

import pyarrow as pa
import pytest

from phaseout.engines.duckdb import DuckDB
from phaseout.reading.web import web_meaning
from phaseout.reading.web_paths import PATHS

COLUMNS = ("user", "method", "target", "status", "user_agent")

CASES = {
    # target: service, protocol, action
    "GET /Microsoft-Server-ActiveSync?Cmd=Sync": "mail activesync use",
    "POST /horde/Microsoft-Server-ActiveSync?Cmd=Ping": "mail activesync presence",
    "POST /microsoft-server-activesync?cmd=provision": "mail activesync set-up",
    "POST /Microsoft-Server-ActiveSync?Cmd=SomethingNew": "mail activesync use",
    "OPTIONS /Microsoft-Server-ActiveSync": "mail activesync set-up",
    "POST /EWS/Exchange.asmx": "mail ews use",
    "POST /mapi/emsmdb/?MailboxId=1": "mail mapi use",
    "POST /mapi/nspi/?MailboxId=1": "directory mapi use",
    "RPC_IN_DATA /rpc/rpcproxy.dll?mx1": "mail mapi use",
    "POST /AutoDiscover/AutoDiscover.xml": "mail ews set-up",
    "GET /owa": "mail webmail use",
    "GET /owa/ping.owa": "mail webmail presence",
    "POST /owa/ev.owa2?ns=PendingRequest&ev=Pending": "mail webmail presence",
    "GET /api/v2.0/me/messages": "mail rest use",
    "GET /SOGo/so/anna/Mail/view": "mail webmail claim",
    "GET /SOGo/so/anna/Contacts/view": "contacts webmail claim",
    "GET /SOGo/so/anna/Calendar/view": "calendar webmail claim",
    "PROPFIND /SOGo/dav/anna/": "calendar caldav use",
    "PROPFIND /.well-known/carddav": "contacts carddav set-up",
    "PROPFIND /remote.php/dav/principals/users/anna/": "calendar caldav set-up",
    "REPORT /remote.php/dav/addressbooks/users/anna/contacts/": "contacts carddav use",
    "GET /apps/contacts/": "contacts webmail use",
    "GET /apps/files/": "files webmail use",
    "GET /home/anna/Contacts": "contacts webmail use",
    "GET /horde/turba/": "contacts webmail use",
    "REPORT /cloud/remote.php/dav/calendars/anna/work/": "calendar caldav use",
    "PROPFIND /owncloud/remote.php/webdav/Reports": "files rest use",
    "GET /index.php/apps/mail/box/1": "mail webmail use",
    "GET /apps/calendar/": "calendar webmail use",
    "PROPFIND /baikal/dav.php/calendars/anna/default/": "calendar caldav use",
    "PROPFIND /card.php/addressbooks/anna/": "contacts carddav use",
    "PROPFIND /dav/anna@example.org/Contacts": "contacts carddav use",
    "GET /home/anna@example.org/Calendar?fmt=ics": "calendar webmail use",
    "POST /service/soap/SearchRequest": "mail webmail use",
    "GET /zimbra/": "mail webmail use",
    "GET /horde/imp/dynamic.php": "mail webmail use",
    "GET /horde/kronolith/": "calendar webmail use",
    "GET /intern/webmail/": "mail webmail use",
    "GET /?_task=mail&_mbox=INBOX": "mail webmail use",
    "GET /post/?_task=addressbook": "contacts webmail use",
    "GET /?_task=mail&_action=keep-alive": "mail webmail presence",
    "GET http://outlook.example.net/owa/": "asked of another host",
    "GET //owa/": "mail webmail use",
    "GET /%6Fw%61/": "mail webmail use",
    "GET /x/../y/./../owa/": "mail webmail use",
    "GET /SOGo.woa//so/anna/Mail": "mail webmail claim",
    "GET /SOGo/anna/Mail/0/folderINBOX/view": "mail webmail claim",
    "GET /SOGo.woa/so/so/anna/Calendar/view": "calendar webmail claim",
    "GET /SOGoX/so/dav/anna/Contacts/view": "contacts webmail claim",
    "PROPFIND /SOGo.woa/dav/anna/Contacts/personal/": "contacts carddav use",
    "GET /%6Fwa/%D0%90%ff": "mail webmail use",
    "GET /owa/x.js": "part of a page",
    "GET /robots.txt": "not a work service",
    "GET /mail/robots.txt": "part of a page",
    "GET /SOGo/so/anna/Mail/0/folderINBOX/1/2/plan.png": "mail webmail claim",
    "GET /remote.php/dav/files/anna/plan.png": "files rest use",
    "GET /cloud/remote.php/webdav/Scans/plan.JPG": "files rest use",
    "GET /service/home/~/plan.png?id=1&part=2": "mail webmail use",
    "GET /owa/service.svc/s/GetFileAttachment/plan.gif": "mail webmail use",
    "GET /owa/attachments/plan.jpg": "mail webmail use",
    "GET /owa/auth/logon.aspx": "mail webmail set-up",
    "POST /owa/auth.owa": "mail webmail set-up",
    "PROPFIND /dav/anna/Calendar/": "calendar caldav use",
    "PROPFIND /calendars/users/anna/work/": "calendar caldav use",
    "PROPFIND /addressbooks/__uids__/12/": "contacts carddav use",
    "GET /home/~/inbox": "mail webmail use",
    "GET /groupdav.php/anna/calendar/": "calendar caldav use",
    "REPORT /egroupware/groupdav.php/anna/addressbook/": "contacts carddav use",
    "REPORT /egroupware/groupdav.php/addressbook-accounts/": "contacts carddav use",
    "PROPFIND /groupdav.php/principals/users/anna/": "calendar caldav set-up",
    "PROPFIND /radicale/anna/": "calendar caldav use",
    "REPORT /radicale/anna/work/": "calendar caldav use",
    "REPORT /radicale/anna/contacts/": "contacts carddav use",
    "PUT /radicale/anna/7f3a/1.vcf": "contacts carddav use",
    "POST /?/Json/&q[]=/0/": "mail webmail use",
    "GET /post/?/Raw/&q%5B%5D=/0/Download/&q%5B%5D=/0/x": "mail webmail use",
    "POST /?/Ajax/&q[]=/0/": "mail webmail use",
    "GET /squirrelmail/src/compose.php": "mail webmail use",
    "GET /src/webmail.php": "mail webmail use",
    "GET /webmail2/": "mail webmail use",
    "GET /home/anna/inbox.rss": "mail webmail use",
    "GET /home/~/calendar": "calendar webmail use",
    "PROPFIND /public.php/webdav/": "a link open to anybody",
    "GET /cloud/public.php/dav/files/Jx2TnEoQwe3fGhK/plan.png": "a link open to anybody",
    "GET /radicale/": "not a work service",
    "GET /radicale/.web/": "not a work service",
    "GET /blog/radicale/set-up/": "not a work service",
    "GET /home/news/feed.rss": "not a work service",
    "GET /home/": "not a work service",
    "GET /src/main.php": "not a work service",
    "GET /webmail24/": "not a work service",
    "GET /?/Json/": "not a work service",
    "GET /shop/?/news/&q=x": "not a work service",
    "GET /public.php": "not a work service",
    "GET /ecp/": "not a work service",
    "GET /home/news/": "not a work service",
    "GET /about/contacts/mail/": "not a work service",
    "GET /news/cal/": "not a work service",
    "GET /shop/card": "not a work service",
    "GET /dav/projects/plan.odt": "not a work service",
    "GET /calendars/2026/": "not a work service",
    "GET /api/v2.0/users/5": "not a work service",
    "GET /email/": "not a work service",
    "GET /blog/mail-order": "not a work service",
    "GET /mailman/listinfo": "not a work service",
    "GET /calendar.html": "not a work service",
    "GET /webmailer/": "not a work service",
    "": "not a work service",
    "\\x16\\x03\\x01": "not a work service",
}


def read(rows: list[dict[str, str | None]]) -> list[dict[str, str]]:
    engine = DuckDB()
    table = pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in COLUMNS})
    given = engine.give("requests", table.append_column("n", pa.array(range(len(rows)))))
    found = engine.ask(web_meaning, given).to_pylist()
    engine.close()
    return sorted(found, key=lambda row: row["n"])


def request(text: str, **other: str | None) -> dict[str, str | None]:
    method, _, target = text.partition(" ")
    return {"user": "anna", "method": method, "target": target, "status": "200", "user_agent": "x/1"} | other


def test_requests_are_taken_for_what_they_are() -> None:
    found = read([request(text) for text in CASES])
    got = [row["ignored"] or f"{row['service']} {row['protocol']} {row['action']}" for row in found]
    assert dict(zip(CASES, got, strict=True)) == CASES


def test_every_path_has_a_case() -> None:
    targets = [text.partition(" ")[2].split("?")[0] for text in CASES]
    assert not [pattern for pattern, _, _ in PATHS if not any(re.search(f"(?i){pattern}", target) for target in targets)]


@pytest.mark.parametrize(
    "target", ["/egroupware/groupdav.php/vera/calendar/", "/groupdav.php/principals/users/vera/", "/radicale/vera/work/"]
)
def test_a_path_names_whose_calendar_it_is(target: str) -> None:
    (row,) = read([request(f"PROPFIND {target}", user="-")])
    assert row["login"] == "vera"


@pytest.mark.parametrize(
    ("agent", "service"),
    [
        ("macOS/11.0.1 (20B50) CalendarAgent/954", "calendar"),
        ("macOS/11.0.1+(20B50)+CalendarAgent/954", "calendar"),
        ("Mac OS X/10.6.8 (10K549); ExchangeWebServices/1.3 (61); CalendarStore/4.0.4 (997); iCal/4.0.4 (1395.7)", "calendar"),
        ("iOS/16.3 (20D47) dataaccessd/1.0", "calendar"),
        ("Mac OS X/10.15.7 (19H1030) AddressBookCore/1", "contacts"),
        ("Address%20Book/883 CFNetwork/454.12.4 Darwin/10.8.0 (i386) (iMac11%2C3)", "contacts"),
        ("Mac OS X/10.10 (14A389) AddressBookSourceSync/1579", "contacts"),
        ("Mac OS X/10.6.8 (10K549); ExchangeWebServices/1.3 (61); Mail/4.6 (1085)", "mail"),
        ("MacOutlook/16.78.23100802 (Intel Mac OS X 13.6)", "mail"),
        ("Lexical/1.0", "mail"),
        (None, "mail"),
    ],
)
def test_a_program_that_opens_one_service_alone_tells_which_by_ews(agent: str | None, service: str) -> None:
    rows = read([request("POST /EWS/Exchange.asmx", user_agent=agent), request("GET /owa/", user_agent=agent)])
    assert [row["service"] for row in rows] == [service, "mail"]


def test_who_signed_in_counts_before_the_query_and_the_path() -> None:
    path = "GET /remote.php/dav/calendars/vera/work/?user=boris"
    rows = read([request(path), request(path, user="-"), request(path.partition("?")[0], user=None)])
    assert [row["login"] for row in rows] == ["anna", "boris", "vera"]


@pytest.mark.parametrize(
    "path",
    [
        "/SOGo/vera/Mail/view",
        "/SOGo/so/dav/vera/Mail",
        "/SOGoX/so/so/vera/x",
        "/SOGo/so/vera/Mail",
        "//SOGo.woa/%73o/vera/x",
        "/SOGo/so/anna/../vera/x",
        "/SOGo/so/vera%40example.org/",
    ],
)
def test_a_web_client_s_session_counts_before_a_password_beside_it(path: str) -> None:
    (row,) = read([request(f"GET {path}", user="boris")])
    assert row["login"] in {"vera", "vera@example.org"}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Windows%20Mail", "Windows Mail"), ("%69Phone", "iPhone"), ("%D0%96", "Ж"), ("100%", "100%"),
        ("%FFx", "%FFx"), ("a%0Ab", "a%0Ab"), ("a+b", "a+b"), ("x%2520y", "x%20y"),
    ],
)  # fmt: skip
def test_what_a_parameter_says_is_taken_as_the_mail_server_takes_it(written: str, told: str) -> None:
    (row,) = read([request(f"POST /Microsoft-Server-ActiveSync?Cmd=Sync&DeviceId={written}&DeviceType={written}")])
    assert (row["device_id"], row["activesync"]) == (told, told)


def test_a_target_ends_at_a_hash() -> None:
    (row,) = read([request("GET /roundcube/#/../../SOGo/so/vera/Mail", user="anna")])
    assert (row["login"], row["action"]) == ("anna", "use")


@pytest.mark.parametrize(
    "target",
    [
        "/SOGo/dav/public/", "/dav/principals/", "/home/~/inbox", "/home/anna/inbox", "/home/anna/inbox.rss",
        "/remote.php/dav/calendars/", "/groupdav.php/calendar/", "/groupdav.php/addressbook-accounts/5",
    ],
)  # fmt: skip
def test_some_paths_name_nobody(target: str) -> None:
    (row,) = read([request(f"GET {target}", user="-")])
    assert row["ignored"] == "nobody signed in"


def test_a_webmail_that_answers_anybody_is_told() -> None:
    targets = ("/roundcube/", "/?_task=login", "/?/Json/&q[]=/0/", "/owa/auth/logon.aspx", "/webmail/skins/a.css")
    found = read([request(f"GET {target}", user="-") for target in targets] + [request("GET /webmail/", user="-", status="302")])
    assert [row["ignored"] for row in found] == [*["webmail that names nobody"] * 4, "part of a page", "nobody signed in"]


STATUSES = {
    "200": "success use", "207": "success use", "304": "success use", "302": "success set-up", "101": "success use",
    "-": "failure attempt", "449": "success set-up", "451": "success set-up",
    **dict.fromkeys(("000", "100", "600"), "failure attempt"),
    **dict.fromkeys(("400", "401", "403", "404", "405", "407", "413", "429", "440", "456", "499", "500"), "failure attempt"),
}  # fmt: skip


def test_a_status_says_how_it_ended() -> None:
    found = read([request("POST /Microsoft-Server-ActiveSync?Cmd=Sync", status=status) for status in STATUSES])
    assert [f"{row['outcome']} {row['action']}" for row in found] == list(STATUSES.values())


@pytest.mark.parametrize("status", ["301", "302", "307", "308", "400", "404", "405", "429", "456", "499", "502"])
@pytest.mark.parametrize(
    "target", ["/Microsoft-Server-ActiveSync?Cmd=Sync&User=anna", "/SOGo/so/anna/Mail/view", "/SOGo/dav/anna/Calendar/"]
)
def test_nobody_is_named_by_a_stranger_s_request_that_got_nothing(target: str, status: str) -> None:
    (row,) = read([request(f"POST {target}", user="-", status=status)])
    assert (row["login"], row["action"], row["outcome"]) == ("anna", "attempt", "failure")


def test_a_phone_that_waits_for_news_and_goes_is_there() -> None:
    (row,) = read([request("POST /Microsoft-Server-ActiveSync?Cmd=Ping", status="499")])
    assert (row["action"], row["outcome"]) == ("presence", "success")


PROOFS = {
    "POST /SOGo/so/anna/Mail/0/folderINBOX/7/markMessageRead": "use",
    "OPTIONS /SOGo/so/anna/Mail/0/": "claim",
    "POST /SOGo/so/anna/Calendar/personal/7/": "claim",
    "POST /SOGo/so/anna/": "claim",
}


def test_what_only_the_owner_s_session_is_answered_proves_it() -> None:
    found = read([request(text, user="-", status="204") for text in PROOFS])
    assert [row["action"] for row in found] == list(PROOFS.values())


@pytest.mark.parametrize("agent", ["x_probe iPhone", "blackbox iPhone15,2", "check_http/v2.3", "monitoring-plugins"])
def test_no_name_that_a_client_gives_itself_hides_it(agent: str) -> None:
    (row,) = read([request("GET /owa/", user_agent=agent)])
    assert (row["ignored"], row["action"]) == (None, "use")


def test_a_question_for_a_password_is_nobodys_attempt_unless_it_was_refused() -> None:
    target = "POST /Microsoft-Server-ActiveSync?Cmd=Sync&User=anna"
    (row,) = read([request(target, user="-", status="401")])
    assert row["ignored"] == "asked to sign in"
