"""YAML text into a tree, under limits; every YAML construct that could surprise is told.

The tree is built from the parser's events with a stack of our own: nothing recurses, so a hostile file can exhaust neither
the stack nor the memory, and an alias costs what it stands for, not what it is written with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml
from msgspec import Struct

from phaseout.directive.collected import Collected
from phaseout.directive.tree import Entry, Items, Mark, Node, Scalar, Table
from phaseout.directive.wording import quote

BYTES_AT_MOST: Final = 1 << 20
DEPTH_AT_MOST: Final = 32
NODES_AT_MOST: Final = 100_000

LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML has it: the same events, some ten times faster."""

_NOT_ALLOWED: Final = re.compile("[\0-\b\v\f\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""Everything but the printable characters of YAML 1.1; the byte order mark within a file is as invisible as wrong.

Those that may stand, turned round, would say the same; as a pattern it takes eight times as long to make.
"""

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


class _StopError(Exception):
    """Nothing further can be read; the fault is told already."""


class _Open(Struct):
    """A list or table that has begun and not ended."""

    mark: Mark
    is_table: bool
    anchor: str | None
    nodes: list[Node] = []
    entries: dict[str, Entry] = {}
    key: tuple[Mark, str | None] | None = None
    size: int = 1

    def closed(self) -> Node:
        """Return the finished node."""
        return Table(self.mark, self.entries) if self.is_table else Items(self.mark, tuple(self.nodes))


class _Composer(Struct):
    """Turns events into a tree.

    Attributes:
        faults: what was wrong on the way.
        stack: what has begun, outermost first.
        anchors: finished nodes that an alias may stand for, with how many nodes they hold.
        root: the finished document.
        total: how many nodes the tree has, aliases counted as what they stand for.
    """

    faults: Collected
    stack: list[_Open] = []
    anchors: dict[str, tuple[Node, int]] = {}
    root: Node | None = None
    documents: int = 0
    total: int = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event."""
        start = event.start_mark
        mark = Mark(start.line + 1, start.column + 1) if start is not None else Mark(1, 1)
        if isinstance(event, yaml.DocumentStartEvent):
            self._document(mark)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor or "", mark)
        elif isinstance(event, yaml.ScalarEvent):
            self._tag(event, mark)
            self._count(1, mark)
            self._done(Scalar(mark, event.value, event.implicit[0] and event.value in _NULLS), 1, event.anchor, mark)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event, mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            top = self.stack.pop()
            self._done(top.closed(), top.size, top.anchor, mark)

    def _document(self, mark: Mark) -> None:
        self.documents += 1
        if self.documents > 1:
            self.faults.add("PO115", mark, "A second document begins here.", "Keep one directive a file; split the file.")
            raise _StopError

    def _tag(self, event: yaml.NodeEvent, mark: Mark) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None:
            written = tag.replace("tag:yaml.org,2002:", "!!")
            self.faults.add("PO113", mark, f"The tag {quote(written)} has no meaning here.", 'Leave out what begins with "!".')

    def _begin(self, event: yaml.CollectionStartEvent, mark: Mark) -> None:
        self._tag(event, mark)
        if len(self.stack) >= DEPTH_AT_MOST:
            message = f"Lists and tables stand more than {DEPTH_AT_MOST} deep in each other."
            self.faults.add("PO108", mark, message, "Give inner device tests a class of their own, and name it.")
            raise _StopError
        self._count(1, mark)
        self.stack.append(_Open(mark, isinstance(event, yaml.MappingStartEvent), event.anchor))

    def _count(self, nodes: int, mark: Mark) -> None:
        self.total += nodes
        if self.total > NODES_AT_MOST:
            message = f"The file holds more than {NODES_AT_MOST} values, those that aliases stand for counted each time."
            self.faults.add("PO109", mark, message, "Write fewer aliases, or split the file.")
            raise _StopError

    def _alias(self, anchor: str, mark: Mark) -> None:
        node, size = self.anchors.get(anchor, (None, 1))
        self._count(size, mark)
        if node is not None:
            self._done(node, size, None, mark)
            return
        inside = any(part.anchor == anchor for part in self.stack)
        message = f"*{anchor} stands for the very thing that it is in." if inside else f"There is no &{anchor} before *{anchor}."
        self.faults.add("PO110", mark, message, "Write the value out; put a text that begins with a star into quotes.")
        self._done(Scalar(mark, f"*{anchor}", told=True), 1, None, mark)

    def _done(self, node: Node, size: int, anchor: str | None, mark: Mark) -> None:
        """Put a finished node into what it stands in."""
        if anchor is not None:
            self.anchors[anchor] = (node, size)
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        top.size += size
        if not top.is_table:
            top.nodes.append(node)
        elif top.key is None:
            top.key = (mark, self._key(node, mark))
        else:
            self._value(top, node)

    def _key(self, node: Node, mark: Mark) -> str | None:
        """Return a key's text; None, and told, when it is not a text."""
        if isinstance(node, Scalar) and not node.blank:
            return node.text
        self.faults.add("PO112", mark, "This key is not a word.", "Write one word before the colon.")
        return None

    def _value(self, top: _Open, node: Node) -> None:
        """Put a value under the key that waits for it; the first of two equal keys counts until the file is mended."""
        mark, key = top.key or (top.mark, None)
        top.key = None
        if key is None:
            return
        if key in top.entries:
            before = top.entries[key].key.line
            self.faults.add("PO111", mark, f"The key {quote(key)} stands already on line {before}.", "Keep one of the two.")
            return
        top.entries[key] = Entry(mark, node)


