"""Pseudonyms: the same stand-in for the same person, login or device, as long as the key is the same."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

from phaseout.model.clue import Clue, ClueKind
from phaseout.model.letters import composed
from phaseout.model.login import LoginName, normal_login
from phaseout.model.person import AccountKind, Person
from phaseout.runs.glued import Glued, parts_of

SHORTEST_KEY: Final = 16
"""Bytes of a key at least; with a shorter one, trying all keys over a staff list would tell who is who."""

DIGITS: Final = 12
"""Hexadecimal digits of a pseudonym: among 100,000 people, two share one with a chance of one in 50,000."""

_SHORTEST_NAME: Final = 4
_SHORTEST_WORD: Final = 2
_SHORTEST_NUMBER: Final = 5
_SHORTEST_WITHIN: Final = 4
"""Characters of a login that is found within a longer word."""

_ENDING: Final = 2
"""Letters that a name may have more than on the staff list: Annas iPhone, телефон Анны."""

_DEVICE_NAME: Final = re.compile(r"(?:^|;)\s*name=([^;]+)", re.IGNORECASE)

_RUN: Final = re.compile(r"[\w.+%\\@-]+")
_WORD: Final = re.compile(r"[^\W_]+")
_MADE: Final = re.compile(rf"[a-z]+-[0-9a-f]{{{DIGITS}}}")
_ADDRESS: Final = re.compile(r"[^@%\\]+@[\w-]+(?:\.[\w-]+)+")
_LONG_ID: Final = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{16,}|(?:appl|android|sec)[0-9a-z]{10,}", re.IGNORECASE
)


class Pseudonyms:
    """Gives pseudonyms, and takes what it knows to be personal out of texts.

    Args:
        key: makes the pseudonyms; who has it can tell whether a pseudonym is somebody's, nobody else can.

    Raises:
        ValueError: the key is too short.
    """

    def __init__(self, key: bytes) -> None:
        """Keep the key; nothing is known yet."""
        if len(key) < SHORTEST_KEY:
            message = f"A key for pseudonyms has at least {SHORTEST_KEY} bytes, not {len(key)}."
            raise ValueError(message)
        self._key = key
        self._logins: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._phrases: dict[str, str] = {}
        self._glued = Glued()
        self._people: set[str] = set()
        self._runs: dict[str, str] = {}

    def make(self, kind: str, text: str) -> str:
        """Return the pseudonym of a text; two kinds of the same text have two.

        Example:
            >>> Pseudonyms(b"sixteen bytes ok").make("person", "e1001")
            'person-2c69ca714d54'
        """
        digest = hmac.new(self._key, f"{kind}\0{text}".encode(errors="surrogatepass"), hashlib.sha256)
        return f"{kind}-{digest.hexdigest()[:DIGITS]}"

    def person(self, person_id: str) -> str:
        """Return the pseudonym of a person, by the id; an unknown login is its own id."""
        return self.make("person", person_id)

    def learn(self, people: Iterable[Person]) -> None:
        """Remember by what names, logins and ids people may be found in texts."""
        for person in people:
            own = self.person(person.id)
            for login in (*person.logins, person.id):
                learn = self.learn_own_login if person.kind is AccountKind.PERSON else self.learn_login
                learn(login, own)
            self._learn_words(person.name)

    def learn_own_login(self, login: str, own: str) -> None:
        """Remember a login as one person's own, so that no order shows it either."""
        self.learn_login(login, own)
        self._people |= {normal_login(login), LoginName.read(login).user}

    def learn_login(self, login: str, own: str) -> None:
        """Remember a login as somebody's, as a whole and by its user part; one that two people have is nobody's alone.

        A short number is left out, for version numbers are made of such.
        """
        name = LoginName.read(login)
        for spelling in {str(name), name.user}:
            if len(spelling) < _SHORTEST_WORD or (spelling.isdecimal() and len(spelling) < _SHORTEST_NUMBER):
                continue
            before = self._logins.get(spelling, own)
            self._know(spelling, own if before == own else self.make("login", spelling))
        if not _RUN.fullmatch(name.user):  # a full name, or the subject of a certificate: texts hold its words one by one
            self._learn_words(name.user)

    def _learn_words(self, text: str) -> None:
        """Remember the words of a name."""
        for part in _WORD.findall(text):
            if len(part) >= _SHORTEST_NAME:
                self._words.setdefault(part.casefold(), self.make("name", part.casefold()))

    def _know(self, spelling: str, own: str) -> None:
        """Remember what stands for a login or an id, also where it is glued to other letters."""
        self._logins[spelling] = own
        if len(spelling) >= _SHORTEST_WITHIN and not spelling.isdecimal():
            self._glued.add(spelling, own)
        self._runs.clear()

    def learn_device(self, device_id: str) -> None:
        """Remember a device's own id."""
        self._know(normal_login(device_id), self.make("device", device_id.casefold()))

    def learn_certificate(self, clue: Clue) -> None:
        """Remember what a certificate's subject says: its words are names, and reasons quote them."""
        if clue.kind is ClueKind.CERTIFICATE:
            for value in re.split(r"[,/+]?\s*\w+\s*=", clue.value):
                for word in _WORD.findall(value):
                    if len(word) >= _SHORTEST_WORD:
                        self._words.setdefault(word.casefold(), self.make("name", word.casefold()))

    def learn_device_name(self, clue: Clue) -> None:
        """Remember how people have named a device: an inventory knows it by that name, and reasons quote it."""
        if clue.kind is ClueKind.INVENTORY and (found := _DEVICE_NAME.search(clue.value)) is not None:
            for spelling in {found[1], unquote(found[1])}:
                self._phrases[spelling] = self.make("device", found[1].casefold())

    def known(self, text: str) -> str | None:
        """Return whose pseudonym a login, an id or an address is, or None."""
        name = LoginName.read(text)
        return self._logins.get(str(name)) or self._logins.get(name.user)

    def text(self, text: str) -> str:
        """Return a text without any login, id or name that is known, nor anything that looks like an address or a device's id."""
        for phrase, own in self._phrases.items():
            text = re.sub(rf"(?<!\w){re.escape(phrase)}(?!\w)", own, text, flags=re.IGNORECASE)
        return _RUN.sub(self._run, composed(text))

    def order_text(self, text: str) -> str:
        """Return a text of an order without anybody's login.

        Only people's own logins go, as whole words: what a shared mailbox or a stranger is called, such as ``mail``, and names
        such as ``Mark`` are words that an order needs.
        """
        return _RUN.sub(self._run_of_order, composed(text))

    def _run_of_order(self, found: re.Match[str]) -> str:
        run = found[0].rstrip(".-")
        known = normal_login(run) if len(run) >= _SHORTEST_WITHIN else ""
        return self._logins[known] + found[0][len(run) :] if known in self._people and known in self._logins else found[0]

    def clue(self, clue: Clue) -> Clue:
        """Return a clue without anything personal; a certificate's subject is nothing else."""
        if clue.kind is ClueKind.CERTIFICATE:
            return Clue(clue.kind, self.make("certificate", clue.value))
        return Clue(clue.kind, self.text(clue.value))

    def _run(self, found: re.Match[str]) -> str:
        """Replace one run of characters; most come again and again."""
        run = found[0]
        if run not in self._runs:
            self._runs[run] = self._without(run)
        return self._runs[run]

    def _without(self, run: str) -> str:
        """Replace a run that may be a login, or else the logins and words in it."""
        known = self._logins.get(normal_login(run)) or self._logins.get(LoginName.read(run).user)
        if known is not None:
            return known
        if _MADE.fullmatch(run):
            return run
        if _ADDRESS.fullmatch(run):
            return self.make("address", run.casefold())
        return self._glued.replaced(run, self._between, joined=True)

    def _between(self, text: str) -> str:
        """Replace devices' ids, and the words that stand around them."""
        done, at = "", 0
        for found in _LONG_ID.finditer(text):
            done += _WORD.sub(self._word, text[at : found.start()]) + self.make("device", found[0].casefold())
            at = found.end()
        return done + _WORD.sub(self._word, text[at:])

    def _word(self, found: re.Match[str]) -> str:
        word = found[0]
        whole = self._logins.get(word.casefold()) or self._name(word)
        return whole or self._glued.replaced(word, self._names, joined=False)

    def _names(self, text: str) -> str:
        """Replace names that are glued together, as in ``iPhoneAnna``."""
        return "".join(self._name(part) or part for part in parts_of(text))

    def _name(self, text: str) -> str | None:
        """Return what stands for a name, also for one with an ending."""
        word = text.casefold()
        stems = (word[: len(word) - n] for n in range(_ENDING + 1) if n == 0 or len(word) - n >= _SHORTEST_NAME)
        return next((self._words[stem] for stem in stems if stem in self._words), None)
