"""What is remembered of questions, by its size: what strangers send must not make a gate grow."""

from __future__ import annotations

from typing import Final, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

ENTRY: Final = 600
"""Bytes that an entry takes beside its texts, about."""

MOST_BYTES: Final = 64 << 20
"""Of each memory before it is emptied."""


class Memory(dict[Key, Value]):
    """Looked into as any mapping; one that is full is emptied before more is kept."""

    __slots__ = ("_size",)

    def __init__(self) -> None:
        """Remember nothing yet."""
        super().__init__()
        self._size = 0

    def keep(self, key: Key, value: Value, length: int = 0) -> None:
        """Remember a value.

        Args:
            key: that is not remembered yet.
            value: of it.
            length: characters of the texts in both.
        """
        self._size += ENTRY + length
        if self._size > MOST_BYTES:
            self.clear()
            self._size = ENTRY + length
        self[key] = value
