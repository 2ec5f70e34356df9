"""DuckDB, on the machine at hand."""

from __future__ import annotations

from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from phaseout.devices.activesync_query import parse_query
from phaseout.logs.lines import OVER, Lines
from phaseout.reading.engine import Progress, Source, Taken
from phaseout.reading.reader import PACKED, Reader
from phaseout.reading.reduction import Span, accounts, distinct_rows, meaning, reduced, sightings_of_file

_LINES = ibis.table({"line": "string", "row": "int64", "head": "string"}, name="lines")
_PACKED_SCHEMA = pa.schema([("packed_query", pa.string()), *((name, pa.string()) for name in PACKED)])


class DuckDB:
    """One database in memory; larger than memory spills into ``spill``.

    Args:
        spill: a folder for what doesn't fit into memory; None lets DuckDB choose.
        memory: such as ``8GB``; None leaves DuckDB's own limit (four fifths of the machine).
    """

    def __init__(self, spill: Path | None = None, memory: str | None = None) -> None:
        """Open the database."""
        self._connection = duckdb.connect(":memory:")
        self._connection.execute("SET preserve_insertion_order = false")
        self._connection.execute("SET enable_progress_bar = false")
        self._connection.execute("SET TimeZone = 'UTC'")
        if spill is not None:
            self._connection.execute("SET temp_directory = ?", [str(spill)])
        if memory is not None:
            self._connection.execute("SET memory_limit = ?", [memory])
        self._ibis = ibis.duckdb.from_connection(self._connection)
        self._files: list[str] = []
        self._schema = ibis.schema({})

    def take(self, source: Source, span: Span, progress: Progress | None = None) -> Taken:
        """Read one log and add what it shows to the sightings."""
        lines = Lines(Path(source.path), head=source.reader.head, progress=progress)
        self._connection.register("lines", lines.reader())
        rows = distinct_rows(_LINES, source.reader, source.setting, span, OVER)
        found = self.keep("found", rows)
        self._connection.unregister("lines")
        said = self.keep("said", meaning(self._unpacked(found, source.reader), source.reader))
        fates = self.ask(accounts(said))
        bad = said.filter(said.fault.notnull())
        rejected = self.ask(bad.select(row=bad.rejected_row, reason=bad.fault, line=bad.rejected).order_by("row"))
        name = f"sightings_{source.number}"
        self._schema = self.keep(name, sightings_of_file(said, source.reader, source.number)).schema()
        self._files.append(name)
        self._drop("found", "said")
        return Taken(lines.count, fates, rejected, lines.note)

    def _unpacked(self, found: ir.Table, reader: Reader) -> ir.Table:
        """Add the decoded ActiveSync queries."""
        if reader.packed is None:
            return found
        query = reader.packed(found)
        asked = self.ask(found.select(packed_query=query).filter(ibis._.packed_query.notnull()).distinct())
        if not asked.num_rows:
            return found
        rows = []
        for text in asked.column("packed_query").to_pylist():
            if text is not None and (parsed := parse_query(text)) is not None:
                fields = (parsed.command, parsed.device_id, parsed.device_type, parsed.user)
                rows.append({"packed_query": text, **dict(zip(PACKED, fields, strict=True))})
        decoded = self.give("packed", pa.Table.from_pylist(rows, schema=_PACKED_SCHEMA))
        found = found.mutate(packed_query=query)
        return found.left_join(decoded, "packed_query").drop("packed_query", "packed_query_right")

    def sightings(self) -> ir.Table:
        """Return all sightings, reduced over the files taken so far."""
        tables = [ibis.table(self._schema, name=name) for name in self._files]
        if len(tables) == 1:
            return tables[0]
        merged = self.keep("sightings", reduced(ibis.union(*tables)))
        self._drop(*self._files)
        self._files = ["sightings"]
        return merged

    def give(self, name: str, table: pa.Table) -> ir.Table:
        """Make a small table known to the engine."""
        self._connection.register(name, table)
        return ibis.table(ibis.schema(table.schema), name=name)

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        """Compute an expression once and keep it under a name."""
        # Ibis 12 with DuckDB 2.0 writes a broken DROP for create_table(overwrite=True); the names are ours, never a user's.
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {self._ibis.compile(expression)}")
        return ibis.table(expression.schema(), name=name)

    def ask(self, expression: ir.Table) -> pa.Table:
        """Compute an expression and fetch it."""
        # What DuckDB gives is a wider type here and there: sums are 128 bits, stamps read with an offset have a zone.
        found = self._connection.sql(self._ibis.compile(expression)).to_arrow_table()
        return found.cast(expression.schema().to_pyarrow())

    def _drop(self, *names: str) -> None:
        for name in names:
            self._connection.execute(f"DROP TABLE {name}")

    def close(self) -> None:
        """Let go of everything."""
        self._ibis.disconnect()


ENGINE = DuckDB
