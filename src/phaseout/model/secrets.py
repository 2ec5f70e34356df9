"""What looks like a credential in a text that comes from a log, so that no output copies it."""

from __future__ import annotations

import re
from typing import Final

MASK: Final = "***"
"""What stands in a credential's place."""

_NAMES: Final = (
    r"pass(?:word|wd|phrase|code|wort)?|passw|pwd|secret|credentials?|(?:auth|access|refresh|id|csrf|bearer)?[-_]?token|otp|totp|"
    r"(?:api|access|secret|private|auth|account|shared)[-_]?key|client[-_]?secret|assertion|saml(?:response|request|art)|"
    r"(?:php|j)?sessid|jsessionid|signature|sig|jwt|парол[ья]|секрет|токен"
)
"""Fields whose value is a credential. Repeats have bounds wherever a text could be written to make them start over and over."""

_QUOTE: Final = r"""(?:\\*["']|%22|%27|&quot;)"""
_EQUALS: Final = r"(?:=|:|%3a|%3d|=>)"
_VALUE: Final = r"""(?:\\*"(?:[^"\\]|\\.)*?\\*(?:"|$)|'[^'\n]*(?:'|$)|%22.*?(?:%22|$)|(?:(?!%26|%22|%27)[^\s&;,"'<>\\])+)"""
"""A text in quotes, however often those are escaped, or what goes on until something parts it."""

_FIELDS: Final = (
    # name=value, "name": "value", \"name\": \"value\", name%3Dvalue; the name may be the end of a longer one
    rf"(?P<field>(?<![a-z])(?:[\w-]{{0,40}}[-_.])?(?:{_NAMES}){_QUOTE}?\s*{_EQUALS}\s*){_VALUE}",
    # a header's value, with or without its scheme: all of it, for cookies are many
    r"""(?P<header>(?:proxy-)?authorization["'\\]*\s*[:=]\s*["'\\]*|(?:set-)?cookie2?["'\\]*\s*[:=]\s*["'\\]*)[^"'\r\n]+""",
    r"""(?P<scheme>\b(?:basic|bearer|digest|negotiate|ntlm)\s+)[^\s"',;]{4,}""",
    # https://user:secret@host, and the same without a scheme
    r"""(?P<host>(?:\b[a-z][a-z0-9+.-]{0,20}://)?[^\s:/@"'<>()=]{1,100}:)(?!//)[^\s/@"'<>]{1,200}(?=@[\w\[])""",
    r"(?P<element><[\w:]{0,40}(?:pass\w{0,40}|token|secret)\b[^<>]{0,200}>)[^<]+",
    r"(?P<jwt>\beyJ)[\w-]{1,4000}\.[\w-]+(?:\.[\w-]*)?",
)
_COMMANDS: Final = (
    # what IMAP, POP3, SMTP and SASL say
    r"""(?P<imap>\bLOGIN\s+(?:"(?:[^"\\]|\\.)*"|[^\s"']+)\s+)(?-i:(?:"(?:[^"\\]|\\.)*"|[^\s"']+))""",
    r"(?P<sasl>\bAUTH(?:ENTICATE)?\s+[A-Z0-9][A-Z0-9-]+\s+)\S+",
    r"(?P<pop>(?-i:\bPASS)\s+)\S+",
)
_SECRETS: Final = tuple(re.compile("|".join(parts), re.IGNORECASE) for parts in (_FIELDS, _COMMANDS))
"""The words of protocols come last, for they stand in sentences and paths, too."""

_HINTS: Final = (
    "pass", "pwd", "secret", "token", "key", "cookie", "auth", "credential", "assertion", "saml", "sess", "sig", "otp", "jwt",
    "eyj", "basic", "bearer", "digest", "negotiate", "ntlm", "login", "парол", "секрет", "токен",
)  # fmt: skip
"""Of which any text with a credential has one, or a colon before an @; nearly all others are told by that, soon."""

_ANSWER: Final = re.compile(r"\s*[A-Za-z0-9+/]{8,}={0,2}\s*")
"""A line of nothing but base64, as a client answers when it is asked for its password."""


def line_without_secrets(line: str) -> str:
    """Mask what looks like a credential in a whole line that is kept, which may be nothing else.

    Example:
        >>> line_without_secrets("AGFubmEAc2VjcmV0")
        '***'
    """
    return MASK if _ANSWER.fullmatch(line) else without_secrets(line)


def without_secrets(text: str) -> str:
    """Mask what looks like a credential.

    Example:
        >>> without_secrets("Authorization: Basic YW5uYTpzZWNyZXQ= x")
        'Authorization: ***'
        >>> without_secrets("user=anna password=hunter2;")
        'user=anna password=***;'
    """
    folded = text.lower()
    if not any(hint in folded for hint in _HINTS) and ":" not in folded.rpartition("@")[0]:
        return text
    for secrets in _SECRETS:
        text = secrets.sub(lambda match: f"{match.group(match.lastgroup or 0)}{MASK}", text)
    return text
