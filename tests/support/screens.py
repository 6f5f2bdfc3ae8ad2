"""A screen for tests: steps a presentation frame by frame and remembers what it showed."""

from collections.abc import Callable, Sequence
from typing import Any

from bci_online.markers import Event, parse_marker
from bci_online.messages import Command, Decision, Marker

START, PAUSE, RESUME = Command("start"), Command("pause"), Command("resume")
HIDE, SHOW = Command("hide"), Command("show")
ABORT, UNDO, FINISH = Command("abort"), Command("undo"), Command("finish")


class Screen:
    """Frames at ``refresh_hz`` from second 0 on, all of them or those that a test leaves."""

    def __init__(self, presentation: Any, refresh_hz: float = 60.0) -> None:
        self.presentation = presentation
        self.refresh_hz = refresh_hz
        self.frame = 0
        self.pictures: list[Any] = []
        self.frames: list[int] = []
        self.markers: list[Marker] = []

    @property
    def now(self) -> float:
        """The time of the next frame."""
        return self.frame / self.refresh_hz

    @property
    def picture(self) -> Any:
        """What was shown last."""
        return self.pictures[-1]

    @property
    def events(self) -> list[Event | None]:
        """All markers, read."""
        return [parse_marker(marker.text) for marker in self.markers]

    def step(self, *messages: Any, late: int = 0) -> Any:
        """Show one frame, so many refreshes after its time; its markers get the true one."""
        picture, markers = self.presentation.step(self.now, messages)
        self.frame += late
        self.presentation.shown(self.now)
        self.pictures.append(picture)
        self.frames.append(self.frame)
        self.markers += [Marker(marker.text, self.now) for marker in markers]
        self.frame += 1
        return picture

    def miss(self, n: int) -> None:
        """Let `n` frames pass that the presentation never hears of."""
        self.frame += n

    def until(
        self,
        state: str,
        answer: Callable[[Any], Sequence[Any]] = lambda picture: (),
        most: int = 200_000,
    ) -> Any:
        """Show frames up to the first in `state`; `answer` says what follows from each picture."""
        messages: Sequence[Any] = ()
        for _ in range(most):
            picture = self.step(*messages)
            if picture.state == state:
                return picture
            messages = answer(picture)
        raise AssertionError(f"never {state}: {self.picture}")

    def of(self, kind: type) -> list[Any]:
        """Return all events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def times(self, kind: type) -> list[float]:
        """Return the times of all events of a kind."""
        pairs = zip(self.markers, self.events, strict=True)
        return [marker.time for marker, event in pairs if isinstance(event, kind)]


def decision(value: str | None, trial: int) -> Decision:
    """Return a decision."""
    return Decision(value, trial, 0.99, 0.0)
