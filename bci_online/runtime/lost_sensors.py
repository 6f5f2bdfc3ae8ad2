"""Sensors that fail while a decoder runs: it goes on with the others, as long as it can."""

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from bci_online.config import DecoderHeader
from bci_online.decoding.decoder import Decoder
from bci_online.decoding.linear import linear_scores
from bci_online.decoding.resolved_weights import Resolved, ResolvedWeights
from bci_online.decoding.uncalibrated import UncalibratedDecoder

__all__ = ["LostSensors", "OtherSensors", "lost_sensors_of"]

MOST_KEPT = 64
"""A loose plug can make many sets of lost sensors; so many are kept solved."""

CERTAIN = 0.9999
IN_AVERAGE = "a lost sensor is a part of the average reference"
NO_COVARIANCE = "the decoder holds no covariance to solve its weights again; train it again"


def lost_sensors_of(decoder: Decoder | None) -> "LostSensors | OtherSensors | AllSensors":
    """Return how a decoder goes on without some sensors.

    Parameters
    ----------
    decoder : Decoder or None
        A linear one can if its file holds class means and a covariance, and if its signal has the
        recorded reference: a lost sensor is a part of every average.

    Returns
    -------
    lost : LostSensors, OtherSensors or AllSensors
        With the last one, an epoch in which one of its sensors fails is rejected; so it is without
        a decoder, in a calibration.

    See Also
    --------
    LostSensors : With weights that are solved again.
    OtherSensors : Without calibration.
    bci_online.runtime.sensor_news.SensorNews : Says so.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0)
    >>> header = DecoderHeader(method="lda", preprocessing=own)
    >>> lost_sensors_of(SimpleNamespace(header=header, arrays={})).stops((1,))  # an old file
    'the decoder holds no covariance to solve its weights again; train it again'
    """
    if decoder is None:
        return AllSensors("a calibration needs all of its sensors")
    if isinstance(decoder, UncalibratedDecoder):
        return OtherSensors(decoder)
    header, arrays = decoder.header, decoder.arrays
    if header.kind != "linear" or header.preprocessing.window is not None:
        return AllSensors(f"{header.method} needs all of its sensors")
    if header.preprocessing.reference == "average":
        return AllSensors(IN_AVERAGE)
    if not {"class_means", "lags"} <= set(arrays):
        return AllSensors(NO_COVARIANCE)
    try:
        return LostSensors(decoder)
    except ValueError:
        return AllSensors("its weights cannot be solved again")


class LostSensors:
    """Scores epochs in which sensors fail with weights that are solved again on the others.

    Parameters
    ----------
    decoder : Decoder
        See `lost_sensors_of`.

    See Also
    --------
    bci_online.decoding.resolved_weights.ResolvedWeights : Solves the weights.
    bci_online.preprocessing.continuous_signal.ContinuousSignal : Finds the samples that are bad.

    Notes
    -----
    Which weights an epoch gets depends on its own samples alone: on the sensors that are marked as
    bad within it. So nothing has to be remembered, a replay decides the same, and the first epoch
    in which all sensors are good again gets all weights.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from bci_online.config import EpochSpec, Preprocessing
    >>> own = Preprocessing(ch_names=("Cz", "Pz"), sfreq=100.0, epoch=EpochSpec(tmax=0.1, step=0.1))
    >>> arrays = {"coef": np.ones((2, 2)), "center": np.zeros((2, 2)), "scale": np.ones(2)}
    >>> arrays |= {"intercept": np.zeros(1), "lags": np.stack([np.eye(2), np.zeros((2, 2))])}
    >>> arrays |= {"class_means": np.stack([np.zeros((2, 2)), np.ones((2, 2))])}
    >>> header = DecoderHeader(method="lda", preprocessing=own, metrics={"auc": 0.9})
    >>> lost = LostSensors(SimpleNamespace(header=header, arrays=arrays))
    >>> round(lost.expected_auc((1,)), 2), lost.spares((1,)), lost.spares((0, 1))
    (0.82, True, False)
    """

    def __init__(self, decoder: Decoder) -> None:
        arrays, self._header = decoder.arrays, decoder.header
        self._center, self._scale = arrays["center"], arrays["scale"]
        self._weights = ResolvedWeights(decoder)
        self._solved: OrderedDict[tuple[int, ...], Resolved | None] = OrderedDict()
        self._auc = min(_auc_of(self._header), CERTAIN)

    def spares(self, channels: Sequence[int]) -> bool:
        """Return whether decoding goes on without these sensors."""
        return self.expected_auc(channels) >= self._header.stopping.least_auc

    def expected_auc(self, channels: Sequence[int]) -> float:
        """Return the AUC of flashes that is expected without these sensors; 0.5 without any."""
        solved = self._without(tuple(channels))
        return 0.5 if solved is None else float(ndtr(ndtri(self._auc) * solved.worth))

    def score(self, data: NDArray[np.float64], channels: Sequence[int]) -> NDArray[np.float64]:
        """Return (0, score) of an epoch (n_channels, n_times) from the other sensors alone."""
        solved = self._without(tuple(channels))
        if solved is None:
            return np.zeros(2)
        own = self._center, self._scale, solved.intercept
        return np.array([0.0, float(linear_scores(data, solved.coef, *own))])

    def goes_on(self, channels: Sequence[int]) -> str:
        """Return how decoding goes on without these sensors, and what is expected then."""
        return f"decoding goes on, with weights solved again: {self._in_words(channels)}"

    def stops(self, channels: Sequence[int]) -> str:
        """Return why it does not."""
        least = self._header.stopping.least_auc
        expected = self.expected_auc(channels)
        return f"expected AUC {expected:.2f} is below stopping.least_auc {least:g}"

    def _in_words(self, channels: Sequence[int]) -> str:
        expected = self.expected_auc(channels)
        words = f"expected AUC {expected:.2f} in place of {self._auc:.2f}"
        solved = self._without(tuple(channels))
        letters = None if solved is None else _letters(self._header, solved.worth)
        if letters is None:
            return words
        repetitions, before, after = letters
        return f"{words}, after {repetitions} repetitions {after:.1f} of 10 letters right in " + (
            f"place of {before:.1f}"
        )

    def _without(self, channels: tuple[int, ...]) -> Resolved | None:
        if channels not in self._solved:
            self._solved[channels] = self._weights.without(channels)
            if len(self._solved) > MOST_KEPT:
                self._solved.popitem(last=False)
        return self._solved[channels]


