"""How likely a letter's scores are if the response is as strong as expected, weaker or absent."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["CodeMeans", "response_likelihood"]

NOBODY = 0.2
"""Share of letters that nobody looks at."""


class CodeMeans(msgspec.Struct, frozen=True, eq=False):
    """The flashes of one letter, summed up code by code.

    Parameters
    ----------
    means : ndarray, shape (..., n_codes)
        Mean score, as a multiple of a flash's spread; non-targets have mean 0.
    n : ndarray, shape (..., n_codes)
        Number of flashes; less where their spread is larger than a flash's.
    lit : ndarray of bool, shape (n_codes, n_symbols)
        Which symbols each code lights.

    See Also
    --------
    response_likelihood : What they say of the response.
    """

    means: NDArray[np.float64]
    n: NDArray[np.float64]
    lit: NDArray[np.bool_]


def response_likelihood(
    letter: CodeMeans,
    strengths: Sequence[float] | NDArray[np.float64],
    code_variance: float,
    letter_share: float,
) -> NDArray[np.float64]:
    """Return the log-likelihood of a letter for each strength of the response.

    Parameters
    ----------
    letter : CodeMeans
        Of a letter whose symbol is not known.
    strengths : ndarray, shape (n_strengths,)
        Mean score of targets, as a multiple of a flash's spread.
    code_variance : float
        Variance that all flashes of a code share, as a share of a flash's variance.
    letter_share : float
        Standard deviation of the strength between letters, as a share of the strength.

    Returns
    -------
    log_likelihood : ndarray, shape (..., n_strengths)
        Relative to the likelihood that no flash is a target.

    See Also
    --------
    bci_online.paradigms.p300.fit_check.FitCheck : Follows it over letters.

    Notes
    -----
    It is the mean over all symbols, and over the hypothesis that nobody looks. The decided symbol
    has no part in it: its targets were selected for their high scores, and would look stronger than
    they are. A likelihood does not depend on the rule that ended the letter.

    Examples
    --------
    Code 0 of four scores 2 higher. A strength of 2 explains this better than 1 does:

    >>> letter = CodeMeans(np.array([2.0, 0.0, 0.0, 0.0]), np.full(4, 10), np.eye(4, dtype=bool))
    >>> response_likelihood(letter, [0.0, 1.0, 2.0], 0.02, 0.1).round(1).tolist()
    [0.0, 11.2, 14.9]
    """
    strength = np.asarray(strengths, dtype=float)[:, np.newaxis]
    precision = 1 / (code_variance + 1 / letter.n)
    # Sums over the codes of each symbol. The letter's own strength is common to all of them.
    weighted = ((letter.means * precision) @ letter.lit)[..., np.newaxis, :]
    total = (precision @ letter.lit)[..., np.newaxis, :]
    variance = (letter_share * strength) ** 2
    spread = 1 + variance * total
    ratio = strength * weighted + (variance * weighted**2 - strength**2 * total) / 2
    ratio = ratio / spread - np.log(spread) / 2
    largest = np.maximum(ratio.max(axis=-1), 0.0)
    looked = np.exp(ratio - largest[..., np.newaxis]).mean(axis=-1)
    likelihood = (1 - NOBODY) * looked + NOBODY * np.exp(-largest)
    found: NDArray[np.float64] = largest + np.log(likelihood)
    return found
