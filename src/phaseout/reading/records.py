"""Records that stand in an export, or in two of one log, more than once. Expressions only; an engine runs them.

A service gives each record an id, and whoever asks it twice gets the record twice. A record is the same where the id and the
second are. Of an id a digest of 64 bits is kept: few records share a second, so that two of them hardly ever share that.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from phaseout.reading.functions import function
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import Reader, Setting
from phaseout.reading.reduction import AGAIN, OUTSIDE, counted
from phaseout.reading.span import Span
from phaseout.reading.time import microseconds, timestamp

RECORDS: Final = pa.schema({"record": pa.uint64(), "at": pa.timestamp("us")})
"""What is kept of each record, and is the same wherever it stands: the digest of its id, and its instant; 16 bytes."""

_NO_ID: Final = ("", "00000000-0000-0000-0000-000000000000")
"""What stands where a service has given a record no id."""

_AGAIN: Final = "again"
_NAMELESS: Final = "without an id"
"""How a record stands to those before it; empty for the first of its id."""


@function("md5_number_lower", "string", gives="uint64")
def _digest(text: ir.StringValue) -> ir.IntegerValue:
    """Return a number for a text, which hardly another text has."""


def cut_records(lines: ir.Table, reader: Reader, setting: Setting) -> ir.Table:
    """Cut the lines of exports into the reader's columns, with a number for the id in ``record``; null where there is none.

    Args:
        lines: as ``distinct_rows`` takes them.
        reader: their format, which is exported.
        setting: what the reader must know.
    """
    rows = reader.rows(lines, setting)
    id_ = ibis.ifelse(rows["at"].isnull() | rows.record.isin(_NO_ID), ibis.null("string"), rows.record.lower())
    # A stamp that was read with its offset has a zone to the engine.
    return rows.mutate(record=_digest(id_), at=timestamp(microseconds(rows["at"])))


def first_records(rows: ir.Table, before: ir.Table) -> ir.Table:
    """Say where each record stands first that was not seen before: ``record``, ``at`` and ``row``.

    Args:
        rows: as ``cut_records`` gives them.
        before: the records of all lines before these, as ``RECORDS`` has them.
    """
    each = rows.filter(rows.record.notnull()).group_by(RECORDS.names).agg(row=rows.row.min())
    # In two steps, for then the hash table is made of these lines, and not of all before them.
    known = before.semi_join(each, RECORDS.names)
    return each.anti_join(known, RECORDS.names)


def distinct_records(rows: ir.Table, firsts: ir.Table, setting: Setting, span: Span, over: str, *, one_file: bool) -> ir.Table:
    """Do as ``distinct_rows`` does; what stands there again is in the period ``AGAIN``.

    Args:
        rows: as ``cut_records`` gives them.
        firsts: as ``first_records`` gives them, of these lines at least.
        setting: what the reader must know.
        span: how time is cut.
        over: what stands before a line that is too long.
        one_file: whether all lines are of one file.

    Returns:
        What ``distinct_rows`` gives, and ``standing``, by which ``nameless`` finds the files.
    """
    met = rows.left_join(firsts.select("row", first_row=firsts.row), "row")
    standing = ibis.cases((met.record.isnull(), _NAMELESS), (met.first_row.isnull(), _AGAIN), else_="")
    met = met.mutate(standing=standing).select(*(name for name in rows.columns if name != "record"), "standing")
    found = counted(met, setting, span, over, one_file=one_file)
    is_again = (found.standing == _AGAIN) & (found.period != OUTSIDE)
    return found.mutate(period=ibis.ifelse(is_again, ibis.literal(AGAIN, "int32"), found.period))


def nameless(found: ir.Table) -> ir.Table:
    """List the files with records that have no id, as ``file``: where such a record stands again, nobody can tell.

    Args:
        found: as ``distinct_records`` gives it.
    """
    is_record = found.fault.isnull() & found["first"].notnull()
    return found.filter(is_record & (found.standing == _NAMELESS)).select("file").distinct()
