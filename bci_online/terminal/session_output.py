"""A session in the terminal that started it: a picture, lines, or JSON."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Self

from rich.console import Console
from rich.live import Live as LiveDisplay
from rich.status import Status as RichStatus

from bci_online.acquisition.lsl import CONFIG_VARIABLE
from bci_online.console import json_line, plain
from bci_online.markers import TrialEnd
from bci_online.messages import DecisionLine, Reconsidered, Status
from bci_online.notes import (
    ElectrodesAccepted,
    NotCorrected,
    Pause,
    Resume,
    ScreenHidden,
    ScreenSeen,
)
from bci_online.session.conductor import Observe, SessionPlan
from bci_online.session.electrodes import JudgeElectrodes
from bci_online.session_lines import EngineReady, SessionMessage
from bci_online.session_state import SessionState
from bci_online.terminal.electrode_page import ElectrodePage
from bci_online.terminal.session_view import SessionView

__all__ = ["SessionOutput"]


class SessionOutput:
    """Shows sessions to a person or a program.

    Parameters
    ----------
    headless : bool
        Lines, and no picture.
    as_json : bool
        Lines of JSON.
    accept_quality : str
        As the reason of `ElectrodePage`.

    See Also
    --------
    bci_online.terminal.session_view.SessionView : The picture of a session.
    bci_online.session.conductor.conduct : Runs the session.

    Examples
    --------
    >>> SessionOutput(headless=True, as_json=False).say("calibration")
    calibration
    """

    def __init__(self, *, headless: bool, as_json: bool, accept_quality: str = "") -> None:
        self._as_json = as_json
        self._unattended, self._reason = headless and as_json, accept_quality
        self._live: LiveDisplay | None = None
        self._draws = not headless and not as_json and sys.stdout.isatty()
        self._console = Console(highlight=False)

    @contextmanager
    def session(self, title: str, plan: SessionPlan) -> Iterator[Observe]:
        """Show a session while it runs."""
        self.say(title)
        if self._as_json:
            self._begin(plan)
        self._unattended = self._unattended or plan.simulate
        if not self._draws or plan.config.paradigm == "motor_imagery":
            with _Lines(plan.mode, self._as_json, self._console) as lines:
                yield lines
            return
        rows = [tuple(row) for row in plan.config.layout.rows]
        letters = [symbol for word in plan.words for symbol in plan.config.layout.spelled(word)]
        words = [letters[plan.done :]] if letters else []
        attempts = plan.config.presentation.attempts
        view = SessionView(title, rows, words, attempts=attempts)
        with _Picture(view, console=self._console, screen=True, refresh_per_second=12) as live:
            self._live = live
            yield view.observe
        self._live = None

    def _begin(self, plan: SessionPlan) -> None:
        """Write for a program what the session is, and how its streams are found."""
        row = {
            "type": "session",
            "session": plan.name,
            "mode": plan.mode,
            "paradigm": plan.config.paradigm,
            "recording": str(plan.folder.recording),
            "trials": plan.n_trials,
            "planned_s": plan.planned_s,
            # A simulated session is seen by programs with the same configuration of LSL alone.
            "lsl_config": os.environ.get(CONFIG_VARIABLE, ""),
        }
        sys.stdout.write(json_line(row))
        sys.stdout.flush()

    def accept(self, judge: JudgeElectrodes) -> ElectrodesAccepted:
        """Show how the electrodes are, and ask whether the session may begin so."""
        page = ElectrodePage(self._console, unattended=self._unattended, reason=self._reason)
        if self._live is None:
            accepted = page.accept(judge)
            if not accepted.faults:
                self.say(accepted.words)
            return accepted
        # The question is asked on the plain terminal, beneath the picture.
        self._live.stop()
        try:
            return page.accept(judge)
        finally:
            self._live.start(refresh=True)

    def summary(self, row: Mapping[str, Any], *lines: str) -> None:
        """Show the session's results: a `row` for a program, `lines` for a person."""
        if self._as_json:
            sys.stdout.write(json_line(row))
        for line in lines:
            self.say(line)

    def note(self, text: str) -> None:
        """Print a note on standard error."""
        sys.stderr.write(f"note: {plain(text)}\n")

    def say(self, text: str) -> None:
        """Print the next step."""
        if not self._as_json:
            self._console.print(text, markup=False, soft_wrap=True)


class _Picture(LiveDisplay):
    """A picture whose terminal may go away: what ended the session then still counts."""

    def refresh(self) -> None:
        with suppress(OSError):
            super().refresh()

    def stop(self) -> None:
        with suppress(OSError):
            super().stop()


class _Lines:
    """A session as lines: JSON for a program, words for a log, which has no free text."""

    def __init__(self, mode: str, as_json: bool, console: Console) -> None:
        self._as_json, self._console = as_json, console
        self._closing: RichStatus | None = None
        # The mode is given: free text must not be written before the screen has named the mode.
        self._state = SessionState(mode=mode)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._closing is not None:
            # The terminal may be gone.
            with suppress(OSError):
                self._closing.stop()

    def _count_down(self, status: Status) -> None:
        """Count down in one line of a terminal; elsewhere only the first line is written."""
        if self._closing is not None:
            self._closing.update(plain(status.text))
            return
        self._closing = self._console.status(plain(status.text))
        if self._as_json or not self._console.is_terminal:
            self._write(status, status.text)
        else:
            self._closing.start()

    def __call__(self, message: SessionMessage) -> None:
        """Write what is worth a line."""
        is_first = self._state.engine is None
        # No time is shown here, so none is given.
        self._state.observe(message, 0.0)
        cue, symbol = self._state.cue, self._state.symbol
        match message:
            case DecisionLine() if cue:
                decided = message.value or "nothing"
                seconds = "" if message.elapsed is None else f" after {message.elapsed:.1f} s"
                self._write(message, f"asked for {cue}, decided {decided}{seconds}")
            case TrialEnd() if self._state.is_calibration:
                row = {"type": "trial", "calibration": True, "trial": self._state.trial}
                if cue:
                    self._write(row | {"cue": cue}, f"imagined {cue}")
                else:
                    self._write(row | {"symbol": symbol}, f"copied {symbol}")
            case DecisionLine():
                is_free = self._state.mode == "free"
                value = "a symbol" if message.value and is_free else message.value
                what = "nothing: nobody looked," if message.is_empty else value or "nothing"
                self._write(message, f"spelled {what} after {message.repetitions} repetitions")
            case Reconsidered(value=value) if value is None or self._as_json:
                self._write(message, "taken back after its feedback")
            case EngineReady(findings=findings) if is_first:
                for text in findings:
                    self._write(Status("warning", text), f"warning: {text}")
            case ScreenHidden() | ScreenSeen():
                self._write({"type": "note", "text": message.words}, message.words)
            case NotCorrected():
                self._write({"type": "note", "text": message.words}, f"warning: {message.words}")
            case Pause() | Resume():
                how = "; Space or the panel resumes it" if isinstance(message, Pause) else ""
                self._write({"type": "note", "text": message.words}, f"{message.words}{how}")
            case Status(kind="closing"):
                self._count_down(message)
            case Status(level, text) if level != "info" or self._as_json:
                self._write(message, f"{level}: {text}")

    def _write(self, row: object, text: str) -> None:
        line = json_line(row) if self._as_json else plain(text) + "\n"
        sys.stdout.write(line)
        sys.stdout.flush()
