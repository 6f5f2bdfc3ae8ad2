"""The evidence for each symbol of a letter, from its epochs and earlier ones, uncalibrated."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.messages import Epoch, Rejected, Score
from bci_online.paradigms.p300.earlier_response import EarlierResponse, said_by
from bci_online.paradigms.p300.epoch_evidence import EarlierLetter, EpochEvidence
from bci_online.paradigms.p300.mean_differences import (
    LetterSums,
    chance_lengths,
    consistent_symbols,
    letter_sums,
    squared_lengths,
)
from bci_online.paradigms.p300.whitening import whitened

__all__ = ["UncalibratedEvidence"]

FEWEST = 2
"""With fewer repetitions a covariance and a response cannot be told apart."""


class _Reading(NamedTuple):
    """What the flashes of a letter say: of each symbol, and of it under each possibility."""

    ratios: NDArray[np.float64]
    by_response: NDArray[np.float64]
    letters: list[LetterSums]
    known: list[NDArray[np.float64]]


class UncalibratedEvidence(EpochEvidence):
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
    response : EarlierResponse
        What earlier sessions say.

    See Also
    --------
    bci_online.paradigms.p300.mean_differences : The symbols that agree best.
    bci_online.paradigms.p300.uncalibrated.UncalibratedSpeller : Decides by it.

    Notes
    -----
    The symbols of earlier letters are chosen so that their differences of means agree best. This
    letter has no part in that: its best symbol would agree with what it chose itself, also where
    nobody looks (the best z was 2.9 then, in the place of the 2.1 of chance). Then the squared
    length that each symbol of this letter makes with them is compared with the lengths that
    shuffled epochs make: z is its distance from their mean in standard deviations. A symbol that is
    looked at has about the best z; one that is not has 0, with a standard deviation of 1. So the
    log-likelihood ratio against chance is ``d z - d² / 2``. For d the best z is taken, less half of
    what the best of all symbols reaches by chance.

    It changes once in a repetition, when every code has flashed. It is worked out when it is first
    asked for, but always from the flashes until then: what is decided does not depend on who asks.

    Examples
    --------
    >>> unknown = EarlierResponse(None, n_times=11, step_s=0.05)
    >>> letter = UncalibratedEvidence(
    ...     {1: ("A",), 2: ("B",)}, (), saturation=0.1, nobody=0.5, number=1, response=unknown
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
        response: EarlierResponse,
    ) -> None:
        self._response = response
        self._earlier = tuple(earlier)
        self._reading: _Reading | None = None
        # At the end of the last repetition: so many were complete, after so many flashes.
        self._read_rounds = self._n_read = 0
        super().__init__(symbols_of_code, number, saturation=saturation, nobody=nobody)

    def add_outcome(self, code: int, outcome: Score | Rejected | Epoch | None) -> None:
        """Add a flash with what became of its epoch."""
        super().add_outcome(code, outcome)
        self._end_round()

    def know(self, earlier: Sequence[EarlierLetter]) -> None:
        """Take other earlier letters from now on: one was taken back, or lost a flash."""
        self._earlier, self._reading = tuple(earlier), None

    def said(self) -> NDArray[np.float64]:
        """Return what the letter says of each possibility of the response, (1 + n_lags,)."""
        return said_by(self._read().by_response)

    def _sum_up(self) -> None:
        super()._sum_up()
        self._reading = None
        self._end_round()

    def _end_round(self) -> None:
        if self.rounds != self._read_rounds:
            self._read_rounds, self._n_read = self.rounds, self.n_flashes
            self._reading = None

    def _log_ratios(self) -> NDArray[np.float64]:
        return self._read().ratios

    def _read(self) -> "_Reading":
        if self._reading is None:
            self._reading = self._compared()
        return self._reading

    def _compared(self) -> "_Reading":
        """Compare each symbol with chance."""
        seen = self._flashes[: self._n_read]
        done = self._fewest(Counter(flash.code for flash in seen if flash.evidence is not None))
        if done < FEWEST:
            by_response = np.zeros((len(self._response.log_weights), len(self.symbols)))
            return _Reading(by_response[0], by_response, [], [])
        together = [*self._earlier, self.as_earlier(n_flashes=self._n_read)]
        ends = np.cumsum([len(one.epochs) for one in together])
        epochs = np.concatenate([one.epochs for one in together])
        *parts, responses = np.split(whitened(epochs, self._response.shifted), ends)
        letters = [letter_sums(own, one.lit) for own, one in zip(parts, together, strict=True)]
        likeliest = self._response.likeliest
        known = [] if likeliest is None else [responses[likeliest][np.newaxis]]
        *before, letter = letters
        others = np.zeros(letter.sums.shape[1])
        if before:
            _, others = _chosen_together(before, known)
        by_response = self._against_chance(
            letter, [others, *(others + own for own in responses)], done
        )
        return _Reading(self._response.combined(by_response), by_response, letters, known)

    def is_in_one_order(self) -> bool:
        """Return whether the codes of three repetitions and more came in the same order."""
        codes = [flash.code for flash in self._flashes]
        return len(codes) >= 3 * self.n_codes and codes[self.n_codes :] == codes[: -self.n_codes]

    def read_differently(self) -> tuple[tuple[int, str], ...]:
        """Return trials of earlier letters that are now read as another symbol than was typed.

        All letters choose together, this one too. Each trial comes with its symbol.
        """
        _, _, letters, known = self._read()
        if not letters:
            return ()
        chosen, total = _chosen_together(letters, known)
        return tuple(
            (earlier.number, earlier.symbols[symbol])
            for earlier, one, symbol in zip(self._earlier, letters, chosen, strict=False)
            if earlier.typed not in (None, symbol)
            and _is_clear(squared_lengths(one, total - one.sums[symbol]), symbol, earlier.typed)
        )

    def _against_chance(
        self, letter: LetterSums, others: Sequence[NDArray[np.float64]], repetitions: int
    ) -> NDArray[np.float64]:
        """Return log-likelihood ratios against chance, (n_others, n_symbols)."""
        rng = np.random.default_rng((self.number, repetitions))
        ratios = np.zeros((len(others), len(letter.sums)))
        shuffled = chance_lengths(letter, others, self.n_codes, rng)
        for row, (other, chance) in enumerate(zip(others, shuffled, strict=True)):
            mean, spread = float(chance.mean()), float(chance.std())
            # Without spread not one channel has a signal.
            if spread:
                z = (squared_lengths(letter, other) - mean) / spread
                lucky = float((chance.max(axis=1) - mean).mean()) / spread
                d = max(0.0, float(z.max()) - lucky / 2)
                ratios[row] = (d * z - d * d / 2) / (1 + self._saturation * repetitions)
        return ratios


def _chosen_together(
    letters: Sequence[LetterSums], known: Sequence[NDArray[np.float64]]
) -> tuple[list[int], NDArray[np.float64]]:
    """Return the symbols of letters that agree best, also with what is known, and their sum."""
    chosen = consistent_symbols([*(letter.sums for letter in letters), *known])[: len(letters)]
    total = np.zeros(letters[0].sums.shape[1])
    for one, symbol in zip(letters, chosen, strict=True):
        total += one.sums[symbol]
    return chosen, total


def _is_clear(lengths: NDArray[np.float64], symbol: int, typed: int | None) -> bool:
    """Return whether a symbol is longer than the typed one by more than symbols vary."""
    return typed is not None and bool(lengths[symbol] - lengths[typed] > lengths.std())
