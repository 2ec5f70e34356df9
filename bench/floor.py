"""The floor: one DuckDB read and one GROUP BY over the same file, nothing more."""

from __future__ import annotations

import sys

import duckdb

COLUMNS = ["ip", "ident", "login", "time", "zone", "request", "status", "size", "referer", "agent"]
TYPES = ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS)
QUERY = f"""
    SELECT login, agent, count(*)
    FROM read_csv(?, delim = ' ', quote = '"', header = false, auto_detect = false, columns = {{{TYPES}}})
    GROUP BY login, agent
"""  # noqa: S608 - our own constant column names

print(len(duckdb.execute(QUERY, [sys.argv[1]]).fetchall()))
