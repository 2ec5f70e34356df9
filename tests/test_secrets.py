"""What looks like a credential is masked; what doesn't, stays."""

from __future__ import annotations

import base64

import pytest

from phaseout.model.secrets import device_id_without_secrets, line_without_secrets, login_without_secrets, without_secrets

SECRET = "hunter2"  # noqa: S105 - nobody's

LEAKING = [
    "Authorization: Basic hunter2hunter2 next",
    "Authorization: hunter2",
    'proxy-authorization: "Bearer hunter2hunter2"',
    "sent Bearer hunter2hunter2 on",
    '"password": "hunter2"',
    '"password":"a hunter2 b"',
    r"{\"password\": \"hunter2\"}",
    r"{\\\"password\\\":\\\"hunter2\\\"}",
    "GET /?token=hunter2&x=1",
    "GET /?access_token=hunter2&x=1",
    "GET /?id_token=hunter2 HTTP/1.1",
    "GET /?password%3Dhunter2%26x",
    "GET /?x=%22password%22%3A%22hunter2%22",
    "pass=hunter2 b",
    "passcode=hunter2",
    "passcode: hunter2",
    "passphrase = hunter2",
    "pwd=hunter2;",
    "LDAP_PASSWORD=hunter2",
    "client_secret=hunter2&grant",
    "api-key: hunter2",
    "x-api-key=hunter2",
    "APIKEY=hunter2",
    "пароль=hunter2",
    "Пароль: hunter2",
    "SAMLResponse=hunter2",
    "Cookie: a=1; b=hunter2; c=3",
    "Set-Cookie: PHPSESSID=hunter2; Path=/",
    '"cookie": "a=1; roundcube_sessauth=hunter2"',
    "https://anna:hunter2@mail.example.org/x",
    "imap://anna%40example.org:hunter2@mail.example.org",
    "anna:hunter2@mail.example.org said",
    "1 LOGIN anna hunter2",
    'a001 LOGIN "anna" "hunter2"',
    "a001 login anna hunter2",
    "a AUTHENTICATE PLAIN hunter2hunter2",
    "AUTH LOGIN hunter2",
    "AUTH PLAIN hunter2=",
    "C: PASS hunter2",
    "<Password>hunter2</Password>",
    '<wsse:Password Type="text">hunter2</wsse:Password>',
    "jwt eyJhunter2.eyJhunter2.hunter2 end",
    "password=a%26hunter2&x=1",
    "password=a,hunter2, ip=192.0.2.7",
    "password: my hunter2 is long",
    "user=anna password=a b hunter2",
    "Authorization%3A%20Basic%20hunter2hunter2",
    "x=authorization%3Dhunter2&y",
    "sent Basic YW5uYTpodW50ZXIyhunter2w== on",
    "POST /owa/auth.owa?cadata=hunter2",
    "cadataTTL=hunter2; cadataKey=hunter2; x",
    "AUTH\t1\tPLAIN\tservice=imap\tresp=hunter2=",
    "auth: CONT 1 hunter2=",
    "CONT\t17\thunter2",
    "{PLAIN}hunter2",
    "userPassword: {SSHA.b64}hunter2",
    "[password] => hunter2",
    "array(['pw'] => hunter2)",
    "newPassword=hunter2",
    "pw=hunter2",
    "oauth_token_secret=hunter2",
    "Negotiate YIIhunter2hunter2",
    "password=a;hunter2",
    "{'password': 'a\\'hunter2'}",
    "C: PASS my hunter2",
    "Kennwort: hunter2",
    "mot de passe: hunter2",
    "X-Auth: hunter2",
    "PIN=hunter2",
    '{"password":["hunter2"]}',
    '{"password": {"value": "hunter2"}}',
    "curl -u anna:hunter2 https://example.org",
    "curl --user=anna:hunter2",
    "login anna hunter2",
    "Password is hunter2",
    "X-Auth-Token hunter2",
    "mot_de_passe=hunter2",
    "X-OWA-CANARY=hunter2",
    "given pw hunter2 is wrong",
    "userpass hunter2",
    "mdp=hunter2&x",
    "wachtwoord: hunter2",
    "ticket=a1hunter2hunter2b",
    "ya29.hunter2hunter2hunter2",
    r"\x22password\x22:\x22hunter2\x22",
    r"password\x3dhunter2",
    'Proxy-Authorization: Digest username="anna", response="hunter2"',
    "password='a\"hunter2'",
    r'password="a\"hunter2"',
    "password=<hunter2>",
    r"+OK\r\nPASS hunter2",
    "CRYPT('hunter2') != x",
    "anna%3Ahunter2@mail.example.org",
    "GET /?key=hunter2&x=1",
    "GET /cal.ics?sid=hunter2",
    "?code=hunter2&x",
    "ticket=hunter2",
    "GET /f?hash=hunter2",
    "GET /rest/ping.view?u=anna&p=hunter2&c=app",
    "GET /rest/ping.view?p=hunter2&u=anna",
    "sent sk-hunter2hunter2hunter2 on",
    "sent sk-proj-hunter2hunter2hunter2 on",
    "AUTH PLAIN\thunter2hunter2",
    r"AUTH PLAIN\thunter2hunter2",
    "* anna login hunter2",
    "* login anna hunter2",
    "pass\0word=hunter2",
    "password\0hunter2",
    "\0".join("password=hunter2"),
    r"pass\u0000word=hunter2",
    "said \0anna\0hunter2",
    "x=%00anna%00hunter2",
]

