"""How good the signal of each channel is; terminal, panel and reports all ask here."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.channel_quality import ChannelFault, ChannelQuality
from bci_online.messages import StreamSpec

__all__ = [
    "JUDGED_S",
    "LOUD_TIMES",
    "MAINS_HZ",
    "NOISY_SHARE",
    "ChannelQuality",
    "assess",
    "faults",
    "faults_found",
    "judge",
    "usual_rms",
]

JUDGED_S = 2.0
"""How many seconds of signal a channel is judged by."""

MAINS_HZ = (50.0, 60.0)
"""Mains frequencies of the world, for those who do not know which is theirs."""

NOISY_SHARE = 0.5
"""The share of mains in a channel's power from which the channel is noisy."""

LOUD_TIMES = 4.0
"""How many times the usual RMS a channel may have."""

LOUD_UV = 500.0


def faults(channels: Sequence[ChannelQuality], unit: str = "unknown") -> dict[str, str]:
    """Return what is wrong with which channel, in words; good channels are left out.

    Parameters
    ----------
    channels : sequence of ChannelQuality
        Of one stream, at one time: the usual RMS is the median of those that are not flat.
    unit : str
        Of their RMS.

    Returns
    -------
    wrong : dict of str to str
        Name of the channel to its fault.

    See Also
    --------
    assess : The quality of each channel.

    Notes
    -----
    A channel is noisy when at least half of its power is mains. It is loud when its RMS is more
    than four times the usual one, or more than 500 µV where the unit is microvolts.

    Examples
    --------
    >>> good = ChannelQuality("Cz", rms=10.0, flat=False, railing=False, line_noise=0.1)
    >>> loud = ChannelQuality("Pz", rms=200.0, flat=False, railing=False, line_noise=0.1)
    >>> faults([good, good, loud])
    {'Pz': 'loud: 20 times the usual'}
    """
    return {name: fault.words for name, fault in faults_found(channels, unit).items()}


def faults_found(
    channels: Sequence[ChannelQuality], unit: str = "unknown"
) -> dict[str, ChannelFault]:
    """Return what is wrong with which channel; good channels are left out.

    Parameters
    ----------
    channels : sequence of ChannelQuality
        Of one stream, at one time.
    unit : str
        Of their RMS.

    Returns
    -------
    wrong : dict of str to ChannelFault
        Name of the channel to its fault.

    See Also
    --------
    faults : The same in words.

    Examples
    --------
    >>> faults_found([ChannelQuality("Cz", rms=0.0, flat=True, railing=False, line_noise=0.0)])
    {'Cz': ChannelFault(kind='flat', value=0.0)}
    """
    usual = usual_rms([one.rms for one in channels], [one.flat for one in channels])
    found = ((one.name, _fault(one, usual, unit)) for one in channels)
    return {name: fault for name, fault in found if fault is not None}


def usual_rms(rms: Sequence[float], flat: Sequence[bool]) -> float:
    """Return the RMS that channels of a stream usually have.

    Parameters
    ----------
    rms : sequence of float
        Of each channel.
    flat : sequence of bool
        Whether each channel is flat.

    Returns
    -------
    usual : float
        The median of the channels that are not flat; 0 if all are.

    See Also
    --------
    faults : Compares each channel with it.

    Examples
    --------
    >>> usual_rms([10.0, 12.0, 0.0], [False, False, True])
    11.0
    """
    live = [one for one, is_flat in zip(rms, flat, strict=True) if not is_flat]
    return float(np.median(live or [0.0]))


def _fault(channel: ChannelQuality, usual: float, unit: str) -> ChannelFault | None:
    if channel.flat:
        return ChannelFault("flat")
    if channel.railing:
        return ChannelFault("railing")
    if channel.line_noise >= NOISY_SHARE:
        return ChannelFault("noisy", 100 * channel.line_noise)
    if channel.rms > LOUD_TIMES * usual:
        return ChannelFault("loud", channel.rms / usual)
    if unit == "microvolts" and channel.rms > LOUD_UV:
        return ChannelFault("large", channel.rms)
    return None


