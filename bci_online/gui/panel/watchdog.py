"""What no message says: that a stream is silent, and how evenly the screen's frames come."""

from collections import deque

import numpy as np

from bci_online.counted import counted
from bci_online.messages import Status
from bci_online.session_state import SessionState
from bci_online.session_state.alarms import Silence

__all__ = ["FrameFigures", "Watchdog"]

SILENT_S = 2.0
# An epoch takes up to a second, and the engine journals it once it is complete.
UNANSWERED_S = 4.0
# The streams of a session that runs already are found one after the other.
FOUND_S = 10.0
STREAMS = ("markers", "decisions", "journal")
N_FRAMES = 1800


class FrameFigures:
    """The intervals between the screen's frames, as the screen sends them.

    Attributes
    ----------
    n : int
        How many frames were received.
    n_late : int
        Intervals of more than one and a half of the usual.

    See Also
    --------
    bci_online.gui.panel.figure_wording.groups_of : Shows them.
    """

    def __init__(self) -> None:
        self.n = self.n_late = 0
        self._intervals: deque[float] = deque(maxlen=N_FRAMES)
        self._usual = np.inf

    def push(self, interval_ms: float) -> None:
        """Add an interval between two frames, in ms."""
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
    """Watches a session's streams, and raises an alarm once for each silence.

    Parameters
    ----------
    state : SessionState
        It observes the alarms, and which streams are silent.

    See Also
    --------
    bci_online.session_state.alarms.Silence : What it reports.
    """

    def __init__(self, state: SessionState) -> None:
        self._state = state
        self._silent: set[str] = set()
        self._found: set[str] = set()
        self._runs_since: float | None = None
        self._answered = (0, 0.0)

    def check(self, now: float, missing: tuple[str, ...], sample_age: float | None) -> None:
        """Notice what is silent.

        Parameters
        ----------
        now : float
            The panel's clock.
        missing : tuple of str
            Streams of the session that are not there.
        sample_age : float or None
            Seconds since a sample reached the panel; None where none ever did.
        """
        state = self._state
        if state.phase == "ended":
            return
        if state.is_running and self._runs_since is None:
            self._runs_since = now
        due = self._runs_since is not None and now - self._runs_since > FOUND_S
        seen = state.signal.engine_seen
        silent = due if seen is None else now - seen > SILENT_S
        self._note(silent, "the engine", f"the engine has sent nothing for {SILENT_S:g} s", now)
        quiet = due if sample_age is None else sample_age > SILENT_S
        self._note(quiet, "EEG", f"no sample reaches this panel for {SILENT_S:g} s", now)
        self._found.update(set(STREAMS) - set(missing))
        for kind in STREAMS:
            gone = kind in missing and state.is_running and (due or kind in self._found)
            self._note(gone, kind, f"the session's stream of {kind} is gone", now)
        self._note(self._is_unanswered(now), "answers", self._unanswered(), now)
        state.observe(Silence(tuple(sorted(self._silent - {"answers"}))), now)

    def _note(self, is_silent: bool, who: str, text: str, now: float) -> None:
        if is_silent and who not in self._silent:
            self._state.observe(Status("alarm", text), now)
        (self._silent.add if is_silent else self._silent.discard)(who)

    def _is_unanswered(self, now: float) -> bool:
        """Whether markers have waited for so long that they will give no epoch."""
        markers, since = self._answered
        state = self._state
        if state.signal.markers != markers or not state.unanswered:
            self._answered = state.signal.markers, now
            return False
        return now - since > UNANSWERED_S

    def _unanswered(self) -> str:
        n = self._state.unanswered
        return f"{counted(n or 0, 'flash', 'flashes')} of the screen did not reach the engine"
