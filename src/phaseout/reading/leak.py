"""Expressions that keep credentials out of what is copied from a log."""

from __future__ import annotations

from typing import Final

from phaseout.reading.on_demand import ibis, ir

LEAKS: Final = r"(?i)passw|\bpass=|\bpwd=|\bresp=|\bsecret|\btoken|\bauthorization|\bbearer|пароль"
"""Words beside which a line that can't be read may hold a credential."""

WITHHELD: Final = "(not copied: it may hold a password)"
"""Stands for such a line among the rejected ones."""


def copied(line: ir.StringValue, fault: ir.StringValue) -> ir.StringValue:
    """Return what may be copied of a line: nothing where it can be read, and no line that may hold a credential.

    Args:
        line: as it came.
        fault: why it can't be read, or null.
    """
    # A line that is too long says so in its first characters, behind a null.
    return ibis.cases(
        (fault.isnull(), ""),
        (~line.re_search(LEAKS), line),
        (line.startswith("\0"), line.substr(0, line.find(": ") + 2)),
        else_=WITHHELD,
    )
