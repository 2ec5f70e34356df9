"""The peer: what an administrator writes by hand for the same question, with a regular expression and ua-parser with a cache.

Who used which device, how often, when first and when last. It knows no order, no staff list and no coverage.
"""

from __future__ import annotations

import re
import sys
from datetime import datetime
from functools import cache
from pathlib import Path

from ua_parser import parse

LINE = re.compile(r'^(\S+) \S+ (\S+) \[([^\]]+)\] "([^"]*)" (\d{3}) \S+ "[^"]*" "([^"]*)"')
DEVICE = re.compile(r"[?&]DeviceId=([^&\s]*)")


@cache
def system(agent: str) -> tuple[str, str]:
    """Return the device and the operating system that ua-parser sees."""
    found = parse(agent)
    return (found.device.family if found.device else "?", found.os.family if found.os else "?")


def main(path: Path) -> None:
    """Group the requests and print how many groups there are."""
    seen: dict[tuple[str, str, tuple[str, str]], list[object]] = {}
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            match = LINE.match(line)
            if not match:
                continue
            device = DEVICE.search(match[4])
            at = datetime.strptime(match[3], "%d/%b/%Y:%H:%M:%S %z")
            key = (match[2], device[1] if device else "", system(match[6]))
            if key in seen:
                entry = seen[key]
                entry[0] += 1  # type: ignore[operator]
                entry[1] = min(entry[1], at)  # type: ignore[type-var]
                entry[2] = max(entry[2], at)  # type: ignore[type-var]
            else:
                seen[key] = [1, at, at]
    print(len(seen))


main(Path(sys.argv[1]))
