"""Map the windows of another session back to where those of calibration were."""

import base64
import binascii
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.preprocessing.believed_classes import Believed
from bci_online.preprocessing.window_covariances import compressed, covariance, power_of

__all__ = ["Recentring"]

# A carried text comes from a file.
MOST_DIGITS = 7
LARGEST = 1e30


class _Learnt(NamedTuple):
    """A window of a trial, as small as can be, and its values if they are known already."""

    window: NDArray[np.float64]
    values: NDArray[np.float64] | None


class Recentring:
    """Whiten windows by the session's mean covariance, and colour them like those of calibration.

    ``x -> R^½ M^-½ x``, where R is the mean covariance of calibration and M that of the finished
    trials of this session. R counts as the first `PRIOR_TRIALS` trials of M.

    Parameters
    ----------
    reference : ndarray, shape (n_bands, n_channels, n_channels)
        R.
    believed : Believed, optional
        R is then what M would be in calibration with the classes that the trials were of.
    needs_samples : bool
        False: covariances are enough for whatever scores the windows.

    See Also
    --------
    bci_online.preprocessing.windowing.Windowing : Applies it to each window.
    bci_online.preprocessing.window_covariances.covariance : The matrix of one window.

    Notes
    -----
    No label is used, and no window depends on its own trial. So a replay gives the same windows.
    Until the first trial is over the windows stay as they are. The trials of a session's earlier
    runs count if `carry` was given what `carried` was at their end. Between two sessions of one
    subject this raised tangent space + logistic regression from 40 to 50 of 60 trials.

    M moves to a class that is meant more often than the others. Without `believed` that is taken
    for a change of the session: a person who means one hand all the time loses it. With it each
    trial adds to R the covariances of its classes, by their probabilities. Where the session is not
    as calibration these lean to one class, too; so as far as that is believed R stays what it was.

    What a trial teaches is computed after it, with `settle`: the decision that ends it does not
    wait for that.

    References
    ----------
    Zanini et al. (2018), IEEE Trans Biomed Eng 65:1107; here with the arithmetic mean.

    Examples
    --------
    In this session the signal is three times as large as in calibration:

    >>> import numpy as np
    >>> recentring = Recentring(np.eye(2)[np.newaxis])
    >>> rng = np.random.default_rng(0)
    >>> for trial in range(40):
    ...     recentring.learn(trial, 3 * rng.normal(size=(2, 500)))
    ...     recentring.finish_trial()
    >>> bool(recentring.apply(3 * rng.normal(size=(2, 500))).std() < 1.1)
    True
    """

    PRIOR_TRIALS = 4

    def __init__(
        self,
        reference: NDArray[np.float64],
        believed: Believed | None = None,
        needs_samples: bool = True,
    ) -> None:
        self._reference, self._believed = reference, believed
        self._needs_samples = needs_samples
        self._shares = np.zeros(0 if believed is None else len(believed.classes))
        self._prior = self.PRIOR_TRIALS * reference
        self._total = self._prior
        self._n_trials = self.PRIOR_TRIALS
        self._matrix: NDArray[np.float64] | None = None
        self._trial: dict[int, _Learnt] = {}
        self._over: list[_Learnt] = []

    @property
    def carried(self) -> str:
        """What the trials so far have left, as text; empty before the first one is over."""
        self.settle()
        n_trials = self._n_trials - self.PRIOR_TRIALS
        if not n_trials:
            return ""
        parts = [str(n_trials), _text(self._total - self._prior)]
        if self._believed is not None:
            parts += [_text(self._shares), self._believed.belief.carried]
        return " ".join(parts)

    def carry(self, carried: str) -> bool:
        """Let the trials of an earlier run count; return False if the text is none of its kind."""
        self.settle()
        number, _, rest = carried.partition(" ")
        encoded, _, of_classes = rest.partition(" ")
        total = _numbers(encoded)
        fits = number.isdecimal() and len(number) < MOST_DIGITS and total.size == self._prior.size
        if not fits or not np.isfinite(total).all() or abs(total).max() > LARGEST:
            return False
        total = total.reshape(self._prior.shape)
        if not np.allclose(total, total.transpose(0, 2, 1)) or int(number) < 1:
            return False
        values = np.linalg.eigvalsh(total)
        if (values[:, 0] < -1e-6 * values[:, -1]).any():
            return False
        if not self._carry_classes(of_classes, int(number)):
            return False
        self._total = self._prior + total
        self._n_trials = self.PRIOR_TRIALS + int(number)
        self._solve()
        return True

    def _carry_classes(self, carried: str, n_trials: int) -> bool:
        encoded, _, belief = carried.partition(" ")
        if self._believed is None:
            return not carried
        shares = _numbers(encoded)
        if shares.shape != self._shares.shape or not np.isfinite(shares).all():
            return False
        if shares.min() < 0 or abs(shares.sum() - n_trials) > 1e-6 * n_trials:
            return False
        if not self._believed.belief.carry(belief):
            return False
        self._shares = shares
        return True

    def smallest(self, window: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what is needed of a window (n_rows, n_times), the window itself or less."""
        return window if self._needs_samples else compressed(window, len(self._reference))

    def apply(self, window: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a window (n_rows, n_times), recentred."""
        self.settle()
        if self._matrix is None:
            return window.copy()
        banded = window.reshape(len(self._matrix), -1, window.shape[1])
        return (self._matrix @ banded).reshape(window.shape)

    def learn(self, onset: int, window: NDArray[np.float64]) -> None:
        """Add a window (n_rows, n_times) of the current trial; `onset` is its first sample."""
        values = None
        if self._believed is not None and self._needs_samples:
            # Not after the trial: all of its samples would have to be kept until then.
            values = self._believed.values(window)
        small = compressed(window, len(self._reference))
        # A short window is the ring's own memory, which changes before `settle`.
        self._trial[onset] = _Learnt(small.copy() if small is window else small, values)

    def retract(self, onset: int) -> None:
        """Take a window of the current trial back; nothing happens if its trial is over."""
        self._trial.pop(onset, None)

    def finish_trial(self) -> None:
        """Let the current trial, if there is one, count from now on."""
        if self._trial:
            self.settle()
            self._over, self._trial = list(self._trial.values()), {}

    def settle(self) -> None:
        """Compute what the last finished trial teaches, now rather than with the next window."""
        learnt, self._over = self._over, []
        if not learnt:
            return
        matrices = [covariance(one.window, len(self._reference)) for one in learnt]
        self._total = self._total + np.mean(matrices, axis=0)
        self._n_trials += 1
        if self._believed is not None:
            total, n_windows = _sum_of_values(learnt, self._believed), len(learnt)
            posterior = self._believed.belief.posterior(total, n_windows)[: self._shares.size]
            self._shares = self._shares + posterior / posterior.sum()
            self._believed.belief.observe(total, n_windows)
        self._solve()

    def _solve(self) -> None:
        expected = self._reference
        if self._believed is not None:
            classes, _, belief = self._believed
            of_classes = self._prior + np.tensordot(self._shares, classes, 1)
            as_meant, misfit = of_classes / self._n_trials, belief.misfit
            expected = (1 - misfit) * as_meant + misfit * self._reference
        own = power_of(self._total / self._n_trials, -0.5)
        self._matrix = power_of(expected, 0.5) @ own


def _sum_of_values(learnt: Sequence[_Learnt], believed: Believed) -> NDArray[np.float64]:
    values = (believed.values(one.window) if one.values is None else one.values for one in learnt)
    return np.sum(list(values), axis=0)


def _text(numbers: NDArray[np.float64]) -> str:
    return base64.b64encode(np.ascontiguousarray(numbers, dtype="<f8").tobytes()).decode()


def _numbers(text: str) -> NDArray[np.float64]:
    """Return the numbers of such a text; none where it is no such text."""
    try:
        return np.frombuffer(base64.b64decode(text, validate=True), dtype="<f8").astype(float)
    except (binascii.Error, ValueError):
        return np.zeros(0)
