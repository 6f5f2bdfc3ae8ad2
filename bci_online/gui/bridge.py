"""Between a screen, with a window or without, and the streams of its session."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from bci_online.acquisition.lsl import (
    MarkerOutlet,
    frames_outlet,
    session_inlet,
    wait_until_left,
)
from bci_online.acquisition.lsl.control import ControlInlet
from bci_online.messages import (
    Command,
    CommandName,
    Decision,
    Marker,
    Reconsidered,
    TrialEvidence,
)
from bci_online.notes import AnyNote, LateFrame, ScreenWaits
from bci_online.paradigms.picture import ImageryPicture, SpellerPicture
from bci_online.paradigms.presentation import News, Presentation
from bci_online.session_lines import parse_decision, parse_journal
from bci_online.summaries import ScreenSummary

__all__ = ["ScreenLink"]

# The recorder reads the last markers within a moment, unless it hangs.
PATIENCE_S = 1.0
AGAIN_S = 0.5
# Nobody waits for intervals and beats. At each frame they would wake other threads and processes.
INTERVALS_S, BEAT_S = 0.25, 0.1

Picture = SpellerPicture | ImageryPicture


class ScreenLink:
    """A presentation, stepped frame by frame, on the streams of its session.

    A screen calls `step` with the time its next frame will be shown, paints what it gets, and
    calls `shown` with the time at which it was.

    Parameters
    ----------
    session : str
        The session: its markers and frames are sent, its commands and decisions received.
    presentation : Presentation
        What is shown; it begins at the command ``start``.
    decides : bool
        Whether decisions are awaited: then it does not start before they can be received.
    follows : bool
        Whether the evidence of the open trial is received too; nothing waits for it.
    beat : callable
        Called ten times a second while frames are shown.

    See Also
    --------
    bci_online.gui.subject.screen.run_speller : Shows it.
    """

    def __init__(
        self,
        session: str,
        presentation: Presentation[Any],
        *,
        decides: bool,
        follows: bool = False,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._presentation, self._beat = presentation, beat
        self._markers, self._frames = MarkerOutlet(session), frames_outlet(session)
        self._control = ControlInlet(session)
        self._decisions = session_inlet(session, "decisions") if decides else None
        self._journal = session_inlet(session, "journal") if follows else None
        self._commands: list[Command] = []
        self._pending: tuple[Marker, ...] = ()
        self._last_shown: float | None = None
        self._intervals: list[tuple[float, float]] = []
        self._waits_at = self._beat_at = -math.inf
        self.picture: Picture | None = None
        self.n_frames = 0
        self.n_unread = 0

    @property
    def finished(self) -> bool:
        """Whether the session's last frame was made."""
        return self.picture is not None and self.picture.state == "ended"

    def command(self, name: CommandName, note: AnyNote | None = None) -> None:
        """Take a command of this screen itself, such as that of a key."""
        self._commands.append(Command(name, note))

    def step(self, now: float) -> Any:
        """Return what to paint for the frame that will be shown at `now` (LSL clock, s)."""
        contents = self._control.read()
        self._commands += [content for content in contents if isinstance(content, Command)]
        news = self._news()
        self.picture, markers = self._presentation.step(now, news)
        self._pending += markers
        if self.picture.state == "ready" and now >= self._waits_at + AGAIN_S:
            # Repeated, because a program may connect to the markers late.
            self._waits_at = now
            self._pending += (Marker(ScreenWaits().text(), now),)
        return self.picture

    def shown(self, stamp: float, *, late: bool = False) -> None:
        """Send the frame's markers, keep its interval, tell the presentation when it was shown.

        Parameters
        ----------
        stamp : float
            LSL clock in seconds, taken right after the swap.
        late : bool
            The frame came more than half a refresh late: a note says so beside its markers.
        """
        for marker in self._pending:
            self._markers.push(marker.text, stamp)
        if self._pending and late:
            self._markers.push(LateFrame().text(), stamp)
        self._pending = ()
        if stamp >= self._beat_at + BEAT_S:
            self._beat_at = stamp
            self._beat()
        self._presentation.shown(stamp)
        if self._last_shown is not None:
            self._intervals.append((1000 * (stamp - self._last_shown), stamp))
            if stamp >= self._intervals[0][1] + INTERVALS_S:
                self._send_intervals()
        self._last_shown = stamp
        self.n_frames += 1

    def summary(self, *, frames_locked: bool = False) -> ScreenSummary:
        """Return the results of the session on this screen."""
        picture = self.picture
        spelling = picture if isinstance(picture, SpellerPicture) else None
        imagery = picture if isinstance(picture, ImageryPicture) else None
        trials = imagery.trial if imagery else spelling.trial or spelling.n if spelling else 0
        return ScreenSummary(
            reason=picture.reason if picture else "",
            spelled=getattr(self._presentation, "text", ""),
            trials=trials,
            dropped_decisions=picture.dropped if picture else 0,
            flashes=spelling.flashes if spelling else 0,
            late_flashes=spelling.late_flashes if spelling else 0,
            hits=imagery.hits if imagery else 0,
            judged=imagery.judged if imagery else 0,
            frames=self.n_frames,
            unread_lines=self.n_unread + self._control.n_dropped,
            refused_lines=sum(
                0 if one is None else one.n_refused
                for one in (self._control, self._decisions, self._journal)
            ),
            frames_locked=frames_locked,
        )

    def close(self) -> None:
        """Disconnect, once the recorder has read the last markers."""
        self._send_intervals()
        wait_until_left((self._markers, self._frames), PATIENCE_S)
        inlets = self._control, self._decisions, self._journal
        for part in (self._markers, self._frames, *inlets):
            if part is not None:
                part.close()

    def _send_intervals(self) -> None:
        if self._intervals:
            intervals, stamps = zip(*self._intervals, strict=True)
            self._frames.push([[interval] for interval in intervals], stamps)
            self._intervals.clear()

    def _news(self) -> Sequence[News]:
        """Return what came since the last frame; a start waits until decisions can come."""
        # A decision comes after the evidence it is based on.
        evidence, decisions = self._read_evidence(), self._read_decisions()
        commands, self._commands = self._commands, []
        if self._decisions is not None and not self._decisions.is_connected:
            self._commands = [command for command in commands if command.name == "start"]
            commands = [command for command in commands if command.name != "start"]
        return [*evidence, *decisions, *commands]

    def _read_evidence(self) -> list[TrialEvidence]:
        """Return the newest evidence, if any came."""
        evidence: list[TrialEvidence] = []
        for text, _ in [] if self._journal is None else self._journal.read():
            line = parse_journal(text)
            self.n_unread += line is None
            evidence += [line] if isinstance(line, TrialEvidence) else []
        return evidence[-1:]

    def _read_decisions(self) -> list[Decision | Reconsidered]:
        decisions: list[Decision | Reconsidered] = []
        for text, _ in [] if self._decisions is None else self._decisions.read():
            line = parse_decision(text)
            if line is None:
                self.n_unread += 1
                continue
            if isinstance(line, Reconsidered):
                decisions.append(line)
                continue
            # A late decision must not be carried out: the letter is asked again.
            value = None if line.late else line.value
            decisions.append(
                Decision(value, line.trial, line.confidence, line.time, nobody=line.nobody)
            )
        return decisions
