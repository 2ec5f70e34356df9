"""The reduction: from rows to distinct rows, and from those to sightings. Expressions only; an engine runs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from phaseout.model.answer import OUTSIDE_TIME
from phaseout.reading.functions import aggregate
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import ASIDE, MEANING, PACKED, SAME_RECORD, Reader, Setting
from phaseout.reading.source import PLACE_BITS
from phaseout.reading.span import DAYS_A_CHUNK, SINCE, UNTIL, Span, naive
from phaseout.reading.time import microseconds, offset_seconds, pick, quotient, timestamp, told

CHUNKS_BEFORE: Final = 20_000
"""Chunks of days that are added before the arithmetic and taken off after it: west of Greenwich, ``EARLIEST`` lies on the day
before the first, and no day must be negative. So many, that engines reckon with 64 bits."""

EARLIEST: Final = 0
AFTER_ALL: Final = 7_258_118_400_000_000
"""Between these instants, in microseconds since 1970, the stamps of logs lie: from 1970 until the end of 2199. Beyond them a line
is damaged."""

OUTSIDE: Final = -1
"""The period of rows outside the asked time."""

AGAIN: Final = -2
"""The period of records within it that stand somewhere before, too."""

_DAY: Final = 86_400_000_000
"""Microseconds."""

_MARK: Final = "\x1f"
"""Between the parts of a rejected line: its fault, its number, its text. The first two are ours and never hold it."""

NO_DAY: Final = -(2**31) + 1
"""Stands where sightings are not kept by day."""

_DECIDED: Final = ("ignored", "login", "action", "outcome")
"""The columns of ``MEANING`` that decide what a row is."""

KEY: Final = tuple(name for name in MEANING if name != "ignored")
"""What makes sightings of one period distinct, beside the format."""


_INSTANT_AND_PLACE: Final = "struct<at: timestamp, place: int64>"


@aggregate("arg_min", "int64", _INSTANT_AND_PLACE, gives="int64")
def _at_least(place: ir.IntegerValue, key: ir.StructValue) -> ir.IntegerScalar:
    """Return the place that stands at the least key."""


@aggregate("arg_max", "int64", _INSTANT_AND_PLACE, gives="int64")
def _at_greatest(place: ir.IntegerValue, key: ir.StructValue) -> ir.IntegerScalar:
    """Return the place that stands at the greatest key."""


def at_first(place: ir.IntegerValue, at: ir.TimestampValue) -> ir.IntegerScalar:
    """Return the place at the earliest instant; of several the first, so that it is the same in every run."""
    return _at_least(place, ibis.struct({"at": at, "place": place}))


def at_last(place: ir.IntegerValue, at: ir.TimestampValue) -> ir.IntegerScalar:
    """Return the place at the latest instant; of several the last."""
    return _at_greatest(place, ibis.struct({"at": at, "place": place}))


@aggregate("sum", "int64", gives="decimal(38, 0)")
def _sum(number: ir.IntegerValue) -> ir.DecimalScalar:
    """Add up whole numbers; engines give a wider type, and Ibis says that they don't."""


def total(number: ir.IntegerValue) -> ir.IntegerScalar:
    """Return the sum of whole numbers of 64 bits as one of 64 bits."""
    return _sum(number).cast("int64")


def period_of(at: ir.TimestampValue, span: Span) -> ir.IntegerValue:
    """Return the number of the period in which an instant lies, or ``OUTSIDE``."""
    edges = [ibis.literal(naive(cut), "timestamp") for cut in span.cuts]
    period = pick(at, edges, [ibis.literal(i, "int32") for i in range(len(edges) + 1)])
    outside = ibis.literal(OUTSIDE, "int32")
    # What is not told is null; then no stamp comes before it, and none after it.
    return ibis.cases((at < told(SINCE), outside), (at >= told(UNTIL), outside), else_=period)


def distinct_rows(lines: ir.Table, reader: Reader, setting: Setting, span: Span, over: str, *, one_file: bool) -> ir.Table:
    """Count equal rows of some files, each file's apart.

    Args:
        lines: the files' lines; ``row`` is the line's place, the file's number and the line's in one integer.
        reader: its format.
        setting: what the reader must know.
        span: how time is cut.
        over: what stands before a line that is too long.
        one_file: whether all lines are of one file; then the file need not part them, which every line would pay for.

    Returns:
        The reader's own columns and ``file``, ``period``, ``chunk``, ``rejected`` (the line, where it can't be read) and
        ``rejected_row``; with ``n`` rows each, ``first`` and ``last`` stamp, ``first_row`` and ``last_row`` (where those
        stand, for a file need not be in order), and ``days``, one bit for each day of the chunk.
    """
    return counted(reader.rows(lines, setting), setting, span, over, one_file=one_file)


