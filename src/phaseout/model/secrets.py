"""What looks like a credential in a text that comes from a log, so that no output copies it.

Only outputs are masked. What a device is, is told by the text as it came: a mask would hide the device with the credential.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

MASK: Final = "***"
"""What stands in a credential's place."""

_ANYWHERE: Final = (
    r"(?:pass(?:word|wd|phrase|wort|code)|kennwort|mot[ _-]?de[ _-]?passe|contraseña|senha|ha(?:sł|sl)o|wachtwoord|salasana|"
    r"[şs]ifre|canary|secret|credentials?|token|cadata|парол[ья]|"
    r"секрет|токен)"
    r"(?:s|\d|[-_]?(?:hash|key|value|text|new|old|confirm(?:ation)?|again|verify|ttl|iv|sig))?"
)
"""Fields whose value is a credential, also at the end of a longer name: ``userPassword``, ``access_token``, ``cadataKey``."""

_ALONE: Final = (
    r"(?<![a-z])(?:[\w-]{0,40}[-_.])?(?:pass|passw|pwd|pw|psw|mdp|clave|pin|pincode|otp|totp|x-auth|"
    r"(?:api|access|private|auth|account|shared)[-_]?key|assertion|saml(?:response|request|art)|(?:php|j)?sess(?:ion)?id|jsessionid|signature|sig|jwt)"
)
"""Such fields by names that also end other words. Repeats have bounds wherever a text could make them start over and over."""

_CLOSED: Final = r"""(?:\\*["'\])]|\\x22|%22|%27|%5d|&quot;){0,2}"""
_NAME: Final = rf"(?:{_ANYWHERE}|{_ALONE}){_CLOSED}"
_LISTED: Final = r"""\[\s{0,3}["'\[{][^\]\r\n]{0,400}\]?|\{\s{0,3}["'][^{}\r\n]{0,400}\}?"""
_QUOTED: Final = (
    r""""(?:[^"\\]|\\.)*(?:"|$)|\\+"(?:[^"\\]|\\.)*?\\*(?:"|$)|\\x22.*?(?:\\x22|$)|"""
    r"""<[^<>\s]{1,200}>|'(?:[^'\\\n]|\\.)*(?:'|$)|%22.*?(?:%22|$)"""
)
_NEXT: Final = r"""(?:[,\s]\s{0,3}["'\[(]?[\w.-]{1,40}["'\])]?\s?(?:=|:))"""
"""Another field, behind a comma or a blank: only there a value without quotes is sure to have ended."""

_LABEL: Final = (
    r"(?:mailto|sips?|smtp|xmpp|acct|upn|user(?:name|id)?|login|account|e?-?mail|from|to|b?cc|owner|sender|recipient|rcpt|[a-z])"
)
"""What stands before a colon and an address, and is no name."""

_SCHEME: Final = r"(?:plain|clear(?:text)?|(?:crypt|s?sha|s?md5|blf|argon2|pbkdf2|scram|cram|digest|ntlm|lanman)[\w.-]{0,20})"

_TECHNICAL: Final = r"(?:0x|S-1-|(?:aes|rsa|ec|sha|md|x)[-_]?\d)"
"""An error's number, a Windows SID, or the name of a cipher or a digest."""

