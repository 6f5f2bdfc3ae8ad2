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
from bci_online.messages import Epoch, Journal, Message, Rejected, Status
from bci_online.preprocessing.epoching import Served

__all__ = ["LostSensors", "lost_sensors_of"]

AGAIN_S = 60.0
"""What was said of the same sensors is said again only after so many seconds."""

MOST_KEPT = 64
"""A loose plug can make many sets of lost sensors; so many are kept solved."""

CERTAIN = 0.9999
GOES_ON = "decoding goes on, with weights solved again"


def lost_sensors_of(decoder: Decoder) -> "LostSensors | None":
    """Return what goes on without some sensors; None for decoders that cannot.

    Parameters
    ----------
    decoder : Decoder
        It can if it is linear and its file holds class means and a covariance, and if its signal
        has the recorded reference: a lost sensor is a part of every average.

    Returns
    -------
    lost : LostSensors or None
        None: an epoch in which one of its sensors fails is rejected.

    See Also
    --------
    LostSensors : What goes on.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from bci_online.config import Preprocessing
    >>> own = Preprocessing(ch_names=("Cz", "Pz"), sfreq=250.0)
    >>> header = DecoderHeader(method="lda", preprocessing=own)
    >>> lost_sensors_of(SimpleNamespace(header=header, arrays={})) is None  # an old file
    True
    """
    header, arrays = decoder.header, decoder.arrays
    if header.preprocessing.reference == "average" or not {"class_means", "lags"} <= set(arrays):
        return None
    try:
        return LostSensors(decoder)
    except ValueError:
        return None


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
        self._ch_names = self._header.preprocessing.ch_names
        self._weights = ResolvedWeights(decoder)
        self._solved: OrderedDict[tuple[int, ...], Resolved | None] = OrderedDict()
        self._auc = min(_auc_of(self._header), CERTAIN)
        self._now: tuple[str, ...] = ()
        self._told: dict[tuple[str, ...], float] = {}

    def go_on_from(self, before: "LostSensors") -> None:
        """Know what was lost, and said of it, with another decoder of the same session."""
        self._now, self._told = before._now, before._told

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

    def names(self, channels: Sequence[int]) -> tuple[str, ...]:
        """Return the names of sensors."""
        return tuple(self._ch_names[channel] for channel in channels)

    def follow(self, served: Served) -> list[Message]:
        """Return what is to be said where other sensors are lost than for the flash before."""
        outcome = served.outcome
        if isinstance(outcome, Epoch):
            lost = self.names(outcome.without)
        elif isinstance(outcome, Rejected) and outcome.reason == "channel":
            lost = outcome.channels
        else:
            return []
        if lost == self._now:
            return []
        self._now = lost
        channels = [self._ch_names.index(name) for name in lost]
        onset = -1 if served.onset is None else served.onset
        expected = self.expected_auc(channels)
        messages: list[Message] = [Journal("swap", served.time, onset, ",".join(lost), expected)]
        if served.time - self._told.get(lost, -np.inf) > AGAIN_S:
            if len(self._told) >= MOST_KEPT:
                self._told.clear()
            self._told[lost] = served.time
            messages.append(self._status(lost, channels, served.time))
        return messages

    def missing(self, channels: Sequence[int]) -> str:
        """Return what a person should know of sensors that a stream lacks."""
        who = ", ".join(self.names(channels))
        return f"{who} missing: {GOES_ON}: {self._in_words(channels)}"

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

    def _status(self, lost: tuple[str, ...], channels: list[int], time: float) -> Status:
        if not lost:
            return Status("info", "all sensors are decoded again", time)
        who = ", ".join(lost)
        if self.spares(channels):
            text = f"without {who} {GOES_ON}: {self._in_words(channels)}"
            return Status("warning", text, time)
        least = self._header.stopping.least_auc
        text = (
            f"flashes are not decoded without {who}: expected AUC {self.expected_auc(channels):.2f}"
            f" is below stopping.least_auc {least:g}; mend these electrodes"
        )
        return Status("alarm", text, time)

    def _without(self, channels: tuple[int, ...]) -> Resolved | None:
        if channels not in self._solved:
            self._solved[channels] = self._weights.without(channels)
            if len(self._solved) > MOST_KEPT:
                self._solved.popitem(last=False)
        return self._solved[channels]


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