ENCODED = [
    ("PLAIN ", "\0anna\0hunter2"),
    ("auth: PLAIN\t1\t", "anna\0anna\0hunter2"),
    ("Basic: ", "anna:hunter2"),
    ("Basic=", "anna:hunter2"),
    ("LOGIN ", "hunter2"),
]


@pytest.mark.parametrize("text", LEAKING)
def test_a_credential_is_masked(text: str) -> None:
    masked = without_secrets(text)
    assert SECRET not in masked
    assert "***" in masked


@pytest.mark.parametrize(("before", "told"), ENCODED)
def test_what_is_encoded_behind_a_mechanism_is_masked(before: str, told: str) -> None:
    assert without_secrets(before + base64.b64encode(told.encode()).decode()) == f"{before}***"


def test_a_bearer_of_letters_alone_is_masked() -> None:
    assert without_secrets("Bearer abcdefghijklmnopqrstuvwxyz") == "Bearer ***"


def test_a_web_server_s_user_is_masked_behind_its_name() -> None:
    line = '192.0.2.7 - anna:hunter2 [bad] "GET /'
    assert line_without_secrets(line) == '192.0.2.7 - anna:*** [bad] "GET /'
    assert line_without_secrets("2001:db8::1 - anna [x] y") == "2001:db8::1 - anna [x] y"


