"""Letters that keep their epochs, so that they can be read again with what is known later."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence, Stopping
from bci_online.messages import Epoch, Marker, Rejected, Score
from bci_online.paradigms.p300.letter_evidence import LetterEvidence, log_likelihood_ratio

__all__ = ["EarlierLetter", "EpochEvidence", "FittedEvidence", "LetterReader"]

Floats = NDArray[np.float64]


class LetterReader(NamedTuple):
    """What letters can be read with, once a decoder is fitted.

    Parameters
    ----------
    score : callable
        The score of an epoch; None where it is an artefact or lacks too many sensors.
    evidence : Evidence
        What scores are worth.
    stopping : Stopping
        When a letter is decided with it.

    See Also
    --------
    FittedEvidence : Reads a letter with it.
    bci_online.runtime.fitted_decoders.letter_reader : Make it from a decoder's bytes.
    """

    score: Callable[[Epoch], float | None]
    evidence: Evidence
    stopping: Stopping


class EarlierLetter(msgspec.Struct, frozen=True, eq=False):
    """A letter that is over, as far as it helps with the next ones.

    Parameters
    ----------
    number : int
        Of its trial.
    flashes : tuple of (int, Epoch)
        Code and epoch of each flash that was not rejected.
    symbols_of_code : dict of int to tuple of str
        What a flash of each code lit.
    symbols : tuple of str
        All symbols, in the order of `lit`.
    lit : ndarray, shape (n_symbols, n_flashes)
        1 where a flash lit a symbol.
    epochs : ndarray, shape (n_flashes, n_channels, n_times)
        Of its flashes; NaN for a sensor that was lost.
    typed : int or None
        Place of the symbol that was decided; None where none was, or where it was taken back.
    said : ndarray, shape (1 + n_lags,), or None
        What it says of the response of earlier sessions, as `said_by` returns it.

    See Also
    --------
    EpochEvidence.as_earlier : Makes it.

    Examples
    --------
    >>> letter, marker = EpochEvidence({1: ("A",), 2: ("B",)}, 7), Marker("flash/1", 5.0)
    >>> letter.add_outcome(1, Epoch(np.zeros((2, 3)), marker, 9, 5.0, np.ones(2)))
    >>> letter.as_earlier().without(marker).flashes
    ()
    """

    number: int
    flashes: tuple[tuple[int, Epoch], ...]
    symbols_of_code: dict[int, tuple[str, ...]]
    symbols: tuple[str, ...]
    lit: Floats
    epochs: Floats
    typed: int | None = None
    said: Floats | None = None

    def without(self, marker: Marker) -> "EarlierLetter":
        """Return the letter without the flash of a marker, as if it had been rejected."""
        stay = [n for n, (_, epoch) in enumerate(self.flashes) if epoch.marker != marker]
        if len(stay) == len(self.flashes):
            return self
        # What it said of the response, it said with that flash.
        return msgspec.structs.replace(
            self,
            flashes=tuple(self.flashes[n] for n in stay),
            lit=self.lit[:, stay],
            epochs=self.epochs[stay],
            said=None,
        )


class EpochEvidence(LetterEvidence):
    """The evidence of a letter that keeps the epochs of its flashes.

    Parameters
    ----------
    symbols_of_code : mapping of int to tuple of str
        Symbols that a flash of each code lights up.
    number : int
        Of the trial.
    temperature, saturation, nobody : float
        As in `LetterEvidence`.

    See Also
    --------
    FittedEvidence : Reads the epochs with a decoder.
    bci_online.paradigms.p300.uncalibrated_evidence.UncalibratedEvidence : Reads them without one.

    Examples
    --------
    >>> letter = EpochEvidence({1: ("A",), 2: ("B",)}, 7)
    >>> data, marker = np.zeros((2, 3)), Marker("flash/1", 5.0)
    >>> letter.add_outcome(1, Epoch(data, marker, onset=9, time=5.0, peak_to_peak=np.ones(2)))
    >>> letter.as_earlier("A").epochs.shape
    (1, 2, 3)
    """

    def __init__(
        self,
        symbols_of_code: Mapping[int, tuple[str, ...]],
        number: int,
        *,
        temperature: float = 1.0,
        saturation: float = 0.0,
        nobody: float = 0.0,
    ) -> None:
        self.number = number
        self._epochs: list[Epoch | None] = []
        super().__init__(symbols_of_code, temperature, saturation=saturation, nobody=nobody)

    def add_outcome(self, code: int, outcome: Score | Rejected | Epoch | None) -> None:
        """Add a flash with what became of its epoch."""
        value = self._value(outcome) if isinstance(outcome, Epoch) else None
        kept = outcome if isinstance(outcome, Epoch) and value is not None else None
        self._epochs.append(kept)
        self.add(code, value, None if outcome is None else outcome.marker)

    def remove(self, marker: Marker) -> None:
        """Remove a flash's epoch, as if it had been rejected."""
        for place, flash in enumerate(self._flashes):
            if flash.marker == marker:
                self._epochs[place] = None
        super().remove(marker)

    def as_earlier(self, typed: str | None = None, n_flashes: int | None = None) -> EarlierLetter:
        """Return the letter as the next ones use it.

        Parameters
        ----------
        typed : str, optional
            What was decided.
        n_flashes : int, optional
            Its first flashes only.
        """
        seen = [
            (flash, epoch)
            for flash, epoch in zip(self._flashes[:n_flashes], self._epochs, strict=False)
            if epoch is not None
        ]
        lines = [set(flash.line) for flash, _ in seen]
        return EarlierLetter(
            self.number,
            tuple((flash.code, epoch) for flash, epoch in seen),
            dict(self._symbols_of_code),
            tuple(self.symbols),
            np.array([[float(symbol in line) for line in lines] for symbol in self.symbols]),
            np.array([_without_lost(epoch) for _, epoch in seen]),
            None if typed is None else self.symbols.index(typed),
        )

    def _value(self, epoch: Epoch) -> float | None:
        """Return the evidence of one epoch; None as if it had been rejected."""
        return 0.0