def counted(rows: ir.Table, setting: Setting, span: Span, over: str, *, one_file: bool) -> ir.Table:
    """Count equal rows, as ``distinct_rows`` says.

    Args:
        rows: what the reader makes of the lines.
        setting: what the reader must know.
        span: how time is cut.
        over: what stands before a line that is too long.
        one_file: whether all lines are of one file.
    """
    at = ibis.ifelse(microseconds(rows["at"]).between(EARLIEST, AFTER_ALL - 1), rows["at"], ibis.null(rows["at"].type()))
    damaged = ibis.ifelse(at.isnull() & rows["at"].notnull(), "a time stamp before 1970 or after 2199", ibis.null("string"))
    rows = rows.mutate(at=at, fault=ibis.coalesce(rows.fault, damaged))
    fault = ibis.ifelse(rows.line.startswith(over[:16]), "line too long", rows.fault)
    ahead = (offset_seconds(rows["at"], span.zone, span.last_year) + CHUNKS_BEFORE * DAYS_A_CHUNK * 86400) * 1_000_000
    rows = rows.mutate(since_long_ago=quotient(microseconds(rows["at"]) + ahead, ibis.literal(_DAY, "int64")))
    day = rows.since_long_ago
    mark = ibis.literal(_MARK)
    rows = rows.mutate(
        period=period_of(rows["at"], span),
        chunk=(quotient(day, ibis.literal(DAYS_A_CHUNK, "int64")) - CHUNKS_BEFORE).cast("int32"),
        bit=ibis.literal(1, "int64") << (day % DAYS_A_CHUNK).cast("int64"),
        # One column, since each column of the key costs every line its share.
        rejected=ibis.ifelse(fault.notnull(), fault + mark + rows.row.cast("string") + mark + rows.line, ibis.null("string")),
    )
    by_day = {"day": (day - CHUNKS_BEFORE * DAYS_A_CHUNK).cast("int32")} if setting.by_day else {}
    by_file = {} if one_file else {"file": _file_of(rows.row)}
    rows = rows.mutate(**by_file, **by_day)
    keys = [name for name in rows.columns if name not in {"line", "row", "at", "bit", "fault", "since_long_ago"}]
    found = rows.group_by(keys).agg(
        n=rows.count(),
        first=rows["at"].min(),
        last=rows["at"].max(),
        first_row=at_first(rows.row, rows["at"].cast("timestamp")),
        last_row=at_last(rows.row, rows["at"].cast("timestamp")),
        days=rows.bit.bit_or(),
    )
    parts = found.rejected.split(_MARK)
    rest = {} if setting.by_day else {"day": ibis.literal(NO_DAY, "int32")}
    if one_file:
        rest["file"] = _file_of(found.first_row)
    line = found.rejected.re_extract(f"(?s)^[^{_MARK}]*{_MARK}[^{_MARK}]*{_MARK}(.*)$", 1)
    # A stamp that was read with its offset has a zone to the engine.
    stamps = {name: timestamp(microseconds(found[name])) for name in ("first", "last")}
    return found.mutate(**stamps, fault=parts[0], rejected_row=parts[1].try_cast("int64"), rejected=line, **rest)


def _file_of(place: ir.IntegerValue) -> ir.IntegerValue:
    """Return the number of the file in which a place lies."""
    return (place >> ibis.literal(PLACE_BITS, "int64")).cast("int32")


MEASURES: Final = (
    "file", "n", "first", "last", "first_row", "last_row", "days", "period", "chunk", "day", "rejected", "rejected_row", "fault",
)  # fmt: skip
"""What ``distinct_rows`` gives beside the reader's own columns."""


def packed_queries(found: ir.Table, reader: Reader) -> ir.Table:
    """List the ActiveSync queries that are packed in base64, each once: ``packed_query``.

    Args:
        found: the distinct rows.
        reader: their format, one that has such queries.
    """
    table = found.select(packed_query=_packed(found, reader))
    return table.filter(table.packed_query.notnull()).distinct()


def unpacked(found: ir.Table, decoded: ir.Table, reader: Reader) -> ir.Table:
    """Add the columns of ``PACKED`` to the distinct rows.

    Args:
        found: the distinct rows.
        decoded: ``packed_query`` and the columns of ``PACKED``.
        reader: the rows' format.
    """
    joined = found.mutate(packed_query=_packed(found, reader)).left_join(decoded, "packed_query")
    return joined.select(*found.columns, *PACKED)


