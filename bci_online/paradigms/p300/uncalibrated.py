"""Decisions of the P300 speller without any calibration: letters from epochs, not from scores."""

from collections import deque
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence, Stopping
from bci_online.markers import Event
from bci_online.messages import Decision, Epoch, Marker, Message, Rejected, Score, Status
from bci_online.notes import Undo
from bci_online.paradigms.p300.decision import P300Speller
from bci_online.paradigms.p300.flashed_letter import FlashedLetter
from bci_online.paradigms.p300.letter_evidence import LetterEvidence
from bci_online.paradigms.p300.mean_differences import (
    chance_lengths,
    consistent_symbols,
    letter_sums,
    squared_lengths,
    whitened,
)
from bci_online.paradigms.p300.text_prior import TextPrior

__all__ = ["EarlierLetter", "UncalibratedEvidence", "UncalibratedSpeller"]

EARLIER = 12
"""So many letters are decided together with the current one: their response is known well then."""

FEWEST = 2
"""With fewer repetitions a covariance and a response cannot be told apart."""


class EarlierLetter(msgspec.Struct, frozen=True, eq=False):
    """A letter that is over, as far as it helps with the next ones.

    Parameters
    ----------
    number : int
        Of its trial.
    epochs : ndarray, shape (n_flashes, n_channels, n_times)
        Of its flashes; NaN for a sensor that was lost.
    lit : ndarray, shape (n_symbols, n_flashes)
        1 where a flash lit a symbol.
    typed : int or None
        Place of the symbol that was decided; None where none was.

    See Also
    --------
    UncalibratedEvidence : Decides it once more, together with a new letter.
    """

    number: int
    epochs: NDArray[np.float64]
    lit: NDArray[np.float64]
    typed: int | None = None


class UncalibratedEvidence(LetterEvidence):
    """The evidence for each symbol of a letter, from its epochs and those of earlier letters.

    Parameters
    ----------
    symbols_of_code : mapping of int to tuple of str
        Symbols that a flash of each code lights up.
    earlier : sequence of EarlierLetter
        Their symbols are not taken for granted: they are chosen again with each repetition.
    saturation : float
        As in `LetterEvidence`: shuffled epochs do not show what all flashes of a code share.
    nobody : float
        Prior probability that nobody looks.
    number : int
        Of the trial: chance is drawn alike in a replay.

    Attributes
    ----------
    read_differently : tuple of int
        Trials of earlier letters that were typed as another symbol than all letters together say.

    See Also
    --------
    bci_online.paradigms.p300.mean_differences : The symbols that agree best.
    UncalibratedSpeller : Decides by it.

    Notes
    -----
    All letters' symbols are chosen so that their differences of means agree best. Then the squared
    length that each symbol of this letter reaches is compared with the lengths that shuffled epochs
    reach: z is its distance from their mean in standard deviations. A symbol that is looked at has
    about the best z; one that is not has 0, with a standard deviation of 1. So the log-likelihood
    ratio against chance is ``d z - d² / 2``. For d the best z is taken, less half of what the best
    of all symbols reaches by chance.

    It changes once in a repetition, when every code has flashed.

    Examples
    --------
    >>> letter = UncalibratedEvidence(
    ...     {1: ("A",), 2: ("B",)}, (), saturation=0.1, nobody=0.5, number=1
    ... )
    >>> letter.posterior().round(2).tolist()  # no flash yet
    [0.25, 0.25]
    """

    def __init__(
        self,
        symbols_of_code: Mapping[int, tuple[str, ...]],
        earlier: Sequence[EarlierLetter],
        *,
        saturation: float,
        nobody: float,
        number: int,
    ) -> None:
        self._earlier = tuple(earlier)
        self._number = number
        self._epochs: list[NDArray[np.float64] | None] = []
        self._ratios: tuple[int, NDArray[np.float64]] | None = None
        self.read_differently: tuple[int, ...] = ()
        super().__init__(symbols_of_code, saturation=saturation, nobody=nobody)

    def add_epoch(
        self, code: int, epoch: NDArray[np.float64] | None, marker: Marker | None
    ) -> None:
        """Add a flash with its epoch (n_channels, n_times), NaN for a lost sensor; or None."""
        self._epochs.append(epoch)
        self.add(code, None if epoch is None else 0.0, marker)

    def remove(self, marker: Marker) -> None:
        """Remove a flash's epoch, as if it had been rejected."""
        places = [place for place, flash in enumerate(self._flashes) if flash.marker == marker]
        for place in places:
            self._epochs[place] = None
        super().remove(marker)

    def as_earlier(self, typed: str | None = None) -> EarlierLetter:
        """Return the letter as the next ones use it; `typed` is what was decided."""
        kept = [place for place, epoch in enumerate(self._epochs) if epoch is not None]
        lines = [set(self._flashes[place].line) for place in kept]
        lit = np.array([[float(symbol in line) for line in lines] for symbol in self.symbols])
        epochs = [epoch for epoch in self._epochs if epoch is not None]
        place = None if typed is None else self.symbols.index(typed)
        return EarlierLetter(self._number, np.array(epochs), lit, place)

    def _sum_up(self) -> None:
        self._ratios = None
        super()._sum_up()

    def _log_ratios(self) -> NDArray[np.float64]:
        done = self.repetitions
        if self._ratios is None or self._ratios[0] != done:
            ratios = self._compared() if done >= FEWEST else np.zeros(len(self.symbols))
            self._ratios = done, ratios
        return self._ratios[1]

    def _compared(self) -> NDArray[np.float64]:
        """Return the log-likelihood ratio of each symbol against chance."""
        together = [*self._earlier, self.as_earlier()]
        ends = np.cumsum([len(one.epochs) for one in together])[:-1]
        features = np.split(whitened(np.concatenate([one.epochs for one in together])), ends)
        letters = [letter_sums(own, one.lit) for own, one in zip(features, together, strict=True)]
        *chosen, _ = consistent_symbols([letter.sums for letter in letters])
        *before, letter = letters
        others = np.zeros(letter.sums.shape[1])
        for one, symbol in zip(before, chosen, strict=True):
            others += one.sums[symbol]
        self.read_differently = tuple(
            earlier.number
            for earlier, one, symbol in zip(self._earlier, before, chosen, strict=True)
            if earlier.typed not in (None, symbol)
            and _is_clear(squared_lengths(one, others - one.sums[symbol]), symbol, earlier.typed)
        )
        lengths = squared_lengths(letter, others)
        rng = np.random.default_rng((self._number, self.repetitions))
        chance = chance_lengths(letter, others, self.n_codes, rng)
        mean, spread = float(chance.mean()), float(chance.std())
        if not spread:
            # Not one channel has a signal.
            return np.zeros(len(lengths))
        z = (lengths - mean) / spread
        lucky = float((chance.max(axis=1) - mean).mean()) / spread
        d = max(0.0, float(z.max()) - lucky / 2)
        return np.asarray((d * z - d * d / 2) / (1 + self._saturation * self.repetitions))


