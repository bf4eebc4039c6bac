"""Measures azjit on sandboxes of three sizes, and writes docs/explanation/performance.md and .svg.

`python tests/bench/performance.py` takes some minutes. It also runs start.py and batches.py, whose
output becomes a part of the page. Run it on a machine that has nothing else to do.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from math import log10
from pathlib import Path
from typing import NamedTuple

from batches import Used, approval, environ_of, measured, name_of, say, seed, waiting

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "explanation" / "performance.md"
SIZES = (1_000, 10_000, 100_000)
RUNS, DECIDED, WAITING = 3, 100, 700
HISTORY = ["consumer", "history", "-o", "jsonl", "--sandbox"]


class Point(NamedTuple):
    """What commands took in a sandbox of one size."""

    size: int
    listing: Used
    by_prefix: Used
    by_id: Used


def main() -> None:
    load = os.getloadavg()[0]
    points = [point(size) for size in SIZES]
    daily, batches = output("start.py"), output("batches.py", "served", "embedded", "buckets")
    PAGE.with_suffix(".svg").write_text(picture(points), encoding="utf-8")
    PAGE.write_text(page(points, daily, batches, load), encoding="utf-8")


def point(size: int) -> Point:
    """Measure in a sandbox of one size; each batch decides other requests."""
    with tempfile.TemporaryDirectory() as folder:
        environ = environ_of(folder)
        sizes = ["--requests", str(size), "--waiting", str(WAITING)]
        seed(environ, *sizes, "--switch", "page-size=100")
        ids = iter(waiting(environ, everywhere=True))
        listing = middle(measured(HISTORY, environ) for _ in range(RUNS))
        by_id = middle(decided(ids, str, environ) for _ in range(RUNS))
        by_prefix = middle(decided(ids, prefix_of, environ) for _ in range(RUNS))
        found = Point(size, listing, by_prefix, by_id)
    for name, used in zip(found._fields[1:], found[1:], strict=True):
        say(f"{name}, {size:,} requests", used)
    return found


def decided(ids: Iterator[str], named: Callable[[str], str], environ: dict[str, str]) -> Used:
    """Approve some requests on a machine that has seen none of them."""
    names = Path(environ["AZJIT_STATE_DIR"]) / "sandbox" / "names.json"
    names.unlink(missing_ok=True)
    used = measured(approval([named(next(ids)) for _ in range(DECIDED)], "--sandbox"), environ)
    assert used.code == 0, used.said
    return used


def prefix_of(resource: str) -> str:
    return name_of(resource)[:18]


def middle(runs: Iterator[Used]) -> Used:
    """Give the medians of some runs."""
    every = list(runs)
    seconds, cpu, memory = (
        statistics.median(each) for each in zip(*(used[2:5] for used in every), strict=True)
    )
    return every[0]._replace(seconds=seconds, cpu_seconds=cpu, megabytes=memory)


def output(script: str, *words: str) -> str:
    """Run another measurement, and give what it writes."""
    command = [sys.executable, str(HERE / script), *words]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    sys.stdout.write(done.stdout)
    # The load at that moment is of the measurements themselves.
    lines = [line for line in done.stdout.splitlines() if not line.startswith("load ")]
    return "\n".join(lines)


def page(points: Sequence[Point], daily: str, batches: str, load: float) -> str:
    rows = [
        f"| {at.size:,} | {at.listing.seconds:.1f} s | {at.listing.megabytes:.0f} MB"
        f" | {at.by_id.seconds:.1f} s | {at.by_prefix.seconds:.1f} s"
        f" | {at.by_prefix.megabytes:.0f} MB |"
        for at in points
    ]
    template = (HERE / "performance.in.md").read_text(encoding="utf-8")
    return template.format(
        machine=machine(),
        date=f"{datetime.now(UTC):%-d %B %Y}",
        load=f"{load:.1f}",
        rows="\n".join(rows),
        runs=RUNS,
        decided=DECIDED,
        history=" ".join(["azjit", *HISTORY[:-1]]),
        daily=daily,
        batches=batches,
    )


def machine() -> str:
    """Describe this machine, without its name."""
    info = Path("/proc/cpuinfo")
    told = info.read_text(encoding="utf-8") if info.exists() else ""
    kind = next((line.partition(": ")[2] for line in told.splitlines() if "model name" in line), "")
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores ({kind or platform.machine()}), {system}"


class Panel(NamedTuple):
    """A part of the picture: its title, the top of its scale, and its lines by their names."""

    title: str
    lines: dict[str, Sequence[float]]
    is_logarithmic: bool = True


def picture(points: Sequence[Point]) -> str:
    """Draw the panels next to each other."""
    panels = [
        Panel("Listing, seconds", {"history": [at.listing.seconds for at in points]}),
        Panel(
            "Listing, memory in MB",
            {"history": [at.listing.megabytes for at in points]},
            is_logarithmic=False,
        ),
        Panel(
            f"{DECIDED} approvals, seconds",
            {
                "by prefix": [at.by_prefix.seconds for at in points],
                "by id": [at.by_id.seconds for at in points],
            },
        ),
    ]
    drawn = "\n".join(part for at, panel in enumerate(panels) for part in draw(panel, at))
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {3 * WIDE} {TALL}" role="img">
<title>Time and memory by the number of requests</title>
<style>
svg {{ --ink: #1f2328; --quiet: #59636e; --grid: #d1d9e0; --first: #0969da; --second: #bc4c00; }}
@media (prefers-color-scheme: dark) {{
svg {{ --ink: #f0f6fc; --quiet: #9198a1; --grid: #3d444d; --first: #4493f8; --second: #f0883e; }}
.ground {{ fill: #0d1117; }}
}}
text {{ font: 12px system-ui, sans-serif; fill: var(--ink); }}
.quiet {{ fill: var(--quiet); font-size: 11px; }}
.title {{ font-weight: 600; font-size: 13px; }}
.grid {{ stroke: var(--grid); }}
.line {{ fill: none; stroke-width: 2; }}
</style>
<rect class="ground" width="100%" height="100%" fill="#ffffff"/>
{drawn}
</svg>
"""