def _packed(found: ir.Table, reader: Reader) -> ir.StringValue:
    return ibis.null("string") if reader.packed is None else reader.packed(found)


def said(found: ir.Table, decoded: ir.Table | None, reader: Reader, *, tells_aside: bool = False) -> ir.Table:
    """Say what each distinct row is, and merge what differs in nothing but time and place.

    Args:
        found: as ``distinct_rows`` gives them.
        decoded: what ``unpacked`` adds, or None.
        reader: the rows' format.
        tells_aside: as ``Setting`` has it.
    """
    said = meaning(found if decoded is None else unpacked(found, decoded, reader), reader)
    return reduced(said, reader, tells_aside=tells_aside)


def said_of_keys(keys: ir.Table, counts: ir.Table, decoded: ir.Table | None, reader: Reader, *, by_day: bool) -> ir.Table:
    """Do as ``said`` does with what was counted of ordinary lines; each key is looked at once.

    Rows that differ in nothing but time and place are not merged: whatever is asked of sightings adds them up anyway. So what is
    no access keeps its texts, which nobody asks for: to take them out would cost more than to keep them.

    Args:
        keys: the reader's own columns, and ``key``.
        counts: ``key``, ``period``, ``chunk``, ``n``, ``first``, ``last``, ``first_row``, ``last_row`` and ``days``.
        decoded: what ``unpacked`` adds, or None.
        reader: the format.
        by_day: whether a chunk is one day.

    Returns:
        What ``whole`` makes whole: the columns that are not the same in every row.
    """
    found = reader.meaning(keys if decoded is None else unpacked(keys, decoded, reader))
    told_ = found.select("key", **{name: _text(found, name) for name in MEANING if name in (*found.columns, *_DECIDED)})
    counts = counts.mutate(
        first=counts["first"].cast("timestamp"),
        last=counts["last"].cast("timestamp"),
        period=counts.period.cast("int32"),
        chunk=counts.chunk.cast("int32"),
        file=_file_of(counts.first_row),
        first_place=counts.first_row,
        last_place=counts.last_row,
        fault=ibis.null("string"),
    )
    if by_day:
        since_long_ago = counts.chunk.cast("int64") + CHUNKS_BEFORE * DAYS_A_CHUNK
        counts = counts.mutate(
            day=counts.chunk,
            days=ibis.literal(1, "int64") << (since_long_ago % DAYS_A_CHUNK).cast("int64"),
            chunk=(quotient(since_long_ago, ibis.literal(DAYS_A_CHUNK, "int64")) - CHUNKS_BEFORE).cast("int32"),
        )
    rows = _decided(counts.inner_join(told_, "key"))
    return rows.select(*(name for name in (*_KEYS, *_MEASURED) if name in rows.columns and name != "fault"))


def whole(rows: ir.Table, reader: Reader) -> ir.Table:
    """Add to what ``said_of_keys`` gives what is the same in every row.

    Args:
        rows: as it gives them.
        reader: their format.
    """
    same = dict.fromkeys(KEY, ibis.literal("")) | {
        "fault": ibis.null("string"),
        "rejected": ibis.null("string"),
        "rejected_row": ibis.null("int64"),
        "day": ibis.literal(NO_DAY, "int32"),
    }
    columns = (rows[name] if name in rows.columns else same[name].name(name) for name in (*_KEYS, *_MEASURED))
    return _of_format(rows.select(*columns), reader)


def meaning(found: ir.Table, reader: Reader) -> ir.Table:
    """Say what each distinct row is, with every column of ``MEANING`` present and no null among the texts.

    ``ignored`` is empty for an access. An access that failed is an attempt, whatever was attempted.
    """
    said = reader.meaning(found)
    return _decided(said.select(*MEASURES, **{name: _text(said, name) for name in MEANING}))


def _decided(said: ir.Table) -> ir.Table:
    """Decide why rows are set aside, and what failed."""
    ignored = ibis.cases(
        (said.fault.notnull(), ""),
        (said.ignored != "", said.ignored),
        (said["first"].isnull(), "no time stamp"),
        (said.period == OUTSIDE, OUTSIDE_TIME),
        (said.login == "", "nobody signed in"),
        (said.period == AGAIN, SAME_RECORD),
        else_="",
    )
    action = ibis.ifelse(said.outcome == "failure", "attempt", said.action)
    return said.mutate(ignored=ignored, action=action)


def _text(said: ir.Table, name: str) -> ir.StringValue:
    return ibis.coalesce(said[name], "") if name in said.columns else ibis.literal("")


