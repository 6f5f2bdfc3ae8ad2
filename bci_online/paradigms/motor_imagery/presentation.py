"""What cued motor imagery shows, frame by frame: the Graz trial."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from bci_online.config import REST, Config
from bci_online.markers import Cue, Feedback, SessionEnded, SessionStarted, TrialEnd, TrialStart
from bci_online.messages import Command, Decision, Marker, TrialEvidence
from bci_online.paradigms.motor_imagery.cue_order import cue_order
from bci_online.paradigms.motor_imagery.reach import reach
from bci_online.paradigms.picture import ImageryPicture, ImageryState
from bci_online.paradigms.presentation import DECISION_WAIT_S, TAIL_S, News, Stage

__all__ = ["GrazPresentation"]

# Decimals of a bar's length: finer changes are invisible, and an unchanged bar is not redrawn.
FINEST = 3


@dataclass
class _Trial:
    number: int
    label: str
    open: bool = True
    awaits: bool = False
    decision: Decision | None = None
    outcome: str = ""
    cued_at: float = -math.inf
    judged_at: float = 0.0
    aim: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)

    def awaits_from(self, trial: int) -> bool:
        """Tell whether a decision for `trial` is awaited."""
        return self.awaits and self.decision is None and trial == self.number

    def follow(self, share: float) -> None:
        """Move the displayed values by `share` of their distance to the newest ones."""
        for name, aim in self.aim.items():
            before = self.shown.get(name, 0.0)
            self.shown[name] = before + share * (aim - before)


class GrazPresentation:
    """A cross and a beep, an arrow, imagery with or without feedback, a pause of random length.

    Parameters
    ----------
    config : Config
        Classes, the number of trials of each, and the times of a trial.
    feedback : bool
        Whether feedback is shown; it is hidden during calibration.
    seed : int
        Seed of the order of classes and of the pauses.
    lead_s : float
        Seconds before the first trial.
    done : int
        How many trials of the same seed an earlier run has shown; they are not shown again.

    See Also
    --------
    bci_online.paradigms.motor_imagery.decision.MotorImagery : Decides what it shows as feedback.
    bci_online.paradigms.p300.presentation.P300Presentation : The same for a speller.

    References
    ----------
    Pfurtscheller and Neuper (2001), Proceedings of the IEEE 89(7):1123: the Graz trial.

    Notes
    -----
    The session waits for the command ``start``. Each event comes with the frame nearest to its
    time, which counts from the trial's start, so a late frame does not delay the events after it.

    *Outcome.* Imagery always takes its whole time; ``trial/end`` marks its end. With feedback the
    first decision that names the trial gives its outcome, ``hit`` or ``miss``. It may come until
    two seconds after the end of imagery, because the last windows are scored after that end. With
    no decision, or one without a value, the outcome is ``timeout``; after a cue for rest, which
    asks for no decision, it is ``hit``. Decisions for another trial are dropped and counted.

    *Display.* Only the newest evidence is drawn, and the display follows it smoothly.

    *Commands.* ``pause`` and ``finish`` take effect at the trial's end, ``abort`` at once. There is
    nothing to undo. While the screen is hidden the session does not continue.

    Examples
    --------
    >>> from bci_online.config import Config
    >>> graz = GrazPresentation(Config(paradigm="motor_imagery"))
    >>> picture, markers = graz.step(0.0, [Command("start")])
    >>> picture.state, [marker.text.split("/")[:2] for marker in markers]
    ('fixation', [['session', 'start'], ['trial', 'start']])
    >>> picture, markers = graz.step(1 / 60)
    >>> picture.cross, markers
    (True, ())
    """

    def __init__(
        self,
        config: Config,
        *,
        feedback: bool = False,
        seed: int = 0,
        lead_s: float = 0.0,
        done: int = 0,
    ) -> None:
        self._times, self._window_end_s = config.imagery, config.evidence.tmax
        self._feedback = feedback
        self._seed, self._lead_s = seed, lead_s
        self._rng = np.random.default_rng(seed)
        self._labels = cue_order(config.presentation, self._rng)
        self._done = done
        # As in the run before: its pauses were drawn from the same seed.
        self._rng.uniform(size=done)
        self._stage: Stage[ImageryPicture] = Stage(config.presentation.refresh_hz)
        self._trial = _Trial(0, "", open=False)
        self._hits = self._judged = self._dropped = 0
        self._reason = ""
        self._script = self._session()
        self._picture = self._show("ready")

    def step(
        self, now: float, messages: Sequence[News] = ()
    ) -> tuple[ImageryPicture, tuple[Marker, ...]]:
        """Return the frame shown at `now` and its markers, after processing `messages`."""
        if self._picture.state == "ended":
            return self._picture, ()
        before = self._stage.now
        is_new = self._stage.begin(now)
        for message in messages:
            self._take(message)
        if is_new and not self._stage.requests.is_still:
            # By the time that passed, not by frames: a missed frame must not slow the display.
            self._trial.follow(self._share(self._stage.now - before))
            is_aborted = self._stage.requests.aborted
            self._picture = next(self._end("abort") if is_aborted else self._script)
        return self._picture, self._stage.given()

    def shown(self, stamp: float) -> None:
        """Take the time at which the last frame was really shown."""
        self._stage.shown(stamp)

    def _share(self, seconds: float) -> float:
        """Return the share of its distance that the display moves in so many seconds."""
        smoothing = self._times.smoothing
        return 1.0 if smoothing <= 0 else -math.expm1(-max(0.0, seconds) / smoothing)

    def _take(self, message: News) -> None:
        trial = self._trial
        if isinstance(message, Command):
            self._stage.take(message)
        elif isinstance(message, TrialEvidence):
            if trial.decision is None and message.trial == trial.number:
                trial.aim = reach(message)
        elif isinstance(message, Decision) and trial.awaits_from(message.trial):
            trial.decision = message
            if message.value is not None:
                trial.aim = dict.fromkeys(trial.aim, 0.0) | {message.value: 1.0}
        else:
            self._dropped += 1

    def _session(self) -> Iterator[ImageryPicture]:
        requests, times = self._stage.requests, self._times
        while not requests.started and not requests.finishing:
            yield self._show("ready")
        self._stage.mark(SessionStarted(self._info()))
        yield from self._between(self._lead_s)
        for number, label in enumerate(self._labels[self._done :], start=1):
            if requests.finishing:
                break
            self._trial = _Trial(number, label, awaits=self._feedback)
            yield from self._imagery(self._trial)
            yield from self._between(self._rng.uniform(times.shortest_pause, times.longest_pause))
        # `session/end` stops the engine: the samples of the last window must be in before it.
        last_window = self._trial.cued_at + self._window_end_s + TAIL_S
        yield from self._stage.until(last_window, lambda: self._show("between"))
        yield from self._end("done")

    def _info(self) -> dict[str, object]:
        return {
            "paradigm": "motor_imagery",
            "calibration": not self._feedback,
            "classes": sorted(set(self._labels)),
            "seed": self._seed,
            **({"done": self._done} if self._done else {}),
        }

    def _end(self, reason: str) -> Iterator[ImageryPicture]:
        """End the session with this frame, and the open trial with it."""
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
        start = stage.time
        stage.mark(TrialStart(trial.number))
        yield self._show("fixation", beep=True)
        yield from stage.until(start + times.cue, lambda: self._show("fixation"))
        stage.mark(Cue(trial.label))
        trial.cued_at = stage.time
        # Shown even if the frame is late: the recording says that it was.
        yield self._show("cue")
        yield from stage.until(start + times.feedback, lambda: self._show("cue"))
        end = start + times.end
        if self._feedback:
            stage.mark(Feedback("start"))
            yield from stage.until(
                end, lambda: self._show("imagery"), lambda: trial.decision is not None
            )
            if trial.decision is not None:
                self._judge(trial)
        yield from stage.until(end, lambda: self._show("imagery"))
        self._close()
        if self._feedback:
            yield from self._outcome(trial)

    def _outcome(self, trial: _Trial) -> Iterator[ImageryPicture]:
        """Wait for the decision if there is none yet, then show the outcome for its time."""
        stage = self._stage
        yield from stage.until(
            stage.time + DECISION_WAIT_S,
            lambda: self._show("deciding"),
            lambda: trial.decision is not None or bool(trial.outcome),
        )
        if not trial.outcome:
            self._judge(trial)
        trial.awaits = False
        seen = trial.judged_at + self._times.outcome
        yield from stage.until(seen, lambda: self._show("outcome"))

    def _judge(self, trial: _Trial) -> None:
        """Determine and mark the outcome of a trial."""
        value = None if trial.decision is None else trial.decision.value
        if value is None:
            trial.outcome = "hit" if trial.label == REST else "timeout"
        else:
            trial.outcome = "hit" if value == trial.label else "miss"
        trial.judged_at = self._stage.time
        self._judged += 1
        self._hits += trial.outcome == "hit"
        self._stage.mark(Feedback(trial.outcome))

    def _show(self, state: ImageryState, beep: bool = False) -> ImageryPicture:
        trial = self._trial
        is_imagined = state in {"cue", "imagery", "deciding", "outcome"}
        is_drawn = self._feedback and state in {"imagery", "deciding", "outcome"}
        shown = {name: round(value, FINEST) for name, value in trial.shown.items()}
        return ImageryPicture(
            state=state,
            cross=state in {"fixation", "cue", "imagery"},
            beep=beep,
            cue=trial.label if state == "cue" else "",
            asked=trial.label if is_imagined else "",
            feedback=shown if is_drawn else None,
            outcome=trial.outcome if is_drawn else "",
            hits=self._hits,
            judged=self._judged,
            n=trial.number and self._done + trial.number,
            trial=trial.number,
            n_total=len(self._labels),
            pausing=self._stage.requests.pausing and state != "paused",
            dropped=self._dropped,
            reason=self._reason,
        )