WIDE, TALL = 280, 264
LEFT, RIGHT, TOP, BOTTOM = 44, 24, 48, 46
# The color of each line, and how far above its points the values are.
COLORS = (("var(--first)", -8), ("var(--second)", 18))


def draw(panel: Panel, number: int) -> Iterator[str]:
    """Draw one panel: a grid, the sizes below it, and each line with its values."""
    left, right = number * WIDE + LEFT, (number + 1) * WIDE - RIGHT
    values = [value for line in panel.lines.values() for value in line]
    ticks = decades(values) if panel.is_logarithmic else rounded(max(values))
    yield words(left, 22, panel.title, "start", "title")
    for tick in ticks:
        y = height(tick, ticks, panel)
        yield f'<line class="grid" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield words(left - 6, y + 4, f"{tick:g}", "end")
    places = [left + 14 + at * (right - left - 40) / (len(SIZES) - 1) for at in range(len(SIZES))]
    for x, size in zip(places, SIZES, strict=True):
        yield words(x, TALL - BOTTOM + 18, f"{size:,}", "middle")
    yield words(places[1], TALL - BOTTOM + 34, "requests", "middle")
    for at, (name, line) in enumerate(panel.lines.items()):
        color, above = COLORS[at]
        spots = [(x, height(v, ticks, panel)) for x, v in zip(places, line, strict=True)]
        track = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        yield f'<polyline class="line" points="{track}" stroke="{color}"/>'
        for (x, y), value in zip(spots, line, strict=True):
            told = f"{value:.1f}" if panel.is_logarithmic else f"{value:.0f}"
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{color}"/>'
            yield words(x, y + above, told, "middle", "value")
        if len(panel.lines) > 1:
            yield f'<circle cx="{left + 4 + 90 * at}" cy="36" r="3.5" fill="{color}"/>'
            yield words(left + 12 + 90 * at, 40, name, "start")


def words(x: float, y: float, text: str, anchor: str, kind: str = "quiet") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def decades(values: Sequence[float]) -> list[float]:
    """The powers of ten around some values, with room for a number below the lowest."""
    lowest = int(log10(min(values) / 1.6) // 1)
    highest = int(-(-log10(max(values)) // 1))
    return [10.0**power for power in range(lowest, max(highest, lowest + 1) + 1)]


def rounded(top: float) -> list[float]:
    step = 20 if top <= 100 else 100
    return [float(at) for at in range(0, int(top * 1.2) + step, step)]


def height(value: float, ticks: Sequence[float], panel: Panel) -> float:
    """Where a value is on the scale of a panel."""
    low, high = ticks[0], ticks[-1]
    share = (value - low) / (high - low)
    if panel.is_logarithmic:
        share = (log10(value) - log10(low)) / (log10(high) - log10(low))
    return TALL - BOTTOM - share * (TALL - BOTTOM - TOP)


if __name__ == "__main__":
    main()
