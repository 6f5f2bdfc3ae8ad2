"""Electrodes whose samples say that they are not what they seem: the same signal twice, cut off."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.mains_share import without_drift
from bci_online.counted import some
from bci_online.input_findings import InputFinding

__all__ = ["OddChannels"]

# Neighbours in a cap of 64 differ by 5 % or more. Two inputs that gel connects differ by the noise
# of the amplifier.
ALIKE = 0.03
# Where one voltage is large on all channels, as mains can be, all are alike: then no pair is.
OF_USUAL = 0.1
MOSTLY = 0.9
# A signal reaches its largest value now and then, not in each second. Where there are few steps
# between the smallest and the largest, it does.
CUT_OFF, LEAST_STEPS = 0.005, 64
# Of few samples two or three often are the largest: steps are coarse, and neighbours alike.
LEAST_TIMES = 16
# Zeros that fill a gap, or the end of a file, are the largest value of one second.
LEAST_SECONDS = 2
EVERY = 4


class OddChannels:
    """Compares channels with each other, and with their own largest values, second by second.

    Parameters
    ----------
    ch_names : sequence of str
        Of the channels.

    See Also
    --------
    bci_online.acquisition.stream_survey.StreamSurvey : Judges all else.
    bci_online.acquisition.mains_share.MainsShare : Compares with mains.

    Notes
    -----
    Two channels are the same if their difference is below 3 % of the smaller one, and below a tenth
    of the usual difference between channels, in nine of ten seconds. A channel is cut off if one
    sample of 200 has the largest or the smallest value of all, 16 samples at least, in two seconds
    or more, and it has 64 steps or more.

    Examples
    --------
    >>> odd = OddChannels(["Fz", "Cz", "Pz", "Oz"])
    >>> second = np.random.default_rng(0).normal(size=(250, 4))
    >>> second[:, 2] = second[:, 1]
    >>> second[:, 3] = np.minimum(second[:, 3], 1.0)
    >>> odd.push(second)
    >>> [finding.what for finding in odd.findings(["Fz", "Cz", "Pz", "Oz"])]
    ['channels Cz = Pz', 'channel Oz']
    """

    def __init__(self, ch_names: Sequence[str]) -> None:
        n_channels = len(ch_names)
        self._names = tuple(ch_names)
        self._n_alike = np.zeros((n_channels, n_channels), dtype=int)
        self._ends = np.full((2, n_channels), -np.inf)
        # How often each end was reached, and in how many seconds.
        self._n_at_end = np.zeros((2, n_channels, 2), dtype=int)
        self._step = np.full(n_channels, np.inf)
        self._n_pushed = self._n_seconds = self._n_samples = 0

    def push(self, second: NDArray[np.float64]) -> None:
        """Take one second of samples (n_times, n_channels)."""
        self._n_pushed += 1
        if self._n_pushed % EVERY != 1 or len(second) < 2:
            return
        self._n_seconds += 1
        self._n_samples += len(second)
        # Damaged numbers may be too large to be squared; of them nothing is said here.
        with np.errstate(all="ignore"):
            self._n_alike += _alike(second)
            for end, signed in enumerate((-second, second)):
                largest = signed.max(axis=0)
                n = np.count_nonzero(signed == largest, axis=0)
                self._n_at_end[end, largest > self._ends[end]] = 0
                self._ends[end] = np.fmax(self._ends[end], largest)
                is_there = (largest == self._ends[end])[:, np.newaxis]
                self._n_at_end[end] += is_there * np.stack([n, np.ones_like(n)], axis=1)
            steps = np.abs(np.diff(second, axis=0))
            self._step = np.fmin(self._step, np.where(steps > 0, steps, np.inf).min(axis=0))

    def findings(self, sensors: Sequence[str]) -> list[InputFinding]:
        """Return what is odd about these channels."""
        if not self._n_seconds:
            return []
        with np.errstate(all="ignore"):
            return [*self._same(sensors), *self._cut_off(sensors)]

    def _same(self, sensors: Sequence[str]) -> list[InputFinding]:
        picks = [number for number, name in enumerate(self._names) if name in sensors]
        is_same = self._n_alike[np.ix_(picks, picks)] >= MOSTLY * self._n_seconds
        groups: dict[int, list[str]] = {}
        for number, pick in enumerate(picks):
            groups.setdefault(int(is_same[number].argmax()), []).append(self._names[pick])
        same = [" = ".join(names) for names in groups.values() if len(names) > 1]
        if not same:
            return []
        return [
            InputFinding(
                "alike",
                f"channels {some(same)}",
                f"hold the same signal, to {100 * ALIKE:.0f} %, so they are one electrode",
                "look for gel between them or an input that is sent twice, or leave one out with "
                "eeg.exclude",
            )
        ]

    def _cut_off(self, sensors: Sequence[str]) -> list[InputFinding]:
        least = max(LEAST_TIMES, CUT_OFF * self._n_samples), min(LEAST_SECONDS, self._n_seconds)
        is_often = (self._n_at_end >= least).all(axis=2)
        share = np.where(is_often, self._n_at_end[..., 0] / self._n_samples, 0.0).max(axis=0)
        # The first row holds the negative of the smallest values.
        has_steps = self._ends.sum(axis=0) >= LEAST_STEPS * self._step
        cut = {
            name: float(share[number])
            for number, name in enumerate(self._names)
            if name in sensors and has_steps[number] and share[number]
        }
        if not cut:
            return []
        return [
            InputFinding(
                "size",
                f"channel{'s' if len(cut) > 1 else ''} {some([*cut])}",
                f"the largest or smallest value comes in up to {100 * max(cut.values()):.1f} % of "
                "the samples: the signal is cut off there",
                "set a larger range in the amplifier's program, or leave channels out with "
                "eeg.exclude",
            )
        ]


def _alike(second: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which channels are the same in a second (n_channels, n_channels), itself included."""
    # A drift that all channels share would make all of them alike.
    flat = without_drift(second)
    products = flat.T @ flat
    power = np.diagonal(products)
    apart = np.maximum(np.add.outer(power, power) - 2 * products, 0.0)
    pairs = apart[_above_diagonal(len(power))]
    # What a damaged channel differs by says nothing of the others.
    pairs = pairs[np.isfinite(pairs)]
    usual = np.median(pairs) if pairs.size else 0.0
    is_alike = apart <= ALIKE**2 * np.minimum.outer(power, power)
    is_alike &= apart <= OF_USUAL**2 * usual + 1e-9 * power
    is_alike &= power > 0
    return np.asarray(is_alike | np.eye(len(power), dtype=bool))


@cache
def _above_diagonal(n: int) -> NDArray[np.bool_]:
    return np.tri(n, dtype=bool).T ^ np.eye(n, dtype=bool)
