"""What the lab's window costs: to start, while nothing happens, and while somebody uses it.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.lab [--sessions 40] [--seconds 30] [--starts 5]

A folder gets as many sessions as asked for, copies of those in ``tests/released``. *Start* is the
time from the start of Python to a window that shows the folder and answers; *of it CPU* is what the
process computed until then, which other programs do not lengthen. *Idle* is the share of one core
that the whole process then takes, with nothing running. *Longest wait* is the longest time for
which the window answered nothing: a timer asks every 5 ms, while each card is opened, and while
settings are opened, searched, left and opened again.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BEAT_MS = 5
SETTLED_S = 4.0
CARDS = ("amplifier", "electrodes", "calibrate", "decoder", "use", "afterwards")


def main() -> None:
    """Start the window several times, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        folder, began, seconds = asked.child
        measure(Path(folder), float(began), float(seconds))
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, n_sessions in (("empty", 0), ("full", asked.sessions)):
            lab = Path(folder) / name
            fill(lab, n_sessions)
            found = [run(lab, asked.seconds if last else 0.0) for last in last_of(asked.starts)]
            starts = [one["start_s"] for one in found]
            cpu = statistics.median(one["start_cpu_s"] for one in found)
            waits = ", ".join(f"{ms:.0f} ms {what}" for what, ms in found[-1]["waits_ms"].items())
            print(
                f"{n_sessions} sessions: start {statistics.median(starts):.2f} s "
                f"(at most {max(starts):.2f}, of it CPU {cpu:.2f}), "
                f"idle {100 * found[-1]['idle']:.2f} % of a core; longest wait: {waits}"
            )


def last_of(n: int) -> list[bool]:
    """Return which of `n` runs is the last one."""
    return [place == n - 1 for place in range(n)]


def fill(lab: Path, n_sessions: int) -> None:
    """Make a lab with a configuration and copies of a session."""
    lab.mkdir()
    if not n_sessions:
        return
    shutil.copy(ROOT / "configs" / "p300_speller.toml", lab / "speller.toml")
    kept = sorted(path.parent for path in (ROOT / "tests/released").rglob("summary.json"))
    for n in range(n_sessions):
        shutil.copytree(
            kept[n % len(kept)], lab / f"sub-{n % 10:02d}" / f"ses-{n:02d}" / "spell-01"
        )


def run(lab: Path, seconds: float) -> dict[str, Any]:
    """Start the window in a process of its own, and return what it measured."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.lab",
        "--child",
        str(lab),
        str(time.time()),
        str(seconds),
    ]
    done = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, env=os.environ)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(folder: Path, began: float, seconds: float) -> None:
    """Show the window as the command does, and print a line of JSON."""
    # As the command line loads it.
    from bci_online import __main__  # noqa: F401 - it is loaded, not used
    from bci_online.commands.lab import lab as lab_command
    from bci_online.gui.lab.window import LabWindow

    found: dict[str, Any] = {}
    as_before = LabWindow.refresh

    def refresh(window: LabWindow) -> None:
        as_before(window)
        if window._has_looked and "start_s" not in found:
            window.repaint()
            found["start_s"], found["start_cpu_s"] = time.time() - began, used_s()
            follow(window, seconds, found)

    LabWindow.refresh = refresh  # type: ignore[method-assign]  # to see when it is shown
    lab_command(folder)
    print(json.dumps(found))


def follow(window: Any, seconds: float, found: dict[str, Any]) -> None:
    """Measure what the window takes while nothing happens, then use it, then close it."""
    from PySide6.QtCore import QTimer

    if not seconds:
        QTimer.singleShot(0, window.close)
        return

    def idle_begins() -> None:
        before, at = used_s(), time.monotonic()

        def idle_ends() -> None:
            found["idle"] = (used_s() - before) / (time.monotonic() - at)
            use(window, found)

        QTimer.singleShot(round(1000 * seconds), idle_ends)

    QTimer.singleShot(round(1000 * SETTLED_S), idle_begins)


def used_s() -> float:
    """Return the processor time of the process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def use(window: Any, found: dict[str, Any]) -> None:
    """Do what a person does, and find the longest time without an answer."""
    from PySide6.QtCore import QTimer

    waits: dict[str, float] = {}
    found["waits_ms"] = waits
    now = {"doing": "", "beat": time.monotonic()}
    timer = QTimer(window)

    def beat() -> None:
        moment = time.monotonic()
        waited = 1000 * (moment - now["beat"]) - BEAT_MS
        now["beat"] = moment
        if now["doing"]:
            waits[now["doing"]] = max(waits.get(now["doing"], 0.0), waited)

    timer.timeout.connect(beat)
    timer.start(BEAT_MS)
    steps: list[tuple[str, Callable[[], Any]]] = []
    for card in CARDS:
        steps.append(("opening a card", lambda card=card: window.steps.choose(card)))
    if window.bar.chosen_configuration is not None:
        steps += [
            ("opening the settings", window.open_settings),
            ("searching in them", lambda: window.settings.form.search.setText("e")),
            ("leaving them", window._leave_settings),
            ("opening them again", window.open_settings),
        ]

    def next_step() -> None:
        if not steps:
            window.close()
            return
        now["doing"], act = steps.pop(0)
        act()
        QTimer.singleShot(1500, next_step)

    next_step()


if __name__ == "__main__":
    main()