_FIELDS: Final = (
    # name=value, "name": "value", \"name\": \"value\", [name] => value; in a query, %26 belongs to the value
    rf"""(?P<field>{_NAME}\s*(?:=>|=|:|\\x3d|\\x3a)(?:\s|%20|\+)*)(?:{_LISTED}|{_QUOTED}|(?:(?!{_NEXT})[^&;"'<>\\\r\n]|;(?=[^\s;])(?![\w.-]{{1,40}}=))+)""",
    # the same, percent-encoded as a whole: there %26 parts it from the next
    rf"""(?P<coded>{_NAME}(?:%3a|%3d|%253d)(?:%20|\+)*)(?:%22.*?(?:%22|$)|(?:(?!%26|%2526|%22|%27|%2c|%3b)[^\s&;,"'<>\\])+)""",
    # what is a credential only where it is long
    r"""(?P<long>(?<![\w.-])(?:auth|state|nonce)=)(?=[^\s&;"']{0,200}\d)[^\s&;,"'<>]{16,}""",
    # and these also where it is short and has a digit
    rf"""(?P<short>(?<![\w.-])(?:code|key|sid|ticket|hash)=)(?!{_TECHNICAL})(?=[^\s&;"']{{0,200}}\d)[^\s&;,"'<>]{{6,}}""",
    # a letter that stands for a password beside the user's, and for a page or a post everywhere else
    r"""(?P<beside>[?&](?:u|user|username|login)=[^&\s"'<>]{0,100}&p=)(?!\d{1,9}(?:&|\s|$))[^&\s"'<>]+""",
    r"""(?P<before>[?&]p=)(?!\d{1,9}&)[^&\s"'<>]{1,200}(?=&(?:u|user|username|login)=)""",
    r"""(?P<shape>\b(?:ya29\.|gh[oprsu]_|xox[abp]-|AKIA|glpat-|(?-i:sk-)(?=[\w-]{0,60}\d)))[\w.-]{12,}""",
    # a header's value, with or without its scheme: all of it, for cookies are many
    r"""(?P<digest_header>(?:proxy-)?authorization["'\\\]]{0,4}\s*(?:=>|[:=])\s*["'\\]{0,4}digest\s)[^\r\n]+""",
    r"""(?P<header>(?:(?:proxy-)?authorization|(?:set-)?cookie2?)["'\\\]]{0,4}\s*(?:=>|[:=])\s*["'\\]{0,4})[^"'\r\n]+""",
    r"""(?P<coded_header>(?:(?:proxy-)?authorization|(?:set-)?cookie2?)(?:%22)?(?:%3a|%3d))[^\s"'&]+""",
    r"""(?P<bearer>\bbearer(?:\s+|%20|\+))(?:(?=[a-z._~+/=-]{0,200}[\d._~/=-])[\w.~+/=-]{10,}|[a-z]{24,})""",
    r"""(?P<ticket>\b(?:negotiate|ntlm)\s+)(?-i:(?=TlRM|YI|oY))[A-Za-z0-9+/=]{12,}""",
    r"""(?P<digest>\bdigest\s+)(?=\w+=)[^\r\n]+""",
    # https://user:secret@host; and the same without a scheme, where no stamp, address or label ends in the colon
    r"""(?P<address>\b[a-z][a-z0-9+.-]{0,20}://[^\s:/@"'<>]{1,100}:)[^\s/@"'<>]{1,200}(?=@[\w\[])""",
    rf"""(?P<host>(?<![\w.+%-])(?!{_LABEL}\W)(?![\dT.+Z-]{{1,40}}:)[^\s:/@"'<>()=,;%]{{1,100}}(?::|%3a))(?!//)[^\s/@"'<>,]{{1,200}}(?=@[\w\[])""",
    r"(?P<element><[\w:]{0,40}(?:pass\w{0,40}|token|secret)\b[^<>]{0,200}>)[^<]+",
    r"(?P<jwt>\b(?-i:eyJ))[\w-]{1,4000}\.[\w-]+(?:\.[\w-]*)?",
    # curl's option, and words that people write
    r"""(?P<option>(?:^|\s)(?:-u|--user)(?:\s{1,3}|=)["']?[^\s:"']{1,100}:)[^\s"']+""",
    rf"""(?P<said>(?:{_ANYWHERE})\s{{1,3}}(?:(?:[ie]st?|[iw]as|war)\s{{1,3}})(?-i:(?=\S*[\dA-Z!$%&#])))[^\s"']+""",
    rf"""(?P<behind>(?:{_ANYWHERE}|\b(?:pwd|pw|userpass))\s{{1,3}}(?=\S*\d))[^\s"'=:;,()]{{6,}}""",
    # a password as directories and mail servers keep it: {PLAIN}x, {SSHA.b64}x
    rf"(?P<kept>\{{{_SCHEME}\}})\S+",
)
_MECHANISM: Final = (
    r"(?:plain|login|external|anonymous|ntlm|gss\w{0,10}|xoauth2?|oauthbearer|apop|(?:scram|cram|digest)-[\w-]{1,20})"
)
_LOGIN: Final = r"(?:(?<![\w.])(?:[a-z]{0,6}\d{1,8}|\*)\s+login|(?<![\w/])(?-i:LOGIN))"
_COMMANDS: Final = (
    # what IMAP, POP3, SMTP and SASL say; without a tag before it, IMAP's word is one only in capitals
    rf"""(?P<imap>{_LOGIN}\s+(?:"(?:[^"\\]|\\.)*"|[^\s"'/]+)\s+)(?-i:(?:"(?:[^"\\]|\\.)*"|[^\s"']+))""",
    r"""(?P<named>(?<![^\s"'])\*\s{1,3}[^\s"'/]{1,100}\s{1,3}login\s{1,3})(?-i:(?=\S{0,100}[\dA-Z!$%&#]))[^\s"']+""",
    rf"(?P<sasl>\bAUTH(?:ENTICATE)?(?:\s|\\t)+{_MECHANISM}(?:\s|\\t)+)\S+",
    r"(?P<login_answer>\blogin\s{1,3})[A-Za-z0-9+/]{6,200}={1,2}(?![\w=])",
    r"""(?P<crypt>\b(?:crypt|plain|password)\(')[^'\r\n]+""",
    r"""(?P<typed>^\s*login\s+[^\s"'/]+\s+)[^\s"']+(?=\s*$)""",
    r"""(?P<pop>(?:\b|\\[rn])(?-i:PASS)\s+)[^\r\n"']+""",
    r"(?P<dovecot>\bresp=|(?-i:\bCONT)\s+\d{1,10}\s+)\S+",
)
_SECRETS: Final = tuple(re.compile("|".join(parts), re.IGNORECASE) for parts in (_FIELDS, _COMMANDS))
"""The words of protocols come last, for they stand in sentences and paths, too."""

