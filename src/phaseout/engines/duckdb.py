"""DuckDB, on the machine at hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb
import pyarrow as pa
from msgspec.structs import replace

from phaseout.devices.activesync_query import parse_query
from phaseout.logs.lines import OVER, SCHEMA
from phaseout.plans.origin import origin
from phaseout.plans.plan import Plan
from phaseout.plans.planner import Planner
from phaseout.plans.shelf import shelf_of
from phaseout.reading.engine import Counted, Intake, Taken
from phaseout.reading.given import TEXT, plain_table
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.question import Question, Table
from phaseout.reading.reader import PACKED, Reader, Setting
from phaseout.reading.records import RECORDS, cut_records, distinct_records, first_records, nameless
from phaseout.reading.reduction import (
    accesses,
    accounts,
    asides,
    distinct_rows,
    ends,
    packed_queries,
    rejected,
    said,
    said_of_keys,
    sightings,
    whole,
)
from phaseout.reading.span import Span, Window

_LINES: Final = Table("lines", SCHEMA)

PORTION: Final = 1 << 19
"""Lines of exports that are looked at together, at least: what is cut of them is kept until it is known what stood before."""

_DECODED: Final = dict.fromkeys(("packed_query", *PACKED), TEXT)

_MADE_WITH: Final = ("ibis-framework", "sqlglot", "duckdb")

_Config = dict[str, str | bool | int | float | list[str]]

_SETTINGS: Final[_Config] = {
    "preserve_insertion_order": False,
    "python_enable_replacements": False,  # a name in a text is a table of the engine, never a variable of this process
}


def _compiled(expression: ir.Table) -> str:
    """Write an expression in DuckDB's SQL."""
    return ibis.duckdb.compile(expression)


def _watched(batches: Iterable[pa.RecordBatch], stopped: list[BaseException]) -> Iterator[pa.RecordBatch]:
    """Give the batches; keep what stops them."""
    try:
        yield from batches
    except BaseException as error:
        stopped.append(error)
        raise