def test_a_line_that_is_an_answer_is_masked() -> None:
    assert line_without_secrets("aHVudGVyMgBhbm5hhunter2==") == "***"
    assert line_without_secrets("a line of words") == "a line of words"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("GET /?token=abcdef&x=1", "GET /?token=***&x=1"),
        ('"password": "hunter2", "user": "anna"', '"password": ***, "user": "anna"'),
        ("https://anna:hunter2@mail.example.org/x", "https://anna:***@mail.example.org/x"),
        ("1 LOGIN anna hunter2", "1 LOGIN anna ***"),
    ],
)
def test_what_stands_around_a_credential_stays(text: str, masked: str) -> None:
    assert without_secrets(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "nothing to hide",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
        "Apple-iPhone14C2/2001.362",
        "Client=OutlookService;Outlook-iOS/2.0;",
        '"name" "iPhone Mail" "version" "21D50" "os" "iOS" "os-version" "17.3 (21D50)"',
        "Login from '192.0.2.7' for user 'anna' might not have worked - password policy: 65535",
        "imap-login: Login: user=<anna@example.org>, method=PLAIN, rip=192.0.2.7, TLS, session=<abc>",
        "imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<anna>, method=PLAIN",
        "2026-11-20 05:32:00 192.0.2.16 GET /owa/ - 443 EXAMPLE\\vera 203.0.113.8",
        "anna@example.org",
        "CN=anna@example.org,O=Ministry of Examples",
        "mail 10:00:01 anna@example.org signed in",
        "Microsoft Authenticator/6.8 (key chain)",
        "Login Client/1.0 iPhone15,2",
        "Okta Login iOS/17.4 (iPhone15,2; 21E219)",
        "Basic iPhone",
        "Basic Calendar",
        "Bearer iPhone15,2",
        "Digest Reader/2.0",
        "NTLM iPhone17",
        "AUTH X iPhone",
        "2026-03-05T10:00:00,anna@example.org",
        "1,2026-03-05T10:00:00.000Z,anna@example.org,iPhone",
        "user:anna@example.org",
        "mailto:anna@example.org",
        "i:0#.f|membership|anna@example.org",
        "https://mail.example.org:443/owa/?x=anna@example.org",
        "compass: north",
        "content: text",
        "shipping: fast",
        "SmartPass iPhone",
        "password is incorrect",
        "Password was changed",
        "token 12 expired",
        "login failed for anna",
        "sudo -u www-data",
        "GET /?key=name&sort=up",
        "key=2048 bits, hash=sha256, key=AES256",
        "code=404 sid=7438 code=0xc000006d sid=S-1-5-21-1-2-3",
        "GET /apps/files/?p=12&dir=/",
        "GET /viewtopic.php?u=12&p=345",
        "GET /?p=about&lang=en",
        "Cmd=Sync&User=anna&DeviceId=ApplF2LLQ0ABCD12&DeviceType=iPhone&CollectionId=5&SaveInSent=T",
        "sk-SK, task-force-one-hundred-1",
        "sk-some-words-without-one",
        "* anna login failed",
        "PLAIN iPhone15",
        "method=PLAIN, rip=192.0.2.7",
        "Basic: Calendar",
        "login succeeded = yes",
        "Bearer of bad news",
        "i\0P\0h\0o\0n\0e",
        "a\0b",
        "iPhone",
    ],
)
def test_what_is_no_credential_stays(text: str) -> None:
    assert without_secrets(text) == text


@pytest.mark.parametrize(
    "part",
    [
        "1", "a:", "-eyJ", "<pass", "LOGIN ", "pass", '\\"', "%22", "token=", "a-", "://", "@", " ", "LOGIN a", "key=", "&p=a&u=",
        "sk-", "* a login ", "plain 1 ", "\0ab",
    ],
)  # fmt: skip
def test_no_text_takes_long(part: str) -> None:
    # Twice as long takes twice the time, not four times: each of these would take minutes.
    without_secrets(part * (300_000 // len(part)) + "\x00 pass @")


@pytest.mark.parametrize(
    "login",
    ["anna:hunter2", "anna%3Ahunter2", "anna@example.org:hunter2", "password=hunter2", "{PLAIN}hunter2", "eyJhbGci.eyJz.hunter2"],
)
def test_no_login_shows_a_password(login: str) -> None:
    assert SECRET not in login_without_secrets(login)


@pytest.mark.parametrize("device_id", ["x:hunter2", "eyJhbGci.eyJz.hunter2", "{PLAIN}hunter2"])
def test_no_device_id_shows_a_password(device_id: str) -> None:
    assert SECRET not in device_id_without_secrets(device_id)


@pytest.mark.parametrize("device_id", ["ApplDNPX1A2B3C4D", "{eyJA1B2C-0001}", "aa:bb:cc:00:11:22", "SEC0eyJ1234"])
def test_a_device_id_without_a_password_stays(device_id: str) -> None:
    assert device_id_without_secrets(device_id) == device_id


@pytest.mark.parametrize(
    "login",
    [
        "EXAMPLE\\anna", "anna@example.org", "sip:anna@example.org", "i:0#.f|membership|anna", "anna%40example.org", "eyJane",
        "eyjolfur.jonsson@example.org",
    ],
)  # fmt: skip
def test_a_login_without_a_password_stays(login: str) -> None:
    assert login_without_secrets(login) == login
