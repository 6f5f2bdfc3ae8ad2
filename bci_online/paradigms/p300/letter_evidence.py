"""The evidence of flashes for each symbol of one letter, and the posterior."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Evidence
from bci_online.messages import Marker

__all__ = ["LetterEvidence", "log_likelihood_ratio", "nobody_of"]

# Smaller differences of sums are rounding errors.
SILENCE = 1e-9


class _Seen(NamedTuple):
    """A flash: its code, the symbols it lit, and its evidence; None if its epoch was rejected."""

    code: int
    line: tuple[str, ...]
    evidence: float | None
    marker: Marker | None


def log_likelihood_ratio(scores: NDArray[np.float64], evidence: Evidence) -> NDArray[np.float64]:
    """Return the evidence for a target in each score: log p(score | target) / p(score | other).

    Both densities are normal with the same spread. So a higher score is always more evidence, also
    far out; with two spreads the ratio would turn around there.

    Parameters
    ----------
    scores : ndarray, shape (n,)
        Scores of a decoder.
    evidence : Evidence
        Means and spread of the scores of targets and non-targets.

    Returns
    -------
    ratios : ndarray, shape (n,)
        Natural logarithms; above 0 a target is more likely.

    See Also
    --------
    LetterEvidence : Sums it over flashes.

    Examples
    --------
    >>> evidence = Evidence(target_mean=1.0, nontarget_mean=-1.0, spread=2.0)
    >>> log_likelihood_ratio(np.array([-2.0, 0.0, 2.0]), evidence)
    array([-1.,  0.,  1.])
    """
    centre = (evidence.target_mean + evidence.nontarget_mean) / 2
    slope = (evidence.target_mean - evidence.nontarget_mean) / evidence.spread**2
    return slope * (scores - centre)


def nobody_of(posterior: NDArray[np.float64]) -> float:
    """Return the probability that nobody looks: what the symbols (n_symbols,) leave of 1.

    Parameters
    ----------
    posterior : ndarray, shape (n_symbols,)
        As `LetterEvidence.posterior` returns it.

    Returns
    -------
    probability : float
        0 where a symbol is always meant.

    See Also
    --------
    LetterEvidence : Computes the posterior.

    Examples
    --------
    >>> nobody_of(np.array([0.25, 0.25]))
    0.5
    """
    return max(0.0, 1.0 - float(posterior.sum()))


class LetterEvidence:
    """The evidence for each symbol while one letter is flashed.

    Parameters
    ----------
    symbols_of_code : mapping of int to tuple of str
        Symbols that a flash of each code lights up.
    temperature : float
        Factor of the summed evidence: responses overlap, so their plain sum is overconfident.
    saturation : float
        After n repetitions the sum is divided by ``1 + n * saturation``: a part of what a code's
        flashes say is the same each time. See `Evidence.saturation`.
    nobody : float
        Prior probability that nobody looks. Then every flash is a non-target, so this hypothesis
        has a log-likelihood ratio of 0, whatever flashes.
    log_prior : mapping of str to float, optional
        Uniform if not given.

    See Also
    --------
    log_likelihood_ratio : From a score to evidence.
    bci_online.paradigms.p300.decision.P300Speller : Decides by the posterior.

    Examples
    --------
    >>> letter = LetterEvidence({1: ("A", "B"), 2: ("C", "D"), 3: ("A", "C"), 4: ("B", "D")})
    >>> for code, evidence in [(1, -1.0), (2, 2.0), (3, 2.0), (4, None)]:
    ...     letter.add(code, evidence)
    >>> dict(zip(letter.symbols, letter.posterior().round(2).tolist()))
    {'A': 0.04, 'B': 0.01, 'C': 0.84, 'D': 0.11}
    """

    def __init__(
        self,
        symbols_of_code: Mapping[int, tuple[str, ...]],
        temperature: float = 1.0,
        log_prior: Mapping[str, float] | None = None,
        *,
        saturation: float = 0.0,
        nobody: float = 0.0,
    ) -> None:
        self._temperature = temperature
        self._saturation = saturation
        self._nobody = nobody
        self._log_prior = dict(log_prior or {})
        self._flashes: list[_Seen] = []
        # Flashes of each code, and those with evidence: asked for at every flash.
        self._times, self._times_counted = Counter[int](), Counter[int]()
        self.lay_out(symbols_of_code)

    def lay_out(self, symbols_of_code: Mapping[int, tuple[str, ...]]) -> None:
        """Change the meaning of codes; evidence for a symbol stays with the symbol."""
        self._symbols_of_code = dict(symbols_of_code)
        self.symbols = tuple(dict.fromkeys(s for line in symbols_of_code.values() for s in line))
        self._place = {symbol: place for place, symbol in enumerate(self.symbols)}
        self._spread_prior()
        self._sum_up()

    def set_log_prior(self, log_prior: Mapping[str, float]) -> None:
        """Change the log prior; a symbol that is not in it gets 0."""
        if log_prior != self._log_prior:
            self._log_prior = dict(log_prior)
            self._spread_prior()

    def _spread_prior(self) -> None:
        self._prior = np.array([self._log_prior.get(symbol, 0.0) for symbol in self.symbols])
        # The prior is not normalised: this is what its symbols share.
        self._log_share = float(np.logaddexp.reduce(self._prior)) if self._nobody else 0.0

    def _sum_up(self) -> None:
        self._total = np.zeros(len(self.symbols))
        self._n_lit = np.zeros(len(self.symbols))
        codes = Counter(symbol for line in self._symbols_of_code.values() for symbol in set(line))
        self._codes_of = np.array([codes[symbol] for symbol in self.symbols])
        for flash in self._flashes:
            self._weigh(flash.line, flash.evidence)

    def _weigh(self, line: tuple[str, ...], evidence: float | None) -> None:
        if evidence is not None:
            places = [self._place[s] for s in line if s in self._place]
            self._total[places] += evidence
            self._n_lit[places] += 1

    @property
    def n_codes(self) -> int:
        """Number of codes in one repetition."""
        return len(self._symbols_of_code)

    @property
    def n_flashes(self) -> int:
        """Number of flashes so far, rejected ones included."""
        return len(self._flashes)

    @property
    def n_rejected(self) -> int:
        """Number of flashes without evidence: their epochs were rejected or taken back."""
        return len(self._flashes) - self._times_counted.total()

    @property
    def is_silent(self) -> bool:
        """Whether no evidence so far favours one symbol over another."""
        if not self.symbols:
            return True
        ratios = self._log_ratios()
        return float(ratios.max() - ratios.min()) <= SILENCE

    @property
    def repetitions(self) -> int:
        """Number of flashes with evidence of the code that has the fewest."""
        return self._fewest(self._times_counted)

    @property
    def rounds(self) -> int:
        """Number of flashes of the code that has the fewest, with evidence or without."""
        return self._fewest(self._times)

    def _fewest(self, times: Counter[int]) -> int:
        return min(map(times.__getitem__, self._symbols_of_code), default=0)

    def knows(self, code: int) -> bool:
        """Return whether the layout has `code`."""
        return code in self._symbols_of_code

    def add(self, code: int, evidence: float | None, marker: Marker | None = None) -> None:
        """Add a flash; evidence None is a rejected epoch."""
        line = self._symbols_of_code[code]
        self._flashes.append(_Seen(code, line, evidence, marker))
        self._times[code] += 1
        self._times_counted[code] += evidence is not None
        self._weigh(line, evidence)

    def remove(self, marker: Marker) -> None:
        """Remove a flash's evidence, as if its epoch had been rejected."""
        self._flashes = [
            flash._replace(evidence=None) if flash.marker == marker else flash
            for flash in self._flashes
        ]
        counted = (flash.code for flash in self._flashes if flash.evidence is not None)
        self._times_counted = Counter(counted)
        self._sum_up()

    def evidence_by_line(self) -> dict[tuple[str, ...], list[float]]:
        """Return the evidence of all flashes that lit the same symbols, in order of time."""
        found: dict[tuple[str, ...], list[float]] = {}
        for flash in self._flashes:
            if flash.evidence is not None:
                found.setdefault(flash.line, []).append(flash.evidence)
        return found

    def posterior(self) -> NDArray[np.float64]:
        """Return the probability of each of `symbols`, given the flashes so far.

        They sum to 1 less the probability that nobody looks.
        """
        logits = self._prior + self._log_ratios()
        if not self._nobody:
            weights = np.exp(logits - logits.max())
            return weights / weights.sum()
        # A symbol's prior is its share of what is left beside nobody.
        logits += np.log1p(-self._nobody) - self._log_share
        nobody = np.log(self._nobody)
        largest = max(float(logits.max()), nobody)
        weights = np.exp(logits - largest)
        return weights / (weights.sum() + np.exp(nobody - largest))

    def _log_ratios(self) -> NDArray[np.float64]:
        """Return the log-likelihood ratio of each symbol against nobody, shape (n_symbols,)."""
        repetitions = self._n_lit / self._codes_of
        return self._temperature * self._total / (1 + self._saturation * repetitions)
