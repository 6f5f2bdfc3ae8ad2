"""What cued motor imagery shows, frame by frame: the Graz trial."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from bci_online.config import Config
from bci_online.markers import Cue, Feedback, SessionEnded, SessionStarted, TrialEnd, TrialStart
from bci_online.messages import Command, Decision, Marker, Score
from bci_online.paradigms.picture import ImageryPicture, ImageryState
from bci_online.paradigms.presentation import News, Stage

__all__ = ["GrazPresentation", "GrazTimes"]


class GrazTimes(msgspec.Struct, frozen=True):
    """Seconds from the trial's start, and how long the pause behind it may be.

    References
    ----------
    Pfurtscheller and Neuper (2001), Proceedings of the IEEE 89(7).
    """

    cue: float = 2.0
    feedback: float = 3.25
    end: float = 6.0
    shortest_pause: float = 1.5
    longest_pause: float = 3.5


@dataclass
class _Trial:
    number: int
    label: str
    open: bool = True
    decision: Decision | None = None
    values: tuple[float, ...] = ()
    outcome: str = ""


class GrazPresentation:
    """A cross and a beep, an arrow, imagery with or without feedback, a pause of random length.

    Parameters
    ----------
    config : Config
        Classes and how often each is asked for.
    feedback : bool
        Whether feedback is shown; hidden while calibrating.
    seed : int
        Of the order of classes and of the pauses.
    lead_s : float
        Seconds before the first trial.
    times : GrazTimes, optional
        When what happens in a trial.

    Raises
    ------
    ValueError
        If `times` are not in order.

    Notes
    -----
    It waits for the command ``start``. Each event comes with the frame nearest to its time, which
    counts from the trial's start: a late frame delays no other.

    A trial always takes its whole time. The first decision that names it while imagery lasts is
    its outcome, ``hit`` or ``miss``; without one, or with one that has no value, it is
    ``timeout`` at the end. Decisions of another trial are dropped and counted. Of scores only the
    newest is drawn. ``pause`` and ``finish`` hold at the trial's end, ``abort`` ends at once, and
    there is nothing to undo.
    """

    def __init__(
        self,
        config: Config,
        *,
        feedback: bool = False,
        seed: int = 0,
        lead_s: float = 0.0,
        times: GrazTimes | None = None,
    ) -> None:
        self._times = times or GrazTimes()
        if not 0 <= self._times.cue <= self._times.feedback <= self._times.end:
            raise ValueError(f"{self._times} must satisfy 0 <= cue <= feedback <= end")
        self._feedback = feedback
        self._seed, self._lead_s = seed, lead_s
        self._rng = np.random.default_rng(seed)
        classes = config.presentation.classes
        asked = np.repeat(np.arange(len(classes)), config.presentation.trials_per_class)
        self._labels = [classes[int(place)] for place in self._rng.permutation(asked)]
        self._stage: Stage[ImageryPicture] = Stage(config.presentation.refresh_hz)
        self._trial = _Trial(0, "", open=False)
        self._dropped = 0
        self._reason = ""
        self._script = self._session()
        self._picture = self._show("ready")

    def step(
        self, now: float, messages: Sequence[News] = ()
    ) -> tuple[ImageryPicture, tuple[Marker, ...]]:
        """Return the frame shown at `now` and its markers, after `messages` came."""
        if self._picture.state == "ended":
            return self._picture, ()
        is_new = self._stage.begin(now)
        for message in messages:
            self._take(message)
        if is_new:
            is_aborted = self._stage.requests.aborted
            self._picture = next(self._end("abort") if is_aborted else self._script)
        return self._picture, self._stage.given()

    def _take(self, message: News) -> None:
        trial = self._trial
        if isinstance(message, Command):
            self._stage.take(message)
        elif isinstance(message, Score):
            trial.values = tuple(map(float, message.values))
        elif trial.open and trial.decision is None and message.trial == trial.number:
            trial.decision = message
        else:
            self._dropped += 1

    def _session(self) -> Iterator[ImageryPicture]:
        requests, times = self._stage.requests, self._times
        while not requests.started and not requests.finishing:
            yield self._show("ready")
        self._stage.mark(SessionStarted(self._info()))
        yield from self._between(self._lead_s)
        for number, label in enumerate(self._labels, start=1):
            if requests.finishing:
                break
            self._trial = _Trial(number, label)
            yield from self._imagery(self._trial)
            yield from self._between(self._rng.uniform(times.shortest_pause, times.longest_pause))
        yield from self._end("done")

    def _info(self) -> dict[str, object]:
        return {
            "paradigm": "motor_imagery",
            "calibration": not self._feedback,
            "classes": sorted(set(self._labels)),
            "seed": self._seed,
        }

    def _end(self, reason: str) -> Iterator[ImageryPicture]:
        """End the session with this frame, and the trial that is open."""
        self._close()
        self._stage.mark(SessionEnded(reason))
        self._reason = reason
        yield self._show("ended")

    def _close(self) -> None:
        if self._trial.open:
            self._trial.open = False
            self._stage.mark(TrialEnd(self._trial.number))

    def _between(self, seconds: float) -> Iterator[ImageryPicture]:
        return self._stage.between(
            seconds, lambda: self._show("between"), lambda: self._show("paused")
        )

    def _imagery(self, trial: _Trial) -> Iterator[ImageryPicture]:
        stage, times = self._stage, self._times
        start = stage.now
        stage.mark(TrialStart(trial.number))
        yield self._show("fixation", beep=True)
        yield from stage.until(start + times.cue, lambda: self._show("fixation"))
        stage.mark(Cue(trial.label))
        # However late the frame is: what was marked is shown.
        yield self._show("cue")
        yield from stage.until(start + times.feedback, lambda: self._show("cue"))
        end = start + times.end
        if self._feedback:
            stage.mark(Feedback("start"))
            yield from stage.until(
                end, lambda: self._show("imagery"), lambda: trial.decision is not None
            )
            trial.outcome = self._outcome(trial)
            stage.mark(Feedback(trial.outcome))
        yield from stage.until(end, lambda: self._show("imagery"))
        self._close()

    @staticmethod
    def _outcome(trial: _Trial) -> str:
        if trial.decision is None or trial.decision.value is None:
            return "timeout"
        return "hit" if trial.decision.value == trial.label else "miss"

    def _show(self, state: ImageryState, beep: bool = False) -> ImageryPicture:
        trial = self._trial
        drawn = self._feedback and state == "imagery"
        return ImageryPicture(
            state=state,
            cross=state in {"fixation", "cue", "imagery"},
            beep=beep,
            cue=trial.label if state == "cue" else "",
            feedback=trial.values if drawn else None,
            outcome=trial.outcome if drawn else "",
            n=trial.number,
            n_total=len(self._labels),
            pausing=self._stage.requests.pausing and state != "paused",
            dropped=self._dropped,
            reason=self._reason,
        )
