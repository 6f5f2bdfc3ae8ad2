"""What the P300 speller shows, frame by frame."""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from bci_online.config import Config
from bci_online.errors import ConfigError
from bci_online.markers import SessionEnded, SessionStarted, TrialEnd, TrialStart
from bci_online.messages import Command, Decision, Marker
from bci_online.notes import Undo
from bci_online.paradigms.p300.flash_timing import Flashing
from bci_online.paradigms.p300.language import text_of
from bci_online.paradigms.p300.matrix import Board
from bci_online.paradigms.p300.simulated_speller import Wish
from bci_online.paradigms.p300.spelling import Spelling
from bci_online.paradigms.p300.spelling_trial import SpellingTrial
from bci_online.paradigms.picture import SpellerPicture, SpellerState
from bci_online.paradigms.presentation import DECISION_WAIT_S, TAIL_S, News, Stage

__all__ = ["Mode", "P300Presentation"]

Mode = Literal["calibration", "copy", "free"]


class P300Presentation:
    """Cues, flashes, waits for decisions and shows them, letter by letter.

    Parameters
    ----------
    config : Config
        Layout, presentation, stopping, and the length of an epoch.
    mode : str
        ``calibration``: the words are cued and all repetitions flashed, no decision is awaited;
        ``copy``: cued, with decisions; ``free``: the subject chooses, until ``finish``.
    words : sequence of (str or sequence of str)
        What to spell, as text or symbol by symbol; none in free spelling.
    wish : str
        What a simulated subject wants to write in free spelling: each trial's start names the
        symbol that it attends to, and the session is done when the text is.
    seed : int
        Of the flash orders.
    lead_s : float
        Seconds before the first letter, for instance until the filter has settled.

    Raises
    ------
    ConfigError
        If a word has a symbol that the layout lacks, if there are words in free spelling or none
        otherwise, if the layout is too small for its order of flashes, or the language not known.

    Notes
    -----
    It waits for the command ``start``; the handshake of the session comes before that. A letter is
    ``layout``, ``trial/start``, the cue, flashes, ``trial/end``, the decision, a pause.

    *Frames.* Step once for each frame; what becomes of frames that were missed: see `Flashing`.

    *Decisions* count for the trial they name, while it is open: from its cue until 2 s after the
    response to its last flash. One that comes early ends the flashing, after the flash that is
    lit. Others are dropped and counted. One without a value, or none in time, asks again, in a
    trial of its own, at most ``attempts`` times. A late decision, which must not be carried out,
    has to be given without its value.

    *Commands.* ``pause`` and ``finish`` hold at the letter's end, ``resume`` goes on, ``abort``
    ends at once; ``hide`` lets all stand still until ``show``. ``undo`` takes back the last
    decision (a backspace as well); in free spelling the letter that flashes goes on, in copying it
    is broken off and the one before asked again. In calibration there is nothing to undo.

    *Free spelling* has a `Board` with words, a backspace and a rest; its row is new with each
    letter and stays while that flashes. A rest leaves the text as it is and pauses. In copying no
    words are suggested: a cue points at one letter.
    """

    def __init__(
        self,
        config: Config,
        mode: Mode,
        words: Sequence[str | Sequence[str]] = (),
        *,
        wish: str = "",
        seed: int = 0,
        lead_s: float = 0.0,
    ) -> None:
        if (mode == "free") == bool(words):
            wants = "no words" if words else "words to spell"
            raise ConfigError(f"mode {mode!r} needs {wants}, got {list(words)}")
        shown, calibrates = config.presentation, mode == "calibration"
        self._presentation, self._mode, self._window_s = shown, mode, config.epoch.tmax
        self._language = "" if calibrates else config.language.code
        self._n = shown.repetitions if calibrates else config.stopping.max_repetitions
        self._seed, self._lead_s = seed, lead_s
        self._rng = np.random.default_rng(seed)
        self._board = board = Board(config, self._language, free=mode == "free")
        self._spelling = Spelling(board.spelled(words), backspace=shown.backspace, rest=shown.rest)
        self._wish = Wish(wish, board.symbols, board.backspace)
        self._stage: Stage[SpellerPicture] = Stage(config.presentation.refresh_hz)
        self._trial = SpellingTrial(0, 0, "", flashing=False, open=False)
        self._attempts = self._dropped = 0
        self._flashing = Flashing(self._stage, config.presentation)
        self._reason = ""
        self._is_resting = False
        self._script = self._session()
        self._picture = self._show("ready")

    def step(
        self, now: float, messages: Sequence[News] = ()
    ) -> tuple[SpellerPicture, tuple[Marker, ...]]:
        """Return the frame shown at `now` and its markers, after `messages` came."""
        if self._picture.state == "ended":
            return self._picture, ()
        is_new = self._stage.begin(now)
        for message in messages:
            self._take(message)
        if is_new and not self._stage.requests.is_still:
            self._picture = next(self._end("abort") if self._is_aborted else self._script)
        return self._picture, self._stage.given()

    def shown(self, stamp: float) -> None:
        """Learn when the last frame was shown in truth."""
        self._stage.shown(stamp)

    @property
    def text(self) -> str:
        """All that was spelled; ``?`` where letters of a word to copy were given up."""
        if self._spelling.is_cued:
            symbols = [symbol or "?" for symbol in self._spelling.spelled]
            return (" " if any(len(symbol) > 1 for symbol in symbols) else "").join(symbols)
        return text_of(self._spelling.spelled)

    @property
    def _is_aborted(self) -> bool:
        return self._stage.requests.aborted

    def _take(self, message: News) -> None:
        if isinstance(message, Decision):
            self._decide(message)
        elif isinstance(message, Command):
            self._stage.take(message)
            if message.name == "undo":
                self._undo()

    def _decide(self, decision: Decision) -> None:
        trial = self._trial
        awaited = self._mode != "calibration" and trial.open and not trial.is_settled
        if awaited and decision.trial == trial.number:
            trial.decision = decision
        else:
            self._dropped += 1

    def _undo(self) -> None:
        undone = None if self._mode == "calibration" else self._spelling.undo()
        if undone is None:
            return
        self._attempts = 0
        self._stage.mark(Undo(undone))
        # The letter to attend to is another now; a decision that was undone is shown no longer.
        if self._spelling.is_cued or not self._trial.open:
            self._trial.broken_off = True
            self._board.suggest(self._spelling.spelled)

    def _session(self) -> Iterator[SpellerPicture]:
        requests = self._stage.requests
        while not requests.started and not requests.finishing:
            yield self._show("ready")
        self._stage.mark(SessionStarted(self._info()))
        yield from self._between(self._lead_s)
        while not self._is_done and not requests.finishing:
            yield from self._letter()
            self._board.suggest(self._spelling.spelled)
            yield from self._between(self._presentation.pause_s)
            self._is_resting = False
        last_response = self._flashing.last_onset + self._window_s + TAIL_S
        yield from self._stage.until(last_response, lambda: self._show("between"))
        yield from self._end("done")

    @property
    def _is_done(self) -> bool:
        return self._spelling.is_done or self._wish.is_fulfilled(self._spelling.spelled)

    def _end(self, reason: str) -> Iterator[SpellerPicture]:
        """End the session with this frame, and the trial that is open."""
        self._end_flashing()
        self._stage.mark(SessionEnded(reason))
        self._reason = reason
        yield self._show("ended")

    def _info(self) -> dict[str, object]:
        flash, gap = self._presentation.frames()
        return {
            "paradigm": "p300",
            "mode": self._mode,
            "calibration": self._mode == "calibration",
            "order": self._presentation.order,
            "flash_frames": flash,
            "gap_frames": gap,
            "refresh_hz": self._presentation.refresh_hz,
            "seed": self._seed,
            "language": self._language,
            "backspace": self._board.backspace,
            "rest": self._board.rest,
        }

    def _between(self, seconds: float) -> Iterator[SpellerPicture]:
        return self._stage.between(
            seconds, lambda: self._show("between"), lambda: self._show("paused")
        )

    def _letter(self) -> Iterator[SpellerPicture]:
        spelled, symbol = self._spelling.spelled, self._spelling.symbol
        if self._wish:
            symbol = self._wish.next(spelled, self._board.symbols)
        trial = self._trial = SpellingTrial(self._trial.number + 1, len(spelled), symbol)
        repetitions = self._board.repetitions(self._n, self._rng)
        self._flashing.lay_out(repetitions[0], again=True)
        self._stage.mark(TrialStart(trial.number, symbol))
        yield from self._for(self._presentation.cue_s, "cue")
        attended = symbol if self._spelling.is_cued else None
        for lit in self._flashing.show(repetitions, attended, lambda: trial.is_settled):
            yield self._show("flashing", lit)
        self._end_flashing()
        if self._mode == "calibration":
            trial.open = False
            self._spelling.enter(symbol, trial.number)
            return
        wait_s = self._window_s + DECISION_WAIT_S
        yield from self._stage.until(
            self._flashing.last_onset + wait_s,
            lambda: self._show("deciding"),
            lambda: trial.is_settled,
        )
        trial.open = False
        yield from self._answer(trial)

    def _answer(self, trial: SpellingTrial) -> Iterator[SpellerPicture]:
        """Enter the decision and show it, or that there is none."""
        if self._language and (trial.broken_off or not trial.value):
            # What the engine may have decided all the same is no context of the next letter.
            self._stage.mark(Undo(trial.number))
        if trial.broken_off:
            return
        self._attempts += 1
        if trial.value or self._attempts >= self._presentation.attempts:
            self._attempts = 0
            # Without a cue there is no letter to give up: the next trial is as good as another.
            if trial.value or self._spelling.is_cued:
                self._spelling.enter(trial.value, trial.number)
            if trial.value and trial.value == self._board.rest:
                self._is_resting = True
                self._stage.requests.take(Command("pause"))
        yield from self._for(
            self._presentation.decision_s, "decided" if trial.value else "undecided"
        )

    def _for(self, seconds: float, state: SpellerState) -> Iterator[SpellerPicture]:
        """Show `state` for so many seconds, or until what it shows is undone."""
        trial = self._trial
        unless = (lambda: trial.is_settled) if state == "cue" else (lambda: trial.broken_off)
        return self._stage.until(self._stage.time + seconds, lambda: self._show(state), unless)

    def _end_flashing(self) -> None:
        if self._trial.flashing:
            self._trial.flashing = False
            self._flashing.repetition = 0
            self._stage.mark(TrialEnd(self._trial.number))

    def _show(self, state: SpellerState, lit: tuple[str, ...] = ()) -> SpellerPicture:
        trial, spelling = self._trial, self._spelling
        text, spelled = spelling.line(trial.place)
        return SpellerPicture(
            state=state,
            lit=lit,
            cue=trial.symbol if state == "cue" and spelling.is_cued else "",
            text=text,
            spelled=spelled,
            decision=trial.value if state == "decided" else "",
            n=trial.place + 1,
            n_total=spelling.n_total,
            trial=trial.number,
            repetition=self._flashing.repetition,
            flashes=self._flashing.n,
            pausing=self._stage.requests.pausing and state != "paused",
            resting=self._is_resting,
            suggestions=self._board.row,
            dropped=self._dropped,
            late_flashes=self._flashing.n_late,
            reason=self._reason,
        )