def _is_clear(lengths: NDArray[np.float64], symbol: int, typed: int | None) -> bool:
    """Return whether a symbol is longer than the typed one by more than symbols vary."""
    return typed is not None and bool(lengths[symbol] - lengths[typed] > lengths.std())


class UncalibratedSpeller(P300Speller):
    """Decide letters from unlabelled epochs, in the order of the flashes.

    Parameters
    ----------
    symbols_of_code : mapping of int to tuple of str
        The layout; a ``layout`` marker replaces it.
    evidence : Evidence
        Its threshold and its prior that nobody looks; there are no scores.
    stopping : Stopping
        Minimum and maximum number of repetitions.
    window_s : float
        Length of an epoch in seconds.
    dynamic : bool
        False: decide after all repetitions, whatever the evidence.
    prior : TextPrior, optional
        As in `P300Speller`.

    References
    ----------
    Sosulski & Tangermann (2023), arXiv 2306.11830: unsupervised mean-difference maximisation. Here
    all letters so far are decided together, and chance is measured on shuffled epochs.

    See Also
    --------
    UncalibratedEvidence : What it decides by.
    bci_online.paradigms.p300.decision.P300Speller : The same with a trained decoder.

    Notes
    -----
    A letter at which nobody looked does not help with the next ones, and a letter that was taken
    back does not, either. No decision binds: a letter that was typed wrongly is chosen again
    together with every later one, so one mistake does not spoil what follows. Where all letters
    together say another symbol than was typed, a warning offers to take it back, once.

    Examples
    --------
    >>> speller = UncalibratedSpeller(
    ...     {1: ("A",), 2: ("B",)}, Evidence(nobody=0.5), Stopping(), window_s=0.6
    ... )
    >>> speller.trial_evidence() is None
    True
    """

    def __init__(
        self,
        symbols_of_code: Mapping[int, tuple[str, ...]],
        evidence: Evidence,
        stopping: Stopping,
        window_s: float,
        dynamic: bool = True,
        prior: TextPrior | None = None,
    ) -> None:
        super().__init__(symbols_of_code, evidence, stopping, window_s, dynamic, prior)
        self._earlier: deque[EarlierLetter] = deque(maxlen=EARLIER)
        self._told = set[int]()

    def push(
        self, event: Event, time: float, outcome: Score | Rejected | Epoch | None
    ) -> list[Message]:
        """Process the next marker, as `P300Speller.push` does."""
        if isinstance(event, Undo):
            kept = [one for one in self._earlier if one.number != event.trial]
            self._earlier = deque(kept, maxlen=EARLIER)
        return super().push(event, time, outcome)

    def _new_evidence(self, number: int) -> LetterEvidence:
        return UncalibratedEvidence(
            self._symbols_of_code,
            self._earlier,
            saturation=self._evidence.saturation,
            nobody=self._nobody.value,
            number=number,
        )

    def _add(
        self, letter: LetterEvidence, code: int, outcome: Score | Rejected | Epoch | None
    ) -> None:
        if isinstance(letter, UncalibratedEvidence):
            epoch = None
            if isinstance(outcome, Epoch):
                epoch = outcome.data.copy()
                epoch[list(outcome.without)] = np.nan
            letter.add_epoch(code, epoch, None if outcome is None else outcome.marker)

    def _closed(self, trial: FlashedLetter, decision: Decision) -> list[Message]:
        letter, messages = trial.evidence, super()._closed(trial, decision)
        if isinstance(letter, UncalibratedEvidence) and decision.nobody <= 0.5:
            self._earlier.append(letter.as_earlier(decision.value))
            told = [number for number in letter.read_differently if number not in self._told]
            self._told.update(told)
            messages += [_offer(number, decision.time) for number in told]
        return messages


def _offer(number: int, time: float) -> Status:
    """Return the offer to correct a letter; it names no symbol, because a log must not hold any."""
    text = (
        f"trial {number} was typed as another symbol than all letters together say; ask the "
        "subject, and take it back if it is wrong"
    )
    return Status("warning", text, time, kind="reread")
