"""``python -m phaseout.demo OUT_DIR``."""

from __future__ import annotations

import argparse
from pathlib import Path

from phaseout.demo.make import DAYS, PEOPLE, SEED, make


def main() -> None:
    """Read the arguments and make the sample ministry."""
    parser = argparse.ArgumentParser(
        prog="python -m phaseout.demo", description="Make a sample ministry with logs in every format."
    )
    parser.add_argument("out_dir", type=Path, help="the folder to make")
    parser.add_argument("--seed", type=int, default=SEED, help="of chance (%(default)s)")
    parser.add_argument("--days", type=int, default=DAYS, help="how many days, up to 31 October 2026 (%(default)s)")
    parser.add_argument("--people", type=int, default=PEOPLE, help="how many people (%(default)s)")
    given = parser.parse_args()
    make(given.out_dir, given.seed, given.days, given.people)


if __name__ == "__main__":
    main()
