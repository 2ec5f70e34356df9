"""The peer: what an administrator writes by hand, with a regular expression and ua-parser with a cache."""

from __future__ import annotations

import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path

from ua_parser import parse

LINE = re.compile(r'^(\S+) \S+ (\S+) \[([^\]]+)\] "([^"]*)" (\d{3}) \S+ "[^"]*" "([^"]*)"')


@cache
def system(agent: str) -> str:
    """Return the operating system that ua-parser sees."""
    found = parse(agent).os
    return found.family if found else "?"


def main(path: Path) -> None:
    """Count requests by login and system."""
    counts: Counter[tuple[str, str]] = Counter()
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            match = LINE.match(line)
            if match:
                counts[match[2], system(match[6])] += 1
    print(len(counts), sum(counts.values()))


main(Path(sys.argv[1]))
