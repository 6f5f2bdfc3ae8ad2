"""Whether panel and screen grow in an hour of stream time, shown many times faster.

    QT_QPA_PLATFORM=offscreen python -m benchmarks.windows_hour [--hours 1] [--page-only]

The panel gets what a session sends: 16 channels at 250 Hz, letters with all their markers, evidence
and decisions, frames of the screen, lines of the conductor. The screen shows letters at 60 frames a
second and paints each frame that changes; the presentation hears a decision after each letter. Both
are the windows themselves, each in a process of its own, and get the time with what they are fed.
Memory counts from the first minute on, after Python has collected what nobody holds.
"""

import argparse
import gc
import json
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))
RESULTS = ROOT / "benchmarks" / "results" / "windows-hour.jsonl"
WARM_S, LOOK_S, MOST_GROWTH_MB = 60.0, 600.0, 5.0
LETTERS = "BRAINWAVES"


def panel() -> Iterator[float]:
    """Show letters in the panel; yield the stream's seconds after each."""
    import panel_fed

    fed = panel_fed.Fed()
    fed.panel.resize(1280, 720)
    fed.panel.show()
    fed.eeg(3.0)
    fed.begin("copy")
    number = 0
    while True:
        truth = LETTERS[number % len(LETTERS)]
        number += 1
        fed.letter(number, truth)
        fed.decide(number, truth, truth)
        fed.session.sent.clear()
        fed.eeg(0.8)
        fed.tick()
        yield fed.now - panel_fed.BEGIN


def screen() -> Iterator[float]:
    """Show letters on the subject's screen; yield the stream's seconds after each."""
    from PySide6.QtCore import QSize
    from PySide6.QtGui import QImage, QPainter

    from bci_online.config import Config, ScreenSpec
    from bci_online.gui.subject.screen import SessionFrames
    from bci_online.gui.subject.speller_painter import SpellerPainter
    from bci_online.gui.subject.texts import read_texts

    config = Config(screen=ScreenSpec(photodiode="bottom-right"))
    stage = Copying(config)
    frames = SessionFrames(stage, SpellerPainter(config.layout, config.screen, read_texts("en")))
    size, now, trial = QSize(800, 600), 0.0, 0
    picture = QImage(size, QImage.Format.Format_RGB32)
    while not frames.done:
        region = frames.prepare(now, size, 1.0)
        if not region.isEmpty():
            with QPainter(picture) as painter:
                frames.paint(painter, region)
        frames.shown(now, late=False)
        now += 1 / 60
        if stage.trial != trial:
            trial = stage.trial
            yield now


class Copying:
    """A speller that copies a long text, and hears the right decision after each letter."""

    def __init__(self, config: Any) -> None:
        from bci_online.messages import Command
        from bci_online.paradigms.p300.presentation import P300Presentation

        words = config.layout.words(" ".join([LETTERS] * 40))
        self._presentation = P300Presentation(config, "copy", words)
        self._said: list[Any] = [Command("start")]
        self.trial, self._answered, self.finished = 0, 0, False

    def step(self, now: float) -> object:
        """Make a frame."""
        from bci_online.messages import Decision

        picture, _ = self._presentation.step(now, self._said)
        self._said, self.trial = [], picture.trial or self.trial
        if picture.state == "deciding" and self._answered != self.trial:
            self._answered = self.trial
            self._said = [Decision(value="B", trial=self.trial, confidence=0.97, time=now)]
        self.finished = picture.state == "ended"
        return picture

    def shown(self, stamp: float, *, late: bool = False) -> None:
        """Give the frame its time."""
        self._presentation.shown(stamp)

    def command(self, name: str) -> None:
        """Take a key: there is none."""


def grown(window: str, hours: float) -> None:
    """Show one window for so long; each line says what it takes."""
    from PySide6.QtWidgets import QApplication

    application = QApplication(sys.argv[:1])
    process, said, warm_mb = psutil.Process(), 0.0, 0.0
    for n, seconds in enumerate({"panel": panel, "screen": screen}[window](), 1):
        application.sendPostedEvents()
        application.processEvents()
        if seconds < max(said, WARM_S):
            continue
        gc.collect()
        used = process.memory_info().rss / 2**20
        warm_mb, said = warm_mb or used, (said or WARM_S) + LOOK_S
        found = {"seconds": seconds, "mb": used, "grew": used - warm_mb, "letters": n}
        print(json.dumps(found | {"cpu_s": time.process_time()}), flush=True)
        if seconds > 3600 * hours:
            break
    # Windows that outlive their application end the process with a fault.
    sys.stdout.flush()
    import os

    os._exit(0)


def measured(window: str, hours: float) -> dict:
    """Show one window in a process of its own; return what it came to."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.windows_hour",
        "--hours",
        str(hours),
        "--window",
        window,
    ]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    looks = [json.loads(line) for line in ended.stdout.splitlines()]
    git = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    code = subprocess.run(git, stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    return {
        "window": window, "minutes": round(looks[-1]["seconds"] / 60),
        "letters": looks[-1]["letters"], "mb": round(looks[-1]["mb"]),
        "grew": round(looks[-1]["grew"], 1), "most": round(max(one["grew"] for one in looks), 1),
        "code": code, "date": str(date.today()),
    }  # fmt: skip


def page(found: list[dict]) -> str:
    """Return the page."""
    made = (
        f"Made by `python -m benchmarks.windows_hour` on {platform.machine()}, "
        f"Python {platform.python_version()}; `--page-only` makes it anew from "
        f"`benchmarks/results/{RESULTS.name}`. "
        f"Bar: {MOST_GROWTH_MB:g} MB more or less than after the first minute."
    )
    keys = "window minutes letters mb grew most code date".split()
    titles = (
        "window",
        "minutes",
        "letters",
        "MB at the end",
        "grew by MB",
        "at most",
        "code",
        "date",
    )
    rows = [f"| {' | '.join(str(row[key]) for key in keys)} |" for row in found]
    head = ["# An hour of panel and screen", "", *__doc__.splitlines()[4:], "", made, ""]
    table = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|", *rows, ""]
    return "\n".join([*head, *table])


def main() -> None:
    """Show both, keep what they came to, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--page-only", action="store_true", help="from the results that are kept")
    parser.add_argument("--window", choices=["panel", "screen"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.window:
        grown(options.window, options.hours)
        return
    if not options.page_only:
        found = [measured(window, options.hours) for window in ("panel", "screen")]
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text("".join(json.dumps(row) + "\n" for row in found), encoding="utf-8")
    kept = [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    text = page(kept)
    print(text)
    (ROOT / "docs" / "benchmark-windows-hour.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
