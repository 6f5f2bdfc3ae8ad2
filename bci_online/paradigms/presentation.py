"""The trial as a pure state machine: a screen steps it once per frame and paints its picture.

A screen, a terminal or a simulation runs a `P300Presentation` or a `GrazPresentation`; this module
is their common part. ``step(now, messages)`` returns the picture of the next frame and its markers,
stamped with that frame's time. A screen learns the true time only after the buffer swap; it sends
the markers with that time instead, and reports it: ``shown(stamp)``.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

from bci_online.markers import Event
from bci_online.messages import Command, Decision, Marker, Reconsidered, TrialEvidence
from bci_online.notes import GoBack, Pause, Promised, Resume, ScreenHidden, ScreenSeen
from bci_online.paradigms.picture import ImageryPicture, SpellerPicture

__all__ = ["DECISION_WAIT_S", "TAIL_S", "News", "Presentation", "Requests", "Stage"]

News = Decision | Reconsidered | Command | TrialEvidence
"""What may arrive between two frames."""

DECISION_WAIT_S = 2.0
"""Seconds that a decision may take after the last response it can use is over."""

TAIL_S = 0.5
"""Seconds that a session continues at its end: samples of the last response are on their way."""

Picture = TypeVar("Picture")
AnyPicture = TypeVar("AnyPicture", SpellerPicture, ImageryPicture, covariant=True)


class Presentation(Protocol[AnyPicture]):
    """Something that a screen can step and paint.

    See Also
    --------
    bci_online.paradigms.p300.presentation.P300Presentation : Letters.
    bci_online.paradigms.motor_imagery.presentation.GrazPresentation : Cues.
    """

    def step(
        self, now: float, messages: Sequence[News] = ()
    ) -> tuple[AnyPicture, tuple[Marker, ...]]:
        """Return the frame shown at `now` and its markers, after processing `messages`."""
        ...

    def shown(self, stamp: float) -> None:
        """Take the time at which that frame was really shown; without it the frame is in time."""
        ...


class Requests:
    """The commands of operator and subject that are in force.

    ``start`` begins. ``pause`` and ``finish`` take effect at the trial's end; ``resume`` ends a
    pause. ``abort`` takes effect at once. ``hide`` stops the session at once, because the
    subject does not see the screen, until ``show``. A note of a promise that is reached
    acts like ``finish``. Other commands are ignored.

    Attributes
    ----------
    progress : float
        How far the newest promise is on its way, from 0 to 1.

    See Also
    --------
    Stage : Holds them.

    Examples
    --------
    >>> requests = Requests()
    >>> requests.take(Command("pause"))
    >>> requests.pausing
    True
    >>> requests.take(Command("resume"))
    >>> requests.pausing
    False
    """

    def __init__(self) -> None:
        self.progress = 0.0
        self.started = self.pausing = self.finishing = self.aborted = self.hidden = False

    @property
    def is_still(self) -> bool:
        """Whether nothing may change on the screen."""
        return self.hidden and not self.aborted

    def take(self, command: Command) -> None:
        """Apply `command`."""
        if isinstance(command.note, Promised):
            self.progress = command.note.progress
            self.finishing = self.finishing or command.note.is_reached
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
    """The current frame: its time, its number and its markers.

    Parameters
    ----------
    refresh_hz : float
        Refresh rate of the display.

    Attributes
    ----------
    now : float
        The frame's time.
    time : float
        `now` without the time in which the screen was hidden; deadlines count in it.
    frame : int
        Number of the display's refreshes since the first frame. Each interval between two steps is
        rounded to whole refreshes: a display at 59.94 Hz instead of 60 never slips by a frame, and
        a frame that the caller missed counts as passed.
    slip : int
        Number of refreshes by which the last frame was shown late.
    requests : Requests
        The commands in force.

    See Also
    --------
    bci_online.paradigms.p300.flash_timing.FlashTiming : Flashes in frames.

    Examples
    --------
    >>> stage = Stage(refresh_hz=60.0)
    >>> for now in (0.0, 1 / 60, 4 / 60):  # two frames were missed
    ...     _ = stage.begin(now)
    >>> stage.frame
    4
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
        """The frame's time without the time in which the screen was hidden."""
        return self.now - self._unseen

    def begin(self, now: float) -> bool:
        """Begin the frame at `now`; return False if it is the same frame as before.

        Within half a refresh it is: stepping twice for one frame changes nothing.
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

    def framed(
        self,
        now: float,
        before: Picture,
        messages: Sequence[News],
        take: Callable[[News], None],
        script: Iterator[Picture],
        end: Callable[[str], Iterator[Picture]],
    ) -> Picture:
        """Return the picture of the frame at `now`: the script's next one, or its end by an abort.

        A caller may step twice for one frame, for instance with a message between two swaps.
        """
        is_new = self.begin(now)
        for message in messages:
            take(message)
        if not is_new or self.requests.is_still:
            return before
        return next(end("abort") if self.requests.aborted else script)

    def shown(self, stamp: float) -> None:
        """Note that this frame was shown at `stamp`; only the first call for a frame counts."""
        if not self._is_shown:
            self._is_shown = True
            self.slip = max(0, round((stamp - self.now) * self._refresh_hz))

    def mark(self, event: Event) -> None:
        """Mark `event` at this frame."""
        self._markers.append(Marker(event.text(), self.now))

    def take(self, command: Command) -> None:
        """Take a command; what it says to others (a note, a hidden screen) is marked."""
        was_hidden = self.requests.hidden
        self.requests.take(command)
        if self.requests.hidden != was_hidden:
            self.mark(ScreenSeen() if was_hidden else ScreenHidden())
        if command.name == "go_back":
            self.mark(GoBack())
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
        """Yield pictures for so many seconds; if a pause was requested, it comes first."""
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
