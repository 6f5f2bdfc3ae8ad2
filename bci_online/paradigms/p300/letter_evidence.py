"""The evidence of flashes for each symbol of one letter, and its posterior."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence
from bci_online.messages import Marker

__all__ = ["LetterEvidence", "log_likelihood_ratio"]

# Sums that differ by less differ by rounding.
SILENCE = 1e-9


class _Seen(NamedTuple):
    """A flash: its code, what that lit, and what its response speaks for; None: it was rejected."""

    code: int
    line: tuple[str, ...]
    evidence: float | None
    marker: Marker | None


def log_likelihood_ratio(scores: NDArray[np.float64], evidence: Evidence) -> NDArray[np.float64]:
    """Return the evidence for a target in each score: log p(score | target) / p(score | other).

    Both densities are normal with one spread, so more score is more evidence, however far out.
    """
    centre = (evidence.target_mean + evidence.nontarget_mean) / 2
    slope = (evidence.target_mean - evidence.nontarget_mean) / evidence.spread**2
    return slope * (scores - centre)


class LetterEvidence:
    """The evidence for each symbol while one letter is flashed.

    Parameters
    ----------
    symbols_of_code : mapping
        Which symbols a flash of each code lights.
    temperature : float
        What the summed evidence is multiplied with: flashes overlap, their sum is overconfident.
    log_prior : mapping of str to float, optional
        Uniform if not given.
    """

    def __init__(
        self,
        symbols_of_code: Mapping[int, tuple[str, ...]],
        temperature: float = 1.0,
        log_prior: Mapping[str, float] | None = None,
    ) -> None:
        self._temperature = temperature
        self.expect(log_prior or {})
        self._flashes: list[_Seen] = []
        self.lay_out(symbols_of_code)

    def lay_out(self, symbols_of_code: Mapping[int, tuple[str, ...]]) -> None:
        """From now on codes mean other symbols; evidence for a symbol stays with the symbol."""
        self._symbols_of_code = dict(symbols_of_code)
        self.symbols = tuple(dict.fromkeys(s for line in symbols_of_code.values() for s in line))
        self._place = {symbol: place for place, symbol in enumerate(self.symbols)}
        self._sum_up()

    def expect(self, log_prior: Mapping[str, float]) -> None:
        """From now on symbols have this prior; a symbol that is not in it has 1."""
        self._log_prior = dict(log_prior)

    def _sum_up(self) -> None:
        self._total = np.zeros(len(self.symbols))
        for flash in self._flashes:
            self._weigh(flash.line, flash.evidence)

    def _weigh(self, line: tuple[str, ...], evidence: float | None) -> None:
        if evidence is not None:
            self._total[[self._place[s] for s in line if s in self._place]] += evidence

    @property
    def n_codes(self) -> int:
        """How many codes make one repetition."""
        return len(self._symbols_of_code)

    @property
    def n_flashes(self) -> int:
        """How many flashes of the layout's codes were seen, rejected ones included."""
        return len(self._flashes)

    @property
    def n_rejected(self) -> int:
        """How many of those speak for nothing: their epochs were rejected or taken back."""
        return sum(flash.evidence is None for flash in self._flashes)

    @property
    def is_silent(self) -> bool:
        """Whether nothing was seen yet that speaks for one symbol rather than another."""
        return not self.symbols or float(np.ptp(self._temperature * self._total)) <= SILENCE

    @property
    def repetitions(self) -> int:
        """How often every code gave evidence at least."""
        return self._rounds(flash.code for flash in self._flashes if flash.evidence is not None)

    @property
    def rounds(self) -> int:
        """How often every code was flashed at least, with evidence or without."""
        return self._rounds(flash.code for flash in self._flashes)

    def _rounds(self, codes: Iterable[int]) -> int:
        times = Counter(codes)
        return min((times[code] for code in self._symbols_of_code), default=0)

    def knows(self, code: int) -> bool:
        """Tell whether `code` is one of the layout's."""
        return code in self._symbols_of_code

    def add(self, code: int, evidence: float | None, marker: Marker | None = None) -> None:
        """Take one flash; evidence None (a rejected epoch) speaks for nothing."""
        line = self._symbols_of_code[code]
        self._flashes.append(_Seen(code, line, evidence, marker))
        self._weigh(line, evidence)

    def remove(self, marker: Marker) -> None:
        """Take a flash's evidence back, as if its epoch had been rejected."""
        self._flashes = [
            flash._replace(evidence=None) if flash.marker == marker else flash
            for flash in self._flashes
        ]
        self._sum_up()

    def posterior(self) -> NDArray[np.float64]:
        """Return the probability of each of `symbols`, given the flashes so far."""
        prior = np.array([self._log_prior.get(symbol, 0.0) for symbol in self.symbols])
        logits = prior + self._temperature * self._total
        weights = np.exp(logits - logits.max())
        return weights / weights.sum()
