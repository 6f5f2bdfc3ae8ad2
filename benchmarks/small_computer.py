"""Whether a small computer is enough: a session on a quarter of a core, and eight engines on two.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.small_computer [--minutes 30] [--page-only]

A session copies letters from a simulated subject of 8 channels at 250 Hz: screen, engine, recorder.
Engine and screen together may use a quarter of a core in each tenth of a second, from their start
on; who has used it is stopped until the next tenth begins (`benchmarks/quota.py`), as `cpu.max` of
Linux does. *Share* is what the two used of that quarter while the session recorded. Memory is what
each has in RAM; *together* counts a page that both have once. Decisions are late when they are
older than `live.max_data_age`.

Eight engines run at once on two cores, each with a session and an amplifier (8 channels, 250 Hz) of
its own, and all on one LSL network, as in `benchmarks/latency.py`. The processes that push run on
the same cores. *Strange* are trials that another session began.

Where it goes.
A frame takes the screen 0.2 ms where nothing changes on it and so nothing is prepared, painted or
sent: Python and Qt after 16 ms of sleep, with cold caches. 0.05 ms is the end of the wait for the
frame, 0.03 asking two streams whether a line has come, 0.02 the presentation's step. Flashes that
are painted and what is sent are 0.09 ms more in the mean. The engine takes its share for readings,
at most five a second without an answer to wait for, and for each flash.
Of the time of eight engines at 99 % no part is the collection of garbage: in 40 s an engine has
four, of at most 0.2 ms. A shorter slice from the scheduler (0.1 ms for 1.4) does not help. Beside
other programs the ones that push come late themselves, as the last column says.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

import psutil

from benchmarks.quota import Quota, cpu_s

ROOT = Path(__file__).resolve().parent.parent
QUARTER, N_ENGINES = 0.25, 8
RESULTS = ROOT / "benchmarks" / "results" / "small-computer.jsonl"
BARS = "Bars: 15 % of the quarter, 200 MB for both, no late decision, nothing lost; 5 ms at 99 %."
CHANNELS = ("Fz", "Cz", "P3", "Pz", "P4", "PO7", "Oz", "PO8")
SLOW = f"""\
[presentation]
flash_ms = 100.0
gap_ms = 75.0
repetitions = 5
words = ["BRAINWAVES"]
[stopping]
max_repetitions = 5
[simulation]
sfreq = 250.0
ch_names = {json.dumps(CHANNELS)}
p300_uv = 20.0
blinks_per_min = 0.0
"""


def session(folder: Path, minutes: float) -> dict[str, float]:
    """Run a session whose engine and screen have a quarter of a core; return what it took."""
    from benchmarks.faults.recorded import kept_summary
    from benchmarks.faults.stage import RECORDING, Stage

    with Stage(folder) as stage, Quota(QUARTER) as quota:
        stage.speller.write_text(SLOW, encoding="utf-8")
        asked = stage.arguments("spell", folder / "session", "BRAINWAVES" * round(2 * minutes + 1))
        asked.remove("--headless")
        program = stage.start(*asked)
        parts = {}
        until = time.monotonic() + 240.0
        while not ({"engine", "screen"} <= parts.keys() and program.said(RECORDING)):
            if program.code is not None or time.monotonic() > until:
                raise SystemExit(f"the session did not begin: {program.text[-300:]}")
            parts = {n: p for n, p in program.parts().items() if n in {"engine", "screen"}}
            for part in parts.values():
                quota.add(part)
            time.sleep(0.02)
        used = {name: cpu_s(part) for name, part in parts.items()}
        stops, began, most = quota.n_stops, time.monotonic(), dict[str, float]()
        while program.code is None and time.monotonic() - began < 60 * minutes:
            time.sleep(1.0)
            for name, megabytes in _memory(parts).items():
                most[name] = max(most.get(name, 0.0), megabytes)
        seconds = time.monotonic() - began
        found = {f"{n}_share": (cpu_s(p) - used[n]) / seconds / QUARTER for n, p in parts.items()}
        found |= {f"{name}_mb": megabytes for name, megabytes in most.items()}
        found |= {"minutes": seconds / 60, "stops": quota.n_stops - stops}
        # Else the end, which writes and closes everything, would take a minute.
        quota.__exit__()
        program.interrupt()
        program.ended(60.0)
        summary = kept_summary(folder / "session")
    return found | _counted(summary)


def _memory(parts: dict[str, psutil.Process]) -> dict[str, float]:
    found, shared = {}, 0.0
    with suppress(psutil.Error):
        for name, part in parts.items():
            memory = part.memory_full_info()
            found[name], shared = memory.rss / 2**20, shared + memory.pss / 2**20
        found["both"], found["together"] = sum(found.values()), shared
    return found


def _counted(summary: dict) -> dict[str, float]:
    screen, engine = summary["screen"], summary["engine"]
    return {
        "flashes": screen["flashes"], "late_flashes": screen["late_flashes"],
        "late_decisions": engine["late"], "lost": engine["lost_samples"],
        "epochs": engine["epochs"], "letters": engine["presented"],
        "age_p99_ms": (engine["latency_ms"] or {}).get("p99", float("nan")),
    }  # fmt: skip


def engines(seconds: float) -> list[dict[str, float]]:
    """Run eight engines at once on two cores; return what each of them found."""
    from bci_online.acquisition.lsl import CONFIG_VARIABLE, loopback_config

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    with tempfile.TemporaryDirectory() as folder:
        shared = str(loopback_config(Path(folder), f"small-{os.getpid()}"))
        command = [sys.executable, "-m", "benchmarks.latency", "--seconds"]
        command += [str(seconds), "--measure", "bci-online", "8x250", "--session"]
        running = [
            subprocess.Popen(
                [*command, f"small-{number}"], stdout=subprocess.PIPE, text=True,
                env=os.environ | {CONFIG_VARIABLE: shared},
            )
            for number in range(1, N_ENGINES + 1)
        ]  # fmt: skip
        said = [process.communicate()[0].splitlines() for process in running]
    if not all(said):
        raise SystemExit(
            f"{said.count([])} of {N_ENGINES} engines found nothing; what they said is above"
        )
    return [json.loads(lines[-1]) for lines in said]


def made_with() -> dict[str, str]:
    """Return what the figures depend on."""
    git = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    code = subprocess.run(git, stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    return {
        "command": " ".join(["python -m benchmarks.small_computer", *sys.argv[1:]]),
        "code": code, "date": str(date.today()), "load": f"{os.getloadavg()[0]:.1f}",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
    }  # fmt: skip


def page(one: dict[str, float], eight: list[dict[str, float]], made: dict[str, str]) -> str:
    """Return the page."""
    shares = f"{100 * one['engine_share']:.1f} + {100 * one['screen_share']:.1f}"
    lines = [
        "# A small computer", "", *__doc__.splitlines()[4:], "", BARS, "",
        f"Made by `{made['command']}` on {made['date']}, {made['machine']}, Python "
        f"{made['python']}, code {made['code']}, load average at its end {made['load']}; "
        f"`--page-only` makes it anew from `benchmarks/results/{RESULTS.name}`. On a computer that "
        "is busy with other programs, only shares, memory and losses mean something.",
        "", f"## A quarter of a core, {one['minutes']:.0f} minutes", "",
        "| what | engine + screen |", "|---|---|",
        f"| share of the quarter, % | {shares} |",
        f"| memory, MB | {one['engine_mb']:.0f} + {one['screen_mb']:.0f}; "
        f"together {one['together_mb']:.0f} |",
        f"| tenths of a second in which they were stopped | {one['stops']:.0f} |",
        f"| late decisions | {one['late_decisions']:.0f} of {one['letters']:.0f} |",
        f"| late flashes | {one['late_flashes']:.0f} of {one['flashes']:.0f} |",
        f"| lost samples | {one['lost']:.0f} |",
        f"| age of the newest sample at its score, 99 %, ms | {one['age_p99_ms']:.1f} |",
        "", f"## {len(eight)} engines on two cores", "",
        "| engine | median ms | 99 % ms | CPU, % of a core | lost | strange | pushed late, ms |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for number, found in enumerate(eight, 1):
        lines.append(
            f"| {number} | {found['p50_ms']:.2f} | {found['p99_ms']:.2f} | "
            f"{100 * found['cpu']:.1f} | {found['lost']} of {found['epochs']} | "
            f"{found['strange']} | {found['late_ms']:.2f} |"
        )
    return "\n".join([*lines, ""])


def main() -> None:
    """Measure both, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30.0, help="of the session")
    parser.add_argument("--seconds", type=float, default=60.0, help="of flashes for each engine")
    parser.add_argument("--page-only", action="store_true", help="from the results that are kept")
    options = parser.parse_args()
    if not options.page_only:
        with tempfile.TemporaryDirectory() as folder:
            one = session(Path(folder), options.minutes)
        print(json.dumps(one), flush=True)
        rows = [made_with(), one, *engines(options.seconds)]
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    kept = [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    text = page(kept[1], kept[2:], kept[0])
    print(text)
    (ROOT / "docs" / "benchmark-small-computer.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