def assess(
    block: NDArray[np.float64],
    ch_names: tuple[str, ...],
    sfreq: float,
    line_hz: float | tuple[float, ...] = 50.0,
) -> list[ChannelQuality]:
    """Return the quality of each channel.

    Parameters
    ----------
    block : ndarray, shape (n_channels, n_times)
        Unfiltered samples, in the stream's unit.
    ch_names : tuple of str
        One name for each row.
    sfreq : float
        Sampling frequency in Hz.
    line_hz : float or tuple of float
        Mains frequency in Hz; of several the one counts of which the channel holds most.

    Returns
    -------
    qualities : list of ChannelQuality
        In the order of `ch_names`.

    Raises
    ------
    ValueError
        If there are fewer than two samples.

    Notes
    -----
    A channel is flat with at most two different values. It is railing when a tenth of the samples
    have the largest, or the smallest, value. A mains frequency at or above half of `sfreq` gives a
    share of 0.

    See Also
    --------
    faults : What is wrong with which channel, in words.

    Examples
    --------
    A disconnected electrode, and one with nothing but mains:

    >>> mains = np.sin(2 * np.pi * 50 * np.arange(1024) / 256)
    >>> for channel in assess(np.array([np.zeros(1024), mains]), ("Cz", "Pz"), sfreq=256.0):
    ...     print(channel.name, channel.flat, round(channel.line_noise, 2))
    Cz True 0.0
    Pz False 1.0
    """
    if block.shape[1] < 2:
        raise ValueError(f"block must have at least 2 samples, got {block.shape[1]}")
    freqs, power = _power(block, sfreq, min(block.shape[1], max(8, round(2 * sfreq))))
    total = power[:, freqs >= 1.0].sum(axis=1)
    lines = [power[:, np.abs(freqs - hz) <= 1.0].sum(axis=1) for hz in np.atleast_1d(line_hz)]
    line = np.max(lines, axis=0)
    highest, lowest = block.max(axis=1), block.min(axis=1)
    at_rail = np.maximum(
        (block == highest[:, np.newaxis]).mean(axis=1),
        (block == lowest[:, np.newaxis]).mean(axis=1),
    )
    rms = block.std(axis=1)
    qualities = []
    for row, name in enumerate(ch_names):
        flat = np.unique(block[row]).size <= 2
        share = float(line[row] / total[row]) if total[row] > 0 else 0.0
        railing = not flat and bool(at_rail[row] >= 0.1)
        qualities.append(ChannelQuality(name, float(rms[row]), flat, railing, share))
    return qualities


def judge(
    block: NDArray[np.floating], spec: StreamSpec, ch_names: Sequence[str]
) -> tuple[ChannelQuality, ...]:
    """Return the quality of some channels of a live stream, with their impedances.

    Parameters
    ----------
    block : ndarray, shape (n_channels, n_times)
        Unfiltered samples of all channels of the stream; the last `JUDGED_S` seconds count.
    spec : StreamSpec
        The stream.
    ch_names : sequence of str
        The channels to judge; they are in this order in the result.

    Returns
    -------
    qualities : tuple of ChannelQuality
        In the order of `ch_names`.

    See Also
    --------
    assess : The same for any block.
    faults : The faults in words.

    Notes
    -----
    Of the two mains frequencies, the stronger one counts in each channel, so that nobody has to
    state the country. A sample that is not a number is read as 0.

    Examples
    --------
    >>> spec = StreamSpec(
    ...     name="amp", sfreq=256.0, ch_names=("Cz",), ch_types=("EEG",), impedances=(5.0,)
    ... )
    >>> judge(np.zeros((1, 512)), spec, ["Cz"])[0].impedance_kohm
    5.0
    """
    rows = [spec.ch_names.index(name) for name in ch_names]
    newest = max(2, round(JUDGED_S * spec.sfreq))
    samples = np.nan_to_num(np.asarray(block[rows, -newest:], dtype=np.float64))
    kohm = dict(zip(spec.ch_names, spec.impedances, strict=False))
    return tuple(
        msgspec.structs.replace(channel, impedance_kohm=kohm.get(channel.name))
        for channel in assess(samples, tuple(ch_names), spec.sfreq, MAINS_HZ)
    )


def _power(
    block: NDArray[np.floating], sfreq: float, n: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies, and the power of each channel there, by Welch's method.

    Up to a factor that of `scipy.signal.welch`, which takes 0.7 s to load.
    """
    pieces = np.lib.stride_tricks.sliding_window_view(block, n, axis=1)[:, :: n - n // 2]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n)
    spectra = np.fft.rfft((pieces - pieces.mean(axis=-1, keepdims=True)) * window)
    power: NDArray[np.float64] = np.mean(np.abs(spectra) ** 2, axis=1)
    # All but 0 Hz and half of the sampling frequency have their negative frequency, too.
    power[:, 1 : (n + 1) // 2] *= 2
    return np.asarray(np.fft.rfftfreq(n, 1 / sfreq), dtype=np.float64), power
