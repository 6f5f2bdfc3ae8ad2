"""Everything that is said about speed, measured in one run beside what people would use.

    python -m benchmarks.bench [--parts start replay] [--data WADSWORTH] [--output PAGE.md]

Each part runs in a process of its own for at most five minutes, and measures ours and the others in
turn. Seconds are those of the processor, the least of several runs, unless the unit says otherwise:
another program that is busy changes them little. The page keeps its figures. The next run names
those that have become worse by more than a fifth, beyond what the others' figures say of the
computer.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from benchmarks import bench_growth, bench_limits
from benchmarks.bench_parts import PARTS

ROOT = Path(__file__).resolve().parent.parent
LONGEST_S = 300.0
WORSE = 1.2
BESIDE = " beside "
LIBRARIES = (
    "numpy scipy scikit-learn pylsl pyxdf mne pyriemann mne-lsl adelie skglm numba torch".split()
)
KEPT = re.compile(r"^<!-- figures (.*) -->$", re.MULTILINE)


class Found(NamedTuple):
    """What one part found: its rows, how long it took, and why there are none."""

    rows: list[dict]
    seconds: float
    why: str = ""


def measured(part: str, data: Path | None, peers: Sequence[str]) -> Found:
    """Run one part in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.bench", "--measure", part]
    command += ["--peers-python", *peers]
    command += [] if data is None else ["--data", str(data)]
    began = time.perf_counter()
    try:
        ended = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=True, timeout=LONGEST_S
        )
    except subprocess.TimeoutExpired:
        return Found([], LONGEST_S, "it took more than five minutes")
    except subprocess.CalledProcessError as error:
        return Found([], time.perf_counter() - began, f"it ended with code {error.returncode}")
    rows = [json.loads(line) for line in ended.stdout.splitlines()]
    return Found(rows, time.perf_counter() - began)


def table(found: Found) -> list[str]:
    """Return the table of a part."""
    if found.why:
        return [f"Not measured: {found.why}.", ""]
    rows = [
        "| what | unit | bci-online | beside | ours / beside | bar |",
        "|---|---|---|---|---|---|",
    ]
    for row in found.rows:
        beside = "; ".join(f"{name} {value:.3g}" for name, value in row["beside"].items())
        ratios = "; ".join(f"{row['ours'] / value:.2f}" for value in row["beside"].values())
        rows.append(
            f"| {row['what']} | {row['unit']} | {row['ours']:.3g} | {beside} | {ratios} "
            f"| {row['bar']} |"
        )
    return [*rows, ""]


def slower(now: dict[str, float], before: dict[str, float]) -> float:
    """Return how many times as long others take as in the last table: how slow the computer is."""
    ratios = [
        value / before[name]
        for name, value in now.items()
        if BESIDE in name and "(MB)" not in name and before.get(name)
    ]
    return statistics.median(ratios) if ratios else 1.0


def worse(now: dict[str, float], before: dict[str, float]) -> list[str]:
    """Return a line for each figure of ours that is worse than in the last table by over a fifth.

    Where the computer is slower, as others' figures show, that much is no fault of ours.
    """
    computer = max(1.0, slower(now, before))
    found = [
        f"* {name}: {before[name]:.3g} → {value:.3g}"
        for name, value in now.items()
        if BESIDE not in name and name in before
        if value > WORSE * before[name] * (1.0 if "(MB)" in name else computer)
    ]
    if computer > WORSE:
        said = f"The others take {computer:.2f} × as long as in the last table: a slower computer."
        return [said, "", *found]
    return found


def not_met(parts: dict[str, list[dict]]) -> list[str]:
    """Return the section of bars that are not met: where the time goes, and what the floor is."""
    lines = ["## Where a bar is not met", ""]
    for part, rows in parts.items():
        for row in rows:
            if row["most"] is None or row["ours"] <= row["most"]:
                continue
            name = f"{PARTS[part].title}: {row['what']} ({row['unit']})"
            why = bench_limits.WHY.get((part, row["what"], row["unit"]), "Not looked into.")
            lines += [f"* **{name}**: {row['ours']:.3g}, at most {row['most']:.3g}. {why}"]
    return [*lines, ""]


def page(parts: dict[str, Found], output: Path, load: float, peers: Sequence[str] = ()) -> str:
    """Return the page."""
    last = KEPT.search(output.read_text(encoding="utf-8")) if output.is_file() else None
    before = json.loads(last[1]) if last else {}
    figures = {
        f"{part}: {row['what']} ({row['unit']})": row["ours"]
        for part, found in parts.items()
        for row in found.rows
    }
    figures |= {
        f"{part}: {row['what']} ({row['unit']}){BESIDE}{name}": value
        for part, found in parts.items()
        for row in found.rows
        for name, value in row["beside"].items()
    }
    regressions = worse(figures, before)
    lines = [
        "# Speed, in one run",
        "",
        *__doc__.splitlines()[4:],
        "",
        f"Made by `make bench` (`python -m benchmarks.bench`) on {date.today()}, {_machine()}, "
        f"load average before it {load:.1f}. {_versions(peers)}",
        "",
        "## Worse than in the last table",
        "",
        *(regressions or [f"{'Nothing' if before else 'There was no last table'}."]),
        "",
    ]
    for part, found in parts.items():
        lines += [f"## {PARTS[part].title}", "", f"{PARTS[part].text} ({found.seconds:.0f} s.)", ""]
        lines += table(found)
        if part == "growth" and found.rows:
            picture = output.with_name(f"{output.stem}-growth.png")
            bench_growth.draw(found.rows, picture)
            lines += [
                f"![Seconds and memory against channels, rate and length]({picture.name})",
                "",
            ]
    lines += not_met({part: found.rows for part, found in parts.items()})
    kept = json.dumps(before | figures, ensure_ascii=False)
    return "\n".join([*lines, f"<!-- figures {kept} -->", ""])


def _machine() -> str:
    cpus = Path("/proc/cpuinfo")
    text = cpus.read_text(encoding="utf-8") if cpus.is_file() else ""
    names = re.findall(r"^model name\s*: (.*)$", text, re.MULTILINE)
    return (
        f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, {platform.system()}"
    )


INSTALLED = """
import importlib.metadata, json
found = {one.name: one.version for one in importlib.metadata.distributions()}
print(json.dumps({name.lower().replace("_", "-"): version for name, version in found.items()}))
"""


def _versions(peers: Sequence[str]) -> str:
    installed: dict[str, str] = {}
    for python in (sys.executable, *peers):
        said = subprocess.check_output([python, "-c", INSTALLED], text=True)
        installed = json.loads(said) | installed
    found = [f"{name} {installed[name]}" for name in LIBRARIES if name in installed]
    missing = [name for name in LIBRARIES if name not in installed]
    absent = f" Not installed, so not beside: {', '.join(missing)}." if missing else ""
    return f"Python {platform.python_version()}, {', '.join(found)}.{absent}"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--data", type=Path, help="folder of p300_wadsworth: trains on its runs")
    parser.add_argument(
        "--peers-python", nargs="*", default=[], metavar="PYTHON", help="with adelie, with mne-lsl"
    )
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "benchmarks.md")
    parser.add_argument("--measure", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        for row in PARTS[options.measure].measure(options.data, options.peers_python):
            print(json.dumps(row._asdict()), flush=True)
        return
    load = os.getloadavg()[0]
    parts = {}
    for part in options.parts:
        parts[part] = measured(part, options.data, options.peers_python)
        print("\n".join(table(parts[part])), flush=True)
    text = page(parts, options.output, load, options.peers_python)
    options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