_BASIC: Final = re.compile(r"(\bbasic(?:\s*[:=]\s*|\s+|%20|\+))([A-Za-z0-9+/]{6,}={0,2})(?![\w+/])", re.IGNORECASE)
_PLAIN: Final = re.compile(r"(\bplain(?:\s|\\t|[:=,]|\b\d{1,10}\s){1,8})([A-Za-z0-9+/]{6,}={0,2})(?![\w+/])", re.IGNORECASE)
"""A mechanism's answer, which is base64 of a name and a password; only what is so in truth is masked."""

_SASL: Final = re.compile(rb"[^\0]*\0[^\0]+\0[^\0]+")

_NUL: Final = re.compile(r"\x00|\\u0000|\\x00|%00")
"""A null byte as it stands, and as logs write it."""

_NUL_PARTED: Final = re.compile(r"(\x00[^\x00\s]{2,100}\x00)[^\x00\s]{3,}")
"""A name and a password as SASL's PLAIN parts them."""

_HINTS: Final = (
    "pass", "pwd", "pw", "psw", "secret", "token", "key", "cookie", "auth", "credential", "assertion", "saml", "sess", "sig",
    "otp", "jwt", "eyj", "basic", "bearer", "digest", "negotiate", "ntlm", "login", "cadata", "resp=", "cont", "{",
    "pin", "mdp", "clave", "haslo", "hasło", "wachtw", "salas", "ifre", "canary", "sid=", "code=", "ticket=", "state=",
    "nonce=", "ya29", "ghp_", "gho_", "ghs_", "ghu_", "ghr_", "xox", "akia", "glpat", "crypt", "plain", "-u ", "--user",
    "kennw", "contrase", "senha", "%3a", "парол", "секрет", "токен", "hash=", "?p=", "&p=", "sk-", "\0", "u0000", "x00", "%00",
)  # fmt: skip
"""Of which any text with a credential has one, or a colon before an @; nearly all others are told by that, soon."""

_ANSWER: Final = re.compile(r"\s*[A-Za-z0-9+/]{8,}={0,2}\s*")
"""A line of nothing but base64, as a client answers when it is asked for its password."""