def compose(text: str, faults: Collected) -> Table | None:
    """Turn YAML text into a tree.

    Args:
        text: the file's text.
        faults: where what is wrong is told.

    Returns:
        The tree; None when nothing can be read further, which is told.
    """
    text = text.removeprefix("\ufeff")
    if not _within_limits(text, faults):
        return None
    composer = _Composer(faults)
    try:
        for event in _events(text):
            composer.take(event)
    except _StopError:
        return None
    except yaml.MarkedYAMLError as error:
        _not_yaml(error, text, faults)
        return None
    root = composer.root
    if root is None or (isinstance(root, Scalar) and root.blank):
        faults.add("PO114", None, "There is nothing in the file.", "`phaseout directive example` shows how one begins.")
        return None
    if not isinstance(root, Table):
        faults.add("PO122", root.mark, "The file is not a table of keys.", 'Begin with lines such as "id: …" and "title: …".')
        return None
    return root


def _within_limits(text: str, faults: Collected) -> bool:
    """Tell whether a text is short enough and made of characters that YAML knows."""
    if len(text) > BYTES_AT_MOST or len(text.encode("utf-8", "surrogatepass")) > BYTES_AT_MOST:
        message = f"The file is larger than {BYTES_AT_MOST >> 20} MiB."
        faults.add("PO102", None, message, "Split it into several directives.")
        return False
    wrong = _NOT_ALLOWED.search(text)
    if wrong is None:
        return True
    before = text[: wrong.start()]
    mark = Mark(before.count("\n") + 1, wrong.start() - (before.rfind("\n") + 1) + 1)
    faults.add(
        "PO105", mark, f"The character U+{ord(wrong.group()):04X} may not stand in YAML.", "Delete it and type the text anew."
    )
    return False


def _events(text: str) -> Iterator[yaml.Event]:
    """Give the parser's events one by one, so that a limit stops the parsing itself."""
    parsed: Iterator[yaml.Event] = yaml.parse(text, Loader=LOADER)
    return parsed


_OFTEN: Final = {
    "mapping values are not allowed": "Put a value that holds a colon and a blank into quotes, or mend the indentation.",
    "cannot start any token": "Put a value that begins with this character into quotes.",
    "unknown escape": "Write a backslash twice, or use single quotes.",
    "end of stream": "Close the quotes, bracket or brace that is still open.",
    "stream end": "Close the quotes, bracket or brace that is still open.",
}
"""What to do about the parser's commonest complaints, by a part of their wording."""


def _not_yaml(error: yaml.MarkedYAMLError, text: str, faults: Collected) -> None:
    """Tell what the parser cannot read."""
    where = error.problem_mark or error.context_mark
    mark = Mark(where.line + 1, where.column + 1) if where else Mark(0, 0)
    line = text.splitlines()[where.line : where.line + 1] if where else []
    indent = re.match(r"[ \t]*", line[0]) if line else None
    if indent is not None and "\t" in indent.group():
        message = "A tab stands in the indentation; YAML counts blanks alone."
        faults.add("PO107", Mark(mark.line, indent.group().index("\t") + 1), message, "Indent with blanks.")
        return
    problem = error.problem or "it cannot be read"
    context = f" {error.context}" if error.context else ""
    way_out = next((hint for part, hint in _OFTEN.items() if part in problem), "Mend the indentation here or just above.")
    faults.add("PO106", mark, f"This is not YAML: {problem}{context}.", way_out)