def _portions(batches: Iterable[pa.RecordBatch]) -> Iterator[Iterator[pa.RecordBatch]]:
    """Give the batches in portions, each to be read to its end before the next; one without any where there are none."""
    rest = iter(batches)

    def portion(batch: pa.RecordBatch | None) -> Iterator[pa.RecordBatch]:
        lines = 0
        while batch is not None:
            yield batch
            lines += batch.num_rows
            batch = next(rest, None) if lines < PORTION else None

    yield portion(next(rest, None))
    for first in rest:
        yield portion(first)


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
        self._own = TemporaryDirectory(prefix="phaseout-") if spill is None else None
        config: _Config = {**_SETTINGS, "temp_directory": str(spill) if self._own is None else self._own.name}
        if memory is not None:
            config["memory_limit"] = memory
        self._connection = duckdb.connect(":memory:", config=config)
        self._connection.execute("SET enable_progress_bar = false; SET TimeZone = 'UTC'")
        self._planner = Planner(_compiled, origin(_MADE_WITH), shelf_of(os.environ))
        self._taken: list[Table] = []
        self._views: dict[str, Table] = {}
        self._records: dict[str, Table] = {}
        self._files = 0

    def take(self, intake: Intake, span: Span, window: Window) -> tuple[Taken, ...]:
        """Read logs of one format and setting, and add what they show to the sightings."""
        sources = intake.sources
        reader, setting = sources[0].reader, replace(sources[0].setting, file="")
        self._tell(window.told(sources[0].latest))
        seen, without_ids = [], set[int]()
        left = intake.left()
        first = next(left, None)
        counted = intake.counted() if first is None else None
        if counted is None:  # lines that no shape fits; and even a log without lines gives a table, without rows
            batches = chain([] if first is None else [first], left)
            found = self._found(batches, reader, setting, span, alone=len(sources) == 1)
            if reader.exported:
                without_ids |= set(self.ask(nameless, found).column("file").to_pylist())
            seen.append(self._said(found, reader, setting))
            counted = None if first is None else intake.counted()
        if counted is not None:
            seen.append(self._said_of(counted, reader, setting))
        self._files += len(sources)
        latest = self._together("latest", seen)
        fates, unread = self.ask(accounts, latest), self.ask(rejected, latest)
        numbers = [source.number for source in sources]
        at_ends = _apart(self.ask(ends, latest), numbers) if reader.yearless else [[]] * len(numbers)
        apart = zip(numbers, intake.ends(), _apart(fates, numbers), _apart(unread, numbers), at_ends, strict=True)
        return tuple(
            Taken(lines, of_fates, of_unread, note, of_ends, number in without_ids)
            for number, (lines, note), of_fates, of_unread, of_ends in apart
        )

    def _said(self, found: Table, reader: Reader, setting: Setting) -> Table:
        """Say what lines are that went through the reader's expressions."""
        decoded = self._decoded(found, reader)
        seen = self.keep(f"said_{len(self._taken)}", said, found, decoded, reader, tells_aside=setting.tells_aside)
        self._drop(found)
        self._taken.append(seen)
        return seen

    def _said_of(self, counted: Counted, reader: Reader, setting: Setting) -> Table:
        """Say what lines are that were counted as their shape cuts them."""
        keys, counts = self.give("keys", counted.keys), self.give("counts", counted.counts)
        number = len(self._taken)
        rows = self.keep(f"rows_{number}", said_of_keys, keys, counts, self._decoded(keys, reader), reader, by_day=setting.by_day)
        self._connection.unregister(keys.name)
        self._connection.unregister(counts.name)
        # As a view, for what is the same in every row takes time to be written and none to be read; under a name that is the same
        # for every log, as is the plan.
        plan = self._planner.plan(Question(whole, (Table("rows", rows.schema), reader)))
        seen = Table(f"said_{number}", plan.schema)
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW {seen.name} AS WITH rows AS (FROM {rows.name}) FROM ({plan.sql})")
        self._taken.append(seen)
        self._views[seen.name] = rows
        return seen

    def _tell(self, instants: Mapping[str, datetime | None]) -> None:
        """Tell what differs from run to run."""
        for name, at in instants.items():
            self._connection.execute(f"SET VARIABLE {name} = CAST($1 AS TIMESTAMP)", [at])

    def _found(self, batches: Iterable[pa.RecordBatch], reader: Reader, setting: Setting, span: Span, *, alone: bool) -> Table:
        """Read lines and count equal rows."""
        stopped: list[BaseException] = []
        watched = _watched(batches, stopped)
        try:
            if reader.exported:
                return self._once(watched, reader, setting, span, alone=alone)
            self._lines(watched)
            return self.keep("found", distinct_rows, _LINES, reader, setting, span, OVER, one_file=alone)
        except duckdb.Error:
            # What stops the reading (Ctrl-C, a disk that fails) comes back wrapped in the engine's own error.
            if stopped:
                raise stopped[0] from None
            raise
        finally:
            self._connection.unregister(_LINES.name)

    def _lines(self, batches: Iterator[pa.RecordBatch]) -> None:
        """Make lines known to the engine, to be read once."""
        self._connection.register(_LINES.name, pa.RecordBatchReader.from_batches(SCHEMA, batches))

    def _once(self, batches: Iterable[pa.RecordBatch], reader: Reader, setting: Setting, span: Span, *, alone: bool) -> Table:
        """Read lines of exports and count equal rows, each record once, whichever log of the format it stands in."""
        known = self._records.get(reader.id)
        if known is None:
            known = self._records[reader.id] = Table(f"records_{len(self._records)}", RECORDS)
            self._connection.execute(f"CREATE TEMP TABLE {known.name} AS FROM {self.give('none', RECORDS.empty_table()).name}")
        found = None
        for portion in _portions(batches):
            self._lines(portion)
            rows = self.keep("cut", cut_records, _LINES, reader, setting)
            firsts = self.keep("firsts", first_records, rows, known)
            asked = Question(distinct_records, (rows, firsts, setting, span, OVER), {"one_file": alone})
            if found is None:
                found = self._named("found", asked, "TABLE")
            else:
                self._add(found, self._planner.plan(asked).sql)
            self._add(known, f'FROM {firsts.name} SELECT record, "at"')
            self._drop(rows, firsts)
        assert found is not None, "there is one portion at least"  # noqa: S101
        return found

    def _decoded(self, found: Table, reader: Reader) -> Table | None:
        """Decode the ActiveSync queries that are packed; None when there are none."""
        queries = [] if reader.packed is None else self.ask(packed_queries, found, reader).column("packed_query").to_pylist()
        if not queries:
            return None
        parsed = [(text, told) for text in queries if (told := parse_query(text)) is not None]
        rows = [(text, told.command, told.device_id, told.device_type, told.user) for text, told in parsed]
        return self.give("packed", plain_table(_DECODED, zip(*rows, strict=True) if rows else [()] * len(_DECODED)))

    def sightings(self) -> Table:
        """Return all sightings, reduced over the files taken so far."""
        seen = self._named("accesses", Question(accesses, (self._together("taken", self._taken),)), "VIEW")
        return seen if len(self._taken) == self._files == 1 else self.keep("sightings", sightings, seen)

    def asides(self) -> Table:
        """Return what the files taken so far show that is set aside and names somebody."""
        return self.keep("asides", asides, self._together("taken", self._taken))

    def _together(self, name: str, tables: Sequence[Table]) -> Table:
        """Return tables of one form as one, under a name that is the same however many there are: so are the plans."""
        parts = " UNION ALL ".join(f"FROM {table.name}" for table in tables)
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {parts}")
        return Table(name, tables[0].schema)

    def forget(self) -> None:
        """Let go of what was taken so far, so that another run can begin."""
        for seen in self._taken:
            if seen.name in self._views:
                self._connection.execute(f"DROP VIEW {seen.name}")
            self._drop(self._views.pop(seen.name, seen))
        self._drop(*self._records.values())
        self._taken, self._files, self._records = [], 0, {}

    def give(self, name: str, table: pa.Table) -> Table:
        """Make a small table known to the engine."""
        self._connection.register(name, table)
        return Table(name, table.schema)

    def keep(self, name: str, question: Callable[..., ir.Table], *given: Any, **named: Any) -> Table:  # noqa: ANN401 - anything
        """Answer a question once and keep the answer under a name."""
        return self._named(name, Question(question, given, named), "TABLE")

    def _named(self, name: str, question: Question, kind: str) -> Table:
        """Keep an answer, or as a view how to come to it."""
        plan = self._planner.plan(question)
        with _stoppable():
            self._connection.execute(f"CREATE OR REPLACE TEMP {kind} {name} AS {plan.sql}")
        return Table(name, plan.schema)

    def _add(self, table: Table, sql: str) -> None:
        """Add rows to a table that is kept."""
        with _stoppable():
            self._connection.execute(f"INSERT INTO {table.name} {sql}")

    def ask(self, question: Callable[..., ir.Table], *given: Any, **named: Any) -> pa.Table:  # noqa: ANN401 - anything
        """Answer a question."""
        plan: Plan = self._planner.plan(Question(question, given, named))
        with _stoppable():
            found = self._connection.sql(plan.sql).to_arrow_table()
        # Where DuckDB's types are what the plan says, nothing has to be turned, nor what turns it be imported.
        return found if found.schema.equals(plan.schema) else found.cast(plan.schema)

    def _drop(self, *tables: Table) -> None:
        for table in tables:
            self._connection.execute(f"DROP TABLE {table.name}")

    def close(self) -> None:
        """Let go of everything."""
        self._connection.close()
        if self._own is not None:
            self._own.cleanup()


ENGINE = DuckDB
