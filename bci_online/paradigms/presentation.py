"""The trial as a pure state machine: the screen steps it once for each frame and paints.

`P300Presentation` and `GrazPresentation` are what a screen, a terminal or a simulation runs; this
is what the two have in common. ``step(now, messages)`` returns the picture of the frame that is
about to be shown, and its markers with that frame's time. A screen that learns the true time only
after the swap sends them with that time instead, and says it: ``shown(stamp)``.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

from bci_online.markers import Event
from bci_online.messages import Command, Decision, Marker, TrialEvidence
from bci_online.notes import Pause, Resume, ScreenHidden, ScreenSeen
from bci_online.paradigms.picture import ImageryPicture, SpellerPicture

__all__ = ["DECISION_WAIT_S", "TAIL_S", "News", "Presentation", "Requests", "Stage"]

News = Decision | Command | TrialEvidence
"""What may arrive between two frames."""

DECISION_WAIT_S = 2.0
"""How long a decision may take after all that it can rest on is over."""

TAIL_S = 0.5
"""How long a session lasts on: the samples of the last response are on their way."""

Picture = TypeVar("Picture")
AnyPicture = TypeVar("AnyPicture", SpellerPicture, ImageryPicture, covariant=True)


class Presentation(Protocol[AnyPicture]):
    """Something that a screen can step and paint."""

    def step(
        self, now: float, messages: Sequence[News] = ()
    ) -> tuple[AnyPicture, tuple[Marker, ...]]:
        """Return the frame shown at `now` and its markers, after `messages` came."""
        ...

    def shown(self, stamp: float) -> None:
        """Learn when that frame was shown in truth; who never says so shows all in time."""
        ...


class Requests:
    """What the operator and the subject asked for.

    ``start`` begins; ``pause`` and ``finish`` hold from the trial's end on, ``resume`` goes on
    from a pause; ``abort`` is at once. ``hide`` holds at once, for nobody sees the screen any more,
    until ``show``. Commands with other names are somebody else's.
    """

    def __init__(self) -> None:
        self.started = self.pausing = self.finishing = self.aborted = self.hidden = False

    @property
    def is_still(self) -> bool:
        """Whether nothing is to change on the screen."""
        return self.hidden and not self.aborted

    def take(self, command: Command) -> None:
        """Note `command`."""
        match command.name:
            case "start":
                self.started = True
            case "pause":
                self.pausing = True
            case "resume":
                self.pausing = False
            case "finish":
                self.finishing, self.pausing = True, False
            case "abort":
                self.aborted = True
            case "hide" | "show":
                self.hidden = command.name == "hide"


class Stage(Generic[Picture]):
    """The frame that is being made: its time, its number and its markers.

    Parameters
    ----------
    refresh_hz : float
        Of the display.

    Attributes
    ----------
    now : float
        The frame's time.
    time : float
        That without the time in which nobody saw the screen: what deadlines are counted in.
    frame : int
        How many refreshes of the display lie between the first frame and this one. It is counted
        from step to step, each interval rounded to whole refreshes: a display at 59.94 Hz instead
        of 60 never slips by one, and a frame that the caller missed is counted as passed.
    slip : int
        How many refreshes after its time the last frame was shown.
    requests : Requests
        What was asked for.
    """

    def __init__(self, refresh_hz: float) -> None:
        self._refresh_hz = refresh_hz
        self._markers: list[Marker] = []
        self._is_first, self._is_shown = True, False
        self.now = self._unseen = 0.0
        self.frame = self.slip = 0
        self.requests = Requests()

    @property
    def time(self) -> float:
        """The frame's time, less that in which the screen was hidden."""
        return self.now - self._unseen

    def begin(self, now: float) -> bool:
        """Begin the frame at `now`; return False where it is still the one before.

        That is so within half a refresh: stepping twice for one frame changes nothing.
        """
        if self._is_first:
            self._is_first, self.now = False, now
            return True
        passed = round((now - self.now) * self._refresh_hz)
        if passed < 1:
            return False
        self.frame += passed
        if self.requests.hidden:
            self._unseen += now - self.now
        self.now, self._is_shown = now, False
        return True

    def shown(self, stamp: float) -> None:
        """Note that this frame was shown at `stamp`; shown once more it began no later."""
        if not self._is_shown:
            self._is_shown = True
            self.slip = max(0, round((stamp - self.now) * self._refresh_hz))

    def mark(self, event: Event) -> None:
        """Mark `event` at this frame."""
        self._markers.append(Marker(event.text(), self.now))

    def take(self, command: Command) -> None:
        """Take a command; an operator's note is marked, and that nobody sees the screen."""
        was_hidden = self.requests.hidden
        self.requests.take(command)
        if self.requests.hidden != was_hidden:
            self.mark(ScreenSeen() if was_hidden else ScreenHidden())
        if command.note is not None:
            self.mark(command.note)

    def given(self) -> tuple[Marker, ...]:
        """Return this frame's markers, once."""
        markers, self._markers = tuple(self._markers), []
        return markers

    def until(
        self,
        time: float,
        picture: Callable[[], Picture],
        unless: Callable[[], bool] = lambda: False,
    ) -> Iterator[Picture]:
        """Yield pictures up to the frame nearest to `time` on `Stage.time`, or until `unless`."""
        half = 0.5 / self._refresh_hz
        while self.time + half < time and not unless():
            yield picture()

    def between(
        self, seconds: float, picture: Callable[[], Picture], paused: Callable[[], Picture]
    ) -> Iterator[Picture]:
        """Yield pictures for so many seconds; where a pause is asked for, that comes first."""
        while True:
            if self._is_pausing():
                self.mark(Pause())
                while self._is_pausing():
                    yield paused()
                self.mark(Resume())
            yield from self.until(self.time + seconds, picture, self._is_pausing)
            if not self._is_pausing():
                return

    def _is_pausing(self) -> bool:
        return self.requests.pausing
