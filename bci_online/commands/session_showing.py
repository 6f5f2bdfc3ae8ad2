"""How a session looks to whoever started it: a picture in a terminal, lines, or JSON."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.live import Live as LiveDisplay

from bci_online.commands.session_view import SessionView
from bci_online.console import json_line, plain
from bci_online.markers import TrialEnd, TrialStart
from bci_online.messages import DecisionLine, Status
from bci_online.runtime.conductor import Observe, SessionPlan
from bci_online.runtime.listening import Heard

__all__ = ["SessionShowing"]


class SessionShowing:
    """Where a person, or a program, follows sessions.

    Parameters
    ----------
    headless : bool
        Lines, and no picture.
    as_json : bool
        Lines of JSON.
    """

    def __init__(self, *, headless: bool, as_json: bool) -> None:
        self._as_json = as_json
        self._draws = not headless and not as_json and sys.stdout.isatty()
        self._console = Console(highlight=False)

    @contextmanager
    def session(self, title: str, plan: SessionPlan) -> Iterator[Observe]:
        """Show a session while it runs."""
        self.say(title)
        if not self._draws:
            yield _Lines(plan.mode == "calibration", self._as_json)
            return
        rows = [tuple(row) for row in plan.config.layout.rows]
        view = SessionView(title, rows, plan.words)
        with LiveDisplay(view, console=self._console, screen=True, refresh_per_second=12):
            yield view.observe

    def summary(self, summary: dict[str, Any], *lines: str) -> None:
        """Show what came of it: a row for a program, `lines` for a person."""
        if self._as_json:
            sys.stdout.write(json_line(summary))
        for line in lines:
            self.say(line)

    def note(self, text: str) -> None:
        """Say what the person should think about."""
        sys.stderr.write(f"note: {plain(text)}\n")

    def say(self, text: str) -> None:
        """Say what comes next."""
        if not self._as_json:
            self._console.print(text, markup=False, soft_wrap=True)


class _Lines:
    """A session as lines: JSON for a program, words for a log."""

    def __init__(self, calibrates: bool, as_json: bool) -> None:
        self._calibrates, self._as_json = calibrates, as_json
        self._trial = TrialStart()

    def __call__(self, heard: Heard) -> None:
        """Write what is worth a line."""
        match heard:
            case TrialStart():
                self._trial = heard
            case TrialEnd() if self._calibrates:
                row = {"type": "trial", "calibration": True, "trial": self._trial.number}
                self._write(row | {"symbol": self._trial.symbol}, f"copied {self._trial.symbol}")
            case DecisionLine():
                text = f"spelled {heard.value or 'nothing'} after {heard.repetitions} repetitions"
                self._write(heard, text)
            case Status(level, text) if level != "info" or self._as_json:
                self._write(heard, f"{level}: {text}")

    def _write(self, row: object, text: str) -> None:
        line = json_line(row) if self._as_json else plain(text) + "\n"
        sys.stdout.write(line)
        sys.stdout.flush()
