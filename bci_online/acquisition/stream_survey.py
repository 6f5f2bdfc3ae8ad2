"""What the samples of a stream say against its description: channels, rate and size."""

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.mains_share import MainsShare
from bci_online.acquisition.measured_rate import MeasuredRate, measured_rate
from bci_online.acquisition.no_electrodes import left_out
from bci_online.acquisition.odd_channels import OddChannels
from bci_online.acquisition.signal_size import size_findings
from bci_online.acquisition.stream_header import StreamHeader
from bci_online.config import EegStream
from bci_online.errors import BciError
from bci_online.input_findings import InputFinding
from bci_online.messages import StreamSpec
from bci_online.sensor_names import same_sensors

__all__ = ["SEEMS_DEAD", "StreamSurvey", "rate_finding", "surveyed", "with_rate"]

NO_NUMBERS = "no numbers"
FLAT = "flat from beginning to end"
COUNTING_UP = "counting"
RESTING_VALUE = "resting but for pulses"
SEEMS_DEAD = (NO_NUMBERS, FLAT)
"""What is found of a dead electrode, too."""

# A second of a trigger line holds mostly one value, and all of it a few.
RESTING, MOST_LEVELS = 0.8, 64
COUNTING = 0.8


class StreamSurvey:
    """Judges the channels of type EEG by their samples, second by second.

    Parameters
    ----------
    spec : StreamSpec
        The stream as described.
    eeg : EegStream
        Which channels take part. Where it names some, the others are not judged.

    See Also
    --------
    bci_online.acquisition.channel_description.stream_spec : Judges by the description.
    bci_online.preprocessing.channel_watch.ChannelWatch : Watches channels while they are used.

    Examples
    --------
    >>> spec = StreamSpec(name="amp", sfreq=100.0, ch_names=("1", "2"), ch_types=("EEG", "EEG"))
    >>> survey = StreamSurvey(spec, EegStream())
    >>> survey.push(np.random.default_rng(0).normal(size=(100, 2)) * [1, 0])
    >>> survey.no_electrodes()
    {'2': 'flat from beginning to end'}
    """

    def __init__(self, spec: StreamSpec, eeg: EegStream) -> None:
        self._spec, self._eeg = spec, eeg
        named = same_sensors(eeg.channels, spec.ch_names)
        chosen = [named.get(name, name) for name in eeg.channels] or spec.eeg_names
        self._names = tuple(name for name in spec.eeg_names if name in chosen)
        picks = [spec.ch_names.index(name) for name in self._names]
        # A slice copies nothing.
        is_all = picks == [*range(len(spec.ch_names))]
        self._columns, n_channels = slice(None) if is_all else picks, len(picks)
        self._finite = np.zeros(n_channels)
        self._resting = np.zeros(n_channels)
        self._counting = np.zeros(n_channels)
        self._levels: list[set[float]] = [set() for _ in picks]
        self._sizes: list[NDArray[np.float64]] = []
        self._mains = MainsShare(self._names, spec.sfreq)
        self._odd = OddChannels(self._names)
        self._n = 0

    def push(self, second: NDArray[np.floating]) -> None:
        """Judge one second of samples (n_times, n_channels)."""
        block = np.asarray(second[:, self._columns], dtype=float)
        if len(block) < 3 or not block.size:
            return
        self._n += 1
        least, most = block.min(axis=0), block.max(axis=0)
        # A single NaN hides the extremes.
        is_finite = bool(np.isfinite(least).all() and np.isfinite(most).all())
        if is_finite:
            self._finite += 1.0
        else:
            self._finite += _counts(np.isfinite(block)) / len(block)
            least, most = np.fmin.reduce(block), np.fmax.reduce(block)
        with np.errstate(invalid="ignore"):
            steps = block[1:] - block[:-1]
            rests = steps == 0
            resting = _counts(rests) / len(rests)
            change = steps[1:] - steps[:-1]
            # In place: new memory for each step would take longer than the arithmetic.
            np.abs(change, out=change)
            np.abs(steps, out=steps)
            steps *= 1e-3
            even = change <= steps[1:]
            even &= ~rests[1:]
            self._counting += _counts(even) / len(even)
            self._mains.push(block)
            self._odd.push(block)
            self._sizes.append(most - least)
        self._resting += resting
        for channel in np.flatnonzero(resting > 0.5).tolist():
            levels = self._levels[channel]
            if len(levels) <= MOST_LEVELS:
                levels.update(np.unique(block[:, channel]).tolist())

    def no_electrodes(self) -> dict[str, str]:
        """Return why channels are no electrodes, by name."""
        if not self._n:
            return {}
        reasons: dict[str, str] = {}
        for channel, name in enumerate(self._names):
            levels = len(self._levels[channel])
            rests = self._resting[channel] >= RESTING * self._n and levels <= MOST_LEVELS
            if self._finite[channel] < 0.5 * self._n:
                reasons[name] = NO_NUMBERS
            elif rests:
                reasons[name] = FLAT if levels == 1 else RESTING_VALUE
            elif self._counting[channel] >= COUNTING * self._n:
                reasons[name] = COUNTING_UP
        return reasons

    def findings(self) -> list[InputFinding]:
        """Return what channels that are left out are, and an impossible size of the others."""
        reasons = self.no_electrodes()
        is_all = len(reasons) == len(self._names)
        found = left_out(reasons, self._eeg, "no other channel is left" if is_all else "")
        sensors = [
            channel
            for channel, name in enumerate(self._names)
            if name not in reasons and name not in self._eeg.exclude
        ]
        mains = self._mains.finding([self._names[channel] for channel in sensors])
        found += [] if mains is None else [mains]
        found += self._odd.findings([self._names[channel] for channel in sensors])
        if self._spec.unit != "microvolts" or not self._sizes or not sensors:
            return found
        sizes = np.nanmedian(np.stack(self._sizes)[:, sensors], axis=0)
        names = [self._names[channel] for channel in sensors]
        return found + size_findings(self._spec, dict(zip(names, sizes.tolist(), strict=True)))


