"""What no one says: that somebody has fallen silent, and how the screen's frames come."""

from collections import deque

import numpy as np

from bci_online.gui.panel.session_figures import SessionFigures

__all__ = ["FrameFigures", "Watchdog"]

SILENT_S = 2.0
# A response takes up to a second, and the engine answers once it has all of it.
UNANSWERED_S = 4.0
N_FRAMES = 1800


class FrameFigures:
    """The intervals between the screen's frames, as the screen tells them.

    Attributes
    ----------
    n : int
        How many frames were told.
    n_late : int
        Intervals of more than one and a half of the usual.
    """

    def __init__(self) -> None:
        self.n = self.n_late = 0
        self._intervals: deque[float] = deque(maxlen=N_FRAMES)
        self._usual = np.inf

    def push(self, interval_ms: float) -> None:
        """Take one."""
        self._intervals.append(interval_ms)
        self.n += 1
        if self.n % 60 == 0:
            self._usual = float(np.median(self._intervals))
        self.n_late += interval_ms > 1.5 * self._usual

    def figures(self) -> tuple[float, float] | None:
        """Return median and 99th percentile of the last intervals, in ms; None before any."""
        if not self._intervals:
            return None
        usual, high = np.percentile(self._intervals, (50, 99))
        return float(usual), float(high)


class Watchdog:
    """Looks at a session again and again, and raises an alarm once for each silence.

    Parameters
    ----------
    figures : SessionFigures
        Which gets the alarms.
    """

    def __init__(self, figures: SessionFigures) -> None:
        self._figures = figures
        self._silent: set[str] = set()
        self._answered = (0, 0.0)

    def look(self, now: float, missing: tuple[str, ...], sample_age: float | None) -> None:
        """Notice who is silent.

        Parameters
        ----------
        now : float
            The panel's clock.
        missing : tuple of str
            Streams of the session that are not there.
        sample_age : float or None
            Seconds since a sample reached the panel; None where none ever did.
        """
        figures = self._figures
        if figures.state == "ended":
            return
        heard = figures.engine_heard
        silent = heard is not None and now - heard > SILENT_S
        self._mind(silent, "the engine", f"nothing is heard of the engine for {SILENT_S:g} s", now)
        quiet = sample_age is not None and sample_age > SILENT_S
        self._mind(quiet, "EEG", f"no sample reaches this panel for {SILENT_S:g} s", now)
        for kind in ("markers", "decisions", "journal"):
            gone = kind in missing and figures.began is not None
            self._mind(gone, kind, f"the session's stream of {kind} is gone", now)
        self._mind(self._is_unanswered(now), "answers", self._unanswered(), now)
        if figures.began is not None and figures.state in {"running", "paused", "lost"}:
            self._judge()

    def _mind(self, is_silent: bool, who: str, text: str, now: float) -> None:
        if is_silent and who not in self._silent:
            self._figures.alarms.add("alarm", text, now)
        (self._silent.add if is_silent else self._silent.discard)(who)

    def _judge(self) -> None:
        figures, silent = self._figures, sorted(self._silent - {"answers"})
        if silent:
            figures.state, figures.doing = "lost", f"silent: {', '.join(silent)}"
        elif figures.state == "lost":
            figures.state, figures.doing = "running", ""

    def _is_unanswered(self, now: float) -> bool:
        """Whether markers have waited for so long that no epoch will come of them."""
        markers, since = self._answered
        figures = self._figures
        if figures.markers != markers or not figures.unanswered:
            self._answered = figures.markers, now
            return False
        return now - since > UNANSWERED_S

    def _unanswered(self) -> str:
        n = self._figures.unanswered
        return f"{n} flashes of the screen did not reach the engine"
