"""Scores of flashes at shifted onsets, letter by letter, and whether responses come as expected."""

from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bci_online.decoding.decoder import Decoder
from bci_online.markers import Flash, Layout, TrialEnd, TrialStart
from bci_online.messages import Epoch, Rejected, Status
from bci_online.paradigms.p300.alignment import LAGS, Alignment
from bci_online.paradigms.p300.flash_pace import FlashPattern
from bci_online.preprocessing.continuous_signal import ContinuousSignal
from bci_online.preprocessing.epoching import Served
from bci_online.preprocessing.onsets import rejection

__all__ = ["LaggedScores", "lagged_scores_of"]

MARGIN_S = 0.1
"""A flash is scored so many seconds after its last sample, because stamps jitter."""


def lagged_scores_of(decoder: Decoder) -> "LaggedScores | None":
    """Return what follows when responses come; None where that is not possible.

    A network would have to score each flash 61 times, and a decoder from before
    `Evidence.difference_error` does not say what it expects.

    Parameters
    ----------
    decoder : Decoder
        Of any paradigm.

    Returns
    -------
    lagged : LaggedScores or None
        None: nothing can be followed.

    See Also
    --------
    LaggedScores : What follows.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from bci_online.config import DecoderHeader, Preprocessing
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=250.0)
    >>> header = DecoderHeader(method="lda", preprocessing=own)  # it states no error
    >>> lagged_scores_of(SimpleNamespace(header=header)) is None
    True
    """
    header, evidence = decoder.header, decoder.header.evidence
    # Decoders of imagery are not linear in this sense, and state no error.
    if header.kind != "linear" or not evidence.difference_error:
        return None
    return LaggedScores(decoder) if evidence.target_mean > evidence.nontarget_mean else None


class _Waiting(NamedTuple):
    """A flash whose later samples have not all arrived."""

    time: float
    onset: int
    line: tuple[str, ...]


class LaggedScores:
    """Scores each flash at shifted onsets too, and says when responses come at another time.

    Parameters
    ----------
    decoder : Decoder
        A linear decoder of flashes.

    See Also
    --------
    bci_online.paradigms.p300.alignment.Alignment : Judges the scores.

    Notes
    -----
    A flash is scored with the first marker that comes so much later that the samples of all lags
    are there. So the result does not depend on how the signal is cut. A letter is judged with the
    first marker after its end by which all its flashes are scored.

    Examples
    --------
    >>> from bci_online.config import DecoderHeader, EpochSpec, Preprocessing
    >>> from bci_online.decoding.decoder_file import make_decoder
    >>> own = Preprocessing(ch_names=("Cz",), sfreq=100.0, epoch=EpochSpec(tmax=0.1, step=0.1))
    >>> arrays = {"coef": np.ones((1, 2)), "center": np.zeros((1, 2)), "scale": np.ones(1)}
    >>> arrays |= {"intercept": np.zeros(1)}
    >>> lagged = LaggedScores(make_decoder(DecoderHeader(method="lda", preprocessing=own), arrays))
    >>> lagged.judge(time=10.0)  # no flash was scored: nothing to alarm about
    []
    """

    def __init__(self, decoder: Decoder) -> None:
        header = decoder.header
        sfreq = header.preprocessing.sfreq
        arrays = decoder.arrays
        # Every flash is scored at all lags: what does not depend on it is worked out once.
        self._coef = arrays["coef"] / arrays["scale"][:, np.newaxis]
        self._offset = float(arrays["intercept"][0] - np.vdot(self._coef, arrays["center"]))
        steps = np.round(np.add.outer(LAGS, header.preprocessing.epoch.latencies) * sfreq)
        self._first, self._stop = int(steps.min()), int(steps.max()) + 1
        self._steps = steps.astype(int) - self._first
        self._wait_s = LAGS[-1] + MARGIN_S
        self._alignment = Alignment(header.evidence)
        self._pattern = None
        if "correlation" in arrays and "band_rms" in arrays:
            correlation, band_rms = arrays["correlation"], arrays["band_rms"]
            self._pattern = FlashPattern(arrays["center"], correlation, band_rms)
        self._sum, self._times = np.zeros(1), list[float]()
        self._symbols_of_code = dict(header.layout.symbols_of_code)
        self._waiting: deque[_Waiting] = deque()
        self._scored: list[tuple[tuple[str, ...], NDArray[np.float64]]] = []
        self._number = self._n_letters = 0
        self._is_over = False

    def take(self, served: Served, signal: ContinuousSignal) -> list[Status]:
        """Take a marker in its turn; return an alarm where its time makes one certain."""
        while self._waiting and served.time - self._waiting[0].time > self._wait_s:
            self._score(self._waiting.popleft(), signal)
        event = served.event
        messages = []
        if isinstance(event, TrialStart | TrialEnd):
            self._is_over = True
        if self._is_over and (not self._waiting or isinstance(event, TrialStart)):
            messages = self.judge(served.time)
        if isinstance(event, TrialStart):
            self._n_letters += 1
            self._number, self._is_over = event.number or self._n_letters, False
        elif isinstance(event, Layout):
            self._symbols_of_code = dict(event.symbols)
        elif isinstance(event, Flash) and _is_whole(served.outcome):
            line = self._symbols_of_code.get(event.code)
            if line and served.onset is not None and self._number and not self._is_over:
                self._waiting.append(_Waiting(served.time, served.onset, line))
        return messages

    def judge(self, time: float) -> list[Status]:
        """Judge the letter that is over at common `time`, and forget it."""
        self._waiting.clear()
        scored, self._scored = self._scored, []
        times, self._times = self._times, []
        total, self._sum = self._sum, np.zeros(1)
        if len(scored) < 2:
            return []
        lines, scores = zip(*scored, strict=True)
        likeness = None
        if self._pattern is not None:
            lagged = (total / len(scored))[:, self._steps].transpose(1, 0, 2)
            likeness = self._pattern.likeness(lagged)
        found = self._alignment.observe(
            self._number, lines, np.stack(scores), likeness, float(np.median(np.diff(times)))
        )
        return [] if found is None else [found.alarm(time)]

    def _score(self, flash: _Waiting, signal: ContinuousSignal) -> None:
        start, stop = flash.onset + self._first, flash.onset + self._stop
        segment = next((one for one in reversed(signal.segments) if one.first <= start), None)
        last = signal.samples.stop if segment is None or segment.stop is None else segment.stop
        if segment is None or start < signal.samples.start or stop > last:
            return
        if rejection(start, stop, segment, signal) is not None:
            return
        window = signal.samples.window(start, stop)
        self._times.append(flash.time)
        self._sum = self._sum + window
        scores = np.einsum("clt,ct->l", window[:, self._steps], self._coef) + self._offset
        self._scored.append((flash.line, scores))


def _is_whole(outcome: Epoch | Rejected | None) -> bool:
    """Return whether a flash has an epoch with all of its sensors."""
    return isinstance(outcome, Epoch) and not outcome.without