def _counts(flags: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how many flags of each column (n, n_channels) are set."""
    # A float32 counts exactly to 16 million.
    return (np.ones(len(flags), dtype=np.float32) @ flags).astype(float)


def rate_finding(
    spec: StreamSpec, stamps: Sequence[float] | NDArray[np.float64]
) -> InputFinding | None:
    """Return a finding if a stream's stamps show another rate than it states.

    Parameters
    ----------
    spec : StreamSpec
        The stream; ``sfreq`` is what counts as its rate.
    stamps : ndarray, shape (n_samples,)
        Raw, in seconds.

    Returns
    -------
    finding : InputFinding or None
        None if they agree within 2 %, or the stamps are too few.

    See Also
    --------
    bci_online.acquisition.measured_rate.measured_rate : Measures it.

    Examples
    --------
    >>> spec = StreamSpec(name="amp", sfreq=256.0, ch_names=("1",), ch_types=("EEG",))
    >>> print(rate_finding(spec, np.arange(4000) / 200).text.partition(";")[0])
    stream 'amp': sends 200 samples a second, and its rate is taken for 256 Hz
    """
    rate: MeasuredRate | None = measured_rate(np.asarray(stamps, dtype=float))
    if rate is None or not rate.differs(spec.sfreq):
        return None
    return InputFinding(
        "rate",
        f"stream {spec.name!r}",
        f"sends {rate.sfreq:.4g} samples a second, and its rate is taken for {spec.sfreq:g} Hz",
        'eeg.sfreq = "measured" in the configuration goes by the stamps',
        'eeg.sfreq = "measured"',
    )


def with_rate(eeg: EegStream, header: StreamHeader, stamps: NDArray[np.float64]) -> EegStream:
    """Return the table ``eeg`` with the rate that is to be measured as a number.

    Parameters
    ----------
    eeg : EegStream
        Returned as it is unless its ``sfreq`` is ``measured``.
    header : StreamHeader
        Of the stream.
    stamps : ndarray, shape (n_samples,)
        Raw, in seconds.

    Returns
    -------
    eeg : EegStream
        Its ``sfreq`` is a number, or ``stated``.

    Raises
    ------
    BciError
        If the samples are too few, or do not come regularly.

    See Also
    --------
    rate_finding : Says if another rate is stated.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> header = SimpleNamespace(name="amp")
    >>> with_rate(EegStream(sfreq="measured"), header, np.arange(4000) / 200).sfreq
    200.0
    """
    if eeg.sfreq != "measured":
        return eeg
    rate = measured_rate(np.asarray(stamps, dtype=float))
    if rate is None or not rate.is_regular:
        why = "has too few samples" if rate is None else "does not send regularly"
        raise BciError(
            f"stream {header.name!r} {why}, so eeg.sfreq = 'measured' finds no rate; give it in Hz"
        )
    # The stamps of a minute are not more exact.
    return msgspec.structs.replace(eeg, sfreq=float(f"{rate.sfreq:.5g}"))


def surveyed(
    spec: StreamSpec,
    eeg: EegStream,
    seconds: Iterable[NDArray[np.floating]],
    stamps: NDArray[np.float64],
) -> tuple[StreamSpec, list[InputFinding]]:
    """Return a stream's description without what its samples disprove, and what was found.

    Parameters
    ----------
    spec : StreamSpec
        As described.
    eeg : EegStream
        Which channels take part.
    seconds : iterable of ndarray, shape (n_times, n_channels)
        Samples to judge.
    stamps : ndarray, shape (n_samples,)
        Raw, in seconds.

    Returns
    -------
    spec : StreamSpec
        With the channels that are no electrodes, unless none would be left.
    findings : list of InputFinding
        What was found.

    See Also
    --------
    StreamSurvey : Judges the channels.

    Examples
    --------
    >>> spec = StreamSpec(name="amp", sfreq=100.0, ch_names=("1", "2"), ch_types=("EEG", "EEG"))
    >>> signal = np.random.default_rng(0).normal(size=(1000, 2)) * [1, 0]
    >>> surveyed(spec, EegStream(), [signal], np.arange(1000) / 100)[0].eeg_names
    ('1',)
    """
    survey = StreamSurvey(spec, eeg)
    for second in seconds:
        survey.push(second)
    reasons = survey.no_electrodes()
    others = spec.no_electrodes
    if len(reasons) < len(spec.eeg_names):
        others = (*others, *(name for name in reasons if name not in eeg.channels))
    rate = rate_finding(spec, stamps)
    findings = survey.findings() + ([] if rate is None else [rate])
    return msgspec.structs.replace(spec, no_electrodes=others), findings