_SIGNED_IN: Final = re.compile(r"^(\S+ (?:\S+ )?[^\s:\[]{1,100}:)[^\s\[]+(?= \[)")
"""A web server's user with a password behind the name."""

_DEVICE_ID: Final = re.compile(r"[\w.-]*|\{[\w-]{1,64}\}|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+")

_TOKEN: Final = "eyJ"  # noqa: S105 - none itself
"""What a JWT begins with: a brace and a quotation mark in base64."""

_LABELS: Final = frozenset(
    {"sip", "sips", "smtp", "mailto", "upn", "spn", "urn", "acct", "xmpp", "i", "c", "live", "user", "uid"}
)
"""What may stand before a colon in a login, and is neither name nor address."""


def line_without_secrets(line: str) -> str:
    """Mask what looks like a credential in a whole line that is kept, which may be nothing else.

    Example:
        >>> line_without_secrets("AGFubmEAc2VjcmV0")
        '***'
    """
    return MASK if _ANSWER.fullmatch(line) else without_secrets(_SIGNED_IN.sub(rf"\1{MASK}", line))


def login_without_secrets(login: str) -> str:
    r"""Mask what looks like a credential in a login; who types a password behind a name does it with a colon.

    Example:
        >>> login_without_secrets("anna:Hunter22"), login_without_secrets("EXAMPLE\\anna"), login_without_secrets("sip:anna")
        ('anna:***', 'EXAMPLE\\anna', 'sip:anna')
    """
    if not (":" in login or "=" in login or " " in login or "%" in login or "{" in login or _TOKEN in login):
        return login
    plain = without_secrets(re.sub("%3a", ":", login, flags=re.IGNORECASE) if "%" in login else login)
    name, colon, behind = plain.partition(":")
    return f"{name}:{MASK}" if colon and behind and name.casefold() not in _LABELS else plain


def device_id_without_secrets(device_id: str) -> str:
    """Mask what looks like a credential in a device's own id, which is letters and digits unless somebody plays with it.

    Example:
        >>> device_id_without_secrets("ApplDNPX1A2B3C4D"), device_id_without_secrets("x:Hunter22")
        ('ApplDNPX1A2B3C4D', 'x:***')
    """
    return device_id if _DEVICE_ID.fullmatch(device_id) and _TOKEN not in device_id else login_without_secrets(device_id)


def may_hold_secrets(text: str) -> bool:
    """Whether a text has anything that a credential would have beside it; nearly all have not, and that is soon known."""
    folded = text.lower()
    return any(hint in folded for hint in _HINTS) or ":" in folded.rpartition("@")[0]


def without_secrets(text: str) -> str:
    """Mask what looks like a credential.

    Example:
        >>> without_secrets("Authorization: Basic YW5uYTpzZWNyZXQ= x")
        'Authorization: ***'
        >>> without_secrets("user=anna password=hunter2;")
        'user=anna password=***;'
    """
    if not may_hold_secrets(text):
        return text
    return _nul_parted(text) if _NUL.search(text) else _masked(text)


def _masked(text: str) -> str:
    for secrets in _SECRETS:
        text = secrets.sub(lambda match: f"{match.group(match.lastgroup or 0)}{MASK}", text)
    return _PLAIN.sub(_answer, _BASIC.sub(_answer, text))


def _nul_parted(text: str) -> str:
    """Mask a text with null bytes, which may part a name from a password, or stand within a word that tells of one.

    Where they hide something, it is shown without them.
    """
    text = _NUL_PARTED.sub(rf"\1{MASK}", _NUL.sub("\0", text))
    for instead in ("", " "):
        other = text.replace("\0", instead)
        if (masked := _masked(other)) != other:
            return masked
    return text


def _answer(match: re.Match[str]) -> str:
    """Mask what is a name and a password, and nothing that only looks like base64."""
    try:
        told = base64.b64decode(match[2] + "=" * (-len(match[2]) % 4))
    except (binascii.Error, ValueError):
        return match[0]
    return f"{match[1]}{MASK}" if (b":" in told and match.re is _BASIC) or _SASL.fullmatch(told) else match[0]
