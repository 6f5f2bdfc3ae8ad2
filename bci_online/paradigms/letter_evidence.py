"""The evidence of flashes for each symbol of one letter, and its posterior."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence
from bci_online.messages import Marker

__all__ = ["LetterEvidence", "log_likelihood_ratio"]

# Sums that differ by less differ by rounding.
SILENCE = 1e-9


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
        self._flashes: list[tuple[tuple[str, ...], float | None, Marker | None]] = []
        self._times_flashed: dict[int, int] = {}
        self.lay_out(symbols_of_code)

    def lay_out(self, symbols_of_code: Mapping[int, tuple[str, ...]]) -> None:
        """From now on codes mean other symbols; evidence for a symbol stays with the symbol."""
        self._symbols_of_code = dict(symbols_of_code)
        self.symbols = tuple(dict.fromkeys(s for line in symbols_of_code.values() for s in line))
        self._place = {symbol: place for place, symbol in enumerate(self.symbols)}
        self._times_flashed = {c: self._times_flashed.get(c, 0) for c in symbols_of_code}
        self._sum_up()

    def expect(self, log_prior: Mapping[str, float]) -> None:
        """From now on symbols have this prior; a symbol that is not in it has 1."""
        self._log_prior = dict(log_prior)

    def _sum_up(self) -> None:
        self._total = np.zeros(len(self.symbols))
        for line, evidence, _ in self._flashes:
            self._weigh(line, evidence)

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
    def is_silent(self) -> bool:
        """Whether nothing was seen yet that speaks for one symbol rather than another."""
        return not self.symbols or float(np.ptp(self._temperature * self._total)) <= SILENCE

    @property
    def repetitions(self) -> int:
        """How often every code was flashed at least."""
        return min(self._times_flashed.values(), default=0)

    def knows(self, code: int) -> bool:
        """Tell whether `code` is one of the layout's."""
        return code in self._symbols_of_code

    def add(self, code: int, evidence: float | None, marker: Marker | None = None) -> None:
        """Take one flash; evidence None (a rejected epoch) speaks for nothing."""
        line = self._symbols_of_code[code]
        self._flashes.append((line, evidence, marker))
        self._times_flashed[code] += 1
        self._weigh(line, evidence)

    def remove(self, marker: Marker) -> None:
        """Take a flash's evidence back; the flash still counts as seen."""
        self._flashes = [
            (line, None if own == marker else evidence, own)
            for line, evidence, own in self._flashes
        ]
        self._sum_up()

    def posterior(self) -> NDArray[np.float64]:
        """Return the probability of each of `symbols`, given the flashes so far."""
        prior = np.array([self._log_prior.get(symbol, 0.0) for symbol in self.symbols])
        logits = prior + self._temperature * self._total
        weights = np.exp(logits - logits.max())
        return weights / weights.sum()