class OtherSensors:
    """Says whether a session without calibration goes on without some sensors.

    Parameters
    ----------
    decoder : UncalibratedDecoder
        Its epochs lack the sensors that fail.

    See Also
    --------
    bci_online.paradigms.p300.uncalibrated.UncalibratedSpeller : Decides by the sensors that are
        left.

    Examples
    --------
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz", "Pz", "Oz"), sfreq=250.0)
    >>> header = DecoderHeader(method="none", kind="uncalibrated", preprocessing=own)
    >>> OtherSensors(UncalibratedDecoder(header, {})).goes_on((1,))
    'decoding goes on with 2 of 3 sensors'
    """

    def __init__(self, decoder: UncalibratedDecoder) -> None:
        self._decoder = decoder
        self._n_sensors = len(decoder.header.preprocessing.ch_names)

    def spares(self, channels: Sequence[int]) -> bool:
        """Return whether decoding goes on without these sensors."""
        return self._decoder.spares(channels)

    def expected_auc(self, channels: Sequence[int]) -> float:
        """Return 0: nothing is expected of a subject who was not measured."""
        return 0.0

    def goes_on(self, channels: Sequence[int]) -> str:
        """Return how decoding goes on without these sensors."""
        n_left = self._n_sensors - len(channels)
        return f"decoding goes on with {n_left} of {self._n_sensors} sensors"

    def stops(self, channels: Sequence[int]) -> str:
        """Return why it does not."""
        if 2 * len(channels) <= self._n_sensors:
            return IN_AVERAGE
        return f"fewer than half of {self._n_sensors} sensors are left"


class AllSensors:
    """Nothing goes on without a sensor.

    Parameters
    ----------
    reason : str
        Why.

    See Also
    --------
    lost_sensors_of : Returns it for networks, spatial filters and old files.

    Examples
    --------
    >>> AllSensors("eegnet needs all of its sensors").spares((0,))
    False
    """

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def spares(self, channels: Sequence[int]) -> bool:
        """Return whether there are none."""
        return not channels

    def expected_auc(self, channels: Sequence[int]) -> float:
        """Return 0: nothing is decoded."""
        return 0.0

    def goes_on(self, channels: Sequence[int]) -> str:
        """Return how it goes on."""
        return "decoding goes on"

    def stops(self, channels: Sequence[int]) -> str:
        """Return why it does not."""
        return self._reason


def _auc_of(header: DecoderHeader) -> float:
    """Return the held-out AUC of flashes, or what the densities of the scores say of it."""
    known = header.metrics.get("auc")
    if isinstance(known, float) and 0.5 < known <= 1:
        return known
    own = header.evidence
    variance = 2 * (own.spread**2 + own.code_spread**2) + own.letter_spread**2
    return float(ndtr(abs(own.target_mean - own.nontarget_mean) / np.sqrt(variance)))


def _letters(header: DecoderHeader, worth: float) -> tuple[int, float, float] | None:
    """Return a number of repetitions, and how many of 10 letters are right before and after.

    With `worth` of the distance, n repetitions say as much as ``n * worth ** 2`` did.
    """
    rows = [one for one in header.expected if one.repetitions]
    if not rows:
        return None
    repetitions = [0, *(one.repetitions for one in rows)]
    n_symbols = len({symbol for row in header.layout.rows for symbol in row})
    right = [10 / max(n_symbols, 1), *(10 * one.right[1] for one in rows)]
    most = repetitions[-1]
    before, after = np.interp([most, most * worth**2], repetitions, right)
    return most, float(before), float(min(after, before))
