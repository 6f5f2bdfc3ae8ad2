"""What the P300 speller shows, frame by frame."""

from collections.abc import Iterator, Sequence

import numpy as np

from bci_online.config import Config
from bci_online.errors import ConfigError
from bci_online.markers import Feedback, SessionEnded, SessionStarted, TrialEnd, TrialStart
from bci_online.messages import Command, Decision, Marker
from bci_online.notes import Corrected, NotCorrected, Undo
from bci_online.paradigms.p300.flash_timing import FlashTiming
from bci_online.paradigms.p300.matrix import SymbolMatrix
from bci_online.paradigms.p300.session_info import Mode, session_info
from bci_online.paradigms.p300.simulated_speller import SimulatedSpeller
from bci_online.paradigms.p300.spelling import Spelling
from bci_online.paradigms.p300.spelling_trial import SpellingTrial
from bci_online.paradigms.p300.untried_letters import UntriedLetters
from bci_online.paradigms.picture import SpellerPicture, SpellerState
from bci_online.paradigms.presentation import DECISION_WAIT_S, TAIL_S, News, Stage

__all__ = ["Mode", "P300Presentation"]


class P300Presentation:
    """Show cues and flashes, wait for decisions and show them, letter by letter.

    Parameters
    ----------
    config : Config
        Layout, presentation, stopping, and the length of an epoch.
    mode : str
        ``calibration``: words are cued and all repetitions flashed, without decisions.
        ``copy``: words are cued, with decisions. ``free``: the subject chooses, until ``finish``.
    words : sequence of (str or sequence of str)
        What to spell, as text or symbol by symbol; none in free spelling.
    wish : str
        The text that a simulated subject wants to write in free spelling. Each trial's start then
        names the symbol that it attends to, and the session ends with the text.
    seed : int
        Seed of the flash orders.
    lead_s : float
        Seconds before the first letter, for instance until the filter has settled.
    done : int
        How many letters of a calibration an earlier run of this seed has shown.

    Raises
    ------
    ConfigError
        If a word has a symbol that the layout lacks, if there are words in free spelling or none
        otherwise, if the layout is too small for its flash order, or the language is not known.

    See Also
    --------
    bci_online.paradigms.motor_imagery.presentation.GrazPresentation : The same for imagery.
    bci_online.paradigms.p300.decision.P300Speller : Decides the letters.

    Notes
    -----
    The session waits for the command ``start``, which the conductor sends after the handshake: LSL
    drops what is sent before a receiver connects. A letter is ``layout``, ``trial/start``, the cue,
    flashes, ``trial/end``, the decision, a pause. Step once a frame; `FlashTiming` has missed ones.

    *Decisions* count for the trial that they name, from its cue until 2 s after the response to its
    last flash. A decision that comes earlier ends the flashing after the current flash. All others
    are dropped and counted: a decision for another trial would be typed in the wrong place. If none
    comes in time, or one without a value, the letter is asked again in a new trial, at most
    ``attempts`` times. A decision that is too late to be carried out must be given without a value.

    *Commands.* ``pause``, ``finish`` and a promise that is reached take effect at the letter's end,
    ``resume`` continues, ``abort`` ends at once. ``hide`` stops everything until ``show``. ``undo``
    removes the last decision (also a backspace), a note `Corrected` replaces one, if it still can.
    After an undo the letter continues in free spelling; in copying the one before is asked again.

    *Free spelling* adds a row of words, backspace and rest to the matrix. The row changes between
    letters and never while one is flashed. A rest leaves the text as it is and pauses. Copying
    suggests no words, because a cue points at one letter.

    Examples
    --------
    >>> screen = P300Presentation(Config(), "copy", ["HI"])
    >>> screen.step(0.0)[0].state
    'ready'
    >>> picture, markers = screen.step(1 / 60, [Command("start")])
    >>> [marker.text.partition("{")[0] for marker in markers][:1]
    ['session/start/']
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
        done: int = 0,
    ) -> None:
        if (mode == "free") == bool(words):
            wants = "no words" if words else "words to spell"
            raise ConfigError(f"mode {mode!r} needs {wants}, got {list(words)}")
        shown, calibrates = config.presentation, mode == "calibration"
        self._presentation, self._mode, self._window_s = shown, mode, config.epoch.tmax
        self._language = "" if calibrates else config.language.code
        self._n = shown.repetitions if calibrates else config.stopping.max_repetitions
        self._lead_s = lead_s
        self._rng = np.random.default_rng(seed)
        self._matrix = matrix = SymbolMatrix(config, self._language, free=mode == "free")
        letters, keys = matrix.spelled(words), {"backspace": shown.backspace, "rest": shown.rest}
        self._spelling = Spelling(letters, **keys, done=done)
        for _ in range(done):
            matrix.repetitions(self._n, self._rng)
        follows = None if calibrates else config.adaptation
        self._info = session_info(shown, mode, matrix, self._language, seed, done, follows)
        self._simulated = SimulatedSpeller(wish, matrix.symbols, matrix.backspace)
        self._stage: Stage[SpellerPicture] = Stage(config.presentation.refresh_hz)
        self._trial = SpellingTrial(0, 0, "", flashing=False, open=False)
        self._attempts = self._dropped = 0
        self._untried = UntriedLetters(shown)
        self._flashing = FlashTiming(self._stage, config.presentation)
        self._reason = ""
        self._is_resting = False
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
        """As `Spelling` has it."""
        return self._spelling.text

    def _take(self, message: News) -> None:
        if isinstance(message, Decision):
            self._decide(message)
        elif isinstance(message, Command):
            # A word that was read may have left the row meanwhile.
            note, seen = message.note, self._matrix.symbols
            if isinstance(note, Corrected) and not self._spelling.takes(note, seen):
                self._stage.mark(NotCorrected(note.trial))
            else:
                self._stage.take(message)
            if message.name == "undo":
                self._undo()

    def _decide(self, decision: Decision) -> None:
        trial = self._trial
        # LSL may deliver a decision after its trial, when the same symbol is no longer meant.
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
        # The target has changed, so its evidence is worth nothing, and an undone decision must
        # not stay on the screen. In free spelling the subject's choice does not depend on it.
        if self._spelling.is_cued or not self._trial.open:
            self._trial.broken_off = True
            self._matrix.suggest(self._spelling.spelled)

    def _session(self) -> Iterator[SpellerPicture]:
        requests = self._stage.requests
        while not requests.started and not requests.finishing:
            yield self._show("ready")
        self._stage.mark(SessionStarted(self._info))
        # Epochs that begin before the filter has settled are rejected: no letter begins before.
        yield from self._between(self._lead_s)
        while not self._is_done and not requests.finishing:
            yield from self._letter()
            self._matrix.suggest(self._spelling.spelled)
            yield from self._between(self._untried.pause_s)
            self._is_resting = False
        # `session/end` stops the engine: the samples of the last response must be in before it.
        last_response = self._flashing.last_onset + self._window_s + TAIL_S
        yield from self._stage.until(last_response, lambda: self._show("between"))
        yield from self._end("done")

    @property
    def _is_done(self) -> bool:
        return self._spelling.is_done or self._simulated.is_done(self._spelling.spelled)

    def _end(self, reason: str) -> Iterator[SpellerPicture]:
        """End the session with this frame, and the open trial with it."""
        self._end_flashing()
        self._stage.mark(SessionEnded(reason))
        self._reason = reason
        yield self._show("ended")

    def _between(self, seconds: float) -> Iterator[SpellerPicture]:
        return self._stage.between(
            seconds, lambda: self._show("between"), lambda: self._show("paused")
        )

    def _letter(self) -> Iterator[SpellerPicture]:
        spelled, symbol = self._spelling.spelled, self._spelling.symbol
        if self._simulated:
            symbol = self._simulated.next(spelled, self._matrix.symbols)
        trial = self._trial = SpellingTrial(self._trial.number + 1, len(spelled), symbol)
        repetitions = self._matrix.repetitions(self._n, self._rng)
        self._flashing.lay_out(repetitions[0], again=True)  # so that each letter can be read alone
        self._stage.mark(TrialStart(trial.number, symbol))
        yield from self._for(self._presentation.cue_s, "cue")
        # Without a cue only the subject knows the target, so flashes are marked as unknown.
        attended = symbol if self._spelling.is_cued else None
        for lit in self._flashing.show(repetitions, attended, lambda: trial.is_settled):
            yield self._show("flashing", lit)
        self._end_flashing()
        if self._mode == "calibration":
            trial.open = False
            self._spelling.enter(symbol, trial.number)
            return
        # The engine can decide only when the response to the last flash is over.
        wait_s = self._window_s + DECISION_WAIT_S
        yield from self._stage.until(
            self._flashing.last_onset + wait_s,
            lambda: self._show("deciding"),
            lambda: trial.is_settled,
        )
        # The answer is shown now, so it must not change: a later decision is dropped.
        trial.open = False
        yield from self._answer(trial)

    def _answer(self, trial: SpellingTrial) -> Iterator[SpellerPicture]:
        """Enter the decision and show it, or show that there is none."""
        if trial.broken_off or not trial.value:
            # The engine may have decided too late; nothing of it must build on that letter.
            self._stage.mark(Undo(trial.number))
        if trial.broken_off:
            return
        self._untried.add(trial.decision)
        # Nobody looked, or there was no signal: the letter is asked again, however often.
        self._attempts += not trial.is_untried
        if trial.value or self._attempts >= self._presentation.attempts:
            self._attempts = 0
            # In free spelling no letter is given up: the next trial is a new choice anyway.
            if trial.value or self._spelling.is_cued:
                self._spelling.enter(trial.value, trial.number)
        if (trial.value and trial.value == self._matrix.rest) or self._untried.should_rest:
            self._untried.rested()
            self._is_resting = True
            self._stage.requests.take(Command("pause"))
        if trial.value:
            self._stage.mark(Feedback(trial.outcome))
        yield from self._for(self._presentation.decision_s, trial.answer)

    def _for(self, seconds: float, state: SpellerState) -> Iterator[SpellerPicture]:
        """Show `state` for so many seconds, or until it is cancelled."""
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
            suggestions=self._matrix.row,
            dropped=self._dropped,
            late_flashes=self._flashing.n_late,
            progress=self._stage.requests.progress,
            reason=self._reason,
        )