class FittedEvidence(EpochEvidence):
    """The evidence of a letter that a fitted decoder reads.

    Parameters
    ----------
    symbols_of_code : mapping of int to tuple of str
        Symbols that a flash of each code lights up.
    number : int
        Of the trial.
    reader : LetterReader
        The decoder.
    nobody : float
        Prior probability that nobody looks.

    See Also
    --------
    bci_online.paradigms.p300.letter_evidence.LetterEvidence : The same from scores alone.

    Examples
    --------
    >>> reader = LetterReader(lambda epoch: float(epoch.data.sum()), Evidence(), Stopping())
    >>> letter = FittedEvidence({1: ("A",), 2: ("B",)}, 1, reader, nobody=0.0)
    >>> for code, high in [(1, 1.0), (2, -1.0)]:
    ...     marker = Marker(f"flash/{code}", 5.0)
    ...     data = np.full((1, 1), high)
    ...     letter.add_outcome(code, Epoch(data, marker, 9, 5.0, np.ones(1)))
    >>> dict(zip(letter.symbols, letter.posterior().round(2).tolist()))
    {'A': 0.98, 'B': 0.02}
    """

    def __init__(
        self,
        symbols_of_code: Mapping[int, tuple[str, ...]],
        number: int,
        reader: LetterReader,
        nobody: float,
    ) -> None:
        self._reader = reader
        own = reader.evidence
        super().__init__(
            symbols_of_code,
            number,
            temperature=own.temperature,
            saturation=own.saturation,
            nobody=nobody,
        )

    @classmethod
    def of(cls, letter: EarlierLetter, reader: LetterReader) -> "FittedEvidence":
        """Return an earlier letter as `reader` reads it."""
        own = cls(letter.symbols_of_code, letter.number, reader, reader.evidence.nobody)
        for code, epoch in letter.flashes:
            own.add_outcome(code, epoch)
        return own

    def _value(self, epoch: Epoch) -> float | None:
        score = self._reader.score(epoch)
        if score is None:
            return None
        return float(log_likelihood_ratio(np.array(score), self._reader.evidence))


def _without_lost(epoch: Epoch) -> Floats:
    data = epoch.data.copy()
    data[list(epoch.without)] = np.nan
    return data