def reduced(said: ir.Table, reader: Reader, *, tells_aside: bool = False) -> ir.Table:
    """Merge what differs in nothing but time and place; of what is no access, only how much there is and why matters.

    Args:
        said: what each distinct row is.
        reader: its format.
        tells_aside: as ``Setting`` has it.

    Returns:
        ``format``, ``repeats`` (whether the format may repeat another's requests), ``file``, ``ignored``, ``fault``, the columns
        of ``KEY``, ``period``, ``chunk`` and ``day``; ``n``, ``first``, ``last``, ``first_place``, ``last_place`` and ``days``;
        and for a line that can't be read ``rejected`` and ``rejected_row``.
    """
    told = said.ignored.isin(("", *ASIDE)) if tells_aside else said.ignored == ""
    said = said.mutate(**{name: ibis.ifelse(said.fault.isnull() & told, said[name], "") for name in KEY})
    return _of_format(_merged(said.mutate(first_place=said.first_row, last_place=said.last_row), _KEYS), reader)


_KEYS: Final = ("file", "ignored", "fault", "rejected", "rejected_row", *KEY, "period", "chunk", "day")

_MEASURED: Final = ("n", "first", "last", "first_place", "last_place", "days")


def _of_format(table: ir.Table, reader: Reader) -> ir.Table:
    return table.mutate(format=ibis.literal(reader.id), repeats=ibis.literal(bool(reader.repeats)))


def accounts(table: ir.Table) -> ir.Table:
    """Count what became of each file's lines, by ``chunk`` and with its ``days``.

    ``fate`` is ``accesses``, ``rejected``, or ``ignored`` with its ``reason``.
    """
    fate = ibis.cases((table.fault.notnull(), "rejected"), (table.ignored != "", "ignored"), else_="accesses")
    table = table.mutate(fate=fate, reason=ibis.ifelse(table.fault.notnull(), table.fault, table.ignored))
    each = table.group_by("file", "fate", "reason", "chunk")
    return each.agg(n=total(table.n), first=table["first"].min(), last=table["last"].max(), days=table.days.bit_or())


def ends(table: ir.Table) -> ir.Table:
    """Say of each file when its first and its last instant are, and on which lines: ``first``, ``last`` and their ``_line``."""
    told = table.filter(table["first"].notnull())
    mask = ibis.literal((1 << PLACE_BITS) - 1, "int64")
    return told.group_by("file").agg(
        first=told["first"].min(),
        last=told["last"].max(),
        first_line=at_first(told.first_place, told["first"]) & mask,
        last_line=at_last(told.last_place, told["last"]) & mask,
    )


def rejected(table: ir.Table) -> ir.Table:
    """List the lines that can't be read, in their order: ``file``, ``row`` (the line's number), ``reason`` and ``line``."""
    bad = table.filter(table.fault.notnull())
    number = bad.rejected_row & ibis.literal((1 << PLACE_BITS) - 1, "int64")
    return bad.select(file=bad.file, row=number, reason=bad.fault, line=bad.rejected).order_by("file", "row")


def accesses(table: ir.Table) -> ir.Table:
    """Return what is an access.

    Files stay apart only where the format may repeat another's requests that are read too, for then days are counted apart, and
    where a webmail may have signed people in itself.

    Args:
        table: as ``said`` gives it, of one file or of several.
    """
    kept = table.filter(table.fault.isnull() & (table.ignored == ""))
    is_apart = (kept.repeats & (kept.day != NO_DAY)) | (kept.protocol == "webmail")
    return kept.mutate(file=ibis.ifelse(is_apart, kept.file, -1).cast("int32"))


def asides(table: ir.Table) -> ir.Table:
    """Return what is no access for a reason of ``ASIDE`` and names somebody, within the asked time, of logs that are kept by day.

    Args:
        table: as ``said`` gives it, with what is set aside told apart.
    """
    named = table.filter(table.fault.isnull() & table.ignored.isin(ASIDE) & (table.login != "") & (table.protocol != ""))
    return named.filter((named.day != NO_DAY) & (named.period != OUTSIDE) & named["first"].notnull())


def sightings(table: ir.Table) -> ir.Table:
    """Reduce several files' accesses; those of one file are so few already that it would not be worth it."""
    return _merged(table, ["format", "file", *KEY, "period", "chunk", "day"])


def _merged(table: ir.Table, keys: Sequence[str]) -> ir.Table:
    return table.group_by(keys).agg(
        n=total(table.n),
        first=table["first"].min(),
        last=table["last"].max(),
        first_place=at_first(table.first_place, table["first"]),
        last_place=at_last(table.last_place, table["last"]),
        days=table.days.bit_or(),
    )
