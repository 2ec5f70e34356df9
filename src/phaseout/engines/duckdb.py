"""DuckDB, on the machine at hand."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from phaseout.devices.activesync_query import parse_query
from phaseout.logs.lines import OVER, SCHEMA, Lines
from phaseout.reading.engine import Progress, Source, Taken
from phaseout.reading.reader import PACKED, Reader
from phaseout.reading.reduction import PLACE_BITS, Span, accounts, distinct_rows, meaning, reduced, sightings

_LINES = ibis.table({"line": "string", "row": "int64", "head": "string"}, name="lines")
_PACKED_SCHEMA = pa.schema([("packed_query", pa.string()), *((name, pa.string()) for name in PACKED)])


@dataclass(frozen=True, slots=True)
class _Text:
    """A compiled expression and the columns that come out."""

    sql: str
    schema: ibis.Schema


def _queries(found: ir.Table, packed: Callable[[ir.Table], ir.StringValue]) -> ir.Table:
    """List the packed queries."""
    table = found.select(packed_query=packed(found))
    return table.filter(table.packed_query.notnull()).distinct()


def _rejected(said: ir.Table) -> ir.Table:
    """List the lines that can't be read, in their order."""
    bad = said.filter(said.fault.notnull())
    number = bad.rejected_row & ibis.literal((1 << PLACE_BITS) - 1, "int64")
    return bad.select(file=bad.file, row=number, reason=bad.fault, line=bad.rejected).order_by("file", "row")


def _lines(source: Source, progress: Progress | None) -> Lines:
    """Return one log's lines, each with its place."""
    number = source.number
    told = None if progress is None else lambda done, count: progress(number, done, count)
    return Lines(Path(source.path), head=source.reader.head, progress=told, base=number << PLACE_BITS)


def _watched(batches: Iterable[pa.RecordBatch], stopped: list[BaseException]) -> Iterator[pa.RecordBatch]:
    """Give the batches; keep what stops them."""
    try:
        yield from batches
    except BaseException as error:
        stopped.append(error)
        raise


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let Ctrl-C be Ctrl-C; DuckDB tells it as an error of its own, and while it hands rows over as a RuntimeError."""
    try:
        yield
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None
    except RuntimeError as error:
        if "interrupted" in str(error):
            raise KeyboardInterrupt from None
        raise


def _apart(table: pa.Table, numbers: Iterable[int]) -> list[list[dict[str, Any]]]:
    """Return each file's rows."""
    of_file: dict[int, list[dict[str, Any]]] = {number: [] for number in numbers}
    for row in table.to_pylist():
        of_file[row.pop("file")].append(row)
    return list(of_file.values())


