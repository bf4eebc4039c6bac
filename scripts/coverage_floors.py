"""Checks the coverage of each package against its floor: `coverage_floors.py COVERAGE.json`.

The total may not be below 95 %. The floor of a package is the coverage that it has reached. Raise
floors and never lower them; the goal is 100 %.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FLOORS = {
    "azjit/": 95.0,
    "azjit/domain/": 99.3,
    "azjit/azure/wire/": 96.3,
    "azjit/errors.py": 100.0,
    "azjit/output/": 99.5,
    "azjit/services/": 97.1,
}


def reached(files: dict[str, Any], package: str) -> tuple[float, list[str]]:
    """Give the coverage of a package in percent, branches included, and its uncovered lines."""
    there = {name: told for name, told in files.items() if package in name.replace("\\", "/")}
    counts = [told["summary"] for told in there.values()]
    whole = sum(count["num_statements"] + count["num_branches"] for count in counts)
    run = sum(count["covered_lines"] + count["covered_branches"] for count in counts)
    gaps = [
        f"{name[name.rindex('azjit/') :]}:{','.join(map(str, places(told)))}"
        for name, told in sorted(there.items())
        if places(told)
    ]
    return (100.0 * run / whole if whole else 0.0), gaps


def places(told: dict[str, Any]) -> list[int]:
    """Give the uncovered lines of a file, and the lines with an uncovered branch."""
    return sorted({*told["missing_lines"], *(start for start, _ in told["missing_branches"])})


def main() -> int:
    """Compare, list what is not covered, and fail if a package is below its floor."""
    files = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["files"]
    low = 0
    for package, floor in FLOORS.items():
        part, _ = reached(files, package)
        is_low = part < floor
        low += is_low
        sign = "BELOW" if is_low else "ok"
        sys.stdout.write(f"{sign:<5} {package:<18} {part:6.2f} of {floor:6.2f}\n")
    _, gaps = reached(files, "azjit/")
    sys.stdout.writelines(f"not covered: {gap}\n" for gap in gaps)
    return int(bool(low))


if __name__ == "__main__":
    sys.exit(main())
