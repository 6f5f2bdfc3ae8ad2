"""The unfiltered signal of the recordings: how long it is, and how good each channel is."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from bci_online.config import Config
from bci_online.page.blocks import Picture
from bci_online.preprocessing.quality import (
    LOUD_TIMES,
    MAINS_HZ,
    NOISY_SHARE,
    ChannelQuality,
    assess,
    usual_rms,
)
from bci_online.runtime.whole_recording import read_whole
from calibration.report.drawing import (
    MUTED,
    NONTARGET,
    TARGET,
    drawn,
    logarithmic,
    quiet_axes,
)

__all__ = [
    "ChannelState",
    "SignalQuality",
    "draw_signal_quality",
    "signal_quality",
    "states_of",
    "typical_rms",
]

BLOCK_S = 10.0


class ChannelState(NamedTuple):
    """One channel over all recordings, in blocks of ten seconds.

    Parameters
    ----------
    name : str
        Of the channel.
    rms : float
        Median over the blocks, in the stream's unit.
    line_noise : float
        Median share of the power above 1 Hz that lies near 50 or 60 Hz, whichever is stronger.
    flat, railing : float
        Share of the blocks that are flat, or at the limit of the amplifier.

    See Also
    --------
    states_of : Makes one for each channel.
    bci_online.preprocessing.quality.assess : The judge of one block.

    Examples
    --------
    >>> ChannelState("Cz", 10.0, 0.02, flat=0.25, railing=0.0).complaints(typical_rms=10.0)
    'flat in 25 % of the time'
    """

    name: str
    rms: float
    line_noise: float
    flat: float
    railing: float

    def complaints(self, typical_rms: float) -> str:
        """Return what is wrong, in words; empty where nothing is."""
        found = []
        if self.flat:
            found.append(f"flat in {100 * self.flat:.0f} % of the time")
        if self.railing:
            found.append(f"at its limit in {100 * self.railing:.0f} %")
        if self.line_noise >= NOISY_SHARE:
            found.append(f"{100 * self.line_noise:.0f} % of its power is mains noise")
        if typical_rms > 0 and not 1 / LOUD_TIMES <= self.rms / typical_rms <= LOUD_TIMES:
            found.append(f"{self.rms / typical_rms:.2g} times as loud as the median channel")
        return ", ".join(found)


class SignalQuality(NamedTuple):
    """One recording, in blocks of ten seconds.

    Parameters
    ----------
    seconds : float
        Length of the recording.
    blocks : list of list of ChannelQuality
        Its EEG channels, block after block.

    See Also
    --------
    signal_quality : Measures it.
    states_of : Puts recordings together.
    """

    seconds: float
    blocks: list[list[ChannelQuality]]


def signal_quality(path: Path, config: Config) -> SignalQuality:
    """Look at a recording without a filter.

    Parameters
    ----------
    path : Path
        XDF file.
    config : Config
        Says which stream is meant.

    Returns
    -------
    quality : SignalQuality
        Of its EEG channels.

    Raises
    ------
    RecordingError
        If it cannot be read.

    See Also
    --------
    states_of : Puts several recordings together.

    Examples
    --------
    >>> import tempfile
    >>> from bci_online.acquisition.xdf.writer import XdfStream, write_xdf
    >>> data = np.zeros((3000, 2))
    >>> data[:, 0] = np.random.default_rng(0).normal(size=3000)  # the other channel is flat
    >>> eeg = XdfStream("amp", "EEG", 100.0, np.arange(3000) / 100, data, ("Cz", "Pz"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_xdf(Path(folder) / "run.xdf", [eeg])
    ...     found = signal_quality(Path(folder) / "run.xdf", Config())
    >>> [state.flat for state in states_of([found])]
    [0.0, 1.0]
    """
    whole = read_whole(path, config)
    spec = whole.spec
    kept = [row for row, kind in enumerate(spec.ch_types) if kind == "EEG"]
    names = tuple(spec.ch_names[row] for row in kept)
    n_block = max(2, round(BLOCK_S * spec.sfreq))
    # The rest at the end counts if it is at least half a block. A shorter file is one block.
    n_blocks = max(1, round(len(whole.data) / n_block))
    blocks = []
    for block in np.array_split(whole.data[: n_blocks * n_block], n_blocks):
        rows = np.asarray(block.T[kept], dtype=float)
        rows = np.where(np.isfinite(rows), rows, 0.0)
        blocks.append(assess(rows, names, spec.sfreq, MAINS_HZ))
    return SignalQuality(len(whole.data) / spec.sfreq, blocks)


def states_of(qualities: Sequence[SignalQuality]) -> list[ChannelState]:
    """Return each channel's state, over the recordings that have the channel.

    Parameters
    ----------
    qualities : sequence of SignalQuality
        One for each recording.

    Returns
    -------
    states : list of ChannelState
        In the order in which the channels are first met.

    See Also
    --------
    signal_quality : Looks at one recording.

    Examples
    --------
    >>> good = ChannelQuality("Cz", rms=10.0, flat=False, railing=False, line_noise=0.02)
    >>> flat = ChannelQuality("Cz", rms=0.0, flat=True, railing=False, line_noise=0.0)
    >>> states_of([SignalQuality(20.0, [[good], [flat]])])[0].flat
    0.5
    """
    by_name: dict[str, list[ChannelQuality]] = {}
    for quality in qualities:
        for one in chain.from_iterable(quality.blocks):
            by_name.setdefault(one.name, []).append(one)
    return [
        ChannelState(
            name,
            rms=float(np.median([one.rms for one in found])),
            line_noise=float(np.median([one.line_noise for one in found])),
            flat=float(np.mean([one.flat for one in found])),
            railing=float(np.mean([one.railing for one in found])),
        )
        for name, found in by_name.items()
    ]


def typical_rms(states: Sequence[ChannelState]) -> float:
    """Return the RMS that other channels are compared with.

    Parameters
    ----------
    states : sequence of ChannelState
        All channels.

    Returns
    -------
    typical : float
        The median of the channels that are not flat most of the time; 0 if all are.

    See Also
    --------
    bci_online.preprocessing.quality.usual_rms : The rule, which the live judge has, too.

    Examples
    --------
    >>> good = ChannelState("Cz", 10.0, 0.02, flat=0.0, railing=0.0)
    >>> typical_rms([good, good._replace(name="Pz", rms=0.0, flat=1.0)])
    10.0
    """
    return usual_rms([one.rms for one in states], [one.flat > 0.5 for one in states])


def draw_signal_quality(states: Sequence[ChannelState], unit: str) -> Picture:
    """Draw each channel's RMS and mains noise; unusual values are highlighted.

    Parameters
    ----------
    states : sequence of ChannelState
        All channels.
    unit : str
        Of the RMS.

    Returns
    -------
    picture : Picture
        Two panels: RMS and mains noise of each channel.

    See Also
    --------
    states_of : The states.
    """
    typical = typical_rms(states)
    wrong = np.array([bool(state.complaints(typical)) for state in states])
    colours = np.where(wrong, TARGET, NONTARGET)
    places = np.arange(len(states))
    # A flat channel has an RMS of 0. Its logarithm would press all others together.
    floor = typical / 1000 or 1e-12

    def draw(figure: Figure) -> None:
        upper, lower = figure.subplots(2, 1, sharex=True)
        for axis, values, label in (
            (upper, np.array([max(state.rms, floor) for state in states]), f"RMS, {unit}"),
            (lower, np.array([100 * state.line_noise for state in states]), "mains noise, %"),
        ):
            quiet_axes(axis)
            axis.scatter(places, values, c=colours, s=14, linewidth=0)
            axis.set_ylabel(label)
        logarithmic(upper)
        upper.axhline(typical, color=MUTED, linewidth=0.7, linestyle="--")
        lower.set_ylim(-3, 103)
        names = [state.name for state in states]
        small = 5.5 if len(names) > 40 else 7.5
        lower.set_xticks(places, names, rotation=90 if len(names) > 12 else 0, fontsize=small)
        lower.set_xlim(-1, len(names))

    return drawn(
        draw,
        3.6,
        "RMS and share of mains noise of every channel.",
        f"Unfiltered signal in blocks of {BLOCK_S:g} s, medians; dashed: the median channel."
        + " Channels in the other colour are named below." * bool(wrong.any()),
    )
