"""What a calibration of error potentials shows: answers, some of them wrong on purpose."""

from collections.abc import Iterator, Sequence

import numpy as np

from bci_online.config import Config
from bci_online.errors import ConfigError
from bci_online.markers import Feedback, SessionEnded, SessionStarted, TrialEnd, TrialStart
from bci_online.messages import Command, Marker
from bci_online.paradigms.p300.spelling_trial import SpellingTrial
from bci_online.paradigms.picture import SpellerPicture, SpellerState
from bci_online.paradigms.presentation import TAIL_S, News, Stage

__all__ = ["AnswerPresentation", "answer_trial_s"]

# The answer comes when the subject cannot count it out.
SHORTEST_WAIT_S, LONGEST_WAIT_S = 1.0, 1.6


def answer_trial_s(config: Config) -> float:
    """Return how long one cue and its answer take.

    Parameters
    ----------
    config : Config
        Its presentation has the times.

    Returns
    -------
    seconds : float
        With the pause after it, on average.

    See Also
    --------
    AnswerPresentation : Shows these trials.

    Examples
    --------
    >>> answer_trial_s(Config())
    6.8
    """
    shown = config.presentation
    wait_s = (SHORTEST_WAIT_S + LONGEST_WAIT_S) / 2
    return shown.cue_s + wait_s + shown.decision_s + shown.pause_s


class AnswerPresentation:
    """Cue a letter, and show an answer that is right or wrong; nothing is decided.

    Parameters
    ----------
    config : Config
        Layout and presentation: ``answers`` and ``wrong_answers``, and the times.
    seed : int
        Seed of letters, waits, and which answers are wrong.
    lead_s : float
        Seconds before the first letter, for instance until the filter has settled.
    done : int
        How many answers an earlier run of this seed has shown.

    Raises
    ------
    ConfigError
        If the layout has fewer than two symbols, or the answers are all right or all wrong.

    See Also
    --------
    bci_online.paradigms.p300.presentation.P300Presentation : The speller itself.

    Notes
    -----
    A trial is ``trial/start/n/symbol`` with the cue, ``trial/end/n``, a random wait, and the answer
    with ``feedback/hit`` or ``feedback/miss``. Commands are those of the speller; there is nothing
    to undo.

    Examples
    --------
    >>> screen = AnswerPresentation(Config())
    >>> screen.step(0.0)[0].state
    'ready'
    """

    def __init__(
        self, config: Config, *, seed: int = 0, lead_s: float = 0.0, done: int = 0
    ) -> None:
        shown = self._presentation = config.presentation
        symbols = [symbol for row in config.layout.rows for symbol in row]
        n_wrong = round(shown.answers * shown.wrong_answers)
        if len(symbols) < 2 or not 0 < n_wrong < shown.answers:
            raise ConfigError(
                f"presentation.answers={shown.answers}, wrong_answers={shown.wrong_answers:g}: of "
                f"{shown.answers} answers {n_wrong} would be wrong; both kinds are needed, and two "
                "symbols"
            )
        rng = np.random.default_rng(seed)
        is_wrong = rng.permutation(np.arange(shown.answers) < n_wrong)
        pairs = [rng.choice(len(symbols), 2, replace=False) for _ in is_wrong]
        waits = rng.uniform(SHORTEST_WAIT_S, LONGEST_WAIT_S, shown.answers)
        self._trials = [
            (symbols[asked], symbols[other] if wrong else symbols[asked], float(wait))
            for (asked, other), wrong, wait in zip(pairs, is_wrong, waits, strict=True)
        ]
        self._seed, self._lead_s, self._done = seed, lead_s, done
        self._window_s = config.epoch.tmax
        self._stage: Stage[SpellerPicture] = Stage(shown.refresh_hz)
        self._trial = SpellingTrial(0, done, "", open=False)
        self._shown, self._reason = "", ""
        self._script = self._session()
        self._picture = self._show("ready")

    def step(
        self, now: float, messages: Sequence[News] = ()
    ) -> tuple[SpellerPicture, tuple[Marker, ...]]:
        """Return the frame shown at `now` and its markers, after processing `messages`."""
        if self._picture.state == "ended":
            return self._picture, ()
        self._picture = self._stage.framed(
            now, self._picture, messages, self._take, self._script, self._end
        )
        return self._picture, self._stage.given()

    def shown(self, stamp: float) -> None:
        """Take the time at which the last frame was really shown."""
        self._stage.shown(stamp)

    @property
    def text(self) -> str:
        """Empty: nothing is spelled."""
        return ""

    def _take(self, message: News) -> None:
        if isinstance(message, Command):
            self._stage.take(message)

    def _session(self) -> Iterator[SpellerPicture]:
        requests, shown = self._stage.requests, self._presentation
        while not requests.started and not requests.finishing:
            yield self._show("ready")
        self._stage.mark(SessionStarted(self._info()))
        yield from self._between(self._lead_s)
        for number, (asked, answer, wait_s) in enumerate(self._trials[self._done :], start=1):
            if requests.finishing:
                break
            self._trial = SpellingTrial(number, self._done + number - 1, asked)
            yield from self._answered(self._trial, answer, wait_s)
            yield from self._between(shown.pause_s)
        # `session/end` stops the engine: the samples of the last response must be in before it.
        yield from self._between(self._window_s + TAIL_S)
        yield from self._end("done")

    def _answered(
        self, trial: SpellingTrial, answer: str, wait_s: float
    ) -> Iterator[SpellerPicture]:
        """Cue a letter, wait, and show the answer."""
        stage, shown = self._stage, self._presentation
        stage.mark(TrialStart(trial.number, trial.symbol))
        yield from stage.until(stage.time + shown.cue_s, lambda: self._show("cue"))
        self._close()
        yield from stage.until(stage.time + wait_s, lambda: self._show("deciding"))
        self._shown = answer
        stage.mark(Feedback("hit" if answer == trial.symbol else "miss"))
        yield from stage.until(stage.time + shown.decision_s, lambda: self._show("decided"))

    def _info(self) -> dict[str, object]:
        return {
            "paradigm": "p300",
            "mode": "errp",
            "calibration": True,
            "seed": self._seed,
            **({"done": self._done} if self._done else {}),
        }

    def _between(self, seconds: float) -> Iterator[SpellerPicture]:
        return self._stage.between(
            seconds, lambda: self._show("between"), lambda: self._show("paused")
        )

    def _close(self) -> None:
        if self._trial.open:
            self._trial.open = False
            self._stage.mark(TrialEnd(self._trial.number))

    def _end(self, reason: str) -> Iterator[SpellerPicture]:
        """End the session with this frame, and the open trial with it."""
        self._close()
        self._stage.mark(SessionEnded(reason))
        self._reason = reason
        yield self._show("ended")

    def _show(self, state: SpellerState) -> SpellerPicture:
        trial = self._trial
        return SpellerPicture(
            state=state,
            cue=trial.symbol if state == "cue" else "",
            text=(trial.symbol,) if trial.number else (),
            decision=self._shown if state == "decided" else "",
            n=trial.place + 1,
            n_total=len(self._trials),
            trial=trial.number,
            pausing=self._stage.requests.pausing and state != "paused",
            reason=self._reason,
        )