class DuckDB:
    """One database in memory; larger than memory spills into ``spill``.

    Args:
        spill: a folder for what doesn't fit into memory; None takes one of its own in the system's temporary folder.
        memory: such as ``8GB``; None leaves DuckDB's own limit (four fifths of the machine).
    """

    def __init__(self, spill: Path | None = None, memory: str | None = None) -> None:
        """Open the database."""
        self._connection = duckdb.connect(":memory:")
        self._connection.execute("SET preserve_insertion_order = false")
        self._connection.execute("SET enable_progress_bar = false")
        self._connection.execute("SET TimeZone = 'UTC'")
        self._own = TemporaryDirectory(prefix="phaseout-") if spill is None else None
        self._connection.execute("SET temp_directory = ?", [str(spill) if self._own is None else self._own.name])
        if memory is not None:
            self._connection.execute("SET memory_limit = ?", [memory])
        self._ibis = ibis.duckdb.from_connection(self._connection)
        self._taken: list[str] = []
        self._files = 0
        self._texts: dict[Hashable, _Text] = {}

    def take(self, sources: Sequence[Source], span: Span, progress: Progress | None = None) -> tuple[Taken, ...]:
        """Read logs of one format and setting, and add what they show to the sightings."""
        reader, setting = sources[0].reader, replace(sources[0].setting, file="")
        every = {source.number: _lines(source, progress) for source in sources}
        alone = len(sources) == 1
        alike = (reader.id, setting, span, alone)
        reading = self._compiled(("found", alike), lambda: distinct_rows(_LINES, reader, setting, span, OVER, one_file=alone))
        stopped: list[BaseException] = []
        batches = _watched(chain.from_iterable(lines.batches() for lines in every.values()), stopped)
        self._connection.register("lines", pa.RecordBatchReader.from_batches(SCHEMA, batches))
        try:
            found = self._kept("found", reading)
        except duckdb.Error:
            # What stops the reading (Ctrl-C, a disk that fails) comes back wrapped in the engine's own error.
            if stopped:
                raise stopped[0] from None
            raise
        finally:
            self._connection.unregister("lines")
        found = self._unpacked(found, reader, alike)
        said = self._kept(
            "said", self._compiled(("said", alike, *found.columns), lambda: reduced(meaning(found, reader), reader))
        )
        self._drop("found")
        fates = self._fetched(self._compiled(("fates",), lambda: accounts(said)))
        rejected = self._fetched(self._compiled(("rejected",), lambda: _rejected(said)))
        self._files += len(sources)
        self._taken.append(f"said_{sources[0].number}")
        self._connection.execute(f"ALTER TABLE said RENAME TO {self._taken[-1]}")
        apart = zip(every.values(), _apart(fates, every), _apart(rejected, every), strict=True)
        return tuple(Taken(lines.count, of_fates, of_rejected, lines.note) for lines, of_fates, of_rejected in apart)

    def _unpacked(self, found: ir.Table, reader: Reader, alike: Hashable) -> ir.Table:
        """Add the decoded ActiveSync queries."""
        if reader.packed is None:
            return found
        packed = reader.packed
        asked = self._fetched(self._compiled(("packed", alike), lambda: _queries(found, packed)))
        if not asked.num_rows:
            return found
        rows = []
        for text in asked.column("packed_query").to_pylist():
            if (parsed := parse_query(text)) is not None:
                fields = (parsed.command, parsed.device_id, parsed.device_type, parsed.user)
                rows.append({"packed_query": text, **dict(zip(PACKED, fields, strict=True))})
        decoded = self.give("packed", pa.Table.from_pylist(rows, schema=_PACKED_SCHEMA))
        joined = found.mutate(packed_query=packed(found)).left_join(decoded, "packed_query")
        return joined.drop("packed_query", "packed_query_right")

    def _compiled(self, key: Hashable, make: Callable[[], ir.Table]) -> _Text:
        """Return the text of an expression, written once for all files that are alike in the key."""
        if key not in self._texts:
            expression = make()
            self._texts[key] = _Text(self._ibis.compile(expression), expression.schema())
        return self._texts[key]

    def _kept(self, name: str, text: _Text) -> ir.Table:
        """Compute a text and keep what comes out under a name."""
        # Ibis 12 with DuckDB 2.0 writes a broken DROP for create_table(overwrite=True); the names are ours, never a user's.
        with _stoppable():
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {text.sql}")
        return ibis.table(text.schema, name=name)

    def _fetched(self, text: _Text) -> pa.Table:
        """Compute a text and fetch what comes out."""
        # What DuckDB gives is a wider type here and there: sums are 128 bits, stamps read with an offset have a zone.
        with _stoppable():
            return self._connection.sql(text.sql).to_arrow_table().cast(text.schema.to_pyarrow())

    def sightings(self) -> ir.Table:
        """Return all sightings, reduced over the files taken so far."""
        schema = next(text.schema for key, text in self._texts.items() if isinstance(key, tuple) and key[0] == "said")
        made = sightings([ibis.table(schema, name=name) for name in self._taken], one_file=self._files == 1)
        return made if self._files == 1 else self.keep("sightings", made)

    def forget(self) -> None:
        """Let go of what was taken so far, so that another run can begin."""
        self._drop(*self._taken)
        self._taken, self._files = [], 0

    def give(self, name: str, table: pa.Table) -> ir.Table:
        """Make a small table known to the engine."""
        self._connection.register(name, table)
        return ibis.table(ibis.schema(table.schema), name=name)

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        """Compute an expression once and keep it under a name."""
        return self._kept(name, _Text(self._ibis.compile(expression), expression.schema()))

    def ask(self, expression: ir.Table) -> pa.Table:
        """Compute an expression and fetch it."""
        return self._fetched(_Text(self._ibis.compile(expression), expression.schema()))

    def _drop(self, *names: str) -> None:
        for name in names:
            self._connection.execute(f"DROP TABLE {name}")

    def close(self) -> None:
        """Let go of everything."""
        self._ibis.disconnect()
        if self._own is not None:
            self._own.cleanup()


ENGINE = DuckDB
